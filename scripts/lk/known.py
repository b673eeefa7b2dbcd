"""Known issues as data: a machine contradicts the manual, the test stays as it is, and a list says so.

The head of scripts/known_issues.toml explains the keys. explain.py holds a run against the list.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from lk import places, rules, toml
from lk.problem import Problem
from lk.record import TURNS_KNOWN, Rule

TEXTS = ("title", "what", "why", "reproducer", "since", "upstream")
WHERE = ("machine", "emulator", "fp")
LISTS = (*WHERE, "tests", "rules", "verdict", "shows")
KEYS = dict.fromkeys(TEXTS, toml.TEXT) | dict.fromkeys(LISTS, toml.TEXTS)
_PATTERN = re.compile(r"[a-z0-9_*?]{1,64}")
_RANGE = re.compile(r"([a-z][a-z0-9-]*)\s*(.*)")
_VERSION = re.compile(r"([A-Za-z][A-Za-z0-9-]*).*?\b(\d+(?:\.\d+)+)")


@dataclass(frozen=True)
class Range:
    """An emulator and some of its versions."""

    name: str
    versions: SpecifierSet

    def holds(self, emulator: str) -> bool:
        """Is it the one that says of itself "QEMU emulator version 7.2.22 (...)" or "Bochs x86 Emulator 3.0"?"""
        said = _VERSION.search(emulator)
        return bool(said) and said[1].lower() == self.name and self.versions.contains(said[2], prereleases=True)


@dataclass(frozen=True)
class Issue:
    """One entry. It is about a machine that fits every one of `machine`, `emulator` and `fp` that is given."""

    title: str
    what: str
    why: str
    reproducer: str
    since: str
    upstream: str
    machine: tuple[str, ...] = ()
    emulator: tuple[Range, ...] = ()
    fp: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    verdict: tuple[str, ...] = ("fail",)
    shows: tuple[str, ...] = ()

    def fits(self, machine: str | None, emulator: str, fp: str) -> bool:
        """Is this the machine that the issue is about?"""
        here = fp.split()
        return ((not self.machine or any(fnmatchcase(machine or "", name) for name in self.machine))
                and (not self.emulator or any(one.holds(emulator) for one in self.emulator))
                and (not self.fp or any(_subset(words.split(), here) for words in self.fp)))

    @property
    def broken(self) -> set[str]:
        """The ids of the rules that the issue breaks."""
        return {rule.id for rule in self.rules}

    def lists(self, name: str) -> bool:
        """Is this test among those that the issue names?"""
        return any(rules.tries(pattern, name) for pattern in self.tests)


def load(path: Path, machines: set[str]) -> list[Issue]:
    """Read the list, and what stands in the folder of the same name beside it.

    Raises Problem for an unknown or missing key, an unknown machine or rule, or a value that cannot be.
    """
    known_rules = {rule.id: rule for rule in rules.load(places.RULES)}
    issues: list[Issue] = []
    for file in toml.files(path):
        table = toml.load(file)
        toml.check(str(file), table, {"issue": toml.TABLES}, set())
        for number, entry in enumerate(table.get("issue", []), 1):
            issue = _issue(f"{file}, issue {number}", entry, machines, known_rules)
            if any(issue.title == other.title for other in issues):
                raise Problem(f"{file}, issue {number}: there is another one with the title '{issue.title}'")
            issues.append(issue)
    return issues


def _issue(where: str, entry: dict[str, Any], machines: set[str], known_rules: dict[str, Rule]) -> Issue:
    entry = {key: [value] if key in LISTS and isinstance(value, str) else value for key, value in entry.items()}
    toml.check(where, entry, KEYS, set(TEXTS))
    for key, value in entry.items():
        if not value or not all(item.strip() for item in ([value] if isinstance(value, str) else value)):
            raise Problem(f"{where}: '{key}' is empty")
    for keys in (WHERE, ("tests", "rules")):
        if not any(key in entry for key in keys):
            raise Problem(f"{where}: one of the keys {', '.join(keys)} has to be there")
    _check_values(where, entry, machines, known_rules)
    values = {key: tuple(value) if key in LISTS else value for key, value in entry.items()}
    values["emulator"] = tuple(_range(where, text) for text in entry.get("emulator", []))
    values["rules"] = tuple(known_rules[name] for name in entry.get("rules", []))
    return Issue(**values)


def _check_values(where: str, entry: dict[str, Any], machines: set[str], known_rules: dict[str, Rule]) -> None:
    for name in entry.get("machine", []):
        if not any(fnmatchcase(machine, name) for machine in machines):
            raise Problem(f"{where}: unknown machine '{name}'; known are {', '.join(sorted(machines))}")
    for name in entry.get("tests", []):
        if not _PATTERN.fullmatch(name):
            raise Problem(f"{where}: '{name}' is not a test id: those are 1 to 64 of a-z, 0-9 and _, here also * and ?")
    for name in entry.get("rules", []):
        if name not in known_rules:
            raise Problem(f"{where}: unknown rule '{name}'; `latchkey rules` names them")
    for word in entry.get("verdict", []):
        if word not in TURNS_KNOWN:
            raise Problem(f"{where}: verdict '{word}' cannot be known; {', '.join(TURNS_KNOWN)} can")
    for text in entry.get("shows", []):
        try:
            re.compile(text)
        except re.error as error:
            raise Problem(f"{where}: shows = '{text}' is not a regular expression: {error}") from None


def _range(where: str, text: str) -> Range:
    match = _RANGE.fullmatch(text)
    try:
        return Range(match[1], SpecifierSet(match[2]))
    except (TypeError, InvalidSpecifier):
        raise Problem(f"{where}: emulator '{text}' is not like 'qemu' or 'qemu >=7.2,<8'") from None


def _subset(patterns: list[str], words: list[str]) -> bool:
    return all(any(fnmatchcase(word, pattern) for word in words) for pattern in patterns)
