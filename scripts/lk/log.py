"""Bytes of a serial console to lines of text.

A console carries more than our lines: firmware menus drawn with escape sequences, code page 437 boxes, NULs from
serial over LAN, LF CR from GRUB, CR CR LF from terminal servers. This file removes what is not text and cuts lines;
it knows nothing of the protocol. It keeps at most LIMIT bytes of a line that does not end.
"""

import re
from dataclasses import dataclass

LIMIT = 32768
CUT = "[cut] "

_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_c]")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty. `whole` is false when the log ends before the line does."""

    number: int
    text: str
    whole: bool = True


class LineReader:
    """Cuts a stream of bytes into lines; CR, LF, CR LF, LF CR and CR CR LF all end one."""

    def __init__(self) -> None:
        self._rest = b""
        self._cut = False
        self._number = 1

    def feed(self, data: bytes) -> list[Line]:
        """Return the lines that these bytes complete."""
        pieces = (self._rest + data.replace(b"\0", b"")).splitlines(keepends=True)
        # A CR at the very end may be half of a CR LF, so only an LF completes the last piece.
        self._rest = pieces.pop() if pieces and not pieces[-1].endswith(b"\n") else b""
        lines = [line for piece in pieces if (line := self._line(piece))]
        if len(self._rest) > LIMIT:
            self._rest = self._rest[-LIMIT:]
            self._cut = True
        return lines

    def finish(self) -> list[Line]:
        """Return what is left at the end of the log.

        A bare CR ends the last line only where no line ended with LF: otherwise the LF was cut off.
        """
        whole = self._rest.endswith(b"\r") and self._number == 1
        line = self._line(self._rest, whole)
        self._rest = b""
        return [line] if line else []

    def _line(self, piece: bytes, whole: bool = True) -> Line | None:
        number = self._number
        self._number += piece.endswith(b"\n")
        text = _ESCAPE.sub("", piece.rstrip(b"\r\n").decode("latin-1"))
        if self._cut:
            text = CUT + text
            self._cut = False
        return Line(number, text, whole) if text else None


def printable(text: str) -> str:
    """Return the text with everything but printable ASCII replaced by `?`, fit for a terminal, TAP and XML."""
    return _UNPRINTABLE.sub("?", text.replace("\t", " "))
