"""Data lines of the kernel: `# @ bench ...` and `# @ heat ...`, key=value after the first word."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lk.record import Test

KEYS = 16
RIGHTS = ("rw", "ad", "wd", "adwd")
ACCESSES = ("read", "write", "rmw", "locked", "fetch")
_BENCH = ("name", "unit", "min", "med", "p99", "n")


@dataclass(frozen=True)
class Cost:
    """One thing that was measured by a test, under its paging mode and on one processor; the numbers as the kernel wrote them."""

    test: str
    name: str
    unit: str
    min: str
    med: str
    p99: str
    n: str
    cpu: str = "0"


@dataclass
class Cell:
    """Cases of the matrix with one key, rights and access."""

    checked: int = 0
    failed: int = 0


@dataclass
class Heat:
    """The matrix by access, rights and key."""

    rows: dict[tuple[str, str], list[Cell]] = field(default_factory=dict)

    @property
    def checked(self) -> int:
        """All cases."""
        return sum(cell.checked for row in self.rows.values() for cell in row)

    @property
    def failed(self) -> int:
        """The wrong ones of them."""
        return sum(cell.failed for row in self.rows.values() for cell in row)


def costs(tests: Iterable[Test]) -> list[Cost]:
    """Return what the tests measured, in their order; a line without all its keys is no measurement."""
    return [Cost(test.id, **{key: words[key] for key in (*_BENCH, "cpu") if key in words}) for test, words in _lines(tests, "bench")
            if all(key in words for key in _BENCH)]


def cost_notes(tests: Iterable[Test]) -> list[str]:
    """Return what the kernel says about its measurements, each sentence once."""
    lines = (line.removeprefix("# @ bench ") for test in tests for line in test.detail if line.startswith("# @ bench "))
    return list(dict.fromkeys(line for line in lines if "=" not in line))


def heat(tests: Iterable[Test]) -> Heat:
    """Return the sums over all lines: both paging modes, and every part of a matrix that was run in parts."""
    total = Heat()
    for _, words in _lines(tests, "heat"):
        place = (words.get("access", ""), words.get("rights", ""))
        numbers = [_numbers(words.get(key, "")) for key in ("checked", "failed")]
        if place[0] not in ACCESSES or place[1] not in RIGHTS or any(len(row) != KEYS for row in numbers):
            continue
        row = total.rows.setdefault(place, [Cell() for _ in range(KEYS)])
        for cell, checked, failed in zip(row, *numbers):
            cell.checked += checked
            cell.failed += failed
    return total


def words_of(text: str) -> dict[str, str]:
    """Split `a=1 b=2`; a word without = has no value."""
    return dict(word.partition("=")[::2] for word in text.split())


def lasting(fp: str) -> dict[str, str]:
    """Return the words of a fingerprint without the one that was measured anew in each boot."""
    return {key: value for key, value in words_of(fp).items() if key != "tsc_khz"}


def _lines(tests: Iterable[Test], kind: str) -> Iterator[tuple[Test, dict[str, str]]]:
    for test in tests:
        for line in test.detail:
            if line.startswith(f"# @ {kind} "):
                yield test, words_of(line.removeprefix(f"# @ {kind} "))


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",") if number.isascii() and number.isdigit()]
