"""However much a machine prints, the parser takes the same memory: one bug has printed 1.31 GB.

The tool reads from a pipe, as it would from a serial line, and the kernel of this computer says how much memory it has
had at most when all is written. A short log is the measure.
"""

import re
import subprocess
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest
import stub
from conftest import PYTHON, SCRIPTS

MIB = 1 << 20
ALLOWED_MIB = 16
FAIL = stub.log({"a": "fail"})
FAILURE = b"# fail want #PF[K--sWP] got none; AD: write8 4k half=low key=5 ad=1 wd=0 pkrs=55555554".ljust(254) + b"\r\n"
HEAD, TAIL = FAIL[:FAIL.index(b"not ok")], FAIL[FAIL.index(b"not ok"):]


def peak(data: Iterator[bytes]) -> tuple[float, int, str]:
    """Return the most memory the tool had, in MiB, its exit status, and the summary."""
    tool = subprocess.Popen([PYTHON, SCRIPTS / "latchkey", "parse", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for piece in data:
        tool.stdin.write(piece)
    tool.stdin.flush()
    # Not getrusage(): its maximum goes back to before exec, when the process was a copy of this one.
    most = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{tool.pid}/status").read_text())
    out, _ = tool.communicate(timeout=120)
    return int(most[1]) / 1024, tool.returncode, out.decode()


def numbered(pattern: bytes, count: int) -> Iterator[bytes]:
    """Yield lines with running numbers, some thousand at a time."""
    for start in range(1, count + 1, 4096):
        yield b"".join(pattern % {b"n": number} for number in range(start, start + 4096))


@pytest.fixture(scope="module")
def least() -> float:
    return peak(repeat(FAIL, 3000))[0]


@pytest.mark.parametrize("name, data, word", [
    ("300 MiB of failures", chain([HEAD], repeat(FAILURE * 4096, 300), [TAIL]), "FAIL"),
    ("500 MiB without a line end", chain([HEAD], repeat(b"x" * MIB, 500), [b"\r\n", TAIL]), "FAIL"),
    ("results without end", chain([HEAD], numbered(b"not ok %(n)d - t_%(n)d\r\n", 1 << 18)), "DAMAGED"),
    ("starts without end", chain([HEAD], numbered(stub.BEGIN.encode() + b"\r\n# RUN %(n)d t\r\n", 1 << 17)), "LOOP"),
    ("many tests that say much", chain([HEAD], numbered(
        b"# RUN %(n)d t_%(n)d\r\n" + 20 * (b"# " + b"y" * 400 + b"\r\n") + b"not ok %(n)d - t_%(n)d\r\n", 1 << 13)),
     "DAMAGED"),
    ("lists without end", chain([HEAD], numbered(b"# @ list id=t_%(n)d about=" + b"z" * 60 + b"\r\n", 1 << 17)),
     "INCOMPLETE"),
], ids=lambda value: value.replace(" ", "_") if isinstance(value, str) else "")
def test_memory_is_bounded(least: float, name: str, data: Iterator[bytes], word: str) -> None:
    most, status, text = peak(data)
    assert word in text and status in (1, 3), text[:2000]
    assert most < least + ALLOWED_MIB, f"{name}: {most:.0f} MiB, one line took {least:.0f} MiB"
