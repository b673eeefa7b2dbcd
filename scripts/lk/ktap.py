"""KTAP, the kernel's own: a nested list for each machine, and directives of its own for what TAP has no word for."""

from collections.abc import Iterator, Sequence

from lk import verdict
from lk.points import Point, points
from lk.report import Report

INDENT = "  "
# The other words are directives, or no worse than text behind one, as they are.
DIRECTIVES = {"pass": "", "fail": "", "known": "XFAIL", "crash": "ERROR crash:"}


def encode(reports: Sequence[Report]) -> str:
    """Return the reports as one stream."""
    lines = ["KTAP version 1", f"1..{len(reports)}"]
    for number, report in enumerate(reports, 1):
        lines += [INDENT + line for line in _nested(report)]
        good = report.status in (0, verdict.EXIT_STATUS["skip"])
        lines.append(f"{'ok' if good else 'not ok'} {number} {report.name}"
                     + (" # SKIP nothing was tested" if report.word == "skip" else ""))
    return "".join(line + "\n" for line in lines)


def _nested(report: Report) -> Iterator[str]:
    every = list(points(report))
    yield "KTAP version 1"
    yield f"# Subtest: {report.name}"
    yield f"1..{len(every)}"
    for number, point in enumerate(every, 1):
        yield from (f"# {line}" for line in point.lines)
        yield _point(number, point)


def _point(number: int, point: Point) -> str:
    """Return the result line; a name holds no #, and what stands behind one is the directive."""
    words = [DIRECTIVES.get(point.verdict, point.verdict.upper()), point.reason]
    directive = " ".join(word for word in words if word)
    return f"{point.ok} {number} {point.name}" + (f" # {directive}" if directive else "")
