"""What was read from a log: tests, flaws, boots. Plain values; the reader fills them and the rest looks at them."""

import zlib
from collections import deque
from dataclasses import dataclass, field

from lk.envelope import Envelope
from lk.log import printable

MAX_TESTS = 16384
MAX_DETAIL = 200
MAX_KEPT = 4 << 20
MAX_TEXT = 500
MAX_FP = 1000  # the kernel cuts each string of firmware, so that no word of it is lost here
MAX_FLAWS = 20
GAP = "missing_"
TURNS_KNOWN = ("fail", "error", "crash", "timeout")


@dataclass(frozen=True)
class Rule:
    """A rule of the oracle as the kernel lists it: how many golden rows show it, and which tests try it."""

    id: str
    rows: int
    tests: tuple[str, ...]
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a log as a whole is not a pass: the word for it and a sentence."""

    word: str
    text: str


@dataclass(slots=True)
class Test:
    """One test. `verdict` is empty while it runs; `seconds` is known only when this program saw it run.

    `known` are the titles of the known issues that it shows, or showed until now, and `was` its verdict in the log.
    """

    number: int
    id: str
    verdict: str = ""
    reason: str = ""
    detail: list[str] = field(default_factory=list)
    dropped: int = 0
    seconds: float | None = None
    known: tuple[str, ...] = ()
    was: str = ""

    @property
    def gap(self) -> bool:
        """Only its number is known: the plan promised it, and nothing of it was read."""
        return self.id.startswith(GAP)

    def add(self, text: str) -> None:
        """Keep a line of detail; past a limit only count it, because one bug has printed a gigabyte."""
        if len(self.detail) < MAX_DETAIL:
            self.detail.append(printable(text)[:MAX_TEXT])
        else:
            self.dropped += 1

    def lines(self) -> list[str]:
        """Return the reason and the detail, one string a line."""
        rest = [f"({self.dropped} more lines are in the log)"] if self.dropped else []
        return ([self.reason] if self.reason else []) + self.detail + rest


@dataclass(frozen=True, slots=True)
class End:
    """The END line. `counts` is its text as it stands in the CRC."""

    status: str
    nonce: str
    counts: str
    tally: dict[str, int]
    lines: int
    crc: int


@dataclass(eq=False)
class Boot:
    """One boot: from a BEGIN line to the next one, or to the end of the log.

    Where a boot goes on with the run of the one before, which had died, both are one: `starts` counts them.
    """

    number: int
    nonce: str
    build: str
    suite: str
    envelope: Envelope
    crc: int = 0
    starts: int = 1
    doubted: int = 0
    plan: int | None = None
    results: dict[int, Test] = field(default_factory=dict)
    torn: dict[int, str] = field(default_factory=dict)
    running: Test | None = None
    end: End | None = None
    flaws: list[Flaw] = field(default_factory=list)
    fp: str = ""
    refused: str = ""
    armed: str = ""
    listing: list[tuple[str, str]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    foreign: int = 0
    kept: int = 0
    _crc_before: int = 0

    def goes_on(self, later: "Boot") -> bool:
        """Say whether this boot's run is what a later boot goes on with."""
        return not self.end and bool(self.nonce) and later.number > 1 and (
            (self.nonce, self.build, self.suite) == (later.nonce, later.build, later.suite))

    def join(self, later: "Boot") -> None:
        """Go on with the next boot of the same run: what it prints belongs to this one."""
        due = self.number + self.starts
        if later.number != due:
            self.note("lost", f"boot {later.number} of the run follows boot {due - 1}")
        if self.running is None:
            self.note("crash", "the machine started again before the first test")
        self.starts = max(due, later.number) - self.number + 1
        self.envelope = later.envelope
        self.flaws += later.flaws
        self.doubted = self.running.number if self.running and self.running.number in self.results else 0

    def doubt(self, number: int) -> None:
        """Take the last result back where the next boot judges that test again: the machine died in it, or right behind it."""
        if number == self.doubted:
            del self.results[number]
            self.running.verdict = self.running.reason = ""
            self.crc = self._crc_before
        self.doubted = 0

    def keep(self, text: str) -> None:
        """Keep a line with the running test; past a limit only count it, because thousands of tests may print a lot."""
        test = self.running
        if test is None or test.verdict:
            return
        if self.kept < MAX_KEPT:
            test.add(text)
            self.kept += min(len(text), MAX_TEXT)
        else:
            test.dropped += 1

    def note(self, word: str, text: str) -> None:
        """Keep a flaw; past a limit the same kind of damage is not worth more memory."""
        if len(self.flaws) < MAX_FLAWS:
            self.flaws.append(Flaw(word, printable(text)[:MAX_TEXT]))

    def digest(self, text: str) -> None:
        """Add one line to the CRC; the lines are joined by LF."""
        self._crc_before = self.crc
        self.crc = zlib.crc32(b"\n" + text.encode("latin-1"), self.crc)

    def blame(self, word: str, reason: str) -> None:
        """The boot died: so did the test that was running, if any."""
        if self.running and not self.running.verdict:
            self.running.verdict, self.running.reason = word, reason

    def missing(self) -> list[int]:
        """Return the numbers that the plan promises and that have no result."""
        return [number for number in range(1, (self.plan or 0) + 1) if number not in self.results]


@dataclass
class Log:
    """Everything that was read from one process or one file; `begun` counts the runs that began in it."""

    boots: list[Boot] = field(default_factory=list)
    begun: int = 0
    stray: int = 0
    messages: list[str] = field(default_factory=list)
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=12))

    @property
    def boot(self) -> Boot | None:
        """The last boot, if any."""
        return self.boots[-1] if self.boots else None

    def blame(self, stopped: str = "") -> None:
        """Give the tests that were running their verdicts: where the machine started again, or nobody waited longer."""
        for boot in self.dead():
            boot.blame("crash", "the machine started again while this test ran")
        if stopped and self.boot and not self.boot.end:
            self.boot.blame("timeout", stopped)

    def dead(self) -> list[Boot]:
        """Return the boots after which the machine started again although they had not come to their END line."""
        return [boot for boot in self.boots[:-1] if boot.end is None]


class Listener:
    """Is told what happens while a log is read; this one does not care."""

    def begun(self, boot: Boot) -> None:
        """A plan was read."""

    def running(self, boot: Boot) -> None:
        """A test was announced."""

    def result(self, boot: Boot, test: Test) -> None:
        """A test has a verdict."""
