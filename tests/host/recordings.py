"""Logs that the real kernel wrote, and an oracle that never saw the parser.

The oracle says what a green verdict claims, with nothing but string searches: every line of some recorded green run
that a verdict rests on is there, in order, and no failure is.
"""

import re
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
NOISE = [path.read_bytes() for path in sorted(CORPUS.glob("*.raw"))]
ESSENTIAL = re.compile(rb"(?:LATCHKEY-|1\.\.\d|ok \d|not ok \d)[^\r\n]*")
_FAILURE = re.compile(rb"(?:^|[\r\n])not ok [1-9]\d{0,8} - [a-z0-9_]{1,64}[\r\n]")
_RESULT = re.compile(rb"(not )?ok \d+ - (\w+)( # SKIP)?")
_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_c]|\0")


@dataclass(frozen=True)
class Recording:
    """A log that the real kernel wrote."""

    name: str
    data: bytes

    @property
    def essential(self) -> list[bytes]:
        """The lines that the verdict rests on."""
        return [line for line in self.data.splitlines() if ESSENTIAL.fullmatch(line)]

    @property
    def truth(self) -> dict[str, str]:
        """The verdict of each test, read off its result line."""
        found = [match for line in self.essential if (match := _RESULT.match(line))]
        return {match[2].decode(): "fail" if match[1] else "skip" if match[3] else "pass" for match in found}

    @property
    def green(self) -> bool:
        """It ran to its end and something passed and nothing failed."""
        return b"LATCHKEY-END status=pass" in self.data

    def is_in(self, clean: bytes) -> bool:
        """Say whether everything essential is in the text, in order, each with the end of its line.

        Nothing in a log vouches for `build=` and `suite=`; no result depends on them.
        """
        place = 0
        for line in self.essential:
            line = line.partition(b" build=")[0]
            match = re.compile(re.escape(line) + rb"(?=[^\r\n]*[\r\n])").search(clean, place)
            if match is None:
                return False
            place = match.end()
        return True


RUNS = [Recording(path.stem, path.read_bytes()) for path in sorted(CORPUS.glob("run_*.log"))]


def may_be_green(data: bytes, verdicts: dict[str, str]) -> bool:
    """Say whether these bytes can prove these verdicts: by whole green runs, and with no failure anywhere."""
    clean = _ESCAPES.sub(b"", data)
    if _FAILURE.search(clean):
        return False
    there = [run for run in RUNS if run.is_in(clean)]
    told = {}
    for run in there:
        told |= {name: word for name, word in run.truth.items() if told.get(name) != "pass"}
    whole = any(run.truth.keys() <= verdicts.keys() for run in there if run.green)
    return whole and verdicts.items() <= told.items()
