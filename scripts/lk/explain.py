"""Hold a run against the known issues. Strict both ways: exactly what is listed is known, and only while it shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lk import rules
from lk.known import Issue
from lk.record import TURNS_KNOWN, Flaw, Test

# Words of the kernel's line that take a part out of a test: what is listed for it need not show in that part.
PARTS = ("case=", "shard=", "effort=")
_SIGNATURE = re.compile(r"# (fail |\d+ (times|more failures) )")


@dataclass(frozen=True)
class Scope:
    """How much a run was asked for: all tests of the machine, and each of them whole."""

    suite: bool = False
    whole: bool = True


def scope(patterns: Sequence[str], words: Sequence[str], usual: str) -> Scope:
    """Return the scope of a run with these patterns and words, where the machine's own line is `usual`."""
    extra = " ".join(words).split()
    for word in usual.split():
        if word in extra:
            extra.remove(word)
    return Scope(not patterns and not extra, not any(word.startswith(PARTS) for word in extra))


def apply(issues: Sequence[Issue], tests: list[Test], asked: Scope) -> list[Flaw]:
    """Turn what the issues of this machine explain into `known`, and what is listed but passed into `fixed`.

    The old verdict goes in front of the reason. A skipped test was not run: its entry is left alone, but an issue of
    which nothing was run in the whole suite is an error, and so is one that names a rule that no test names. Returns
    those as flaws.
    """
    shown: set[str] = set()
    for test in tests:
        shown |= rules.named(test)
        _judge(issues, test, asked)
    return [flaw for issue in issues if (flaw := _idle(issue, tests, shown))] if asked == Scope(True, True) else []


def _judge(issues: Sequence[Issue], test: Test, asked: Scope) -> None:
    listed = [issue for issue in issues if issue.lists(test.id)]
    if test.verdict in TURNS_KNOWN:
        causes = _by_test(listed, test) or _by_rule(issues, test)
        if causes:
            was = f"{test.verdict} {test.reason}".strip()
            told = "; also ".join(f"{issue.title} ({issue.why})" for issue in causes)
            test.was, test.verdict, test.reason = test.verdict, "known", f"{told} [{was}]"
            test.known = tuple(issue.title for issue in causes)
    elif test.verdict == "pass" and listed and asked.whole:
        test.was, test.verdict = "pass", "fixed"
        test.reason = f"passes now: take it off the known issue '{listed[0].title}'"
        test.known = tuple(issue.title for issue in listed)


def _by_test(listed: list[Issue], test: Test) -> list[Issue]:
    """Return the issues that list the test, if they explain all that it shows."""
    causes = [issue for issue in listed if test.verdict in issue.verdict]
    if not causes or not all(issue.shows for issue in causes):
        return causes
    texts = [text for issue in causes for text in issue.shows]
    lines = [line for line in test.detail if _SIGNATURE.match(line)]
    if not lines:
        return causes if any(re.search(text, line) for text in texts for line in test.lines()) else []
    return causes if all(any(re.search(text, line) for text in texts) for line in lines) else []


def _by_rule(issues: Sequence[Issue], test: Test) -> list[Issue]:
    """Return the issues whose rules are named in the test's failure lines, if every line names one of those."""
    named = rules.named(test)
    causes = [issue for issue in issues if test.verdict in issue.verdict and named & issue.broken]
    covered = {name for issue in causes for name in issue.broken}
    return causes if causes and named <= covered and rules.all_named(test) else []


def _idle(issue: Issue, tests: list[Test], shown: set[str]) -> Flaw | None:
    """Return a flaw where the whole suite has nothing, or no longer all, of what an issue lists."""
    ran = [test for test in tests if test.verdict != "skip"]
    tried = [rule for rule in issue.rules if any(rules.has_row(rule, test.id) for test in ran)]
    if not tried and not any(issue.lists(test.id) for test in ran):
        return Flaw("error", f"the known issue '{issue.title}' matches nothing here: nothing of what it names was run")
    gone = [rule.id for rule in tried if rule.id not in shown]
    if gone:
        return Flaw("fixed", f"no test shows the rule {' or '.join(gone)} of the known issue '{issue.title}'")
    return None
