"""results.json and the summary."""

import io
import json

import pytest
import stub
from conftest import Bench, issue, judge
from rich.console import Console

from lk import progress, results, summary

TESTS = {"self_a": "pass", "b": "fail", "c": "skip no la57", "d": "error state cr4", "e": "error crash",
         "f": "skip no la57"}


def shown(report) -> str:
    stream = io.StringIO()
    summary.show(Console(file=stream, width=40), report)
    return stream.getvalue()


def test_results_json() -> None:
    data = json.loads(results.encode(judge(stub.log(TESTS))))
    assert (data["machine"], data["status"], data["exit"]) == (None, "crash", 1)
    assert data["fp"].startswith("cpu=Stub")
    assert [(test["id"], test["verdict"]) for test in data["tests"]] == [
        ("self_a", "pass"), ("b", "fail"), ("c", "skip"), ("d", "error"), ("e", "crash"), ("f", "skip")]
    assert data["tests"][1]["detail"] == "# @ case key=3 ad=1 wp=0 access=write\n# want #PF[W-sP] got none"
    assert data["tests"][3]["detail"].splitlines()[0] == "state cr4"
    assert data["counts"] == {"pass": 1, "fail": 1, "skip": 2, "error": 1, "crash": 1}
    assert data["boots"] == [{"run": stub.NONCE, "build": stub.BUILD, "suite": "89abcdef", "starts": 1, "plan": 6,
                              "end": "error", "foreign_lines": 0}]


def test_results_of_a_damaged_log() -> None:
    data = json.loads(results.encode(judge(stub.log(TESTS).replace(b"ok 1 - self_a", b"ok 1 - self_x"))))
    assert data["status"] == "damaged" and data["flaws"][0]["word"] == "damaged"


def test_summary_begins_with_the_verdict() -> None:
    text = shown(judge(stub.log(TESTS)))
    lines = text.strip().splitlines()
    assert lines[0] == "CRASH  test: 6 tests: 1 pass, 1 fail, 1 error, 1 crash, 2 skip"
    assert [line.split()[0] for line in lines if line.startswith("  ") and not line.startswith("   ")] == [
        "crash", "error", "fail", "skip", "machine"]
    detail = ["  fail        b", " " * 14 + "@ case key=3 ad=1 wp=0 access=write", " " * 14 + "want #PF[W-sP] got none"]
    assert "\n".join([*detail, ""]) in text
    assert "  error       d: state cr4\n" in text and "  skip        2 x no la57\n" in text


def test_summary_of_a_log_without_kernel_shows_its_end() -> None:
    text = shown(judge(b"GRUB\r\nlatchkey: this processor lacks NX\r\nthe end\x1b[0m\x07\r\n"))
    assert text.strip().splitlines() == [
        "EMPTY  test: 0 tests", "  empty       there is no BEGIN line: the kernel said nothing",
        "              | latchkey: this processor lacks NX", "              | GRUB", "              | the end?"]


def test_summary_is_bounded_and_says_so() -> None:
    many = {f"t_{number}": "fail" for number in range(50)}
    text = shown(judge(stub.log(many)))
    assert "... and 30 more red tests, see results.json" in text and len(text.splitlines()) < 100
    many["t_7"] = "error crash"
    assert "  crash       t_7: crash\n" in shown(judge(stub.log(many))).partition("fail  ")[0], "the worst comes first"
    noisy = stub.log({"a": "fail"}).replace(b"not ok", b"# noise\r\n" * 150 + b"not ok")
    text = shown(judge(noisy))
    assert "... and 140 more lines, see the log" in text and len(text.splitlines()) < 20
    endless = stub.log({"a": "fail"}).replace(b"not ok", b"# noise\r\n" * 5000 + b"not ok")
    assert "... and 4990 more lines, see the log" in shown(judge(endless))


def test_summary_of_no_tests_says_why() -> None:
    text = shown(judge(stub.log({})))
    assert text.strip().startswith("SKIP  test: 0 tests\n") and "no test was selected" in text


def test_summary_of_lost_tests_is_one_line() -> None:
    log = stub.log({f"t_{number}": "pass" for number in range(300)})
    text = shown(judge(log.partition(b"# RUN 101 ")[0]))
    assert "  lost        200 tests have no result\n" in text and len(text.splitlines()) < 25


def test_summary_names_known_issues_and_how_to_repeat(bench: Bench) -> None:
    issues = [issue("b")]
    text = shown(bench.session({"tests": {"a": "pass", "b": "fail", "c": "fail"}}, issues=issues))
    assert text.strip().startswith("FAIL  stub: 3 tests: 1 pass, 1 fail, 1 known")
    assert "  known       1 x forgets (a title) [fail]\n              b\n" in text
    assert "latchkey run stub --tests c\n" in text and "boot1.log results.json junit.xml" in text


def test_markup_in_a_log_is_text() -> None:
    assert "want [bold]x[/bold] [K--sWP]" in shown(judge(stub.log({"a": "fail"}).replace(
        b"want #PF[W-sP]", b"want [bold]x[/bold] [K--sWP]")))


def followed(bench: Bench, tests: dict, verbose: bool, terminal: bool) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100)
    shower = progress.show(console, "stub", verbose)
    bench.session({"tests": tests}, progress=shower)
    shower.close()
    return stream.getvalue()


@pytest.fixture(autouse=True)
def a_capable_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def test_plain_progress(bench: Bench) -> None:
    passing = {f"t_{number:02}": "pass" for number in range(40)}
    tests = {**passing, "t_13": "fail", "t_20": "crash", "death_x": "survives"}
    lines = followed(bench, tests, verbose=False, terminal=False).splitlines()
    assert lines[0] == "stub: booting" and lines[1] == f"stub: 41 tests, build {stub.BUILD}"
    assert "stub: fail t_13" in lines and "stub: crash t_20: the emulator ended with status 0" in lines
    assert "stub: booting, without t_20" in lines and "stub: booting for death_x" in lines
    assert 15 < len(lines) < 35
    assert len(followed(bench, tests, verbose=True, terminal=False).splitlines()) > 60


def test_bar_on_a_terminal(bench: Bench) -> None:
    text = followed(bench, {"a": "pass", "b": "fail", "c": "pass"}, verbose=False, terminal=True)
    assert "\x1b[" in text and "fail b" in text and "3/3" in text


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_of_a_silent_machine(bench: Bench, terminal: bool) -> None:
    stream = io.StringIO()
    shower = progress.show(Console(file=stream, force_terminal=terminal), "stub", False)
    bench.session({"raw": "", "exit": 1}, progress=shower)
    shower.close()
    assert "stub" in stream.getvalue()
