"""`latchkey run MACHINE --shards N`: every part of the full matrix in a process of its own, then all of them together.

The processes are `latchkey run MACHINE --shard I/N`: what GNU parallel starts on many hosts, and what `latchkey merge`
puts together there.
"""

import re
import shutil
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

from rich.console import Console

from lk import combine, junit, known, machine, places, results, shard, summary
from lk.problem import Problem
from lk.report import Report
from lk.shard import Part, Shard
from lk.verdict import EXIT_USAGE

POLL_S = 0.05
STEPS = 10
_FOLDER = re.compile(r"shard-\d+-of-\d+")


def merge(options: Namespace) -> int:
    """Put the parts in some folders together and return the exit status."""
    paths = sorted({path for folder in options.folder for path in _find(Path(folder))})
    if not paths:
        raise Problem(f"there is no {shard.FILE} in {' '.join(options.folder)}")
    report = _merge(paths, options)
    folder = Path(options.results) / report.name
    folder.mkdir(parents=True, exist_ok=True)
    return _show(Console(), report, folder)


def run(console: Console, name: str, options: Namespace) -> int:
    """Run every part of a machine, `jobs` at a time, and return the exit status of all together."""
    folder = Path(options.results) / name
    for old in folder.glob("shard-*"):
        if _FOLDER.fullmatch(old.name):
            shutil.rmtree(old)
    shards = [Shard(index, options.shards) for index in range(1, options.shards + 1)]
    console.print(f"{name}: {options.shards} shards, {options.jobs} at a time", markup=False, highlight=False)
    _run_all(console, name, shards, options)
    return _show(console, _merge(sorted(_find(folder)), options, name), folder)


def _run_all(console: Console, name: str, shards: list[Shard], options: Namespace) -> None:
    """Start the processes and wait for them; whatever happens, none is left behind."""
    folder = Path(options.results) / name
    waiting, running, done = list(shards), {}, 0
    try:
        while waiting or running:
            while waiting and len(running) < options.jobs:
                one = waiting.pop(0)
                running[_start(name, one, options)] = one
            for process in [process for process in running if process.poll() is not None]:
                one, error = running.pop(process), process.stderr.read().decode(errors="replace")
                process.stderr.close()
                if process.returncode == EXIT_USAGE:
                    raise Problem(f"shard {one}: {error.strip().removeprefix('latchkey: ')}")
                done += 1
                if process.returncode or done * STEPS // len(shards) > (done - 1) * STEPS // len(shards):
                    word = f"; shard {one}: {_word(folder / one.folder)}" if process.returncode else ""
                    console.print(f"{name}: {done} of {len(shards)}{word}", markup=False, highlight=False)
            time.sleep(POLL_S)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.communicate()


def _start(name: str, one: Shard, options: Namespace) -> subprocess.Popen:
    words = [f"--{key}={getattr(options, key)}" for key in
             ("tests", "line", "image", "kernel", "machines", "known", "results")]
    command = [sys.executable, places.SCRIPTS / "latchkey", "run", name, f"--shard={one}", *words]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _word(folder: Path) -> str:
    try:
        return shard.read(folder / shard.FILE).report.word
    except ValueError:
        return "no result"


def _find(folder: Path) -> list[Path]:
    """Return the shard.json of every part below a folder."""
    if not folder.is_dir():
        raise Problem(f"{folder} is not a folder")
    return [path for path in folder.rglob(shard.FILE) if _FOLDER.fullmatch(path.parent.name)]


def _merge(paths: list[Path], options: Namespace, name: str = "") -> Report:
    parts: list[Part] = []
    unreadable = []
    for path in paths:
        try:
            parts.append(shard.read(path))
        except ValueError as error:
            unreadable.append(str(error))
    if not parts:
        raise Problem(unreadable[0] if unreadable else f"no shard of {name} left a {shard.FILE}")
    for what, values in (("machines", {part.report.name for part in parts}),
                         ("splits", {f"N={part.shard.count}" for part in parts})):
        if len(values) > 1:
            raise Problem(f"the shards are of different {what}: {', '.join(sorted(values))}")
    issues = known.load(options.known, set(machine.load(options.machines).by_name))
    return combine.combine(parts, unreadable, issues)


def _show(console: Console, report: Report, folder: Path) -> int:
    results.write(report, folder / "results.json")
    junit.write(report, folder / "junit.xml")
    summary.show(console, report)
    console.print(f"  logs        {places.shown(folder)}/: shard-*/ results.json junit.xml", markup=False,
                  highlight=False, soft_wrap=True)
    return report.status
