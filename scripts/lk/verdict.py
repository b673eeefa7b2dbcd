"""The words of a verdict, their order, and the exit status each one leads to."""

from collections.abc import Iterable

# What a single test can be that turns a run red, worst first.
RED = ("crash", "timeout", "error", "fail", "fixed", "damaged", "lost")

# What a whole run can be, worst first. The first three say that the log as a whole proves nothing, so they come
# before anything a test in it claims. "lost" comes after the findings: those stand even where a line is missing.
WORDS = ("loop", "damaged", "incomplete", "crash", "timeout", "error", "fail", "fixed", "lost", "empty", "pass", "skip")

EXIT_USAGE = 2
EXIT_STATUS = {
    "pass": 0,
    "crash": 1, "timeout": 1, "error": 1, "fail": 1, "fixed": 1,
    "loop": 3, "damaged": 3, "incomplete": 3, "lost": 3, "empty": 3,
    "skip": 77,
}

# Most telling first, for several machines in one run: a finding, a log that proves nothing, a pass, nothing tested.
EXIT_ORDER = (1, 3, 0, 77)


def worst(words: Iterable[str]) -> str:
    """Return the worst of some verdicts; "skip" when there are none, because nothing was tested.

    A known issue counts as a pass: it was looked at and is as listed.
    """
    seen = {"pass" if word == "known" else word for word in words}
    return next((word for word in WORDS if word in seen), "skip")


def worst_test(words: Iterable[str]) -> str:
    """Return the worst verdict of some tests, where a known issue is worse than a pass."""
    seen = set(words)
    return next((word for word in (*RED, "known", "pass") if word in seen), "skip")


def badness(verdict: str) -> int:
    """Rank the verdict of one test: 0 is harmless, the greatest number is a crash."""
    return len(RED) - RED.index(verdict) if verdict in RED else 0


def exit_status(statuses: Iterable[int]) -> int:
    """Return one exit status for several machines; 77 when none gave a verdict."""
    seen = set(statuses)
    return next((status for status in EXIT_ORDER if status in seen), 77)
