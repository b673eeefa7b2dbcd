"""The page for people: one file that needs no network and no script."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lk import data, fault, places, rules, verdict, view
from lk.known import Issue
from lk.report import Report
from lk.walk import FLAGS

TEMPLATES = Path(__file__).resolve().parent / "templates"
SIGNS = {"pass": "✓", "skip": "–", "known": "◆", "suspect": "?", "fixed": "↺"}
LEVELS = {1: "PTE", 2: "PDE", 3: "PDPTE", 4: "PML4E", 5: "PML5E"}


def encode(reports: Sequence[Report], issues: Sequence[Issue]) -> str:
    """Return the page."""
    rows = view.rule_table(rules.load(places.RULES), reports, issues)
    machines, costs = view.costs(reports)
    common, own = view.fingerprints(reports)
    return _environment().get_template("report.html").render(
        reports=reports, word=verdict.worst(report.word for report in reports),
        builds=list(dict.fromkeys(boot.build for report in reports for boot in report.boots)),
        red=view.clusters(view.failures(reports, verdict.RED)), broken=[row for row in rows if not row.kept],
        kept=[row for row in rows if row.kept], heat_maps=view.heat_maps(reports),
        known=view.known_issues(reports, issues), cost_machines=machines, costs=costs,
        cost_notes=[(report.name, note) for report in reports for note in data.cost_notes(report.tests)],
        common=common, own=own)


def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {"FLAGS": FLAGS, "LEVELS": LEVELS, "ACCESSES": data.ACCESSES, "RIGHTS": data.RIGHTS,
                            "KEYS": range(data.KEYS), "RED": verdict.RED, "STATES": view.STATES}
    environment.filters |= {"sign": lambda word: SIGNS.get(word, "✗"), "fault": fault.words, "skips": view.skips,
                            "clusters": view.clusters, "red": view.red, "kind": _kind,
                            "grouped": lambda number: f"{number:,}"}
    return environment


def _kind(word: str) -> str:
    """Return the class that colours a word."""
    return word if word in SIGNS and word != "fixed" else "fail"
