"""known_issues.toml: every key is checked, and every complaint names the file and the entry."""

from pathlib import Path

import pytest
from conftest import ENTRY, SCRIPTS

from lk import known, machine
from lk.problem import Problem

GOOD = ENTRY % {"test": "b"}


def load(folder: Path, text: str) -> list[known.Issue]:
    path = folder / "known.toml"
    path.write_text(text)
    return known.load(path, {"stub", "other"})


def test_a_good_file(tmp_path: Path) -> None:
    (one,) = load(tmp_path, GOOD)
    assert (one.title, one.machine, one.tests, one.verdict) == ("it b", ("stub",), ("b",), ("fail",))
    (several,) = load(tmp_path, GOOD.replace('"stub"', '["stub", "oth*"]'))
    assert several.machine == ("stub", "oth*")
    assert load(tmp_path, "") == []


def test_a_folder_beside_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "known"
    folder.mkdir()
    (folder / "bochs.toml").write_text(ENTRY % {"test": "c"})
    assert [one.tests for one in load(tmp_path, GOOD)] == [("b",), ("c",)]
    (folder / "bochs.toml").write_text(GOOD)
    with pytest.raises(Problem, match="bochs.toml, issue 1: there is another one with the title 'it b'"):
        load(tmp_path, GOOD)


@pytest.mark.parametrize("old, new, says", [
    ("what =", "wat =", "issue 1: unknown key 'wat'"),
    ('why = "a title"\n', "", "issue 1: the key 'why' is missing"),
    ('upstream = "not told"\n', "", "the key 'upstream' is missing"),
    ('why = "a title"', 'why = " "', "issue 1: 'why' is empty"),
    ('why = "a title"', "why = 3", "issue 1: 'why' has to be a string"),
    ('["b"]', '["B-1"]', "issue 1: 'B-1' is not a test id"),
    ('["b"]', "3", "'tests' has to be a list of strings"),
    ('["b"]', "[]", "'tests' is empty"),
    ('tests = ["b"]\n', "", "one of the keys tests, rules has to be there"),
    ('tests = ["b"]', 'rules = "wd_wants_wp"', "unknown rule 'wd_wants_wp'"),
    ('tests = ["b"]', 'tests = "b"\nverdict = "skip"', "verdict 'skip' cannot be known; fail, error, crash, timeout can"),
    ('tests = ["b"]', "tests = 'b'\nshows = 'got #PF['", "is not a regular expression"),
    ('machine = "stub"\n', "", "one of the keys machine, emulator, fp has to be there"),
    ('"stub"', '"stab"', "unknown machine 'stab'; known are other, stub"),
    ('"stub"', '"q*"', "unknown machine"),
    ('"stub"', "[]", "'machine' is empty"),
    ('machine = "stub"', 'emulator = "qemu 7.2"', "emulator 'qemu 7.2' is not like"),
    ('machine = "stub"', 'emulator = ">=7"', "emulator '>=7' is not like"),
    ("[[issue]]", "[issue]", "'issue' has to be tables"),
    ("[[issue]]", "[[issues]]", "unknown key 'issues'"),
    ("[[issue]]", "[[issue", "is not valid TOML"),
])
def test_a_bad_file(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(Problem, match=says):
        load(tmp_path, GOOD.replace(old, new))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot read .*none.toml"):
        known.load(tmp_path / "none.toml", set())


def test_the_file_of_the_project_is_valid() -> None:
    machines = machine.load(SCRIPTS / "machines.toml")
    assert known.load(SCRIPTS / "known_issues.toml", set(machines.by_name))
