"""TAP 13 of several machines, TAP 14, KTAP, JSON, Markdown and GitHub annotations."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import made
import pytest
import stub
from conftest import SCRIPTS, Bench, issue, judge
from tap.main import main as tappy

from lk import annotations, ktap, markdown, results, tap, tap14
from lk.reporting import FORMATS
from lk.report import Report

SCHEMA = json.loads((SCRIPTS / "results.schema.json").read_text())
TESTS = {"self_a": "pass", "rights_b": "fail", "rights_c": "skip no la57", "rights_d": "error state # cr4",
         "rights_e": "error crash", "rights_f": "error timeout", "rights_k": "fail"}
KNOWN = issue("rights_k", machine="*", title="odd #PF \\ here")
GOOD = made.report("good", {"self_a": "pass", "rights_k": "fail"}, {"rights_k": made.FAIL}, issues=[KNOWN])
BAD = made.report("bad", TESTS, {"rights_b": made.FAIL, "rights_e": made.CRASH}, issues=[KNOWN])
SKIP = made.report("skip", {"a": "skip no pks"})
DAMAGED = judge(stub.log(TESTS).replace(b"ok 1 - self_a", b"ok 1 - self_x"))
EMPTY = judge(b"")


def accepted_by_prove(text: str, folder: Path) -> bool:
    assert shutil.which("prove"), "prove is in Debian's perl"
    (folder / "log.tap").write_text(text)
    answer = subprocess.run(["prove", "-e", "cat", folder / "log.tap"], capture_output=True, text=True)
    assert "Parse errors" not in answer.stdout + answer.stderr, answer.stdout
    return answer.returncode == 0


@pytest.mark.parametrize("reports, green", [([GOOD, SKIP], True), ([GOOD, BAD], False), ([GOOD, DAMAGED], False),
                                            ([GOOD, EMPTY], False)])
def test_tap_13_of_several_machines(reports: list[Report], green: bool, tmp_path: Path) -> None:
    text = tap.encode(reports)
    assert accepted_by_prove(text, tmp_path) is green
    assert (tappy(["tappy", str(tmp_path / "log.tap")], io.StringIO()) == 0) is green
    assert "ok 1 - good/self_a" in text.splitlines()


def test_tap_14() -> None:
    lines = tap14.encode([GOOD, BAD, SKIP]).splitlines()
    assert lines[:2] == ["TAP version 14", "1..3"]
    assert [line for line in lines if not line.startswith("    ")][2:] == [
        "# Subtest: good", "ok 1 - good", "# Subtest: bad", "not ok 2 - bad", "# Subtest: skip",
        "ok 3 - skip # SKIP nothing was tested"]
    assert "    not ok 2 - rights_k # TODO odd \\#PF \\\\ here (a title) [fail]" in lines
    place = lines.index("    not ok 2 - rights_b")
    assert lines[place + 1:place + 4] == ["      ---", "      verdict: fail", "      lines:"]
    block = [line.strip().removeprefix("- ") for line in lines[place + 4:lines.index("      ...", place)]]
    assert [json.loads(line) for line in block] == [line.removeprefix("# ") for line in made.FAIL]
    assert lines.count("      ---") == lines.count("      ...") == 6


def test_tap_14_is_read_by_tappy(tmp_path: Path) -> None:
    """It ignores what it does not know: subtests and YAML. The points of the top level are what it counts."""
    for reports, status in (([GOOD, SKIP], 0), ([GOOD, BAD], 1), ([DAMAGED], 1), ([EMPTY], 1)):
        (tmp_path / "log.tap").write_text(tap14.encode(reports))
        assert tappy(["tappy", str(tmp_path / "log.tap")], io.StringIO()) == status


RESULT = re.compile(r"(ok|not ok) (\d+) ([^#\n]+?)( # (SKIP|XFAIL|TIMEOUT|ERROR|[A-Z]+)( .*)?)?")


def points(lines: list[str], indent: str) -> list[tuple]:
    """Check a list of KTAP at this depth: its plan, the numbers, that every line is one of KTAP's."""
    mine = [line.removeprefix(indent) for line in lines if line.startswith(indent) and line[len(indent)] != " "]
    plan = next(line for line in mine if line.startswith("1.."))
    found = [RESULT.fullmatch(line) for line in mine if line.startswith(("ok ", "not ok "))]
    assert all(found) and plan == f"1..{len(found)}"
    assert [int(match[2]) for match in found] == list(range(1, len(found) + 1))
    assert all(line.startswith(("ok ", "not ok ", "# ", "1..", "KTAP version 1")) for line in mine)
    return [(match[1], match[3], match[5]) for match in found]


def test_ktap() -> None:
    lines = ktap.encode([BAD]).splitlines()
    assert lines[0] == "KTAP version 1" and points(lines, "") == [("not ok", "bad", None)]
    assert lines[2:4] == ["  KTAP version 1", "  # Subtest: bad"]
    assert points(lines, "  ") == [
        ("ok", "self_a", None), ("not ok", "rights_b", None), ("ok", "rights_c", "SKIP"), ("not ok", "rights_d", "ERROR"),
        ("not ok", "rights_e", "ERROR"), ("not ok", "rights_f", "TIMEOUT"), ("ok", "rights_k", "XFAIL")]
    assert points(ktap.encode([GOOD, SKIP]).splitlines(), "") == [("ok", "good", None), ("ok", "skip", "SKIP")]
    for damaged in (DAMAGED, EMPTY):
        assert points(ktap.encode([damaged]).splitlines(), "") == [("not ok", "test", None)]


@pytest.mark.parametrize("report", [GOOD, BAD, SKIP, DAMAGED, EMPTY, judge(stub.log(TESTS) * 2)])
def test_results_json_is_as_its_schema_says_and_comes_back(report: Report, tmp_path: Path) -> None:
    data = json.loads(results.encode(report))
    jsonschema.validate(data, SCHEMA)
    path = tmp_path / report.name / "results.json"
    path.parent.mkdir()
    results.write(report, path)
    again = results.read(path)
    assert json.loads(results.encode(again)) == data and again.name == report.name
    assert [test.detail for test in again.tests] == [test.detail for test in report.tests]


def test_results_of_many_lines_come_back() -> None:
    report = made.report("loud", {"a": "fail"}, {"a": [f"# line {number}" for number in range(300)]})
    again = results.from_json(results.to_json(report), "loud")
    assert again.tests == report.tests and again.tests[0].dropped == 100


def test_json_of_several_machines() -> None:
    data = json.loads(FORMATS["json"][1]([GOOD, BAD], []))
    jsonschema.validate(data, SCHEMA)
    assert (data["status"], data["exit"], len(data["runs"])) == ("crash", 1, 2)


@pytest.mark.parametrize("key, value", [
    ("status", "fine"), ("exit", 2), ("extra", 1), ("fp", "a\nb"), ("counts", {"ok": 1})])
def test_the_schema_objects(key: str, value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(results.encode(GOOD)), key: value}, SCHEMA)


def test_markdown() -> None:
    text = markdown.encode([GOOD, BAD, DAMAGED])
    assert text.startswith("## ❌ Latchkey: damaged\n")
    assert "| good | ✅ pass | 2 | 1 | 0 | 1 | 0 | 12.5 |" in text
    assert "<b>crash</b> rights_e" in text and text.index("rights_e</summary>") < text.index("rights_b</summary>")
    assert "`scripts/latchkey run bad --tests rights_b`" in text
    assert text.count("```") % 2 == 0 and text.count("<details>") == text.count("</details>")
    assert "* odd \\#PF \\\\ here: good (1 tests), bad (1 tests)" in text
    assert "* **damaged**: " in text


def test_annotations_are_few_and_the_worst_come_first() -> None:
    assert annotations.encode([GOOD, SKIP]) == ""
    lines = annotations.encode([BAD]).splitlines()
    assert [line.partition("::")[2].partition("::")[2].split(":")[0] for line in lines] == [
        "crash", "timeout", "error", "fail"]
    assert lines[3] == "::error title=bad%3A rights_b::fail: " + made.FAIL[0].removeprefix("# fail ")
    assert annotations.encode([DAMAGED]).splitlines()[0].startswith("::error title=test::damaged: ")
    many = made.report("many", {f"t_{number}": "error state cr4" for number in range(40)})
    lines = annotations.encode([many]).splitlines()
    assert len(lines) == 10 and lines[-1] == "::error title=latchkey::... and 31 more, see the report"


def test_annotations_name_the_source_and_are_escaped() -> None:
    name = "rights_golden_cr4_l4"
    report = made.report("a,b", {name: "fail"}, {name: ["# fail 100% want 1 got 2"]})
    (line,) = annotations.encode([report]).splitlines()
    assert re.match(rf"::error file=tests/rights_golden\.c,line=\d+,title=a%2Cb%3A {name}::fail: 100%25 ", line)
    number = int(line.partition("line=")[2].partition(",")[0])
    source = (SCRIPTS.parent / "tests/rights_golden.c").read_text().splitlines()
    assert source[number - 1].startswith("TEST(rights_golden_cr4,")


def test_a_crash_comes_before_a_lost_result() -> None:
    log = stub.log({"a": "error crash", "b": "pass"}).replace(b"ok 2 - b\r\n", b"")
    lines = annotations.encode([judge(log)]).splitlines()
    assert [line.split("::")[-1].split(":")[0] for line in lines] == ["crash", "lost", "lost"]


def test_one_annotation_for_what_fails_alike() -> None:
    tests = {f"t_{number}": "fail" for number in range(5)}
    (line,) = annotations.encode([made.report("m", tests, dict.fromkeys(tests, made.FAIL))]).splitlines()
    assert "t_0" in line and line.endswith("(4 more show the same)")


def test_the_verb_writes_all_of_them(bench: Bench) -> None:
    bench.place({"tests": {"a": "pass", "b": "fail"}})
    assert bench.command("run", "stub", "stub-iso").returncode == 1
    folder = bench.folder / "report"
    answer = bench.command("report", "--output", str(folder))
    assert answer.returncode == 0, answer.stderr
    assert {path.name for path in folder.iterdir()} == {name for name, _ in FORMATS.values()}
    assert "stub, stub-iso; beside it" in answer.stdout.decode()
    for word, (name, _) in FORMATS.items():
        assert bench.command("report", "--as", word).stdout == (folder / name).read_bytes()
    assert bench.command("report", "stub", str(bench.results / "stub-iso/results.json"), "--as", "tap").stdout == (
        folder / "report.tap").read_bytes()
    twice = bench.command("report", "stub", str(bench.results), "--as", "tap").stdout
    assert twice == (folder / "report.tap").read_bytes(), "a run named twice counts once"


def test_runs_of_one_machine_are_told_apart(bench: Bench) -> None:
    bench.place({"tests": {"a": "pass"}})
    bench.command("run", "stub")
    shutil.copytree(bench.results / "stub", bench.folder / "other/stub")
    text = bench.command("report", "stub", str(bench.folder / "other"), "--as", "tap").stdout.decode()
    assert "ok 1 - stub-1/a" in text and "ok 2 - stub-2/a" in text


@pytest.mark.parametrize("words, says", [
    (["nosuch"], "'nosuch' is neither a results.json, nor a folder with one, nor a machine with results"),
    ([], "there are no results in"),
    (["--as", "pdf"], "invalid choice: 'pdf'"),
])
def test_what_cannot_be_reported(bench: Bench, words: list[str], says: str) -> None:
    answer = bench.command("report", *words)
    assert answer.returncode == 2 and says in answer.stderr.decode()


def test_a_file_of_something_else(bench: Bench) -> None:
    for text in ("{}", "[]", "x", '{"machine": 1}'):
        (bench.folder / "results.json").write_text(text)
        answer = bench.command("report", str(bench.folder / "results.json"))
        assert answer.returncode == 2 and b"is no results.json of this version" in answer.stderr
