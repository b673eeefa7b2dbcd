"""What a red or known test says, in pieces: failure lines with their page walks, the rest as it came."""

import re
from dataclasses import dataclass, field

from lk import walk
from lk.record import Test
from lk.walk import Walk

_FAIL = re.compile(r"# (?:fail|error) (.*)")
_TIMES = re.compile(r"# (\d+) times (.*?); (?:smallest|only after others: first) case=(\S*)")
_CASE = re.compile(r"case=(\S+)")
_WANT = re.compile(r"^(.*?)\bwant (\S+) got (\S+?)([;,]? .*|[;,]?)$", re.S)
_FAULTS = re.compile(r"\bwant (#\S+\]|none) got (#\S+\]|none)")
_VARYING = re.compile(r"\b(?:0x)?[0-9a-f]{6,16}\b")


@dataclass
class Line:
    """One failure line. `want` and `got` are empty where it compares nothing; `rest` stands behind them."""

    text: str
    before: str = ""
    want: str = ""
    got: str = ""
    rest: str = ""
    axes: list[str] = field(default_factory=list)
    walk: Walk | None = None


@dataclass
class Signature:
    """Cases of the matrix that fail in the same way, and the smallest of them."""

    count: int
    text: str
    case: str


@dataclass
class Failure:
    """A test that did not pass, in pieces."""

    test: Test
    lines: list[Line] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def shape(self) -> tuple:
        """What two machines have to share so that their failures are told as one: all but addresses."""
        return (self.test.id, self.test.verdict, self.test.was,
                tuple(_VARYING.sub("", line.text) for line in self.lines),
                tuple((one.text, one.case) for one in self.signatures))

    @property
    def kind(self) -> frozenset:
        """What came instead of what: tests of which this is equal most likely fail for one reason."""
        return faults(self.test) or frozenset([self.shape])

    @property
    def headline(self) -> str:
        """The first thing it says."""
        if self.lines:
            return self.lines[0].text
        return self.test.reason or next((line.removeprefix("# ") for line in self.test.detail), "")

    @property
    def told(self) -> list[Line]:
        """The lines worth telling at length: the first, and those with a page walk."""
        return [line for number, line in enumerate(self.lines) if not number or line.walk]

    @property
    def rest(self) -> list[str]:
        """Everything else, as it came."""
        lines = [line.text for number, line in enumerate(self.lines) if number and not line.walk] + self.other
        return lines + ([f"({self.test.dropped} more lines are in the log)"] if self.test.dropped else [])

    @property
    def words(self) -> str:
        """Words for the kernel's line that repeat it: one case where the matrix names one, the whole test otherwise."""
        case = next((one.case for one in self.signatures if one.case), "")
        if not case and self.lines and (match := _CASE.match(self.lines[0].text)):
            case = match[1]
        return f"case={case}" if case else f"tests={self.test.id}"


def read(test: Test) -> Failure:
    """Take the lines of a test apart."""
    failure = Failure(test)
    for text in test.detail:
        _add(failure, text)
    return failure


def faults(test: Test) -> frozenset[tuple[str, str]]:
    """Return every pair of a fault that was wanted and what came instead."""
    return frozenset(match.groups() for line in test.detail for match in _FAULTS.finditer(line))


def _add(failure: Failure, text: str) -> None:
    last = failure.lines[-1] if failure.lines else None
    if match := _TIMES.match(text):
        failure.signatures.append(Signature(int(match[1]), match[2], match[3]))
    elif match := _FAIL.match(text):
        failure.lines.append(_line(match[1]))
    elif last and last.walk and walk.go_on(last.walk, text):
        return
    elif last and last.walk is None and (begun := walk.begin(text)):
        last.walk = begun
    elif last and text.startswith("#   ") and "=" in text and not last.axes:
        last.axes = text.removeprefix("#").split()
    elif not text.startswith("# @ "):
        failure.other.append(text.removeprefix("# "))


def _line(text: str) -> Line:
    match = _WANT.match(text)
    return Line(text, *match.groups()) if match else Line(text)
