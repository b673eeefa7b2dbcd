"""Logs of machines that started again: a run that its next boot went on with is one run, whatever it died of."""

import pytest
import stub
from conftest import judge
from made import CRASH

from lk import results

TESTS = ("self_a", "rights_b", "rights_c", "death_d")
FIRMWARE = ["SeaBIOS (version 1.16.2)", "\x1b[2J\x1b[1;1HBooting `Latchkey: quick suite'"]


def begin(boot: int, nonce: str = stub.NONCE) -> list[str]:
    """Return how a boot of a run starts; only the first one knows no plan."""
    first = stub.BEGIN.replace("boot=1", f"boot={boot}").replace(stub.NONCE, nonce)
    return ["", first, *(["TAP version 13", f"1..{len(TESTS)}"] if boot == 1 else []), stub.FP]


class Run:
    """A kernel that keeps a journal, and its log."""

    def __init__(self) -> None:
        self.lines = begin(1)
        self.results: list[str] = []

    def run(self, outcome: str, *said: str) -> "Run":
        """Announce the next test and, where there is one, print its result."""
        number = len(self.results) + 1
        self.lines += [f"# RUN {number} {TESTS[number - 1]}", *said]
        return self.result(outcome) if outcome else self

    def result(self, outcome: str) -> "Run":
        self.results.append(stub.result(len(self.results) + 1, TESTS[len(self.results)], outcome))
        self.lines.append(self.results[-1])
        return self

    def die(self, boot: int, outcome: str = "", cut: str = "") -> "Run":
        """Start again, and give the verdict on the test that ran."""
        self.lines += [*([cut] if cut else []), *FIRMWARE, *begin(boot)]
        return self.result(outcome) if outcome else self

    def forget(self) -> "Run":
        """The journal knows nothing of the last result: the machine died right behind it."""
        self.results.pop()
        return self

    def end(self) -> bytes:
        return ("\r\n".join([*self.lines, stub.end(self.results, f"1..{len(TESTS)}")]) + "\r\n").encode("latin-1")


def told(report) -> list[tuple[str, str]]:
    return [(test.id, test.verdict) for test in report.tests]


def test_the_guilty_test_is_a_crash_and_the_run_is_whole() -> None:
    log = Run().run("pass").run("", *CRASH).die(2, "error crash").run("pass").run("skip needs a boot of its own").end()
    for chunk in (7, 65536):
        report = judge(log, chunk)
        assert (report.word, report.status, report.flaws) == ("crash", 1, [])
        assert told(report) == [*zip(TESTS, ("pass", "crash", "pass", "skip"))]
        assert report.tests[1].detail[:2] == CRASH
        assert len(report.boots) == 1 and any("2 times" in remark for remark in report.remarks)
    assert results.to_json(report)["boots"][0]["starts"] == 2
    assert results.from_json(results.to_json(report), "log").boots[0].starts == 2


def test_two_deaths_one_of_them_before_the_boot_came_to_the_journal() -> None:
    log = Run().run("").die(2).die(3, "error crash").run("").die(4, "error crash").run("pass").run("pass").end()
    report = judge(log)
    assert (report.word, report.flaws) == ("crash", []) and report.boots[0].starts == 4
    assert told(report) == [*zip(TESTS, ("crash", "crash", "pass", "pass"))]


def test_a_death_right_behind_a_result_takes_that_result_back() -> None:
    log = Run().run("pass").run("pass").forget().die(2, "error crash").run("pass").run("pass").end()
    report = judge(log)
    assert (report.word, report.flaws) == ("crash", [])
    assert told(report) == [*zip(TESTS, ("pass", "crash", "pass", "pass"))]


def test_a_result_line_that_the_reset_cut_is_none() -> None:
    log = Run().run("pass").run("").die(2, "error crash", cut="ok 2 - rig").run("pass").run("pass").end()
    assert (judge(log).word, judge(log).flaws) == ("crash", [])


def test_an_armed_death_is_no_crash() -> None:
    log = Run().run("pass").run("pass").run("pass").run("", "# @ death armed").die(2, "pass").end()
    report = judge(log)
    assert (report.word, report.status, report.flaws) == ("pass", 0, [])


def test_a_death_before_the_first_test_is_never_green() -> None:
    log = Run().die(2).run("pass").run("pass").run("pass").run("pass").end()
    report = judge(log)
    assert (report.word, report.status) == ("crash", 1)
    assert [flaw.text for flaw in report.flaws] == ["the machine started again before the first test"]


@pytest.mark.parametrize("boots, word", [(2, "incomplete"), (3, "loop"), (6, "loop")])
def test_again_and_again_without_a_result_is_a_loop(boots: int, word: str) -> None:
    run = Run().run("")
    for boot in range(2, boots + 1):
        run.die(boot)
    report = judge("\r\n".join([*run.lines, ""]).encode("latin-1"))
    assert (report.word, report.status) == (word, 3)


@pytest.mark.parametrize("edit, word", [
    # another run, another build, another suite: the first one crashed, and the second one lacks its beginning
    (lambda log: log.replace(f"boot=2 run={stub.NONCE}", "boot=2 run=fedcba9876543210"), "damaged"),
    (lambda log: log.replace(stub.BUILD, "000000000000", 1), "crash"),
    (lambda log: log.replace("boot=2", "boot=3"), "crash"),
    (lambda log: log.replace("boot=2", "boot=1"), "crash"),
    (lambda log: log[log.index("SeaBIOS"):], "crash"),
    (lambda log: log.replace("not ok 2 - rights_b # ERROR crash\r\n", ""), "lost"),
    (lambda log: log.replace("not ok 2 - rights_b # ERROR crash", "ok 2 - rights_b"), "damaged"),
    (lambda log: log.replace("ok 1 - self_a", "ok 1 - self_b"), "damaged"),
    (lambda log: log.replace("boot=2", "boot=?"), "damaged"),
])
def test_what_does_not_fit_stays_two_runs_or_is_damage(edit, word: str) -> None:
    log = Run().run("pass").run("").die(2, "error crash").run("pass").run("pass").end().decode("latin-1")
    changed = edit(log)
    assert changed != log
    report = judge(changed.encode("latin-1"))
    assert report.word == word and report.flaws
