"""Lines of the serial protocol to boots and tests.

Reads a stream and keeps going whatever comes: what contradicts the protocol becomes a flaw of the boot, what does not
belong to it is counted as foreign. It never guesses: a line that is only nearly a result is damage, not a result.
"""

import re
import zlib

from lk.envelope import Envelope
from lk.log import Line, LineReader, printable
from lk.record import Boot, End, Flaw, Listener, Log, MAX_FP, MAX_TESTS, MAX_TEXT, Rule, Test

WORD = "LATCHKEY-"
BEGIN_WORD = WORD + "BEGIN"
MAX_BOOTS = 8
MAX_MESSAGES = 8
MAX_TORN = 64

_BEGIN = re.compile(
    BEGIN_WORD + r" v1 boot=([1-9]\d{0,5}) run=([0-9a-f]{16}) build=([0-9a-f]{12}) suite=([0-9a-f]{8})(?![0-9A-Za-z])")
_PLAN = re.compile(r"(1\.\.(0|[1-9]\d{0,8}))(?: # SKIP.*)?", re.ASCII)
_RUN = re.compile(r"# RUN ([1-9]\d{0,8}) ([a-z0-9_]{1,64})", re.ASCII)
_RESULT = re.compile(r"(?:(ok)|not ok) ([1-9]\d{0,8}) - ([a-z0-9_]{1,64})(?: # (SKIP|ERROR)(?: (.*))?)?", re.ASCII)
_NEARLY_RESULT = re.compile(r"(?:not )?ok\b\s*(\d{1,9})?|.*?\b(?:not )?ok (\d{1,9}) - ", re.ASCII)
_END = re.compile(
    r"LATCHKEY-END status=(pass|fail|skip|error) run=([0-9a-f]{16}) "
    r"(pass=(\d{1,9}) fail=(\d{1,9}) skip=(\d{1,9}) error=(\d{1,9})) lines=(\d{1,9}) crc=([0-9a-f]{8})", re.ASCII)
_LIST = re.compile(r"id=([a-z0-9_]{1,64}) about=(.*)")
_RULE = re.compile(r'id=([a-z0-9_]{1,64}) rows=(\d{1,6}) tests=([a-z0-9_*?,]*) title="([^"]*)" about=(.*)')
_KERNEL_DEATH = re.compile(r"(timeout|crash)\b")


class Parser:
    """Feed it bytes; it fills `log` and tells the listener."""

    def __init__(self, listener: Listener | None = None) -> None:
        self.log = Log()
        self._lines = LineReader()
        self._listener = listener or Listener()
        self._now: float | None = None
        self._started: float | None = None

    def feed(self, data: bytes, now: float | None = None) -> None:
        """Read some bytes. `now` is the time they arrived, where that says how long a test took."""
        self._now = now
        for line in self._lines.feed(data):
            self._line(line)

    def finish(self) -> Log:
        """Read what has no line end and return the log."""
        for line in self._lines.finish():
            self._line(line)
        return self.log

    def _line(self, line: Line) -> None:
        self.log.tail.append(printable(line.text)[:MAX_TEXT])
        if line.whole and BEGIN_WORD in line.text:
            self._begin(line)
        elif (boot := self.log.boot) is None:
            self._outside(line)
        else:
            self._inside(boot, line, boot.envelope.open(line.text))

    def _begin(self, line: Line) -> None:
        match = _BEGIN.search(line.text)
        if match:
            before, after = line.text[:match.start()], line.text[match.end():]
            boot = Boot(int(match[1]), match[2], match[3], match[4], Envelope(before, after))
            readable = not after or bool(before)
        else:
            boot = Boot(1, "", "", "", Envelope("", ""))
            readable = False
        if not readable:
            boot.note("damaged", f"line {line.number} is not a BEGIN line of version 1: {line.text}")
        boot.crc = zlib.crc32(boot.nonce.encode())
        if self.log.boot and self.log.boot.goes_on(boot):
            self.log.boot.join(boot)
            return
        self.log.begun += 1
        del self.log.boots[MAX_BOOTS - 1:]
        self.log.boots.append(boot)

    def _outside(self, line: Line) -> None:
        text = line.text
        if text.startswith("latchkey: ") and len(self.log.messages) < MAX_MESSAGES:
            self.log.messages.append(printable(text)[:MAX_TEXT])
        if line.whole and (WORD in text or _RESULT.fullmatch(text) or _RUN.fullmatch(text)):
            self.log.stray += 1

    def _inside(self, boot: Boot, line: Line, text: str) -> None:
        if text.startswith("#"):
            self._comment(boot, line, text)
        elif not line.whole:
            self._unfinished(boot, text)
        elif WORD in text:
            self._end(boot, line, text)
        elif match := _RESULT.fullmatch(text):
            self._result(boot, line, match)
        elif text.startswith("1..") and (match := _PLAN.fullmatch(text)):
            self._plan(boot, line, match)
        elif match := _NEARLY_RESULT.match(text):
            self._torn(boot, line, int(match[1] or match[2] or 0))
        else:
            self._foreign(boot, text)

    def _comment(self, boot: Boot, line: Line, text: str) -> None:
        if boot.end:
            return
        if line.whole and (match := _RUN.fullmatch(text)):
            boot.running = Test(int(match[1]), match[2])
            self._started = self._now
            self._listener.running(boot)
            return
        if not text.startswith("# @ ") or self._data(boot, text[4:]):
            boot.keep(text)

    def _data(self, boot: Boot, text: str) -> bool:
        """Read a `# @` line; return whether it is worth keeping with the test."""
        key, _, rest = text.partition(" ")
        if key == "fp":
            boot.fp = boot.fp or printable(rest)[:MAX_FP]
        elif key == "refused":
            boot.refused = boot.refused or printable(rest)[:MAX_TEXT]
        elif key == "list" and (match := _LIST.fullmatch(rest)):
            if len(boot.listing) < MAX_TESTS:
                boot.listing.append((match[1], printable(match[2])[:MAX_TEXT]))
        elif key == "rule" and (match := _RULE.fullmatch(rest)):
            if len(boot.rules) < MAX_TESTS:
                boot.rules.append(Rule(match[1], int(match[2]), tuple(match[3].split(",")), printable(match[4]),
                                       printable(match[5])[:MAX_TEXT]))
        elif text == "death armed" and boot.running:
            boot.armed = boot.running.id
        return key not in ("fp", "refused", "list", "rule", "alive")

    def _plan(self, boot: Boot, line: Line, match: re.Match) -> None:
        count = int(match[2])
        if boot.plan is not None or boot.results or boot.end or count > MAX_TESTS:
            boot.note("damaged", f"line {line.number} is a plan that cannot be: {line.text}")
            return
        boot.plan = count
        boot.digest(match[1])
        self._listener.begun(boot)

    def _result(self, boot: Boot, line: Line, match: re.Match) -> None:
        boot.doubt(int(match[2]))
        test = self._test(boot, match)
        problem = _misplaced(boot, test, bool(match[1]), match[4])
        boot.digest(match[0])
        if problem:
            boot.note("damaged", f"line {line.number} {problem}: {line.text}")
        if test.number in boot.results or len(boot.results) >= MAX_TESTS or boot.end:
            return
        boot.results[test.number] = test
        self._listener.result(boot, test)

    def _test(self, boot: Boot, match: re.Match) -> Test:
        """Return the test a result line is for: the announced one, or a new one where the announcement was lost."""
        number, name, running = int(match[2]), match[3], boot.running
        announced = running and not running.verdict and (running.number, running.id) == (number, name)
        test = running if announced else Test(number, name)
        test.verdict = _verdict(match)
        test.reason = printable(match[5] or "")[:MAX_TEXT]
        if announced and self._now is not None and self._started is not None:
            test.seconds = self._now - self._started
        return test

    def _torn(self, boot: Boot, line: Line, number: int) -> None:
        boot.foreign += 1
        if len(boot.torn) < MAX_TORN and not boot.end:
            boot.torn[number] = f"line {line.number} is only nearly a result: {printable(line.text)[:MAX_TEXT]}"

    def _end(self, boot: Boot, line: Line, text: str) -> None:
        match = _END.fullmatch(text)
        if match is None or boot.end:
            boot.note("damaged", f"line {line.number} is not the END line that was due: {line.text}")
            return
        tally = dict(zip(("pass", "fail", "skip", "error"), map(int, match.group(4, 5, 6, 7))))
        boot.end = End(match[1], match[2], match[3], tally, int(match[8]), int(match[9], 16))
        boot.digest(match[3])

    def _unfinished(self, boot: Boot, text: str) -> None:
        if text.startswith("LATCHKEY-END") and not boot.end:
            boot.flaws.append(Flaw("incomplete", "the log ends inside the END line: no line end follows it"))
        else:
            self._foreign(boot, text)

    def _foreign(self, boot: Boot, text: str) -> None:
        if text.startswith("TAP version ") or boot.end:
            return
        boot.foreign += 1
        boot.keep(text)


def _verdict(match: re.Match) -> str:
    if match[1]:
        return "skip" if match[4] == "SKIP" else "pass"
    if match[4] != "ERROR":
        return "fail"
    death = _KERNEL_DEATH.match(match[5] or "")
    return death[1] if death else "error"


def _misplaced(boot: Boot, test: Test, good: bool, directive: str | None) -> str:
    """Say what is wrong with the place or the form of a result line; empty when nothing is."""
    if boot.end:
        return "is a result after END"
    if test.number in boot.results:
        return "repeats a result"
    if boot.plan is not None and test.number > boot.plan:
        return f"is beyond the plan 1..{boot.plan}"
    if boot.results and test.number < next(reversed(boot.results)):
        return "is out of order"
    if directive == ("ERROR" if good else "SKIP"):
        return "contradicts itself"
    return ""
