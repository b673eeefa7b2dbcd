"""Known issues: a machine contradicts the manual, the test stays as it is, and a list says so.

Strict both ways: exactly the listed machine and test, and only while it shows.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lk import toml
from lk.problem import Problem
from lk.record import Test

KEYS = {"machine": toml.TEXTS, "tests": toml.TEXTS, "what": toml.TEXT, "why": toml.TEXT}
TURNS_KNOWN = ("fail", "error", "crash", "timeout")
_ID = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True)
class Issue:
    """One entry of known_issues.toml."""

    machines: tuple[str, ...]
    tests: tuple[str, ...]
    what: str
    why: str


def load(path: Path, machines: set[str]) -> list[Issue]:
    """Read the list; raise Problem for an unknown or missing key, an unknown machine, a bad or repeated id."""
    table = toml.load(path)
    toml.check(str(path), table, {"issue": toml.TABLES}, set())
    issues = [_issue(f"{path}, issue {number}", entry, machines)
              for number, entry in enumerate(table.get("issue", []), 1)]
    _refuse_repeats(path, issues)
    return issues


def apply(issues: list[Issue], machine: str | None, tests: list[Test]) -> None:
    """Turn what is listed for this machine into `known`, and what is listed but passed into `fixed`.

    The old verdict goes in front of the reason. A skipped test was not run: its entry is left alone.
    """
    listed = {name: issue for issue in issues if machine in issue.machines for name in issue.tests}
    for test in tests:
        issue = listed.get(test.id)
        if issue is None:
            continue
        if test.verdict in TURNS_KNOWN:
            was = f"{test.verdict} {test.reason}".strip()
            test.verdict, test.reason = "known", f"{issue.what} ({issue.why}) [{was}]"
        elif test.verdict == "pass":
            test.verdict = "fixed"
            test.reason = f"passes now: take it off the known issues of {machine}: {issue.what}"


def _issue(where: str, entry: dict, machines: set[str]) -> Issue:
    if isinstance(entry.get("machine"), str):
        entry = {**entry, "machine": [entry["machine"]]}
    toml.check(where, entry, KEYS, set(KEYS))
    for key, value in entry.items():
        if not value or not all(item.strip() for item in ([value] if isinstance(value, str) else value)):
            raise Problem(f"{where}: '{key}' is empty")
    for name in entry["machine"]:
        if name not in machines:
            raise Problem(f"{where}: unknown machine '{name}'; known are {', '.join(sorted(machines))}")
    for name in entry["tests"]:
        if not _ID.fullmatch(name):
            raise Problem(f"{where}: '{name}' is not a test id: those are 1 to 64 of a-z, 0-9 and _")
    return Issue(tuple(entry["machine"]), tuple(entry["tests"]), entry["what"], entry["why"])


def _refuse_repeats(path: Path, issues: list[Issue]) -> None:
    seen = set()
    for issue in issues:
        for pair in ((machine, test) for machine in issue.machines for test in issue.tests):
            if pair in seen:
                raise Problem(f"{path}: the test '{pair[1]}' is listed twice for the machine '{pair[0]}'")
            seen.add(pair)
