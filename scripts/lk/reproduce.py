"""One command that shows a failure again."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from lk.report import Report


def best(reports: Iterable[Report]) -> Report:
    """Return the run whose machine is the simplest to start again: by an argument, and with the fewest of those."""
    return min(reports, key=lambda report: ("-append" not in report.command, len(" ".join(report.command))))


def command(report: Report, words: str) -> str:
    """Return what to type in the project's folder; empty for a log of unknown origin."""
    if not report.machine:
        return ""
    if words.startswith("tests=") and " " not in words:
        return f"scripts/latchkey run {report.machine} --tests {shlex.quote(words.removeprefix('tests='))}"
    return f"scripts/latchkey run {report.machine} --line {shlex.quote(words)}"


def emulator(report: Report, words: str) -> str:
    """Return the emulator's own command with this kernel line, for someone who has no more than the image.

    Empty where the line goes in by other ways than an argument. Folders of this computer are left out.
    """
    found = [place for place, arg in enumerate(report.command) if arg == "-append"]
    if not found or found[0] + 1 >= len(report.command):
        return ""
    args = [Path(arg).name if arg.startswith("/") else arg for arg in report.command]
    args[found[0] + 1] = words
    return shlex.join(args)
