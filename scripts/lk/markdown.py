"""Markdown for the summary of a CI job: the verdict first, then what is red, then what is known."""

from collections.abc import Iterator, Sequence

from lk import failure, reproduce, verdict
from lk.report import Report
from lk.verdict import RED

MARKS = {"pass": "✅", "skip": "➖", "fail": "❌", "fixed": "❌", "error": "❌"}
MAX_SHOWN = 20
MAX_LINES = 12


def encode(reports: Sequence[Report]) -> str:
    """Return the reports as GitHub's and GitLab's Markdown."""
    return "\n".join(_lines(reports)) + "\n"


def mark(word: str) -> str:
    """Return a sign for a verdict; the word always stands beside it."""
    return MARKS.get(word, "❌")


def _lines(reports: Sequence[Report]) -> Iterator[str]:
    words = [report.word for report in reports]
    worst = verdict.worst(words)
    yield f"## {mark(worst)} Latchkey: {worst}"
    yield ""
    yield "| machine | verdict | tests | pass | red | known | skip | seconds |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|"
    for report in reports:
        counts = report.counts()
        red = sum(counts[word] for word in RED)
        seconds = "" if report.seconds is None else f"{report.seconds:.1f}"
        yield (f"| {_cell(report.name)} | {mark(report.word)} {report.word} | {sum(counts.values())} | "
               f"{counts['pass']} | {red} | {counts['known']} | {counts['skip']} | {seconds} |")
    yield from _red(reports)
    yield from _known(reports)


def _red(reports: Sequence[Report]) -> Iterator[str]:
    for report in reports:
        tests = sorted((test for test in report.tests if test.verdict in RED and not test.gap),
                       key=lambda test: RED.index(test.verdict))
        if not tests and not report.flaws:
            continue
        yield f"\n### {_text(report.name)}\n"
        yield from (f"* **{flaw.word}**: {_text(flaw.text)}" for flaw in report.flaws)
        for test in tests[:MAX_SHOWN]:
            one = failure.read(test)
            yield f"\n<details><summary><b>{test.verdict}</b> {test.id}</summary>\n"
            if again := reproduce.command(report, one.words):
                yield f"`{again}`\n"
            yield "```"
            yield from (line.replace("```", "'''") for line in test.lines()[:MAX_LINES])
            yield "```\n</details>"
        if len(tests) > MAX_SHOWN:
            yield f"\n... and {len(tests) - MAX_SHOWN} more."


def _known(reports: Sequence[Report]) -> Iterator[str]:
    seen: dict[str, dict[str, int]] = {}
    for report in reports:
        for test in report.tests:
            for title in test.known if test.verdict == "known" else ():
                machines = seen.setdefault(title, {})
                machines[report.name] = machines.get(report.name, 0) + 1
    if seen:
        yield "\n### Known issues\n"
    for title, machines in seen.items():
        where = ", ".join(f"{_text(name)} ({count} tests)" for name, count in machines.items())
        yield f"* {_text(title)}: {where}"


def _text(text: str) -> str:
    """Keep a name from being read as markup."""
    for sign in "\\`*_[]<>#|":
        text = text.replace(sign, "\\" + sign)
    return text


def _cell(text: str) -> str:
    return _text(text).replace("\n", " ")
