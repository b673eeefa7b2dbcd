"""TAP 13, the one version that prove, tappy and kunit.py all read: flat, plan first."""

from collections.abc import Iterator, Sequence

from lk.points import Point, points
from lk.report import Report

# A word behind # that TAP does not know is part of the description; SKIP and XFAIL stay what they are elsewhere.
TAGS = {"skip": "SKIP", "known": "XFAIL", "fail": "", "pass": ""}


def encode(reports: Sequence[Report]) -> str:
    """Return the reports as one flat stream; with several of them each name begins with the machine."""
    return "".join(line + "\n" for line in _lines(reports))


def _lines(reports: Sequence[Report]) -> Iterator[str]:
    every = [(f"{report.name}/" if len(reports) > 1 else "", point) for report in reports for point in points(report)]
    yield "TAP version 13"
    yield f"1..{len(every)}" if every else "1..0 # SKIP no test ran"
    for number, (prefix, point) in enumerate(every, 1):
        yield _point(number, prefix, point)
        yield from (f"# {line}" for line in point.lines)


def _point(number: int, prefix: str, point: Point) -> str:
    tag = TAGS.get(point.verdict, point.verdict.upper())
    directive = " ".join(word for word in (tag, point.reason) if word)
    return f"{point.ok} {number} - {prefix}{point.name}" + (f" # {directive}" if directive else "")
