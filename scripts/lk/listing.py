"""`latchkey list` and `latchkey rules`: ask the kernel which tests and which rules it holds."""

import sys
import tempfile
from argparse import Namespace

from lk import available, machine, run, selection
from lk.boot import Attempt, Plan, audit_attempt, boot_once
from lk.problem import Problem
from lk.record import Boot, Listener
from lk.report import evidence
from lk.rules import tries
from lk.verdict import EXIT_STATUS, worst


def main(options: Namespace) -> int:
    """Boot with `list`, print ids and sentences in columns, and return the exit status."""
    patterns = selection.parse(options.tests)
    boot = _ask(options)
    if isinstance(boot, int):
        return boot
    return _show([entry for entry in boot.listing if selection.matches(patterns, entry[0])])


def rules(options: Namespace) -> int:
    """Boot with `list`, print the table of rules, name every rule without a test or golden row; 1 if there is any."""
    boot = _ask(options)
    if isinstance(boot, int):
        return boot
    tests = [name for name, _ in boot.listing]
    bad = 0
    for rule in boot.rules:
        tried = {pattern: [name for name in tests if tries(pattern, name)] for pattern in rule.tests}
        print(f"{rule.id}\n    {rule.about}\n    manual: {rule.title}\n    golden rows: {rule.rows}")
        for pattern, names in tried.items():
            print(f"    test: {pattern}" + ("" if names else "   <-- matches no test of the kernel"))
        missing = [pattern for pattern, names in tried.items() if not names]
        if missing or not any(tried.values()) or not rule.rows:
            bad += 1
            what = "no golden row" if not rule.rows else f"no test {', '.join(missing)}"
            print(f"latchkey: rule {rule.id} has {what}", file=sys.stderr)
    print(f"{len(boot.rules)} rules, {bad} without a test or golden row")
    return EXIT_STATUS["fail"] if bad or not boot.rules else EXIT_STATUS["pass"]


def _ask(options: Namespace) -> Boot | int:
    """Boot with `list`; return what the kernel said, or the exit status where it cannot be trusted."""
    machines = machine.load(options.machines)
    with tempfile.TemporaryDirectory(prefix="latchkey-") as folder:
        options.results = folder
        plan = run.plan(machines.get(options.machine or machines.fastest), options)
        attempt = _boot(plan)
    flaws = audit_attempt(plan.machine, attempt)
    for flaw in flaws:
        print(f"latchkey: {plan.machine.name}: {flaw.text}", file=sys.stderr)
    if flaws:
        print("\n".join("| " + line for line in evidence(attempt.log)), file=sys.stderr)
        return EXIT_STATUS[worst(flaw.word for flaw in flaws)]
    return attempt.boot


def _boot(plan: Plan) -> Attempt:
    reason = available.left_out(plan.machine, plan.program, plan.files)
    if reason:
        raise Problem(f"{plan.machine.name} is not possible here: {reason}")
    plan.results.mkdir()
    return boot_once(plan, selection.kernel_line([], [], ["list", *plan.words]), "list", Listener())


def _show(entries: list[tuple[str, str]]) -> int:
    if not entries:
        print("latchkey: no test matches", file=sys.stderr)
        return EXIT_STATUS["skip"]
    width = max(len(name) for name, _ in entries)
    for name, about in entries:
        print(f"{name.ljust(width)}  {about}")
    return EXIT_STATUS["pass"]
