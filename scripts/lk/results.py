"""results.json: everything a program needs to know about a run. README.md in scripts/ lists the keys."""

import json
from pathlib import Path
from typing import Any

from lk.record import Boot, Test
from lk.report import Report


def encode(report: Report) -> str:
    """Return the report as JSON, ending in a line end."""
    return json.dumps(_report(report), indent=1) + "\n"


def write(report: Report, path: Path) -> None:
    """Write results.json."""
    path.write_text(encode(report))


def _report(report: Report) -> dict[str, Any]:
    return {
        "machine": report.machine,
        "fp": report.fp,
        "status": report.word,
        "exit": report.status,
        "emulator": report.emulator,
        "command": report.command,
        "seconds": _rounded(report.seconds),
        "counts": dict(sorted(report.counts().items())),
        "flaws": [{"word": flaw.word, "text": flaw.text} for flaw in report.flaws],
        "remarks": report.remarks,
        "evidence": report.evidence,
        "logs": [path.name for path in report.logs],
        "boots": [_boot(boot) for boot in report.boots],
        "tests": [_test(test) for test in report.tests],
    }


def _boot(boot: Boot) -> dict[str, Any]:
    return {
        "run": boot.nonce,
        "build": boot.build,
        "suite": boot.suite,
        "plan": boot.plan,
        "end": boot.end.status if boot.end else None,
        "foreign_lines": boot.foreign,
    }


def _test(test: Test) -> dict[str, Any]:
    return {
        "id": test.id,
        "verdict": test.verdict,
        "detail": "\n".join(test.lines()),
        "seconds": _rounded(test.seconds),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
