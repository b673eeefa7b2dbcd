"""TAP 13 that prove and tappy read and that is green only where the verdict is."""

from collections.abc import Iterator

from lk.record import Test
from lk.report import Report

GREEN = ("pass", "skip")
# A word behind # that TAP does not know is part of the description; SKIP and XFAIL stay what they are elsewhere.
TAGS = {"skip": "SKIP", "known": "XFAIL", "fail": ""}


def encode(report: Report) -> str:
    """Return the report as one flat TAP 13 stream."""
    return "".join(line + "\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    extra = _extra(report)
    points = len(report.tests) + len(extra)
    yield "TAP version 13"
    yield f"1..{points}" if points else "1..0 # SKIP no test ran"
    for number, test in enumerate([*report.tests, *extra], 1):
        yield _point(number, test)
        if test.verdict not in GREEN:
            yield from (f"# {line.removeprefix('# ')}" for line in test.detail)


def _extra(report: Report) -> list[Test]:
    """Return a point for each kind of damage, so that a damaged log of passes does not look green."""
    words = dict.fromkeys(flaw.word for flaw in report.flaws)
    return [Test(0, f"log_{word}", word, "", [flaw.text for flaw in report.flaws if flaw.word == word])
            for word in words]


def _point(number: int, test: Test) -> str:
    good = "ok" if test.verdict in (*GREEN, "known") else "not ok"
    tag = TAGS.get(test.verdict, test.verdict.upper())
    directive = " ".join(word for word in (tag, test.reason) if word)
    bare = test.verdict == "pass" or not directive
    return f"{good} {number} - {test.id}" + ("" if bare else f" # {directive}")
