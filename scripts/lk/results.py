"""results.json: everything a program needs to know about a run, and the way back to a report.

results.schema.json in scripts/ is its schema, README.md there lists the keys.
"""

import json
from pathlib import Path
from typing import Any

from lk import places
from lk.envelope import Envelope
from lk.problem import Problem
from lk.record import Boot, End, Flaw, Test
from lk.report import Report

NAME = "results.json"


def encode(report: Report) -> str:
    """Return the report as JSON, ending in a line end."""
    return json.dumps(to_json(report), indent=1) + "\n"


def write(report: Report, path: Path) -> None:
    """Write results.json."""
    path.write_text(encode(report))


def read(path: Path) -> Report:
    """Return the report that a results.json holds; raise Problem when it is not one."""
    try:
        return from_json(json.loads(path.read_bytes()), path.parent.name)
    except OSError as error:
        raise Problem(f"cannot read {places.shown(path)}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(f"{places.shown(path)} is no {NAME} of this version: {type(error).__name__} {error}") from None


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as what JSON has."""
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


def from_json(data: dict[str, Any], name: str) -> Report:
    """Return the report; it is called by this name where its machine has none."""
    boots = [Boot(number, boot["run"], boot["build"], boot["suite"], Envelope("", ""), starts=boot["starts"],
                  plan=boot["plan"], fp=data["fp"], foreign=boot["foreign_lines"],
                  end=End(boot["end"], boot["run"], "", {}, 0, 0) if boot["end"] else None)
             for number, boot in enumerate(data["boots"], 1)]
    return Report(
        data["machine"] or name, data["machine"], boots,
        [_test_from(number, test) for number, test in enumerate(data["tests"], 1)],
        [Flaw(flaw["word"], flaw["text"]) for flaw in data["flaws"]],
        data["remarks"], data["evidence"], [Path(log) for log in data["logs"]],
        data["emulator"], data["command"], data["seconds"])


def _boot(boot: Boot) -> dict[str, Any]:
    return {
        "run": boot.nonce,
        "build": boot.build,
        "suite": boot.suite,
        "starts": boot.starts,
        "plan": boot.plan,
        "end": boot.end.status if boot.end else None,
        "foreign_lines": boot.foreign,
    }


def _test(test: Test) -> dict[str, Any]:
    return {
        "id": test.id,
        "verdict": test.verdict,
        "was": test.was or None,
        "reason": test.reason,
        "known": list(test.known),
        "detail": "\n".join(test.lines()),
        "dropped": test.dropped,
        "seconds": _rounded(test.seconds),
    }


def _test_from(number: int, data: dict[str, Any]) -> Test:
    lines = data["detail"].split("\n") if data["detail"] else []
    first = 1 if data["reason"] else 0
    last = len(lines) - 1 if data["dropped"] else len(lines)
    return Test(number, data["id"], data["verdict"], data["reason"], lines[first:last], data["dropped"],
                data["seconds"], tuple(data["known"]), data["was"] or "")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
