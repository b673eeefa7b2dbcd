"""`latchkey report`: earlier runs in the formats that people, CI systems and other programs read."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from lk import annotations, collect, html, junit, known, ktap, machine, markdown, places, results, tap, tap14, verdict
from lk.known import Issue
from lk.problem import Problem
from lk.report import Report

Encode = Callable[[Sequence[Report], Sequence[Issue]], str]


def _json(reports: Sequence[Report]) -> str:
    """Return all results in one document."""
    whole = {"status": verdict.worst(report.word for report in reports),
             "exit": verdict.exit_status(report.status for report in reports),
             "runs": [results.to_json(report) for report in reports]}
    return json.dumps(whole, indent=1) + "\n"


# By the word for --as: the file that stands in the folder, and what writes it.
FORMATS: dict[str, tuple[str, Encode]] = {
    "html": ("index.html", html.encode),
    "junit": ("junit.xml", lambda reports, issues: junit.encode(reports)),
    "tap": ("report.tap", lambda reports, issues: tap.encode(reports)),
    "tap14": ("report.tap14", lambda reports, issues: tap14.encode(reports)),
    "ktap": ("report.ktap", lambda reports, issues: ktap.encode(reports)),
    "json": ("report.json", lambda reports, issues: _json(reports)),
    "markdown": ("summary.md", lambda reports, issues: markdown.encode(reports)),
    "github": ("annotations.txt", lambda reports, issues: annotations.encode(reports)),
}


def main(options: Namespace) -> int:
    """Write one format to standard output, or all of them into a folder; the verdicts do not matter."""
    reports = collect.load(options.run, options.results)
    issues = known.load(options.known, set(machine.load(options.machines).by_name))
    if options.format:
        sys.stdout.write(FORMATS[options.format][1](reports, issues))
        return 0
    _make(options.output)
    for name, encode in FORMATS.values():
        (options.output / name).write_text(encode(reports, issues), encoding="utf-8")
    names = ", ".join(report.name for report in reports)
    print(f"{places.shown(options.output / 'index.html')}: {names}; beside it "
          f"{' '.join(name for name, _ in FORMATS.values() if name != 'index.html')}")
    return 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"cannot make the folder {places.shown(folder)}: {error.strerror}") from None
