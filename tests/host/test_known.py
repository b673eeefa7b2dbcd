"""Known issues: strict in both directions, and a file that is checked."""

from pathlib import Path

import pytest
import stub
from conftest import SCRIPTS, Bench

from lk import known, machine
from lk.problem import Problem
from lk.protocol import Parser
from lk.report import from_log

ISSUE = known.Issue(("stub",), ("b",), "QEMU forgets it", "Supervisor protection keys")
ENTRY = """[[issue]]
machine = "stub"
tests = ["b"]
what = "forgets it"
why = "a title"
"""


def judge(tests: dict[str, str], where: str | None = "stub"):
    parser = Parser()
    parser.feed(stub.log(tests))
    report = from_log("test", parser.finish(), [ISSUE], where)
    return report.word, report.status, {test.id: test.verdict for test in report.tests}


@pytest.mark.parametrize("outcome", ["fail", "error state", "error crash", "error timeout"])
def test_a_listed_issue_is_known(outcome: str) -> None:
    assert judge({"a": "pass", "b": outcome}) == ("pass", 0, {"a": "pass", "b": "known"})


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


def test_a_known_issue_does_not_hide_damage() -> None:
    parser = Parser()
    parser.feed(stub.log({"a": "pass", "b": "fail"}).replace(b"ok 1 - a\r\n", b""))
    assert from_log("test", parser.finish(), [ISSUE], "stub").word == "lost"
    parser = Parser()
    parser.feed(stub.log({"a": "pass", "b": "fail"}).replace(b"not ok 2 - b\r\n", b""))
    assert from_log("test", parser.finish(), [ISSUE], "stub").tests[1].verdict == "lost"


def test_the_old_verdict_stays_visible() -> None:
    parser = Parser()
    parser.feed(stub.log({"b": "error state cr4"}))
    (test,) = from_log("test", parser.finish(), [ISSUE], "stub").tests
    assert test.reason == "QEMU forgets it (Supervisor protection keys) [error state cr4]"
    assert test.detail


def test_on_a_running_machine(bench: Bench) -> None:
    issues = [known.Issue(("stub",), ("b", "c"), "x", "y")]
    tests = {"a": "pass", "b": "crash", "c": "fail"}
    assert bench.session({"tests": tests}, issues=issues).word == "pass"
    assert bench.session({"tests": {**tests, "b": "pass"}}, issues=issues).word == "fixed"
    assert bench.session({"tests": tests}, "stub-iso", issues=issues).word == "crash"


def load(folder: Path, text: str) -> list[known.Issue]:
    path = folder / "known.toml"
    path.write_text(text)
    return known.load(path, {"stub", "other"})


def test_a_good_file(tmp_path: Path) -> None:
    assert load(tmp_path, ENTRY) == [known.Issue(("stub",), ("b",), "forgets it", "a title")]
    several = load(tmp_path, ENTRY.replace('"stub"', '["stub", "other"]'))
    assert several[0].machines == ("stub", "other")
    assert load(tmp_path, "") == []


@pytest.mark.parametrize("old, new, says", [
    ("what =", "wat =", "issue 1: unknown key 'wat'"),
    ('why = "a title"\n', "", "issue 1: the key 'why' is missing"),
    ('why = "a title"', 'why = " "', "issue 1: 'why' is empty"),
    ('why = "a title"', "why = 3", "issue 1: 'why' has to be a string"),
    ('["b"]', '["B-1"]', "issue 1: 'B-1' is not a test id"),
    ('["b"]', '["b_*"]', "'b_\\*' is not a test id"),
    ('["b"]', '"b"', "'tests' has to be a list of strings"),
    ('["b"]', "[]", "'tests' is empty"),
    ('["b"]', '["b", "b"]', "the test 'b' is listed twice for the machine 'stub'"),
    ('"stub"', '"stab"', "unknown machine 'stab'; known are other, stub"),
    ('"stub"', "[]", "'machine' is empty"),
    ("[[issue]]", "[issue]", "'issue' has to be tables"),
    ("[[issue]]", "[[issues]]", "unknown key 'issues'"),
    ("[[issue]]", "[[issue", "is not valid TOML"),
])
def test_a_bad_file(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in ENTRY
    with pytest.raises(Problem, match=says):
        load(tmp_path, ENTRY.replace(old, new))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot read .*none.toml"):
        known.load(tmp_path / "none.toml", set())


def test_the_file_of_the_project_is_valid() -> None:
    machines = machine.load(SCRIPTS / "machines.toml")
    known.load(SCRIPTS / "known_issues.toml", set(machines.by_name))
