"""The rules as the host reads them, and what tests say of them."""

import re

import pytest

from lk import places, record, rules

RULES = {rule.id: rule for rule in rules.load(places.RULES)}


def test_every_rule_of_the_file_is_read() -> None:
    names = re.findall(r"^RULE\((\w+),", places.RULES.read_text(), re.M)
    assert list(RULES) == names and len(names) > 60
    assert all(rule.title and rule.about and all(rule.tests) for rule in RULES.values())


def test_titles_and_joined_strings() -> None:
    assert RULES["not_present"].title == "Linear-Address Translation with 4-Level Paging and 5-Level Paging"
    assert RULES["flush_is_read"].title == "CLFLUSH - Flush Cache Line (volume 2)"
    assert RULES["fetch_has_no_key"].tests[-1] == "rights_fetch" and len(RULES["fetch_has_no_key"].tests) == 7


@pytest.mark.parametrize("pattern, name, yes", [
    ("rights_fetch", "rights_fetch_l4", True), ("rights_fetch", "rights_fetch", True), ("rights_*", "rights_x_l5", True),
    ("rights_fetch", "rights_fetch_l6", False), ("rights_fetch_l4", "rights_fetch_l5", False),
])
def test_patterns(pattern: str, name: str, yes: bool) -> None:
    assert rules.tries(pattern, name) is yes


def golden(verdict: str, *lines: str, known: tuple[str, ...] = ()) -> record.Test:
    return record.Test(1, "rights_golden_flush_l4", verdict, detail=list(lines), known=known)


MINE = "# fail rule flush_is_read, leaf absent: want 1 got 2"
OTHER = "# fail rule open_a5, user page: want 1 got 2"


@pytest.mark.parametrize("test, word", [
    (golden("pass"), "pass"), (golden("skip"), "skip"), (golden("fixed"), "pass"),
    (golden("fail", MINE), "fail"), (golden("fail", OTHER), "pass"), (golden("fail", OTHER, MINE), "fail"),
    (golden("fail", OTHER, "# fail something else"), "suspect"),
    (golden("fail", OTHER, "# and 3 more lines like these"), "suspect"), (golden("fail"), "suspect"),
    (golden("crash"), "suspect"), (golden("lost"), "suspect"),
    (golden("known", MINE), "known"), (golden("known", OTHER), "pass"),
    (golden("known", known=("breaks it",)), "known"), (golden("known", known=("breaks another",)), "pass"),
    (record.Test(1, "rights_fetch_l4", "fail"), "skip"),
])
def test_the_state_of_a_rule(test: record.Test, word: str) -> None:
    broken = {"breaks it": {"flush_is_read"}, "breaks another": {"open_a5"}}
    assert rules.state(RULES["flush_is_read"], [test], broken) == word


def test_the_worst_of_several_tests_counts() -> None:
    tests = [golden("pass"), golden("known", MINE), golden("fail", MINE), golden("skip")]
    assert rules.state(RULES["flush_is_read"], tests, {}) == "fail"
    assert rules.state(RULES["flush_is_read"], tests[:2], {}) == "known"
    assert rules.state(RULES["flush_is_read"], [*tests[:1], *tests[3:]], {}) == "pass"
