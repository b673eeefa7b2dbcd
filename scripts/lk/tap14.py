"""TAP 14: a subtest for each machine, and YAML where there is more to say.

A known issue is what TAP calls TODO: not ok, and not counted as a failure.
"""

import json
from collections.abc import Iterator, Sequence

from lk import verdict
from lk.points import Point, points
from lk.report import Report

INDENT = "    "


def encode(reports: Sequence[Report]) -> str:
    """Return the reports as one stream."""
    lines = ["TAP version 14", f"1..{len(reports)}" if reports else "1..0 # SKIP no machine ran"]
    for number, report in enumerate(reports, 1):
        lines.append(f"# Subtest: {_escaped(report.name)}")
        lines += [INDENT + line for line in _subtest(report)]
        good = report.status in (0, verdict.EXIT_STATUS["skip"])
        lines.append(f"{'ok' if good else 'not ok'} {number} - {_escaped(report.name)}"
                     + (" # SKIP nothing was tested" if report.word == "skip" else ""))
    return "".join(line + "\n" for line in lines)


def _subtest(report: Report) -> Iterator[str]:
    every = list(points(report))
    yield f"1..{len(every)}" if every else "1..0 # SKIP no test ran"
    for number, point in enumerate(every, 1):
        yield _point(number, point)
        if point.verdict not in ("pass", "skip"):
            yield from _yaml(point)


def _point(number: int, point: Point) -> str:
    line = f"{'ok' if point.verdict in ('pass', 'skip') else 'not ok'} {number} - {point.name}"
    word = {"skip": "SKIP", "known": "TODO"}.get(point.verdict)
    return f"{line} # {word} {_escaped(point.reason)}".rstrip() if word else line


def _yaml(point: Point) -> Iterator[str]:
    """Yield a block of YAML; its strings are written as JSON, which YAML holds."""
    yield "  ---"
    yield f"  verdict: {point.verdict}"
    if point.reason:
        yield f"  message: {json.dumps(point.reason)}"
    if point.lines:
        yield "  lines:"
        yield from (f"    - {json.dumps(line)}" for line in point.lines)
    yield "  ..."


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#")
