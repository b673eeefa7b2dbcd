"""A serial line while a machine talks: read until its END line, until it falls silent, or until it cannot end any more.

The line is what python3-serial opens: a device such as /dev/ttyUSB0, or socket:// or rfc2217:// of a console server.
"""

import contextlib
import time
from dataclasses import dataclass
from typing import BinaryIO

from lk.audit import MAX_RESTARTS
from lk.problem import Problem, require_modules
from lk.protocol import Parser
from lk.record import Listener, Log

CHUNK = 4096
POLL_S = 0.1
# What a console still sends behind the END line belongs to the log: a second END is damage.
AFTER_END_S = 1.0
AFTER_END_MOST_S = 5


@dataclass(frozen=True)
class Line:
    """Where to read, and how long: seconds of silence once the kernel has begun, seconds in all (0: no limit)."""

    device: str
    baud: int
    quiet: float
    whole: float = 0


def read(line: Line, listener: Listener, save: BinaryIO | None = None) -> tuple[Log, str]:
    """Return the log, and why nobody waited any longer; empty where the log came to its end.

    Ctrl-C ends the reading too. Raises Problem when the line cannot be opened.
    """
    parser = Parser(listener)
    stopped = ""
    with _open(line) as port, contextlib.suppress(KeyboardInterrupt):
        stopped = follow(port, line, parser, save)
    return parser.finish(), stopped


def _open(line: Line):
    require_modules({"serial": "python3-serial"})
    import serial
    try:
        return serial.serial_for_url(line.device, baudrate=line.baud, timeout=POLL_S)
    except (OSError, ValueError) as error:
        text = getattr(error, "strerror", None) or str(error)
        raise Problem(f"cannot open {line.device} at {line.baud} baud: {text}") from None


def follow(port, line: Line, parser: Parser, save: BinaryIO | None = None) -> str:
    """Feed the parser from something that reads as a serial port does; return why nobody waited any longer."""
    started = heard = time.monotonic()
    ended = 0.0
    while True:
        try:
            # Only what is there: a device that goes away while read() waits for more takes the bytes with it.
            data = port.read(max(1, min(CHUNK, port.in_waiting)))
        except OSError:
            return ""
        now = time.monotonic()
        if data:
            heard = now
            parser.feed(data, now)
            if save:
                save.write(data)
        log = parser.log
        if log.boot and log.boot.end:
            ended = ended or now
            if now >= min(heard + AFTER_END_S, ended + AFTER_END_MOST_S):
                return ""
        elif len(log.dead()) > MAX_RESTARTS:
            return ""
        elif log.boot and now >= heard + line.quiet:
            return f"the machine printed nothing for {line.quiet:g} s"
        if line.whole and now >= started + line.whole:
            return f"the machine had not ended after {line.whole:g} s"
