"""Real logs, damaged at random: never a traceback, never a pass that was not, and none lost that was.

`make test` damages ten thousand logs, the same ones each time. LATCHKEY_DAMAGE=100000 damages that many others; the
figures are printed with `pytest -s`.
"""

import io
import os
from collections import Counter

from conftest import judge
from damage import DAMAGES, HARMLESS, spoil_comments
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from recordings import NOISE, RUNS, may_be_green
from rich.console import Console

from lk import results, summary, tap

TOTAL = int(os.environ.get("LATCHKEY_DAMAGE", 10000))
REACHED = {"pass", "fail", "skip", "damaged", "incomplete", "lost", "crash", "loop", "empty"}
ENDINGS = [b"\n", b"\r\n", b"\n\r", b"\r\r\n", b"\r\n\0"]
NUMBER = some.integers(0, 1 << 16)


def times(share: float) -> settings:
    """Return how often: repeatable unless the user asked for a number of his own."""
    return settings(max_examples=int(TOTAL * share), deadline=None, database=None, print_blob=True,
                    derandomize="LATCHKEY_DAMAGE" not in os.environ, suppress_health_check=list(HealthCheck))


def hits(kinds, most: int):
    """Some damages, each a kind and three numbers."""
    return some.lists(some.tuples(some.sampled_from(list(kinds)), NUMBER, NUMBER, NUMBER), min_size=1, max_size=most)


def told(report) -> list[tuple]:
    return [(test.id, test.verdict, test.reason) for test in report.tests]


def check_forms(report) -> None:
    """Nothing that is made of the report may stumble over it, and TAP is green only where the verdict is."""
    summary.show(Console(file=io.StringIO()), report)
    results.encode(report)
    red = any(line.startswith("not ok ") for line in tap.encode([report]).splitlines())
    assert red == (report.word not in ("pass", "skip"))


def test_the_oracle_knows_the_recordings() -> None:
    assert len(RUNS) == 8 and sum(run.green for run in RUNS) == 5
    for run in RUNS:
        report = judge(run.data)
        assert report.word == run.name.split("_")[1].replace("death", "incomplete")
        assert may_be_green(run.data, {test.id: test.verdict for test in report.tests}) == run.green
        assert run.truth == {test.id: test.verdict for test in report.tests if test.verdict != "lost"}
        for line in run.essential:
            assert not may_be_green(run.data.replace(line, b"", 1), run.truth), line
            assert not may_be_green(run.data.replace(line, line[:3] + b"?" + line[4:], 1), run.truth), line


def test_no_damage_makes_a_pass_that_was_not() -> None:
    words: Counter[str] = Counter()

    @times(0.7)
    @given(some.sampled_from(RUNS), hits(DAMAGES, 4), some.sampled_from([17, 61, 4096, 65536]), some.integers(0, 15))
    def check(run, damages, chunk, forms) -> None:
        data = run.data
        for kind, *numbers in damages:
            data = DAMAGES[kind](data, *numbers)
        report = judge(data, chunk)
        words[report.word] += 1
        if report.word == "pass":
            assert may_be_green(data, {test.id: test.verdict for test in report.tests})
        if not forms:
            check_forms(report)

    check()
    print(f"\ndamaged anywhere: {sum(words.values())} logs: {dict(words.most_common())}")
    assert REACHED <= set(words) or TOTAL < 10000


def test_damage_of_comments_and_noise_changes_no_verdict() -> None:
    words: Counter[str] = Counter()

    @times(0.3)
    @given(some.sampled_from(RUNS), hits(HARMLESS, 6), some.sampled_from(ENDINGS), some.sampled_from([b"", *NOISE]),
           some.booleans(), some.sampled_from([61, 65536]))
    def check(run, damages, ending, firmware, glued, chunk) -> None:
        truth = judge(run.data)
        front = firmware.rstrip(b"\r\n") if glued else firmware + b"\r\n"
        report = judge(front + spoil_comments(run.data, damages, ending).lstrip(b"\r\n"), chunk)
        words[report.word] += 1
        assert report.word == truth.word
        # Where END is missing, who was running is known from a comment alone.
        assert told(report) == told(truth) or truth.word == "incomplete"

    check()
    print(f"\ndamaged comments: {sum(words.values())} logs: {dict(words.most_common())}")
    assert {"pass", "fail", "skip", "incomplete"} == set(words)
