"""A defect to plant: a patch with a head that says what it breaks and which tests have to see it.

The head is `Key: value` lines in front of the first `--- `; a line that begins with a space goes on with the one above.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lk import selection
from lk.problem import Problem
from lk.verdict import RED

# What is looked at beside the tests that have to go red: keys, threads and events, without what takes long.
NEIGHBOURS = ("self_*", "boot_*", "msr_*", "event_*", "keys_*", "thread_*", "-event_storm*", "-event_sweep_*")
KEYS = ("Title", "Defect", "Source", "Red", "Also", "Run", "Line", "Machine", "Flaws")
NEEDED = KEYS[:4]
OBJECTS = ("fail", "error")  # what a test says itself; the other verdicts are given by whoever looks at it
_ENTRY = re.compile(r"([^\s=]+)(?:=([\w|]+))?")
_KERNEL_ID = re.compile(r"-?[a-z0-9_*?]+")
_HOST_ID = re.compile(r"(tests/host/test_\w+\.(?:py|c))::(.+)")


@dataclass(frozen=True)
class Want:
    """A pattern of test ids, and the verdicts of which each of them has to get one."""

    pattern: str
    verdicts: tuple[str, ...]

    @property
    def file(self) -> str:
        """The file of a test of the host's, empty for one of the kernel's."""
        match = _HOST_ID.fullmatch(self.pattern)
        return match[1] if match else ""


@dataclass(frozen=True)
class Defect:
    """One patch. `also` may go red as a consequence; `flaws` are words for the log as a whole that it leads to."""

    path: Path
    title: str
    about: str
    source: str
    red: tuple[Want, ...]
    also: tuple[str, ...]
    run: tuple[str, ...]
    line: str
    machine: str
    flaws: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the host's tests that have to be run."""
        return tuple(sorted({want.file for want in self.red if want.file}))

    @property
    def patterns(self) -> tuple[str, ...]:
        """What the kernel has to run: the neighbours and what they leave out, or nothing for the host's tests alone."""
        wanted = [want.pattern for want in self.red if not want.file]
        if not wanted and not self.run:
            return ()
        return (*self.run, *(one for one in wanted if not selection.matches(self.run, one)))

    def complaints(self, verdicts: Mapping[str, str], flaws: Sequence[str]) -> list[str]:
        """Compare what happened with the head; return a sentence for each difference."""
        said = []
        asked = set()
        for want in self.red:
            names = [name for name in verdicts if selection.matches([want.pattern], name)]
            asked.update(names)
            if not names:
                said.append(f"{want.pattern} is no test that was run")
            said += [f"{name} is {verdicts[name]}, not {' or '.join(want.verdicts)}" for name in names
                     if verdicts[name] not in want.verdicts]
        for name, verdict in verdicts.items():
            if verdict in RED and name not in asked and not (self.also and selection.matches(self.also, name)):
                said.append(f"{name} is {verdict}, which the patch does not say")
        said += [f"the log is {word}, which the patch does not say" for word in flaws if word not in self.flaws]
        return said + [f"the log is not {word}" for word in self.flaws if word not in flaws]


def load(path: Path, machine: str) -> Defect:
    """Read a patch's head; raise Problem for anything that is missing, unknown or malformed."""
    head = _head(path)
    red = tuple(_want(path, entry) for entry in _list(head["Red"]))
    if not red:
        raise Problem(f"{path}: 'Red' names no test")
    run = tuple(_list(head["Run"])) if "Run" in head else NEIGHBOURS
    if "Run" not in head and all(want.file for want in red):
        run = ()
    also, flaws = tuple(_list(head.get("Also", ""))), tuple(_list(head.get("Flaws", "")))
    for pattern in (*run, *also):
        if not _KERNEL_ID.fullmatch(pattern) and not _HOST_ID.fullmatch(pattern):
            raise Problem(f"{path}: '{pattern}' is no pattern of test ids")
    return Defect(path, head["Title"], head["Defect"], head["Source"], red, also, run, head.get("Line", ""),
                  head.get("Machine", machine), flaws)


def _head(path: Path) -> dict[str, str]:
    text, mark, _ = path.read_text().partition("\n--- ")
    if not mark:
        raise Problem(f"{path}: no patch follows the head")
    head: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        if line.startswith(" ") and key:
            head[key] += f" {line.strip()}"
            continue
        key, colon, value = line.partition(":")
        if not colon or key not in KEYS or key in head:
            raise Problem(f"{path}: '{line}' is none of {', '.join(KEYS)}, or is there twice")
        head[key] = value.strip()
    missing = [key for key in NEEDED if not head.get(key)]
    if missing:
        raise Problem(f"{path}: the head lacks {', '.join(missing)}")
    return head


def _list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _want(path: Path, entry: str) -> Want:
    match = _ENTRY.fullmatch(entry)
    if not match or not (_KERNEL_ID.fullmatch(match[1]) or _HOST_ID.fullmatch(match[1])):
        raise Problem(f"{path}: '{entry}' is neither a test id nor tests/host/FILE::NAME")
    verdicts = tuple(match[2].split("|")) if match[2] else OBJECTS
    for verdict in verdicts:
        if verdict not in RED:
            raise Problem(f"{path}: '{verdict}' is no verdict that is red: {', '.join(RED)}")
    return Want(match[1], verdicts)
