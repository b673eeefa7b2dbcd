"""Several machines at a time: each one is a `latchkey run MACHINE` of its own, and leaves its results.json."""

import contextlib
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from rich.console import Console

from lk import places, results
from lk.problem import Problem
from lk.report import Report
from lk.verdict import EXIT_USAGE

POLL_S = 0.05
OPTIONS = ("tests", "line", "image", "kernel", "machines", "known", "results")


def run(console: Console, names: Sequence[str], options: Namespace) -> list[Report]:
    """Run these machines, `jobs` at a time, and return their reports in the same order.

    What each one prints is shown in one piece when it ends. Raises Problem for the first one that cannot be run.
    """
    reports = {}
    for name, output in _ended(console, names, options):
        for line in output.splitlines():
            if options.verbose or not line.startswith(f"{name}: "):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
        reports[name] = results.read(Path(options.results) / name / results.NAME)
    return [reports[name] for name in names]


def _ended(console: Console, names: Sequence[str], options: Namespace) -> Iterator[tuple[str, str]]:
    """Start the machines, no more than `jobs` at a time; give each one's output when it ends, and leave none behind."""
    waiting = list(names)
    running: dict[str, tuple[subprocess.Popen, IO[bytes]]] = {}
    with contextlib.ExitStack() as stack:
        stack.callback(_end, running)
        while waiting or running:
            while waiting and len(running) < options.jobs:
                name = waiting.pop(0)
                output = stack.enter_context(tempfile.TemporaryFile())
                running[name] = (subprocess.Popen(_command(name, options), stdin=subprocess.DEVNULL, stdout=output,
                                                  stderr=subprocess.STDOUT), output)
                console.print(f"{name}: started", markup=False, highlight=False)
            for name in [name for name, (process, _) in running.items() if process.poll() is not None]:
                process, output = running.pop(name)
                output.seek(0)
                text = output.read().decode(errors="replace")
                if process.returncode == EXIT_USAGE:
                    raise Problem(f"{name}: {text.strip().splitlines()[-1].removeprefix('latchkey: ')}")
                yield name, text
            time.sleep(POLL_S)


def _command(name: str, options: Namespace) -> list[str]:
    words = [f"--{key}={getattr(options, key)}" for key in OPTIONS] + (["--verbose"] if options.verbose else [])
    return [sys.executable, "-B", str(places.SCRIPTS / "latchkey"), "run", name, *words]


def _end(running: dict[str, tuple[subprocess.Popen, IO[bytes]]]) -> None:
    for process, _ in running.values():
        process.terminate()
    for process, _ in running.values():
        process.wait()
