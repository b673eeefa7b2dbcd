"""Plant each defect in a copy of the tree and see whether the tests it names go red, and no others."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lk import available, host_tests, known, machine, selection, workshop
from lk.boot import Plan
from lk.defect import Defect
from lk.problem import Problem
from lk.progress import Progress
from lk.session import Session
from lk.verdict import RED

KERNEL = "build/latchkey.elf"


@dataclass(frozen=True)
class Bench:
    """What all defects share: the sound tree and what was built of it, where copies go, machines, known issues."""

    tree: Path
    built: Path
    folder: Path
    machines: machine.Machines
    issues: Sequence[known.Issue] = ()
    words: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of one defect; it was caught where nobody complains."""

    defect: Defect
    complaints: Sequence[str]
    seconds: float


def try_all(bench: Bench, defects: Sequence[Defect], jobs: int) -> Iterator[Outcome]:
    """Yield the outcome of each defect in their order; raise Problem where the sound tree is not green."""
    with ThreadPoolExecutor(jobs) as pool:
        try:
            list(pool.map(lambda one: _sound(bench, one), _sound_runs(defects)))
            yield from pool.map(lambda one: _try(bench, one), defects)
        finally:
            pool.shutdown(cancel_futures=True)


def _sound_runs(defects: Sequence[Defect]) -> list[Defect]:
    """One defect for each different thing to run: what is red without any defect proves nothing with one."""
    return list({(one.machine, one.line, one.patterns, one.files): one for one in defects}.values())


def _sound(bench: Bench, defect: Defect) -> None:
    name = f"sound-{defect.name}"
    try:
        verdicts, flaws = _in_copy(bench, defect, name, lambda copy: None)
    except workshop.Broken as problem:
        raise Problem(f"without any defect {problem}") from None
    red = [f"{name} is {verdict}" for name, verdict in verdicts.items() if verdict in RED]
    red += [f"the log is {word}" for word in flaws]
    if red:
        raise Problem(f"without any defect {'; '.join(red[:5])}")
    shutil.rmtree(bench.folder / name)


def _try(bench: Bench, defect: Defect) -> Outcome:
    started = time.monotonic()
    try:
        complaints = defect.complaints(
            *_in_copy(bench, defect, defect.name, lambda copy: workshop.apply(defect.path, copy)))
    except workshop.Broken as problem:
        complaints = [str(problem)]
    if not complaints:
        shutil.rmtree(bench.folder / defect.name)
    return Outcome(defect, complaints, time.monotonic() - started)


def _in_copy(bench: Bench, defect: Defect, name: str,
             change: Callable[[Path], None]) -> tuple[dict[str, str], list[str]]:
    """Make a copy, change it, build and run; return verdicts by test id, and the flaws of the log as a whole."""
    folder = bench.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    workshop.copy(bench.tree, bench.built, folder)
    change(folder)
    verdicts: dict[str, str] = {}
    for file in defect.files:
        verdicts |= host_tests.run(folder, file)
    flaws = _boot(bench, defect, folder, verdicts) if defect.patterns else []
    return verdicts, flaws


def _boot(bench: Bench, defect: Defect, folder: Path, verdicts: dict[str, str]) -> list[str]:
    """Run the kernel of a copy, add its verdicts, and return the words of its log's flaws."""
    where = bench.machines.get(defect.machine)
    kernel = workshop.build(folder, KERNEL)
    results = folder / "results"
    results.mkdir()
    program = available.require(where)
    plan = Plan(where, program, kernel, kernel, results, defect.patterns,
                [*bench.words, selection.check_words(defect.line, str(defect.path))], available.version(where, program))
    report = Session(plan, Progress()).run(list(bench.issues))
    verdicts |= {test.id: test.verdict for test in report.tests}
    return sorted({flaw.word for flaw in report.flaws})
