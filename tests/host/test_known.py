"""Known issues: whose they are, and that they are held strictly in both directions."""

import pytest
import stub
from conftest import Bench, issue

from lk import explain, places, rules
from lk.known import Issue, Range
from lk.protocol import Parser
from lk.report import Report, from_log
from packaging.specifiers import SpecifierSet

ISSUE = issue("b", title="QEMU forgets it")
FULL = explain.Scope(suite=True)
RULES = {rule.id: rule for rule in rules.load(places.RULES)}


def read(log: bytes, issues: list[Issue], where: str | None = "stub", emulator: str = "") -> Report:
    parser = Parser()
    parser.feed(log)
    return from_log("test", parser.finish(), issues, where, emulator)


def judge(tests: dict[str, str], where: str | None = "stub", one: Issue = ISSUE):
    report = read(stub.log(tests), [one], where)
    return report.word, report.status, {test.id: test.verdict for test in report.tests}


@pytest.mark.parametrize("outcome", ["fail", "error state", "error crash", "error timeout"])
def test_a_listed_issue_is_known(outcome: str) -> None:
    verdict = outcome.split()[-1].replace("state", "error")
    one = issue("b", verdict=(verdict,))
    assert judge({"a": "pass", "b": outcome}, one=one) == ("pass", 0, {"a": "pass", "b": "known"})


@pytest.mark.parametrize("outcome", ["error state", "error crash", "error timeout"])
def test_a_worse_verdict_than_the_listed_one_stays_red(outcome: str) -> None:
    word, status, tests = judge({"a": "pass", "b": outcome})
    assert status == 1 and tests["b"] == word != "known"


def test_only_a_known_issue_is_a_pass() -> None:
    assert judge({"b": "fail"})[:2] == ("pass", 0)


def test_a_listed_issue_that_passes_is_fixed_and_red() -> None:
    assert judge({"a": "pass", "b": "pass"}) == ("fixed", 1, {"a": "pass", "b": "fixed"})


@pytest.mark.parametrize("tests", [{"a": "pass"}, {"a": "pass", "b": "skip no la57"}])
def test_a_listed_issue_that_was_not_run_is_left_alone(tests: dict) -> None:
    assert judge(tests)[:2] == ("pass", 0)


def test_another_test_or_another_machine_is_not_meant() -> None:
    assert judge({"b": "fail", "c": "fail"})[:2] == ("fail", 1)
    assert judge({"bb": "fail"})[:2] == ("fail", 1)
    assert judge({"b": "fail"}, "stub-iso")[:2] == ("fail", 1)
    assert judge({"b": "pass"}, "stub-iso")[:2] == ("pass", 0)
    assert judge({"b": "fail"}, None)[:2] == ("fail", 1)


def test_patterns_and_both_paging_modes() -> None:
    one = issue("b_*", "c")
    assert judge({"b_1": "fail", "b_2_l5": "fail", "c_l4": "fail", "c_l5": "fail"}, one=one)[0] == "pass"
    assert judge({"b_1": "fail", "b_2_l5": "pass"}, one=one)[2] == {"b_1": "known", "b_2_l5": "fixed"}
    assert judge({"c_l4_x": "fail"}, one=one)[0] == "fail"
    assert judge({"c_l4": "fail", "c_l5": "pass"}, one=issue("c_l4"))[0] == "pass"


@pytest.mark.parametrize("versions, emulator, fits", [
    (">=7.2,<8", "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)", True),
    (">=7.2,<8", "QEMU emulator version 10.0.13 (Debian 1:10.0.13)", False),
    (">=7.2,<8", "QEMU emulator version 7.1.0", False),
    (">=10", "QEMU emulator version 11.1.3 (Debian 1:11.1.3)", True),
    ("", "QEMU emulator version 11.1.3", True),
    ("", "Bochs x86 Emulator 3.0", False),
    ("", "", False),
])
def test_emulators_and_versions(versions: str, emulator: str, fits: bool) -> None:
    one = issue("b", machine="*", emulator=(Range("qemu", SpecifierSet(versions)),))
    assert one.fits("stub", emulator, "") is fits
    report = read(stub.log({"b": "fail"}), [one], "stub", emulator)
    assert report.word == ("pass" if fits else "fail")


def test_several_emulators() -> None:
    one = issue("b", machine="*", emulator=(Range("qemu", SpecifierSet("<8")), Range("bochs", SpecifierSet("==3.0.*"))))
    assert one.fits("x", "Bochs x86 Emulator 3.0.devel", "") and one.fits("x", "QEMU emulator version 7.2.1", "")
    assert not one.fits("x", "Bochs x86 Emulator 3.1", "")


@pytest.mark.parametrize("fp, fits", [
    (("cpu=Stub-0-0-0 pks=1",), True), (("cpu=Stub-*",), True), (("pks=0", "hv=none la57=1"), True),
    (("pks=0",), False), (("cpu=Stub-0-0-0 pks=0",), False), (("cpu=Stub",), False),
])
def test_fingerprints(fp: tuple, fits: bool) -> None:
    assert (judge({"b": "fail"}, None, issue("b", machine="*", fp=fp))[0] == "pass") is fits


def test_what_it_shows_has_to_be_all() -> None:
    log = stub.log({"b": "fail"})
    two = log.replace(b"not ok", b"# fail want 1 got 2\r\n# fail want 3 got 4\r\nnot ok")
    for text, shows in (("got 2", ("got 2",)), ("got", ("got [24]",)), ("both", ("got 2", "got 4"))):
        assert read(two, [issue("b", shows=shows)]).word == ("fail" if text == "got 2" else "pass"), text
    several = [issue("b", shows=("got 2",)), issue("b", title="other", shows=("got 4",))]
    assert read(two, several).tests[0].known == ("forgets", "other")
    matrix = log.replace(b"not ok", b"# 7 times fault: want 1 got 2; smallest case=x\r\nnot ok")
    assert read(matrix, [issue("b", shows=("got 3",))]).word == "fail"
    assert read(matrix, [issue("b", shows=("got 2",))]).word == "pass"
    assert read(log, [issue("b", shows=("got none",))]).word == "pass", "no failure line: any line will do"
    assert read(log, [issue("b", shows=("got all",))]).word == "fail"


def golden(*named: str, other: str = "") -> bytes:
    lines = "".join(f"# fail rule {name}, read: want 1 got 2\r\n" for name in named) + other
    log = stub.log({"rights_golden_flush_l4": "fail" if lines else "pass", "rights_golden_open_l4": "pass"})
    return log.replace(b"# @ case key=3 ad=1 wp=0 access=write\r\n# want #PF[W-sP] got none\r\n", lines.encode())


def test_rules() -> None:
    one = issue(rules=(RULES["flush_is_read"], RULES["open_a5"]))
    assert read(golden("flush_is_read", "open_a5"), [one]).word == "pass"
    assert read(golden("flush_is_read"), [one]).word == "pass", "what the whole suite has to show is said elsewhere"
    assert read(golden("flush_is_read", "code_w"), [one]).word == "fail"
    assert read(golden("flush_is_read", other="# fail something else\r\n"), [one]).word == "fail"


def test_a_whole_suite_has_to_show_every_rule() -> None:
    one = issue(rules=(RULES["flush_is_read"], RULES["open_a5"]))
    for log, word in ((golden("flush_is_read", "open_a5"), "pass"), (golden("flush_is_read"), "fixed"),
                      (golden(), "fixed"), (stub.log({"a": "pass"}), "error")):
        report = read(log, [])
        report.machine = "stub"
        report.explain([one], FULL)
        assert report.word == word


def test_an_issue_that_matches_nothing_in_a_whole_suite_is_an_error(bench: Bench) -> None:
    tests = {"tests": {"a": "pass", "c": "skip no la57"}}
    for name in ("nosuch", "c"):
        report = bench.session(tests, issues=[issue(name)])
        assert (report.word, report.status) == ("error", 1)
        assert "'forgets' matches nothing here" in report.flaws[0].text
    assert bench.session(tests, patterns=["a"], issues=[issue("nosuch")]).word == "pass"
    assert bench.session(tests, words=["seed=1"], issues=[issue("nosuch")]).word == "pass"
    assert bench.session(tests, issues=[issue("nosuch", machine="stub-iso")]).word == "pass"


def test_part_of_a_test_need_not_show_it(bench: Bench) -> None:
    tests = {"tests": {"a": "pass", "b": "pass"}}
    assert bench.session(tests, words=["matrix=full shard=1/9"], issues=[ISSUE]).word == "pass"
    assert bench.session(tests, words=["matrix=full"], issues=[ISSUE]).word == "fixed"
    assert explain.scope([], ["shard=1/9", ""], "shard=1/9") == FULL, "the machine's own line"


def test_a_known_issue_does_not_hide_damage() -> None:
    log = stub.log({"a": "pass", "b": "fail"})
    assert read(log.replace(b"ok 1 - a\r\n", b""), [ISSUE]).word == "lost"
    assert read(log.replace(b"not ok 2 - b\r\n", b""), [ISSUE]).tests[1].verdict == "lost"


def test_the_old_verdict_stays_visible() -> None:
    (test,) = read(stub.log({"b": "error state cr4"}), [issue("b", verdict=("error",))]).tests
    assert test.reason == "forgets (a title) [error state cr4]" and test.known == ("forgets",)
    assert test.detail


def test_on_a_running_machine(bench: Bench) -> None:
    issues = [issue("b", verdict=("crash",)), issue("c", title="other")]
    tests = {"a": "pass", "b": "crash", "c": "fail"}
    assert bench.session({"tests": tests}, issues=issues).word == "pass"
    assert bench.session({"tests": {**tests, "b": "pass"}}, issues=issues).word == "fixed"
    assert bench.session({"tests": tests}, "stub-iso", issues=issues).word == "crash"
