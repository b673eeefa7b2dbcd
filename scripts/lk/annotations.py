"""GitHub annotations: one workflow command a line, which GitHub shows beside the sources and in the summary of a run.

It shows ten of a kind from one step; so the worst ten are written, and the last of them says how many there were.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from lk import places, view
from lk.report import Report
from lk.verdict import RED, WORDS

MOST = 10
_MODE = re.compile(r"_l[45]$")


def encode(reports: Sequence[Report]) -> str:
    """Return at most ten lines, the worst first; none for reports that are green."""
    found = [(WORDS.index(flaw.word), report.name, "", f"{flaw.word}: {flaw.text}")
             for report in reports for flaw in report.flaws]
    for cluster in view.clusters(view.failures(reports, RED)):
        found.append(_told(cluster))
    found.sort(key=lambda one: one[0])
    shown = found if len(found) <= MOST else found[:MOST - 1]
    lines = [_command(machines, test, text) for _, machines, test, text in shown]
    if left := len(found) - len(shown):
        lines.append(_command("latchkey", "", f"... and {left} more, see the report"))
    return "".join(line + "\n" for line in lines)


def _told(cluster: Sequence[view.Shown]) -> tuple[int, str, str, str]:
    """Return how bad it is, the machines, the first test, and what it says."""
    one = cluster[0]
    test = one.failure.test
    more = f" ({len(cluster) - 1} more show the same)" if len(cluster) > 1 else ""
    text = f"{test.verdict}: {one.failure.headline or 'it says nothing more'}{more}"
    return WORDS.index(test.verdict), ", ".join(one.machines), test.id, text


def _command(machines: str, test: str, text: str) -> str:
    place = _place(test)
    where = f"file={place[0]},line={place[1]}," if place else ""
    title = f"{machines}: {test}" if test else machines
    return f"::error {where}title={_property(title)}::{_data(text)}"


def _place(test: str) -> tuple[str, int] | None:
    """Return the file and line of a test; the matrix and the golden rows stand there under made-up names or none."""
    wanted = f"TEST({_MODE.sub('', test)}," if test else "\n"
    for path in sorted((places.ROOT / "tests").glob("*.c")):
        for number, line in enumerate(_lines(path), 1):
            if wanted in line:
                return f"tests/{path.name}", number
    return None


def _lines(path: Path) -> list[str]:
    return path.read_text(errors="replace").splitlines()


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
