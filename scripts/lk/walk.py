"""The page walk that the kernel prints with a failure, decoded again from the raw entries.

"4-Level Paging and 5-Level Paging": P is bit 0, R/W 1, U/S 2, A 5, D 6, PS 7 (of an entry above the lowest), G 8,
the key bits 62:59, XD 63. The kernel's own words stand beside them in the log.
"""

import re
from dataclasses import dataclass, field

_WALK = re.compile(r"walk of (0x[0-9a-f]+), ([45]) levels$")
_LEVEL = re.compile(r"level ([1-5]) \[ *(\d+)\] ([0-9a-f]{16}) .*-> (page|table) (0x[0-9a-f]+)$")
FLAGS = ("P", "W", "U", "A", "D", "PS", "G", "XD")
_BITS = {"P": 0, "W": 1, "U": 2, "A": 5, "D": 6, "PS": 7, "G": 8, "XD": 63}


@dataclass(frozen=True)
class Entry:
    """One entry of the walk."""

    level: int
    index: int
    raw: int
    target: str
    leaf: bool

    def has(self, flag: str) -> bool:
        """Is the flag set? Bit 7 of the lowest level is no PS but part of the memory type."""
        return bool(self.raw >> _BITS[flag] & 1) and (flag != "PS" or self.level > 1)

    @property
    def key(self) -> int:
        """Bits 62:59."""
        return self.raw >> 59 & 15


@dataclass
class Walk:
    """The entries from the top down, and a line where a table could not be read."""

    address: str
    levels: int
    entries: list[Entry] = field(default_factory=list)
    broken: str = ""

    @property
    def sentence(self) -> str:
        """What the entries say together: "Determination of Access Rights"."""
        if not self.entries or self.broken:
            return ""
        last = self.entries[-1]
        if not last.has("P"):
            return f"no translation: the entry of level {last.level} is not present"
        if not last.leaf:
            return ""
        mode = "user-mode" if all(entry.has("U") for entry in self.entries) else "supervisor-mode"
        write = "writable" if all(entry.has("W") for entry in self.entries) else "read-only"
        fetch = "not executable" if any(entry.has("XD") for entry in self.entries) else "executable"
        return f"{mode} address, {write}, {fetch}, key {last.key}"


def begin(text: str) -> Walk | None:
    """Return a walk where this line begins one."""
    match = _WALK.search(text)
    return Walk(match[1], int(match[2])) if match else None


def go_on(walk: Walk, text: str) -> bool:
    """Add a line to the walk; return whether it belongs there."""
    if match := _LEVEL.search(text):
        walk.entries.append(Entry(int(match[1]), int(match[2]), int(match[3], 16), match[5], match[4] == "page"))
        return True
    if re.search(r"level [1-5]: the table at .* cannot be read$", text):
        walk.broken = text.strip()
        return True
    return False
