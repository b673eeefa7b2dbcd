"""`latchkey parse`: read a serial log from anywhere, or a serial line while the machine talks, and give the verdict."""

import contextlib
import sys
from argparse import Namespace
from pathlib import Path
from typing import BinaryIO

from rich.console import Console

from lk import available, junit, known, live, machine, progress, results, summary, tap
from lk.audit import audit_exit
from lk.log import printable
from lk.problem import Problem
from lk.protocol import Parser
from lk.record import Log
from lk.report import Report, from_log

CHUNK = 65536


def main(options: Namespace) -> int:
    """Read the log, write what was asked for, and return the exit status."""
    machines = machine.load(options.machines)
    source = _machine(options, machines)
    issues = known.load(options.known, set(machines.by_name))
    log, stopped = _listen(options) if options.device else (_read(options.log), "")
    report = from_log(_name(options), log, issues, options.machine, _emulator(options, source), stopped)
    if options.exited is not None:
        report.flaws += audit_exit(log, source.exit_status, options.exited,
                                   f"the emulator ended with status {options.exited}")
    if options.junit:
        _write_junit(report, Path(options.junit))
    if options.tap:
        sys.stdout.write(tap.encode([report]))
    elif options.json:
        sys.stdout.write(results.encode(report))
    else:
        summary.show(Console(), report)
    return report.status


def _machine(options: Namespace, machines: machine.Machines) -> machine.Machine | None:
    """Return the machine that the user says the log is from."""
    if options.machine is None:
        if options.exited is not None:
            raise Problem("--exit-status needs --machine: it says what the status means")
        return None
    return machines.get(options.machine)


def _emulator(options: Namespace, source: machine.Machine | None) -> str:
    """Name the emulator: what the user says, or the machine's as it is installed here."""
    return options.emulator or (available.version(source, source.program) if source else "")


def _name(options: Namespace) -> str:
    if options.machine or options.log == "-":
        return options.machine or "log"
    return printable(Path(options.device or options.log).stem)


def _listen(options: Namespace) -> tuple[Log, str]:
    """Read the device; what happens is told on standard error, where it is in nobody's way."""
    shown = progress.show(Console(stderr=True), _name(options), False)
    line = live.Line(options.device, options.baud, options.quiet, options.whole)
    shown.booting(f"listening at {options.baud} baud")
    with contextlib.ExitStack() as stack:
        stack.callback(shown.close)
        return live.read(line, shown, stack.enter_context(_create(options.save)) if options.save else None)


def _create(name: str) -> BinaryIO:
    try:
        return open(name, "wb", buffering=0)
    except OSError as error:
        raise Problem(f"cannot write {name}: {error.strerror}") from None


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
