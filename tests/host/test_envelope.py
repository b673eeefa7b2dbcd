"""What a console server puts around a line, taken off and nothing else."""

import pytest

from lk.envelope import LONGEST, Envelope


@pytest.mark.parametrize("before, after, text, opened", [
    ("[   1.5] ", "", "[  12.50] ok 1 - a", "ok 1 - a"),
    ("[   1.5] ", "", "[x 12.50] ok 1 - a", "[x 12.50] ok 1 - a"),
    ("tty0: ", "", "tty1: ok 1 - a", "ok 1 - a"),
    ("(a+b) ", "", "(a+b) 1..3", "1..3"),
    ('"', '"}', '"ok 1 - a"}', "ok 1 - a"),
    ('"', '"}', '"ok 1 - a', '"ok 1 - a'),
    ("noise 1", "", "1..3", "1..3"),
    ("1", "", "1..3", "1..3"),
    ("", "", "ok 1 - a", "ok 1 - a"),
    ("x" * (LONGEST + 1), "", "x" * (LONGEST + 1) + "ok", "x" * (LONGEST + 1) + "ok"),
])
def test_open(before: str, after: str, text: str, opened: str) -> None:
    assert Envelope(before, after).open(text) == opened
