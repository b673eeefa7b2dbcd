"""Many parts of the full matrix, one report: complete only with every part, of one image and one machine.

The kernel's own figures have the last word: over all parts, the cases of each matrix test have to add up to its
product.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lk import data
from lk.audit import ranges
from lk.explain import Scope
from lk.known import Issue
from lk.merge import rank
from lk.record import Flaw, Test
from lk.report import Report
from lk.shard import Part

MATRIX = "matrix_"
_FIGURES = re.compile(r"# @ matrix cases=(\d+) skipped=(\d+) .*\bproduct=(\d+)\b")


def combine(parts: Sequence[Part], unreadable: Sequence[str], issues: Sequence[Issue]) -> Report:
    """Return the report on all parts of one machine; there is at least one, and all are of the same split."""
    parts = sorted(parts, key=lambda part: part.shard.index)
    name, count = parts[0].report.name, parts[0].shard.count
    report = Report(name, name, emulator=parts[0].report.emulator, command=parts[0].report.command)
    report.boots = [boot for part in parts for boot in part.report.boots]
    report.seconds = sum(part.report.seconds or 0 for part in parts)
    report.flaws = [Flaw("damaged", text) for text in unreadable]
    missing = sorted(set(range(1, count + 1)) - {part.shard.index for part in parts})
    if missing:
        report.flaws.append(Flaw("lost", f"{len(missing)} of {count} shards are missing: {ranges(missing)}"))
    report.flaws += _strangers(parts)
    for part in parts:
        report.flaws += [Flaw(flaw.word, f"shard {part.shard}: {flaw.text}") for flaw in part.report.flaws]
        report.remarks += [f"shard {part.shard}: {text}" for text in part.report.remarks]
    report.remarks.append(f"put together from {len(parts)} of {count} shards")
    _tests(report, parts)
    if not missing:
        counted = [test for test in report.tests if test.id.startswith(MATRIX) and test.verdict in ("pass", "fail")]
        report.flaws += [flaw for test in counted for flaw in _count(test.id, parts)]
    report.explain(issues, Scope(whole=not report.flaws))
    return report


def _strangers(parts: Sequence[Part]) -> Iterable[Flaw]:
    """Name the parts that are not of the same image, machine or command as the first."""
    parts = [part for part in parts if part.report.boots]
    for what, value in (("image", lambda part: {(boot.build, boot.suite) for boot in part.report.boots}),
                        ("machine", lambda part: data.lasting(part.report.fp)),
                        ("emulator", lambda part: part.report.emulator),
                        ("selection", lambda part: (part.tests, part.line))):
        others = [part.shard.index for part in parts if value(part) != value(parts[0])]
        if others:
            yield Flaw("damaged", f"shards {ranges(others)} are of another {what} than shard {parts[0].shard.index}")


def _tests(report: Report, parts: Sequence[Part]) -> None:
    """Put every test into the report once, with its worst verdict; a part that lacks one has lost it."""
    seen: dict[str, list[tuple[Part, Test]]] = {}
    for part in parts:
        for test in part.report.tests:
            seen.setdefault(test.id, []).append((part, test))
    for number, (name, found) in enumerate(seen.items(), 1):
        part, worst = max(found, key=lambda pair: rank(pair[1]))
        seconds = [test.seconds for _, test in found if test.seconds is not None]
        test = replace(worst, number=number, seconds=sum(seconds) if seconds else None)
        alike = sum(other.verdict == worst.verdict for _, other in found)
        if worst.verdict not in ("pass", "skip"):
            more = f" and {alike - 1} more" if alike > 1 else ""
            test.reason = f"shard {part.shard}{more}" + (f": {worst.reason}" if worst.reason else "")
        report.tests.append(test)
        lacking = {part.shard.index for part in parts} - {part.shard.index for part, _ in found}
        if lacking:
            report.flaws.append(Flaw("lost", f"{name} has no result in the shards {ranges(sorted(lacking))}"))


def _count(name: str, parts: Sequence[Part]) -> Iterable[Flaw]:
    """Add up the cases of one matrix test; a shard that was run twice counts once."""
    by_index = {part.shard.index: part for part in parts}
    figures = {index: _figures(name, part) for index, part in by_index.items()}
    silent = sorted(index for index, value in figures.items() if value is None)
    if silent:
        yield Flaw("lost", f"{name}: the shards {ranges(silent)} do not say how many cases they ran")
        return
    products = {product for _, product in figures.values()}
    done = sum(cases for cases, _ in figures.values())
    if products != {done}:
        yield Flaw("lost", f"{name}: the shards ran {done} cases, the product is {max(products)}")


def _figures(name: str, part: Part) -> tuple[int, int] | None:
    """Return how many cases a part ran or skipped with a reason, and the size of the whole."""
    for test in part.report.tests:
        if test.id == name:
            found = [match for line in test.detail if (match := _FIGURES.match(line))]
            return (int(found[0][1]) + int(found[0][2]), int(found[0][3])) if len(found) == 1 else None
    return None
