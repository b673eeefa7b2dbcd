"""The runner against a stub machine: every way a boot can go wrong."""

import time
from pathlib import Path

import pytest
import stub
from conftest import Bench, issue as known_issue

from lk import session
from lk.problem import Problem
from lk.progress import Progress

GOOD = {"self_a": "pass", "rights_b": "pass", "rights_c": "skip no la57", "tlb_d": "pass"}


def verdicts(report) -> dict[str, str]:
    return {test.id: test.verdict for test in report.tests}


def told(report) -> str:
    return "; ".join([flaw.text for flaw in report.flaws] + report.remarks + report.evidence)


@pytest.mark.parametrize("name", ["stub", "stub-iso"])
def test_good_run(bench: Bench, name: str) -> None:
    report = bench.session({"tests": GOOD}, name)
    assert (report.word, report.flaws, len(report.boots)) == ("pass", [], 1)
    assert list(verdicts(report)) == list(GOOD)
    assert all(test.seconds is not None for test in report.tests)
    assert b"LATCHKEY-END status=pass" in (bench.results / name / "boot1.log").read_bytes()


def test_failing_run(bench: Bench) -> None:
    report = bench.session({"tests": {**GOOD, "rights_b": "fail"}})
    assert report.word == "fail" and report.flaws == []
    assert report.tests[1].detail == ["# @ case key=3 access=write", "# want #PF[W-sP] got none"]


@pytest.mark.parametrize("name", ["stub", "stub-iso"])
@pytest.mark.parametrize("place", range(4))
def test_crash_in_one_test(bench: Bench, name: str, place: int) -> None:
    victim = list(GOOD)[place]
    report = bench.session({"tests": {**GOOD, victim: "crash"}}, name)
    assert (report.word, report.status, report.flaws, len(report.boots)) == ("crash", 1, [], 2)
    assert verdicts(report) == {**{test: word.split()[0] for test, word in GOOD.items()}, victim: "crash"}
    assert list(verdicts(report)) == list(GOOD), "the crashed test keeps its place"
    crashed = report.tests[place]
    assert crashed.number == place + 1
    assert crashed.reason == "the emulator ended with status 0" and crashed.detail == [f"# ! #DF in {victim}"]
    assert [path.name for path in report.logs] == ["boot1.log", "boot2.log"]


def test_crash_with_patterns_and_words(bench: Bench) -> None:
    report = bench.session({"tests": {**GOOD, "rights_b": "crash"}}, patterns=["rights_*", "-tlb_*"], words=["smp=off"])
    assert verdicts(report) == {"rights_b": "crash", "rights_c": "skip"}


def test_four_crashes_and_the_rest(bench: Bench) -> None:
    dying = {f"dies_{number}": "crash" for number in range(session.MAX_DEATHS - 1)}
    report = bench.session({"tests": {**GOOD, **dying}})
    assert report.word == "crash" and report.flaws == [] and len(report.boots) == session.MAX_DEATHS
    assert verdicts(report) == {"self_a": "pass", "rights_b": "pass", "rights_c": "skip", "tlb_d": "pass",
                                **dict.fromkeys(dying, "crash")}


def test_five_crashes_are_enough(bench: Bench) -> None:
    dying = {f"dies_{number}": "crash" for number in range(7)}
    report = bench.session({"tests": {"self_a": "pass", **dying, "tlb_d": "pass"}})
    assert (report.word, report.status, len(report.boots)) == ("crash", 1, 5)
    assert report.counts() == {"pass": 1, "crash": 5, "lost": 3}
    assert len(report.tests) == 9 and "gave up after 5 deaths" in told(report)


def test_a_left_out_test_that_runs_all_the_same(bench: Bench) -> None:
    report = bench.session({"tests": {"self_a": "pass", "rights_b": "crash"}, "deaf": True})
    assert report.word == "damaged" and len(report.boots) == 2
    assert "the kernel ran rights_b, which its line had left out" in told(report)


def test_death_after_a_result_line(bench: Bench) -> None:
    report = bench.session({"tests": {"self_a": "pass", "rights_b": "late", "tlb_d": "pass"}})
    assert verdicts(report) == {"self_a": "pass", "rights_b": "crash", "tlb_d": "pass"}
    assert "after the result line of this test (pass)" in report.tests[1].reason


def test_a_result_that_nobody_announced_does_not_hide_a_death(bench: Bench) -> None:
    raw = "\r\n".join(stub.lines({"self_a": "pass"})[:-1]).replace("ok 1 - self_a", "ok 1 - self_b")
    report = bench.session({"raw": raw, "exit": 0})
    assert verdicts(report) == {"self_a": "crash"} and report.word == "damaged"


def test_damage_in_a_boot_that_died_counts(bench: Bench) -> None:
    issue = known_issue("rights_b", verdict=("crash",))
    report = bench.session({"tests": {"self_a": "pass", "rights_b": "mess"}}, issues=[issue])
    assert verdicts(report) == {"self_a": "pass", "rights_b": "known"}
    assert report.word == "damaged" and "a plan that cannot be" in told(report)


def test_another_image_in_the_second_boot(bench: Bench) -> None:
    report = bench.session({"tests": {"self_a": "pass", "rights_b": "crash"}, "rebuilt": True})
    assert report.word == "damaged" and "the image changed between two boots" in told(report)


@pytest.mark.parametrize("count", [2, 9])
def test_whole_boots_in_one_process_are_a_loop(bench: Bench, count: int) -> None:
    report = bench.session({"tests": GOOD, "begin": count})
    assert (report.word, report.status) == ("loop", 3)


@pytest.mark.parametrize("tests, status", [
    (GOOD, 19), (GOOD, 0), (GOOD, 1), (GOOD, 21), ({"a": "fail"}, 17), ({"a": "skip x"}, 17), ({"a": "error x"}, 19),
])
def test_wrong_exit_status(bench: Bench, tests: dict, status: int) -> None:
    report = bench.session({"tests": tests, "exit": status})
    assert (report.word, report.status) == ("damaged", 3)
    assert f"but the emulator ended with status {status}" in told(report)


def test_end_without_exit(bench: Bench) -> None:
    report = bench.session({"tests": GOOD, "linger": True})
    assert (report.word, report.status) == ("timeout", 1)
    assert "still running 1 s after the END line" in told(report) or "printed nothing for 1 s" in told(report)


def test_end_without_exit_but_with_output(bench: Bench) -> None:
    started = time.monotonic()
    report = bench.session({"tests": GOOD, "linger": "noisy"})
    assert report.word == "timeout" and "still running 1 s after the END line" in told(report)
    assert time.monotonic() - started < 4


def test_output_after_end(bench: Bench) -> None:
    assert bench.session({"tests": GOOD, "after": "system halted\r\n" * 50}).word == "pass"
    assert bench.session({"tests": GOOD, "after": "ok 1 - self_a"}).word == "damaged"


def test_no_output_at_all(bench: Bench) -> None:
    report = bench.session({"tests": GOOD, "mute": True})
    assert (report.word, report.status, len(report.logs)) == ("empty", 3, 1)
    assert "printed nothing for 1 s" in told(report)


def test_noise_and_exit(bench: Bench) -> None:
    report = bench.session({"raw": "No bootable device.", "exit": 1, "stderr": "qemu: could not load kernel\n"})
    assert report.word == "empty"
    assert report.evidence == ["No bootable device.", "emulator: qemu: could not load kernel"]
    assert report.remarks == ["the emulator ended with status 1"]


def test_refused_line(bench: Bench) -> None:
    report = bench.session({"tests": GOOD, "refuse": True})
    assert (report.word, report.status, len(report.logs)) == ("incomplete", 3, 1)
    assert report.evidence[0] == "# @ refused command line: unknown word 'foo=1'"


def test_missing_emulator(bench: Bench) -> None:
    from lk import emulator
    with pytest.raises(Problem, match="cannot start /no/such/emulator"):
        emulator.run(["/no/such/emulator"], emulator.Limits(1, 1, 1), lambda data: emulator.Step.GO_ON)


def test_no_process_is_left_behind(bench: Bench) -> None:
    mark = f"left-behind-{time.monotonic_ns()}"
    report = bench.session({"tests": {"a": "hang"}}, words=[mark])
    assert report.tests[0].verdict == "timeout"
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert mark not in path.read_text(errors="replace")
        except OSError:
            continue


class Recorder(Progress):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def booting(self, purpose: str) -> None:
        self.seen.append(purpose)

    def begun(self, boot) -> None:
        self.seen.append(f"plan {boot.plan}")

    def result(self, boot, test) -> None:
        self.seen.append(f"{test.verdict} {test.id}")

    def died(self, test) -> None:
        self.seen.append(f"died {test.id}")

    def judged(self, test) -> None:
        self.seen.append(f"judged {test.id}")


def test_progress_is_told_everything(bench: Bench) -> None:
    recorder = Recorder()
    bench.session({"tests": {"a": "pass", "b": "crash", "death_x": "dies"}}, progress=recorder)
    assert recorder.seen == [
        "booting", "plan 3", "pass a", "died b", "booting, without b", "plan 2", "pass a", "skip death_x",
        "booting for death_x", "plan 1", "judged death_x"]
