"""The rules of the oracle and the machines that were run: one sign for each pair, as text."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from lk import view
from lk.known import Issue
from lk.record import Rule
from lk.report import Report

SIGNS = {
    "pass": (".", "green", "kept"), "known": ("K", "cyan", "broken, a known issue"), "fail": ("F", "red", "broken"),
    "suspect": ("?", "red", "a test that also tries it fails"), "skip": ("-", "dim", "not tried"),
}


def show(console: Console, rules: Sequence[Rule], reports: Sequence[Report], issues: Sequence[Issue]) -> None:
    """Print every rule that any of the machines tried, and under it how many rules each machine keeps."""
    rows = view.rule_table(rules, reports, issues)
    width = max((len(row.rule.id) for row in rows), default=0)
    columns = [str(number) for number in range(1, len(reports) + 1)]
    cell = len(columns[-1]) + 1 if columns else 0
    _line(console, "")
    _line(console, "rules x machines: " + ", ".join(f"{sign} {meaning}" for sign, _, meaning in SIGNS.values()))
    for number, report in zip(columns, reports):
        kept = Counter(row.states[int(number) - 1] for row in rows)
        counts = ", ".join(f"{kept[state]} {SIGNS[state][2]}" for state in SIGNS if kept[state])
        _line(console, f"{number.rjust(cell)}  {report.name}: {counts}; {report.emulator}")
    _line(console, "".ljust(width) + "".join(number.rjust(cell) for number in columns))
    for row in rows:
        signs = [(SIGNS[state][0].rjust(cell), SIGNS[state][1]) for state in row.states]
        console.print(Text.assemble(row.rule.id.ljust(width), *signs), soft_wrap=True)


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
