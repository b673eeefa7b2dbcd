"""One list of tests out of several boots."""

from collections.abc import Sequence
from dataclasses import replace

from lk.record import GAP, Boot, Test
from lk.verdict import badness


def merge(boots: Sequence[Boot]) -> list[Test]:
    """Return every test once, in the order of the suite, numbered from 1.

    A test that was run more than once keeps its worst verdict: one that fails only sometimes has failed; one that was
    skipped only sometimes was run. What the last boot promised and did not deliver is there as `missing_N`.
    """
    tests: list[Test] = []
    for boot in boots:
        tests = _join(tests, _tests(boot, boot is boots[-1]))
    for number, test in enumerate(tests, 1):
        test.number = number
    return tests


def _tests(boot: Boot, last: bool) -> list[Test]:
    """Return the tests of one boot by number: results, the one that was running, and gaps of the last boot."""
    found = dict(boot.results)
    running = boot.running
    if running and running.number not in found:
        found[running.number] = running
    if last:
        for number in boot.missing():
            found.setdefault(number, Test(number, f"{GAP}{number}"))
    return [_settled(boot, found[number]) for number in sorted(found)]


def _settled(boot: Boot, test: Test) -> Test:
    """Return a copy that has a verdict; the boot stays as it was read."""
    if test.verdict:
        return replace(test)
    torn = boot.torn.get(test.number)
    return replace(test, verdict="damaged" if torn else "lost", reason=torn or "no result line")


def _join(old: list[Test], new: list[Test]) -> list[Test]:
    """Put each new test in front of the known one that follows it in its boot; a known one keeps its place."""
    chosen = {test.id: test for test in old}
    ahead: dict[str, list[str]] = {test.id: [] for test in old}
    waiting: list[str] = []
    for test in new:
        if test.id not in chosen:
            waiting.append(test.id)
        elif test.id in ahead:
            ahead[test.id] += waiting
            waiting = []
        chosen[test.id] = _worse(chosen.get(test.id, test), test)
    order = [name for test in old for name in [*ahead[test.id], test.id]] + waiting
    return [chosen[name] for name in order]


def _worse(old: Test, new: Test) -> Test:
    return old if rank(old) > rank(new) else new


def rank(test: Test) -> tuple[int, bool]:
    """Order the results of one test: the worst verdict is greatest, and a skip says least."""
    return badness(test.verdict), test.verdict != "skip"
