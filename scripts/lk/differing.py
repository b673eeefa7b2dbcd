"""`latchkey diff A B`: what differs between two machines, or between two runs of one."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace

from lk import collect, data, failure, places, rules
from lk.record import Test
from lk.report import Report
from lk.verdict import EXIT_STATUS

MAX_NAMES = 6


def main(options: Namespace) -> int:
    """Print the differences; 1 if there are any, 0 if there are none."""
    first, second = collect.one(options.a, options.results), collect.one(options.b, options.results)
    lines = list(_differences(first, second))
    print("\n".join([*_heads(options, first, second), *lines]))
    if not lines:
        print("no rule and no test differs")
    return EXIT_STATUS["fail" if lines else "pass"]


def _heads(options: Namespace, first: Report, second: Report) -> Iterator[str]:
    """Say what is compared: names, emulators, builds, fingerprints and what differs in those."""
    for sign, name, report in (("A", options.a, first), ("B", options.b, second)):
        builds = " ".join(dict.fromkeys(boot.build for boot in report.boots))
        yield f"{sign}  {name}: {report.word}, {report.emulator or 'unknown emulator'}, build {builds or 'unknown'}"
        yield f"   {report.fp or 'no fingerprint'}"
    words = [data.words_of(report.fp) for report in (first, second)]
    for key in dict.fromkeys([*words[0], *words[1]]):
        before, after = (one.get(key, "(not said)") for one in words)
        if before != after:
            yield f"   {key}: {before} in A, {after} in B"
    yield ""


def _differences(first: Report, second: Report) -> Iterator[str]:
    tests = [[_plain(test) for test in report.tests if not test.gap] for report in (first, second)]
    for rule in rules.load(places.RULES):
        before, after = (rules.state(rule, one, {}) for one in tests)
        if before != after:
            yield f"rule  {rule.id}: {before} in A, {after} in B: {rule.about}"
    for says, names in _tests(*({test.id: test for test in one} for one in tests)).items():
        more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
        yield f"test  {len(names)} x {says}"
        yield f"      {', '.join(names[:MAX_NAMES])}{more}"


def _tests(first: dict[str, Test], second: dict[str, Test]) -> dict[str, list[str]]:
    """Return the tests that differ, by what differs."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys([*first, *second]):
        before, after = first.get(name), second.get(name)
        if before and after and before.verdict == after.verdict == "skip":
            continue
        if _word(before) != _word(after):
            found.setdefault(f"{_word(before)} in A, {_word(after)} in B", []).append(name)
        elif before and after and failure.faults(before) != failure.faults(after):
            wrong = [", ".join(sorted(f"want {want} got {got}" for want, got in failure.faults(test))) or "no fault"
                     for test in (before, after)]
            found.setdefault(f"{_word(before)} in both; A: {wrong[0]}; B: {wrong[1]}", []).append(name)
    return found


def _plain(test: Test) -> Test:
    """Return what the log says, whatever is known of it: two lists of known issues must not make a difference."""
    return replace(test, verdict=test.was or test.verdict, known=())


def _word(test: Test | None) -> str:
    if test is None:
        return "not there"
    return f"skip ({test.reason})" if test.verdict == "skip" else test.verdict
