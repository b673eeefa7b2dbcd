"""What stands on a screen: a picture of QEMU's display, and the letters in it by the kernel's own font."""

import re
from dataclasses import dataclass
from pathlib import Path

from conftest import TOP

WIDTH, HEIGHT = 8, 13  # of a letter of lib/font.c
CAPITAL = 9  # rows that a capital letter fills
WORDS = ("PASS", "FAIL", "SKIP", "ERROR")

Glyph = tuple[int, ...]


def font() -> dict[Glyph, str]:
    """The letters by their rows, as lib/font.c has them."""
    rows = re.findall(r"^    \{((?:0x[0-9a-f]{2}(?:, )?)+)\}", (TOP / "lib/font.c").read_text(), re.M)
    assert len(rows) == 95
    return {tuple(int(byte, 16) for byte in row.split(", ")): chr(32 + i) for i, row in enumerate(rows)}


FONT = font()


@dataclass
class Picture:
    """Rows of bytes, one for each pixel: 1 where it is light."""

    rows: list[bytes]

    def width(self) -> int:
        """Pixels in a row."""
        return len(self.rows[0])

    def letter(self, x: int, y: int, across: int, down: int) -> str | None:
        """The letter whose upper left corner stands there, each of its pixels across x down pixels of ours."""
        glyph = []
        for line in range(HEIGHT):
            rows = self.rows[y + line * down:y + (line + 1) * down]
            bits = 0
            for column in range(WIDTH):
                part = {row[x + column * across:x + (column + 1) * across] for row in rows}
                if part == {b"\1" * across}:
                    bits |= 0x80 >> column
                elif part != {b"\0" * across}:
                    return None
            glyph.append(bits)
        return FONT.get(tuple(glyph))

    def text(self, scale: int) -> list[str]:
        """The lines of text, '?' where there is no letter."""
        columns, rows = self.width() // (WIDTH * scale), len(self.rows) // (HEIGHT * scale)
        return ["".join(self.letter(column * WIDTH * scale, row * HEIGHT * scale, scale, scale) or "?"
                        for column in range(columns)).rstrip() for row in range(rows)]

    def verdict(self) -> str | None:
        """The word in the lowest rows that hold any light, whatever its size and place."""
        light = [y for y, row in enumerate(self.rows) if 1 in row]
        if not light:
            return None
        bottom = top = light[-1]
        while top - 1 in light[-HEIGHT * 200:] and top:
            top -= 1
        down, rest = divmod(bottom - top + 1, CAPITAL)
        left = min(row.index(1) for row in self.rows[top:bottom + 1] if 1 in row)
        return None if rest else self.word(left, top, down)

    def word(self, left: int, top: int, down: int) -> str | None:
        """The word of which the leftmost and topmost light are known, in letters of any width."""
        for across in range(down, 2 * down + 4):
            for margin in range(WIDTH):
                for above in range(HEIGHT - CAPITAL + 1):
                    x, y = left - margin * across, top - above * down
                    if x < 0 or y < 0 or y + HEIGHT * down > len(self.rows):
                        continue
                    count = (self.width() - x) // (WIDTH * across)
                    word = "".join(self.letter(x + i * WIDTH * across, y, across, down) or "?" for i in range(count))
                    if word.strip() in WORDS:
                        return word.strip()
        return None


def read_ppm(path: Path) -> Picture:
    """A binary portable pixmap, as screendump writes it."""
    match = re.match(rb"P6\n(\d+) (\d+)\n255\n", path.read_bytes()[:64])
    assert match, "no portable pixmap"
    width, height = int(match[1]), int(match[2])
    light = path.read_bytes()[match.end():][1::3].translate(bytes(i > 127 for i in range(256)))
    assert len(light) == width * height
    return Picture([light[y * width:(y + 1) * width] for y in range(height)])
