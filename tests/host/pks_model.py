"""A second oracle for the access rights of one access, to be compared with lib/pks/model.c.

It shares nothing with the C model, not even its shape: the manual's lists are tables here, a line of the table for a
line of the list, '-' where the list does not care. Sections "Determination of Access Rights", "Protection Keys" and
"Page-Fault Exceptions" of Intel SDM volume 3 (edition pinned in lib/pks/README.md).
"""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple


class Table:
    """Lines of conditions; the columns before "then" are what is asked, the last one is the answer."""

    def __init__(self, text: str, **values: str) -> None:
        header, *lines = [line.split() for line in text.strip().splitlines()]
        self.columns = header[:-1]
        self.values = [values.get(name, "01") for name in self.columns]
        self.lines = [(line[:-1], int(line[-1]) if line[-1].isdigit() else line[-1]) for line in lines]
        self.all = cache(self.matching)

    def matching(self, *question: str) -> list:
        """Return the answers of all lines whose conditions hold."""
        return [then for line, then in self.lines
                if all(want in ("-", have) for want, have in zip(line, question, strict=True))]

    def one(self, *question: str) -> str:
        """Return the answer of the only line whose conditions hold."""
        answer, = self.all(*question)
        return answer

    def questions(self) -> Iterator[tuple[str, ...]]:
        """Return every combination of values the columns can have."""
        return product(*self.values)


# "Determination of Access Rights". Who: Supervisor- or User-mode access; how: explicit or implicit. "key": data
# may be accessed "with a protection key for which read (write) access is permitted".
RIGHTS = Table("""
who op addr smap ac how wp rw smep nxe xd then
S   r  s    -    -  -   -  -  -    -   -  key
S   r  u    0    -  -   -  -  -    -   -  key
S   r  u    1    1  e   -  -  -    -   -  key
S   r  u    1    0  e   -  -  -    -   -  no
S   r  u    1    -  i   -  -  -    -   -  no
S   w  s    -    -  -   0  -  -    -   -  key
S   w  s    -    -  -   1  1  -    -   -  key
S   w  s    -    -  -   1  0  -    -   -  no
S   w  u    0    -  -   0  -  -    -   -  key
S   w  u    1    1  e   0  -  -    -   -  key
S   w  u    0    -  -   1  1  -    -   -  key
S   w  u    0    -  -   1  0  -    -   -  no
S   w  u    1    1  e   1  1  -    -   -  key
S   w  u    1    1  e   1  0  -    -   -  no
S   w  u    1    0  e   -  -  -    -   -  no
S   w  u    1    -  i   -  -  -    -   -  no
S   x  s    -    -  -   -  -  -    0   -  yes
S   x  s    -    -  -   -  -  -    1   0  yes
S   x  s    -    -  -   -  -  -    1   1  no
S   x  u    -    -  -   -  -  0    0   -  yes
S   x  u    -    -  -   -  -  0    1   0  yes
S   x  u    -    -  -   -  -  0    1   1  no
S   x  u    -    -  -   -  -  1    -   -  no
U   r  u    -    -  -   -  -  -    -   -  key
U   r  s    -    -  -   -  -  -    -   -  no
U   w  u    -    -  -   -  1  -    -   -  key
U   w  u    -    -  -   -  0  -    -   -  no
U   w  s    -    -  -   -  -  -    -   -  no
U   x  u    -    -  -   -  -  -    0   -  yes
U   x  u    -    -  -   -  -  -    1   0  yes
U   x  u    -    -  -   -  -  -    1   1  no
U   x  s    -    -  -   -  -  -    -   -  no
""", who="SU", op="rwx", addr="su", how="ei")

# "Protection Keys": the two bits of the page's key in PKRU (uad, uwd) and in IA32_PKRS (sad, swd).
KEYS = Table("""
op addr who wp pke uad uwd pks sad swd then
x  -    -   -  -   -   -   -   -   -   yes
r  u    -   -  0   -   -   -   -   -   yes
r  u    -   -  1   1   -   -   -   -   no
r  u    -   -  1   0   -   -   -   -   yes
w  u    -   -  0   -   -   -   -   -   yes
w  u    -   -  1   1   -   -   -   -   no
w  u    U   -  1   0   1   -   -   -   no
w  u    S   1  1   0   1   -   -   -   no
w  u    S   0  1   0   1   -   -   -   yes
w  u    -   -  1   0   0   -   -   -   yes
r  s    -   -  -   -   -   0   -   -   yes
r  s    -   -  -   -   -   1   1   -   no
r  s    -   -  -   -   -   1   0   -   yes
w  s    -   -  -   -   -   0   -   -   yes
w  s    -   -  -   -   -   1   1   -   no
w  s    -   1  -   -   -   1   0   1   no
w  s    -   0  -   -   -   1   0   1   yes
w  s    -   -  -   -   -   1   0   0   yes
""", op="rwx", addr="su", who="SU")

# "Page-Fault Exceptions": bits of the error code. end: a Complete walk, an Absent entry, one with a Reserved bit.
CODE = Table("""
end op who nxe smep key then
C   -  -   -   -    -   1
R   -  -   -   -    -   1
-   w  -   -   -    -   2
-   -  U   -   -    -   4
R   -  -   -   -    -   8
-   x  -   1   -    -   16
-   x  -   0   1    -   16
C   -  -   -   -    no  32
""", end="CAR", op="rwx", who="SU", key=("yes", "no"))

# What the manual leaves open about PK (point A1): user-mode access, supervisor-mode address, its key forbids.
A1_LINES = Table("""
op addr who pks sad swd then
r  s    U   1   1   -   open
w  s    U   1   1   -   open
w  s    U   1   0   1   open
""", op="rwx", addr="su", who="SU")

NO_FAULT = 63  # PK and I/D never come together, so no error code has this value
PK = 0x20
WITH_PK = sum(1 << fault for fault in range(PK, NO_FAULT))
A1, A2, A3, A4, A5, A6 = (1 << bit for bit in range(6))
US, RW, XD, SMEP, SMAP, KEY = (1 << bit for bit in range(6))
# A reason is one that denies with everything else out of the way. For U/S nothing else is left in force.
REASONS = {US: (), RW: ("wp", "rw"), XD: ("nxe", "xd"), SMEP: ("smep",), SMAP: ("smap", "ac", "how")}
IDLE = {"smap": "0", "ac": "0", "how": "e", "wp": "0", "rw": "1", "smep": "0", "nxe": "1", "xd": "0"}


class Controls(NamedTuple):
    """The switches as "0" or "1", the two registers as AD and WD of each key, and what may be stale."""

    wp: str
    nxe: str
    smep: str
    smap: str
    ac: str
    pke: str
    pks: str
    pkru: list[str]
    pkrs: list[str]
    cr4_stale: bool
    key_stale: bool
    old_key: int


class Entry(NamedTuple):
    present: bool
    writable: bool
    user: bool
    xd: bool
    reserved: bool
    key: int


class Access(NamedTuple):
    kind: str  # read, write, rmw, fetch, flush
    cpl: int
    implicit: bool
    locked: bool


class Walk(NamedTuple):
    end: str
    addr: str
    rw: str
    xd: str
    key: int


class Answer(NamedTuple):
    fault: int  # an error code, or NO_FAULT
    reasons: int
    legal: int = 0  # one bit for each outcome
    open: int = 0


def rights(register: int) -> list[str]:
    """Return the AD and WD bits of each key in PKRU or PKRS."""
    return [f"{register >> bit & 1}{register >> bit + 1 & 1}" for bit in range(0, 32, 2)]


def walk(entries: list[Entry], nxe: str) -> Walk:
    """Return what the entries of a walk, the leaf last, amount to."""
    bad = ["R" if entry.present else "A" for entry in entries
           if not entry.present or entry.reserved or (entry.xd and nxe == "0")]
    user, writable = all(entry.user for entry in entries), all(entry.writable for entry in entries)
    executable = not any(entry.xd for entry in entries)
    return Walk(bad[0] if bad else "C", "su"[user], "01"[writable], "10"[executable], entries[-1].key)


@cache
def denials(who: str, op: str, addr: str, *rest: str) -> int:
    """Return the reasons other than the key for which an access is denied."""
    now = dict(zip(RIGHTS.columns[3:], rest, strict=True))
    reasons = 0
    for reason, names in REASONS.items():
        alone = (IDLE | {name: now[name] for name in names}).values()
        reachable = "u" if who == "U" and reason != US else addr
        reasons |= reason if RIGHTS.one(who, op, reachable, *alone) == "no" else 0
    return reasons


def outcome(c: Controls, w: Walk, who: str, op: str, how: str, key: int | None) -> tuple[int, int, bool]:
    """Return error code, reasons, and whether A1 applies, of a read, a write or a fetch; without a key if None."""
    uad, uwd = c.pkru[key] if key is not None else "00"
    sad, swd = c.pkrs[key] if key is not None else "00"
    if w.end != "C":
        return sum(CODE.all(w.end, op, who, c.nxe, c.smep, "yes")), 0, False
    permitted = KEYS.one(op, w.addr, who, c.wp, c.pke, uad, uwd, c.pks, sad, swd)
    question = (who, op, w.addr, c.smap, c.ac, how, c.wp, w.rw, c.smep, c.nxe, w.xd)
    verdict = RIGHTS.one(*question)
    denied = verdict == "no" or (verdict == "key" and permitted == "no")
    code = sum(CODE.all(w.end, op, who, c.nxe, c.smep, permitted)) if denied else NO_FAULT
    reasons = denials(*question) | (KEY if permitted == "no" else 0)
    return code, reasons, bool(A1_LINES.all(op, w.addr, who, c.pks, sad, swd))


def readings(c: Controls, w: Walk, a: Access, key: int) -> Iterator[tuple[int, int, int]]:
    """Return what may happen under one key, the preferred reading first: outcome, reasons, points that allow it."""
    who, how = "SU"[a.cpl == 3 and not a.implicit], "ei"[a.implicit]
    ways = [({"read": "r", "flush": "r", "fetch": "x"}.get(a.kind, "w"), key, 0)]
    if a.kind == "rmw" and not a.locked:
        ways.append(("r", key, A3))
    if a.kind == "flush":
        ways.append(("r", None, A5))
    for op, asked, point in ways:
        fault, reasons, either = outcome(c, w, who, op, how, asked)
        if point == A3 and fault == NO_FAULT:
            continue
        yield fault, reasons, point
        if either:
            yield fault ^ PK, reasons, point | A1


def answer(c: Controls, w: Walk, a: Access) -> Answer:
    """Return what may happen, and what is preferred, with translations that may be stale."""
    found = list(readings(c, w, a, w.key))
    first, reasons, _ = found[0]
    legal = touched = 0
    if c.key_stale:
        found += [(fault, why, point | A6) for fault, why, point in readings(c, w, a, c.old_key)]
    for fault, _, point in found:
        if not legal >> fault & 1:
            legal, touched = legal | 1 << fault, touched | point
    if c.cr4_stale:
        before = c._replace(pke="10"[int(c.pke)], pks="10"[int(c.pks)])
        touched |= A2 if next(readings(before, w, a, w.key))[0] != first else 0
    return Answer(first, reasons, legal, touched | (A4 if legal & WITH_PK else 0))
