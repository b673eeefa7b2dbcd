"""What a serial line, a console server or a careless copy does to a log.

A damage is a name and three whole numbers, so that hypothesis can make it smaller.
"""

from collections.abc import Callable
from itertools import zip_longest

from recordings import ESSENTIAL, NOISE, RUNS


def _cut(data: bytes, place: int, size: int) -> tuple[bytes, bytes, bytes]:
    """Cut the data in three; small sizes are frequent, and so are whole lines."""
    start = place % (len(data) + 1)
    length = size % (9, 80, len(data) + 1)[size % 3]
    return data[:start], data[start:start + length], data[start + length:]


def _lines(data: bytes, place: int, edit: Callable[[list[bytes], int], list[bytes]]) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(edit(lines, place % len(lines))) if lines else data


def drop(data: bytes, place: int, size: int, other: int) -> bytes:
    head, _, tail = _cut(data, place, size)
    return head + tail


def flip(data: bytes, place: int, size: int, other: int) -> bytes:
    head, middle, tail = _cut(data, place, size)
    return head + bytes(byte ^ (other % 255 + 1) for byte in middle[:4]) + middle[4:] + tail


def aim(data: bytes, place: int, size: int, other: int) -> bytes:
    """Change one byte of a line that the verdict rests on."""
    found = list(ESSENTIAL.finditer(data))
    if not found:
        return data
    start, end = found[place % len(found)].span()
    return flip(data, start + size % (end - start), 1, other)


def duplicate(data: bytes, place: int, size: int, other: int) -> bytes:
    head, middle, tail = _cut(data, place, size)
    where = other % (len(tail) + 1)
    return head + middle + tail[:where] + middle + tail[where:]


def truncate(data: bytes, place: int, size: int, other: int) -> bytes:
    return data[:place % (len(data) + 1)]


def behead(data: bytes, place: int, size: int, other: int) -> bytes:
    return data[place % (len(data) + 1):]


def splice(data: bytes, place: int, size: int, other: int) -> bytes:
    more = RUNS[other % len(RUNS)].data
    return data[:place % (len(data) + 1)] + more[size % (len(more) + 1):]


def append(data: bytes, place: int, size: int, other: int) -> bytes:
    return data + RUNS[other % len(RUNS)].data


def interleave(data: bytes, place: int, size: int, other: int) -> bytes:
    more = RUNS[other % len(RUNS)].data
    if size % 2:
        mine, theirs = data.splitlines(keepends=True), more.splitlines(keepends=True)
    else:
        step = place % 97 + 1
        mine, theirs = ([text[start:start + step] for start in range(0, len(text), step)] for text in (data, more))
    return b"".join(piece for pair in zip_longest(mine, theirs, fillvalue=b"") for piece in pair)


def prefix(data: bytes, place: int, size: int, other: int) -> bytes:
    before = (b"[%8d.%03d] ", b"2026-11-20T10:%02d:%03dZ tty0: ", b"%d:%d| ", b'- {"dt": "%d.%d", "msg": "')[other % 4]
    after = b'"}' if other % 4 == 3 else b""
    return b"".join(before % (size + number, place % 1000) + line.rstrip(b"\r\n") + after + b"\r\n"
                    for number, line in enumerate(data.splitlines(keepends=True)))


def nul(data: bytes, place: int, size: int, other: int) -> bytes:
    if other % 2:
        return data.replace(b"\n", b"\n\0")
    head, middle, tail = _cut(data, place, size)
    return head + bytes(len(middle)) + tail


def encode(data: bytes, place: int, size: int, other: int) -> bytes:
    names = ("utf-8", "utf-16", "utf-16-be", "utf-32", "cp500", "utf-7")
    if other % 7 < len(names):
        return data.decode("latin-1").encode(names[other % 7])
    return bytes(byte | 128 * (byte.bit_count() & 1) for byte in data)  # even parity


def end_lines(data: bytes, place: int, size: int, other: int) -> bytes:
    return data.replace(b"\r\n", (b"\n", b"\r", b"\n\r", b"\r\r\n", b" \r\n", b"")[other % 6])


def lose_line(data: bytes, place: int, size: int, other: int) -> bytes:
    return _lines(data, place, lambda lines, number: lines[:number] + lines[number + 1:])


def repeat_line(data: bytes, place: int, size: int, other: int) -> bytes:
    return _lines(data, place, lambda lines, number: lines[:number] + lines[number:number + 1] + lines[number:])


def move_line(data: bytes, place: int, size: int, other: int) -> bytes:
    def edit(lines: list[bytes], number: int) -> list[bytes]:
        rest = lines[:number] + lines[number + 1:]
        where = other % (len(rest) + 1)
        return [*rest[:where], lines[number], *rest[where:]]
    return _lines(data, place, edit)


def noise(data: bytes, place: int, size: int, other: int) -> bytes:
    head, _, tail = _cut(data, place, 0)
    return head + _cut(NOISE[other % len(NOISE)], size, size + 2)[1] + tail


DAMAGES = {damage.__name__: damage for damage in (
    drop, flip, aim, duplicate, truncate, behead, splice, append, interleave, prefix, nul, encode, end_lines, lose_line,
    repeat_line, move_line, noise)}


def spoil_comments(data: bytes, hits: list[tuple[str, int, int, int]], ending: bytes) -> bytes:
    """Damage nothing but comments and empty lines, each within its own line; put lines of noise between the others."""
    lines = [line for line in data.splitlines()]
    for kind, place, size, other in hits:
        spare = [number for number, line in enumerate(lines) if not ESSENTIAL.fullmatch(line)]
        number = spare[place % len(spare)] if spare else 0
        if kind in ("lose", "repeat") and spare:
            lines[number:number + 1] = [] if kind == "lose" else 2 * [lines[number]]
        elif kind == "noise":
            lines.insert(place % (len(lines) + 1), b" ".join(noise(b"", 0, size, other).split()))
        elif kind in DAMAGES and spare:
            lines[number] = DAMAGES[kind](lines[number], size, size, other).replace(b"\r", b"").replace(b"\n", b"")
    return b"".join(line + ending for line in lines)


HARMLESS = ("lose", "repeat", "noise", "drop", "flip", "duplicate", "truncate", "nul")
