"""Test points: what TAP 13, TAP 14 and KTAP share. Green only where the verdict is."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lk.record import Test
from lk.report import Report

GREEN = ("pass", "skip", "known")


@dataclass(frozen=True)
class Point:
    """One result: `reason` explains every verdict but a pass, `lines` are details of one that is not good."""

    name: str
    verdict: str
    reason: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def ok(self) -> str:
        """The word a line of TAP begins with."""
        return "ok" if self.verdict in GREEN else "not ok"


def points(report: Report) -> Iterator[Point]:
    """Yield a point for each test, and one for each kind of damage: a damaged log of passes must not look green."""
    for test in report.tests:
        yield _of_test(test)
    for word in dict.fromkeys(flaw.word for flaw in report.flaws):
        yield Point(f"log_{word}", word, "", [flaw.text for flaw in report.flaws if flaw.word == word])


def _of_test(test: Test) -> Point:
    shown = test.verdict not in ("pass", "skip")
    return Point(test.id, test.verdict, test.reason if test.verdict != "pass" else "",
                 [line.removeprefix("# ") for line in test.detail] if shown else [])
