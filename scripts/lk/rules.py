"""The rules of the oracle, as lib/pks/rules.def states them, and which tests speak of them."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from lk.problem import Problem
from lk.record import Rule, Test

_TITLE = re.compile(r'^#define (\w+) "([^"]*)"', re.M)
_RULE = re.compile(r'^RULE\((\w+),\s*(\w+|"[^"]*"),\s*((?:"[^"]*"\s*)+),\s*((?:"[^"]*"\s*)+)\)', re.M)
_NAMED = re.compile(r"# fail rule ([a-z0-9_]+),")
_MODE = re.compile(r"_l[45]$")


def load(path: Path) -> list[Rule]:
    """Read the file; `rows` stays 0, golden rows stand elsewhere."""
    try:
        text = path.read_text()
    except OSError as error:
        raise Problem(f"cannot read {path}: {error.strerror}") from None
    titles = dict(_TITLE.findall(text))
    return [Rule(name, 0, tuple(_joined(tests).split(",")), titles.get(title, title.strip('"')), _joined(about))
            for name, title, about, tests in _RULE.findall(text)]


@cache
def tries(pattern: str, name: str) -> bool:
    """Apply a pattern to a test's id, which may carry the paging mode at its end."""
    return fnmatchcase(name, pattern) or fnmatchcase(_MODE.sub("", name), pattern)


def has_row(rule: Rule, name: str) -> bool:
    """May this test run golden rows of the rule? Their failure lines name it."""
    return any(pattern.startswith("rights_golden_") and tries(pattern, name) for pattern in rule.tests)


def named(test: Test) -> set[str]:
    """Return the rules that the failure lines of a test name: golden rows do."""
    return {match[1] for line in test.detail if (match := _NAMED.match(line))}


def state(rule: Rule, tests: Iterable[Test], broken: Mapping[str, set[str]]) -> str:
    """Return what a machine's tests say of a rule: "fail", "suspect", "known", "pass" or "skip".

    "fail" where a golden row of the rule failed; "suspect" where another test that tries it did, because such a test
    tries more than this rule. A golden test whose failed rows are of other rules says nothing against this one, nor
    does a known issue that breaks others: `broken` gives the rules by its title.
    """
    mine = [test for test in tests if any(tries(pattern, test.id) for pattern in rule.tests)]
    words = {_against(rule.id, test, broken) for test in mine}
    return next((word for word in ("fail", "suspect", "known", "pass") if word in words), "skip")


def _against(name: str, test: Test, broken: Mapping[str, set[str]]) -> str:
    if test.verdict in ("pass", "skip", "fixed"):
        return "skip" if test.verdict == "skip" else "pass"
    if test.verdict == "known":
        rules = named(test).union(*(broken.get(title, set()) for title in test.known))
        return "known" if name in rules else "pass"
    if name in named(test):
        return "fail"
    return "suspect" if _cut(test) or not all_named(test) else "pass"


def all_named(test: Test) -> bool:
    """Does every failure line of the test name a rule?"""
    lines = [line for line in test.detail if line.startswith("# fail ")]
    return bool(lines) and all(_NAMED.match(line) for line in lines)


def _cut(test: Test) -> bool:
    """Did the kernel or this program leave out some of the failure lines?"""
    return test.dropped > 0 or any(line.startswith("# and ") for line in test.detail)


def _joined(literals: str) -> str:
    return "".join(re.findall(r'"([^"]*)"', literals))
