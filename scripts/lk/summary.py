"""The summary for people: the verdict first, then what is behind it, then where to read on."""

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lk import places
from lk.record import Test
from lk.report import Report
from lk.verdict import RED

MAX_SHOWN = 20
MAX_LINES = 12
MIN_LINES = 3
ALL_LINES = 120
MAX_AGAIN = 5
ORDER = ("pass", *reversed(RED), "known", "skip")
COLOURS = {"pass": "green", "skip": "yellow", "known": "cyan"}
WIDTH = 12


def show(console: Console, report: Report) -> None:
    """Print the summary of one report."""
    _headline(console, report)
    for flaw in report.flaws:
        _line(console, flaw.word, flaw.text)
    for text in report.evidence:
        _line(console, "", "| " + text, "dim")
    if not report.tests and not report.flaws:
        _line(console, "note", "no test was selected")
    for remark in report.remarks:
        _line(console, "note", remark)
    _red(console, report.tests)
    _known(console, report.tests)
    reasons = Counter(test.reason or "no reason given" for test in report.tests if test.verdict == "skip")
    for reason, count in reasons.most_common():
        _line(console, "skip", f"{count} x {reason}")
    if report.fp:
        _line(console, "machine", report.fp)
    if again := _again(report):
        _line(console, "again", again)
    if report.logs:
        _line(console, "logs", _where(report.logs))


def show_all(console: Console, reports: list[Report], left_out: dict[str, str]) -> None:
    """Print one line for each machine; worth it when there was more than one."""
    width = max(len(name) for name in [*(report.name for report in reports), *left_out])
    console.print()
    for report in reports:
        word = _coloured(report.word.upper().ljust(WIDTH), report.word)
        _print(console, Text.assemble(report.name.ljust(width + 2), word, _counts(report)))
    for name, reason in left_out.items():
        _print(console, Text.assemble(name.ljust(width + 2), ("left out".ljust(WIDTH), "yellow"), reason))


def _headline(console: Console, report: Report) -> None:
    seconds = f"  ({report.seconds:.1f} s)" if report.seconds is not None else ""
    console.print()
    _print(console, Text.assemble((report.word.upper(), "bold " + _colour(report.word)), f"  {report.name}: ",
                                  _counts(report), seconds))


def _counts(report: Report) -> str:
    counts = report.counts()
    total = sum(counts.values())
    parts = [f"{counts[word]} {word}" for word in ORDER if counts[word]]
    return f"{total} test{'' if total == 1 else 's'}" + (": " + ", ".join(parts) if parts else "")


def _red(console: Console, tests: list[Test]) -> None:
    """Print every red test with its detail; tests that merely have no result share one line."""
    named = [test for test in tests if test.verdict in RED and not test.gap]
    named.sort(key=lambda test: RED.index(test.verdict))
    # Few failures are told at length, many in short: the verdict has to stay on the screen.
    room = max(MIN_LINES, min(MAX_LINES, ALL_LINES // max(1, len(named))))
    for test in named[:MAX_SHOWN]:
        _line(console, test.verdict, f"{test.id}" + (f": {test.reason}" if test.reason else ""))
        for text in test.detail[:room]:
            _line(console, "", text.removeprefix("# "))
        left = len(test.detail[room:]) + test.dropped
        if left:
            _line(console, "", f"... and {left} more lines, see the log", "dim")
    if len(named) > MAX_SHOWN:
        _line(console, "", f"... and {len(named) - MAX_SHOWN} more red tests, see results.json", "dim")
    missing = sum(test.gap for test in tests)
    if missing:
        _line(console, "lost", f"{missing} test{' has' if missing == 1 else 's have'} no result")


def _known(console: Console, tests: list[Test]) -> None:
    """Print each known issue once, with the tests that show it."""
    issues: dict[str, list[str]] = {}
    for test in tests:
        if test.verdict == "known":
            issues.setdefault(test.reason, []).append(test.id)
    for reason, names in issues.items():
        _line(console, "known", f"{len(names)} x {reason}")
        more = f" and {len(names) - MAX_AGAIN} more" if len(names) > MAX_AGAIN else ""
        _line(console, "", ", ".join(names[:MAX_AGAIN]) + more, "dim")


def _where(logs: list[Path]) -> str:
    """Name the folder, and the logs and reports in it, as seen from here."""
    folder = logs[0].parent
    reports = "shard.json" if (folder / "shard.json").exists() else "results.json junit.xml"
    return f"{places.shown(folder)}/: {' '.join(log.name for log in logs)} {reports}"


def _again(report: Report) -> str:
    """Return the command that runs only what is red; empty where that makes no sense."""
    red = [test.id for test in report.tests if test.verdict in RED and not test.gap]
    if not red or not report.command or len(red) > MAX_AGAIN:
        return ""
    return f"{places.shown(places.SCRIPTS)}/latchkey run {report.machine} --tests {','.join(red)}"


def _line(console: Console, label: str, text: str, style: str = "") -> None:
    _print(console, Text.assemble("  ", _coloured(label.ljust(WIDTH), label), (text, style)))


def _coloured(text: str, word: str) -> tuple[str, str]:
    return text, _colour(word)


def _colour(word: str) -> str:
    return COLOURS.get(word, "dim" if word in ("note", "machine", "again", "logs", "") else "red")


def _print(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True)
