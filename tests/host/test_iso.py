"""The derived ISO: same length, one place changed, nothing guessed."""

from pathlib import Path

import pytest
from conftest import image

from lk import iso
from lk.problem import Problem


def derive(folder: Path, contents: bytes, line: str) -> bytes:
    (folder / "old").write_bytes(contents)
    iso.derive(folder / "old", line, folder / "new")
    assert (folder / "old").read_bytes() == contents
    return (folder / "new").read_bytes()


@pytest.mark.parametrize("line", ["", "tests=-a,-b", "x" * 1000, 'a "b" $c \\ *?'])
def test_only_the_line_changes(tmp_path: Path, line: str) -> None:
    old = image({"tests": {}}, "tests=old smp=off")
    assert derive(tmp_path, old, line) == image({"tests": {}}, line)


@pytest.mark.parametrize("line, says", [
    ("x" * 1001, "1001 characters long, the ISO has room for 1000"),
    ("it's", "holds a quote"), ("caf\u00e9", "printable ASCII"), ("a\nb", "printable ASCII"),
])
def test_a_line_that_does_not_fit(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        derive(tmp_path, image({}), line)


@pytest.mark.parametrize("contents, count", [
    (b"no place", 0), (image({}) * 2, 2), (image({}).replace(b" '", b"'"), 0), (image({}).replace(b" '", b"\n'"), 0),
])
def test_an_image_without_exactly_one_place(tmp_path: Path, contents: bytes, count: int) -> None:
    with pytest.raises(Problem, match=f"has {count} places for a kernel command line"):
        derive(tmp_path, contents, "x")
