"""Patterns and the kernel command line."""

import pytest

from lk import selection
from lk.problem import Problem


def test_kernel_line() -> None:
    assert selection.kernel_line([], [], []) == ""
    assert selection.kernel_line(["a*", "-b"], ["c"], ["smp=off", "", "paging=4"]) == "tests=a*,-b,-c smp=off paging=4"
    assert selection.kernel_line([], ["c", "d"], [""]) == "tests=-c,-d"


@pytest.mark.parametrize("patterns, names", [
    ([], "self_a self_b death_c"), (["self_*"], "self_a self_b"), (["-self_*"], "death_c"),
    (["self_?", "-*_b"], "self_a"),
    (["*_a", "*_c"], "self_a death_c"), (["self"], ""), (["*"], "self_a self_b death_c"),
])
def test_matches(patterns: list[str], names: str) -> None:
    assert [name for name in ("self_a", "self_b", "death_c") if selection.matches(patterns, name)] == names.split()


def test_a_death_test_by_name() -> None:
    assert selection.lone_death(["death_x"]) == "death_x"
    for patterns in ([], ["death_*"], ["death_?"], ["-death_x"], ["self_a"], ["death_x", "death_y"]):
        assert selection.lone_death(patterns) == ""


def test_bad_patterns_and_words() -> None:
    assert selection.parse("a*, -b_?") == ["a*", "-b_?"] and selection.parse("") == []
    for text in ("a,,b", "A", "a b", "[ab]", "--a", "'"):
        with pytest.raises(Problem, match="is not a pattern for test ids"):
            selection.parse(text)
    with pytest.raises(Problem, match="--line holds 'tests=a': say it with --tests"):
        selection.check_words("smp=off tests=a", "--line")
    with pytest.raises(Problem, match="holds a quote"):
        selection.check_words("it's", "--line")
