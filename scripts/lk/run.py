"""`latchkey run`: run the suite on machines, write the results, print the summary."""

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from lk import available, jobs, junit, known, machine, places, progress, results, rules, selection, shard, shards
from lk import summary, table, verdict
from lk.boot import Plan
from lk.machine import Machine
from lk.problem import Problem, require_file
from lk.report import Report
from lk.session import Session

NOT_BUILT = {"iso": "build it with `make iso`", "kernel": "build it with `make`"}


@dataclass(frozen=True)
class Outcome:
    """The reports of the machines that ran, and why the others did not."""

    reports: list[Report]
    left_out: dict[str, str]


def main(options: Namespace) -> int:
    """Run the machines the user asked for and return the exit status."""
    console = Console()
    if options.jobs < 1:
        raise Problem(f"--jobs {options.jobs}: want 1 or more")
    machines = machine.load(options.machines)
    issues = known.load(options.known, set(machines.by_name))
    chosen = machines.select(options.machine)
    _check_shards(options, len(chosen))
    plans = [plan(one, options) for one in chosen]
    outcome = Outcome([], {})
    for one in plans:
        reason = available.left_out(one.machine, one.program, one.files)
        if reason:
            outcome.left_out[one.machine.name] = reason
            console.print(f"{one.machine.name}: left out: {reason}", markup=False, highlight=False, soft_wrap=True)
            _sweep(one.results)
    plans = [one for one in plans if one.machine.name not in outcome.left_out]
    if plans and options.shards:
        _sweep(plans[0].results)
        return shards.run(console, plans[0].machine.name, options)
    if len(plans) > 1 and options.jobs > 1:
        outcome.reports.extend(jobs.run(console, [one.machine.name for one in plans], options))
    else:
        outcome.reports.extend(_run(console, one, issues, options) for one in plans)
    if len(chosen) > 1:
        summary.show_all(console, outcome.reports, outcome.left_out)
    if options.table:
        table.show(console, rules.load(places.RULES), outcome.reports, issues)
    return verdict.exit_status(report.status for report in outcome.reports)


def plan(one: Machine, options: Namespace) -> Plan:
    """Return what to run on a machine; raise Problem for anything missing, before the first machine starts."""
    image, kernel = Path(options.image), Path(options.kernel)
    needed = image if one.boot == "iso" else kernel
    program = available.require(one)
    require_file(needed, NOT_BUILT[one.boot])
    words = [selection.check_words(one.line, f"the line of {one.name}"),
             selection.check_words(options.line, "--line")]
    patterns, folder = selection.parse(options.tests or one.tests), Path(options.results) / one.name
    if part := getattr(options, "shard", ""):
        part = shard.parse(part)
        patterns, folder = patterns or [shard.TESTS], folder / part.folder
        words.append(part.words)
    return Plan(one, program, image, kernel, folder, patterns, words, available.version(one, program))


def _check_shards(options: Namespace, machines: int) -> None:
    """Raise Problem where shards are asked for in a way that makes no sense."""
    if not options.shard and options.shards is None:
        return
    if machines != 1:
        raise Problem("a matrix is split on one machine: name one")
    shard.check_line(options.line)
    if options.shards is not None:
        shard.parse(f"1/{options.shards}")


def _run(console: Console, one: Plan, issues: list[known.Issue], options: Namespace) -> Report:
    _sweep(one.results)
    _make(one.results)
    shown = progress.show(console, one.machine.name, options.verbose)
    try:
        report = Session(one, shown).run([] if options.shard else issues)
    finally:
        shown.close()
    if options.shard:
        part = shard.Part(shard.parse(options.shard), options.tests, options.line, report)
        shard.write(part, one.results / shard.FILE)
    else:
        results.write(report, one.results / "results.json")
        junit.write(report, one.results / "junit.xml")
    summary.show(console, report)
    return report


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"cannot make the folder {places.shown(folder)}: {error.strerror}") from None


def _sweep(folder: Path) -> None:
    """Remove what an earlier run left, so that nothing old is taken for new."""
    for pattern in ("*.log", "results.json", "junit.xml", shard.FILE):
        for path in folder.glob(pattern):
            path.unlink()
