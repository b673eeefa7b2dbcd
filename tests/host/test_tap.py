"""TAP: what prove and tappy make of it agrees with the verdict."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
import stub
from conftest import issue, judge

from lk import tap
from lk.protocol import Parser
from lk.report import from_log

GOOD = {"self_a": "pass", "rights_b": "pass", "rights_c": "skip no la57"}
LOG = stub.log(GOOD)
LOGS = {
    "pass": LOG,
    "skip": stub.log({"a": "skip no pks", "b": "skip no pks"}),
    "nothing": stub.log({}),
    "fail": stub.log({**GOOD, "rights_b": "fail"}),
    "error": stub.log({**GOOD, "rights_b": "error state cr4 # odd"}),
    "crash": stub.log({**GOOD, "rights_b": "error crash"}),
    "incomplete": LOG.partition(b"ok 2")[0],
    "cut at END": LOG.partition(b"LATCHKEY-END")[0],
    "damaged": LOG.replace(b"1 - self_a", b"1 - self_x"),
    "torn": LOG.replace(b"ok 2 - ", b"ok 2 - \xda\x07"),
    "lost": LOG.replace(b"ok 2 - rights_b\r\n", b""),
    "loop": LOG.partition(b"ok 2")[0] + LOG,
    "empty": b"\xda\xc4\x1b[2Jnothing\r\n",
}
GREEN = ("pass", "skip", "nothing")


@pytest.fixture(params=LOGS)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path, str]:
    text = tap.encode([judge(LOGS[request.param])])
    path = tmp_path / "log.tap"
    path.write_text(text)
    return request.param, path, text


def test_it_is_clean_and_complete(case: tuple[str, Path, str]) -> None:
    _, _, text = case
    assert text.isascii() and "\r" not in text and "\x1b" not in text and text.endswith("\n")
    points = [line for line in text.splitlines() if line.startswith(("ok ", "not ok "))]
    assert text.splitlines()[1].split()[0] == f"1..{len(points)}"
    assert [int(line.removeprefix("not ").split()[1]) for line in points] == list(range(1, len(points) + 1))


def test_prove(case: tuple[str, Path, str]) -> None:
    assert shutil.which("prove"), "prove is in Debian's perl"
    name, path, _ = case
    answer = subprocess.run(["prove", "-e", "cat", path], capture_output=True, text=True)
    assert "Parse errors" not in answer.stdout + answer.stderr
    assert (answer.returncode == 0) == (name in GREEN), answer.stdout


def test_tappy(case: tuple[str, Path, str]) -> None:
    main = pytest.importorskip("tap.main", reason="tappy is in Debian's python3-tap")
    parser = pytest.importorskip("tap.parser")
    name, path, _ = case
    lines = list(parser.Parser().parse_file(str(path)))
    assert not [line for line in lines if line.category == "unknown"]
    said = io.StringIO()
    assert (main.main(["tappy", str(path)], said) == 0) == (name in GREEN), said.getvalue()


def test_no_points() -> None:
    assert tap.encode([judge(LOGS["nothing"])]) == "TAP version 13\n1..0 # SKIP no test ran\n"


def test_points() -> None:
    text = tap.encode([judge(stub.log({"a": "pass", "b": "fail", "c": "skip no la57", "d": "error state cr4"}))])
    assert text.splitlines() == [
        "TAP version 13", "1..4", "ok 1 - a", "not ok 2 - b", "# @ case key=3 ad=1 wp=0 access=write",
        "# want #PF[W-sP] got none", "ok 3 - c # SKIP no la57", "not ok 4 - d # ERROR state cr4",
        "# @ case key=3 ad=1 wp=0 access=write", "# want #PF[W-sP] got none"]


def test_damage_has_a_point_of_its_own() -> None:
    lines = tap.encode([judge(LOGS["damaged"])]).splitlines()
    assert lines[1] == "1..4" and "not ok 4 - log_damaged # DAMAGED" in lines
    lines = tap.encode([judge(LOGS["incomplete"])]).splitlines()
    for point in ("not ok 2 - rights_b", "not ok 3 - missing_3"):
        assert f"{point} # LOST no result line" in lines


def test_known_and_fixed() -> None:
    parser = Parser()
    parser.feed(stub.log({"a": "pass", "b": "fail"}))
    issues = [issue("a", "b")]
    lines = tap.encode([from_log("test", parser.finish(), issues, "stub")]).splitlines()
    assert "ok 2 - b # XFAIL forgets (a title) [fail]" in lines
    assert any(line.startswith("not ok 1 - a # FIXED ") for line in lines)
