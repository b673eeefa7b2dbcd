"""`latchkey parse`: read a serial log from anywhere and give the verdict."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import BinaryIO

from rich.console import Console

from lk import available, junit, known, machine, results, summary, tap
from lk.log import printable
from lk.problem import Problem
from lk.protocol import Parser
from lk.record import Log
from lk.report import Report, from_log

CHUNK = 65536


def main(options: Namespace) -> int:
    """Read the log, write what was asked for, and return the exit status."""
    issues, emulator = _issues(options)
    report = from_log(_name(options), _read(options.log), issues, options.machine, emulator)
    if options.junit:
        _write_junit(report, Path(options.junit))
    if options.tap:
        sys.stdout.write(tap.encode([report]))
    elif options.json:
        sys.stdout.write(results.encode(report))
    else:
        summary.show(Console(), report)
    return report.status


def _issues(options: Namespace) -> tuple[list[known.Issue], str]:
    """Load the known issues, and name the emulator: what the user says, or the machine's as it is installed here."""
    machines = machine.load(options.machines)
    emulator = options.emulator
    if options.machine and not emulator:
        emulator = available.version(machines.get(options.machine).program)
    return known.load(options.known, set(machines.by_name)), emulator


def _name(options: Namespace) -> str:
    stem = "log" if options.log == "-" else printable(Path(options.log).stem)
    return options.machine or stem


def _read(name: str) -> Log:
    try:
        if name == "-":
            return _drain(sys.stdin.buffer)
        with open(name, "rb") as stream:
            return _drain(stream)
    except OSError as error:
        raise Problem(f"cannot read {name}: {error.strerror}") from None


def _drain(stream: BinaryIO) -> Log:
    parser = Parser()
    while data := stream.read(CHUNK):
        parser.feed(data)
    return parser.finish()


def _write_junit(report: Report, path: Path) -> None:
    try:
        junit.write(report, path)
    except OSError as error:
        raise Problem(f"cannot write {path}: {error.strerror}") from None
