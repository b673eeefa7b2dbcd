"""One part of the full matrix, run somewhere: `shard.json` says which part it is and what became of it.

It holds the plain truth of its boots. Known issues wait for all parts together, because a part need not show them.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from lk.envelope import Envelope
from lk.problem import Problem
from lk.record import Boot, End, Flaw, Test
from lk.report import Report
from lk.selection import check_words

FILE = "shard.json"
TESTS = "matrix_*"
MOST = 1000000  # the kernel's own limit
_WORD = re.compile(r"([1-9]\d{0,6})/([1-9]\d{0,6})")
_BOOT = ("number", "nonce", "build", "suite", "plan", "fp")


@dataclass(frozen=True)
class Shard:
    """Part `index` of `count`, from 1."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @property
    def folder(self) -> str:
        """The name of the folder with its logs."""
        return f"shard-{self.index}-of-{self.count}"

    @property
    def words(self) -> str:
        """What it adds to the kernel command line."""
        return f"matrix=full shard={self}"


@dataclass(frozen=True)
class Part:
    """A shard that was run: with which tests and words, and its report."""

    shard: Shard
    tests: str
    line: str
    report: Report


def parse(text: str) -> Shard:
    """Read I/N; raise Problem for anything else."""
    match = _WORD.fullmatch(text)
    if not match or not int(match[1]) <= int(match[2]) <= MOST:
        raise Problem(f"--shard {text}: want I/N with 1 <= I <= N <= {MOST}")
    return Shard(int(match[1]), int(match[2]))


def check_line(line: str) -> None:
    """Raise Problem where the user's words fight with those of a shard."""
    for word in check_words(line, "--line").split():
        if word.startswith(("matrix=", "shard=", "case=")):
            raise Problem(f"--line holds '{word}', but a shard is a part of matrix=full")


def write(part: Part, path: Path) -> None:
    """Write shard.json whole or not at all."""
    report = part.report
    data = {
        "shard": str(part.shard), "machine": report.machine, "tests": part.tests, "line": part.line,
        "emulator": report.emulator, "command": report.command, "seconds": report.seconds,
        "boots": [{key: getattr(boot, key) for key in _BOOT} | {"end": asdict(boot.end) if boot.end else None}
                  for boot in report.boots],
        "results": [asdict(test) for test in report.tests],
        "flaws": [asdict(flaw) for flaw in report.flaws], "remarks": report.remarks, "evidence": report.evidence,
    }
    scratch = path.with_suffix(".part")
    scratch.write_text(json.dumps(data) + "\n")
    scratch.replace(path)


def read(path: Path) -> Part:
    """Read shard.json; raises ValueError when it is not whole."""
    try:
        data = json.loads(path.read_bytes())
        report = Report(
            data["machine"], data["machine"], [_boot(boot) for boot in data["boots"]],
            [Test(**test) for test in data["results"]], [Flaw(**flaw) for flaw in data["flaws"]], data["remarks"],
            data["evidence"], [], data["emulator"], data["command"], data["seconds"])
        return Part(parse(data["shard"]), data["tests"], data["line"], report)
    except (KeyError, TypeError, ValueError, Problem, OSError) as error:
        raise ValueError(f"{path} is not a whole {FILE}: {error!r}") from None


def _boot(data: dict) -> Boot:
    boot = Boot(data["number"], data["nonce"], data["build"], data["suite"], Envelope("", ""))
    boot.plan, boot.fp = data["plan"], data["fp"]
    boot.end = End(**data["end"]) if data["end"] else None
    return boot
