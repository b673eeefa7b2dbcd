"""What a console server writes around every line, and how to take it off.

`[   12.345] LATCHKEY-BEGIN ...`, `2026-11-20T10:00:00Z tty0: LATCHKEY-BEGIN ...`, a LAVA log's
`- {"dt": "...", "msg": "LATCHKEY-BEGIN ..."}`. The shape is learnt at BEGIN: digits and spaces may vary, the rest is
constant. Text that GRUB left in front of BEGIN looks the same, so a line that already reads as ours is never touched.
"""

import re

LONGEST = 120
_OURS = re.compile(r"(?:LATCHKEY-|TAP version |1\.\.|# |ok |not ok )")
_VARYING = re.compile(r"[0-9]+|\s+")


class Envelope:
    """The text before and after a line of the kernel."""

    def __init__(self, before: str, after: str) -> None:
        self.after = after
        usable = 0 < len(before) <= LONGEST
        self._shape = re.compile(_shape(before)) if usable else None

    def open(self, text: str) -> str:
        """Return the line without its envelope, or as it is when it has none."""
        if self._shape is None or _OURS.match(text):
            return text
        match = self._shape.match(text)
        if match is None or not text.endswith(self.after):
            return text
        return text[match.end():len(text) - len(self.after)]


def _shape(before: str) -> str:
    parts = []
    end = 0
    for match in _VARYING.finditer(before):
        parts.append(re.escape(before[end:match.start()]))
        parts.append("[0-9]+" if match.group()[0].isdigit() else r"\s*")
        end = match.end()
    return "".join(parts) + re.escape(before[end:])
