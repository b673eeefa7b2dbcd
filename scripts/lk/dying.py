"""Tests that are known to kill the machine: the suite's boot leaves them out, and each gets a boot of its own.

Of one known issue one death is enough: the rest of its tests is then not tried, and each says so as a skipped test.
Where a test lives, the next one is tried.
"""

from collections.abc import Callable, Sequence

from lk import selection
from lk.known import Issue
from lk.record import Test

DEADLY = {"crash", "timeout"}


def of(issues: Sequence[Issue], machine: str, emulator: str) -> list[Issue]:
    """Return the issues by which tests die on this machine.

    The fingerprint is not known before the machine has booted: an issue that asks for one is not among them.
    """
    return [issue for issue in issues if DEADLY & set(issue.verdict) and issue.tests
            and issue.fits(machine, emulator, "")]


def patterns(issues: Sequence[Issue]) -> list[str]:
    """Return the patterns, for the kernel, of what these issues list: with and without the paging mode at the end."""
    return [form for issue in issues for name in issue.tests if not name.startswith(selection.DEATH)
            for form in ([name] if name.endswith(("*", "_l4", "_l5")) else [name, name + "_l?"])]


def listed(issues: Sequence[Issue], names: Sequence[str], wanted: Sequence[str]) -> dict[str, list[str]]:
    """Return by the issue's title the tests that were asked for and that it lists; each test once."""
    left = [name for name in names if selection.matches(wanted, name) and not name.startswith(selection.DEATH)]
    found: dict[str, list[str]] = {}
    for issue in issues:
        found[issue.title] = [name for name in left if issue.lists(name)]
        left = [name for name in left if name not in found[issue.title]]
    return {title: tests for title, tests in found.items() if tests}


def try_out(title: str, names: Sequence[str], boot: Callable[[str], Test]) -> list[Test]:
    """Boot for one test after the other until one dies; the others are skipped, and say why."""
    tests: list[Test] = []
    dead = ""
    for name in names:
        if dead:
            tests.append(Test(0, name, "skip", f"not tried: {dead} died of the known issue '{title}'"))
            continue
        tests.append(boot(name))
        dead = name if tests[-1].verdict in DEADLY else ""
    return tests
