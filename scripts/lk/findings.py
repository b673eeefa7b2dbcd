"""`latchkey findings`: each known issue as a report that can be sent to the emulator's authors as it is.

Which versions show it, and the line that was seen, come from the runs; the rest stands in the list.
"""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence

from lk import collect, known, machine, view
from lk.known import Issue, Range
from lk.view import KnownIssue


def main(options: Namespace) -> int:
    """Print every issue, those that no run shows without what only a run can tell."""
    issues = known.load(options.known, set(machine.load(options.machines).by_name))
    reports = collect.load(options.run, options.results)
    sys.stdout.write(encode(issues, view.known_issues(reports, issues)))
    return 0


def encode(issues: Sequence[Issue], found: Sequence[KnownIssue]) -> str:
    """Return all reports as Markdown."""
    by_title = {one.title: one for one in found}
    return "\n".join(line for issue in issues for line in _report(issue, by_title.get(issue.title)))


def _report(issue: Issue, found: KnownIssue | None) -> Iterator[str]:
    yield f"# {issue.title}\n"
    yield f"{issue.what}\n"
    yield f"Expected ({issue.why.partition(':')[0]}, Intel SDM):{issue.why.partition(':')[2]}\n"
    yield "To reproduce:\n"
    commands = [text for text in (found.emulator_command, found.command) if text] if found else []
    yield from (f"    {text}" for text in commands or [f"kernel command line: {issue.reproducer}"])
    yield ""
    yield from _seen(found) if found else ["Seen in none of these runs.\n"]
    where = ", ".join([*map(_range, issue.emulator), *issue.fp, *issue.machine])
    yield f"Affected: {where}. Since: {issue.since}. Upstream: {issue.upstream}.\n"


def _seen(found: KnownIssue) -> Iterator[str]:
    wanted = found.issue.reproducer.removeprefix("tests=")
    one = next((shown.failure for shown in found.shown if shown.failure.test.id == wanted), found.shown[0].failure)
    yield f"Seen in {one.test.id}:\n"
    yield f"    {one.headline}"
    if one.told and (walk := one.told[0].walk):
        yield f"      {walk.address}: {walk.sentence}"
        yield from (f"      level {entry.level}: {entry.raw:016x}" for entry in walk.entries)
    yield ""
    tests = sum(found.machines.values())
    yield f"Shown by {tests} tests on {', '.join(found.machines)}: {'; '.join(found.emulators)}.\n"


def _range(one: Range) -> str:
    return f"{one.name} {','.join(sorted(map(str, one.versions), reverse=True))}".strip()
