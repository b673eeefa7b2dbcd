"""What a run or a log amounts to: the tests, the flaws, and the one word."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lk import explain, verdict
from lk.audit import audit
from lk.known import Issue
from lk.merge import merge
from lk.record import Boot, Flaw, Log, Test

WIDTH = 160


@dataclass
class Report:
    """The outcome for one machine or one log.

    `remarks` say what happened on the way; `evidence` are lines to show where no test can be blamed.
    """

    name: str
    machine: str | None = None
    boots: list[Boot] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    emulator: str = ""
    command: list[str] = field(default_factory=list)
    seconds: float | None = None

    @property
    def word(self) -> str:
        """The verdict on the whole."""
        return verdict.worst([flaw.word for flaw in self.flaws] + [test.verdict for test in self.tests])

    @property
    def status(self) -> int:
        """The exit status this verdict leads to."""
        return verdict.EXIT_STATUS[self.word]

    @property
    def fp(self) -> str:
        """The machine's fingerprint as its kernel printed it."""
        return next((boot.fp for boot in self.boots if boot.fp), "")

    def counts(self) -> Counter[str]:
        """Return how many tests have each verdict."""
        return Counter(test.verdict for test in self.tests)

    def explain(self, issues: Sequence[Issue], asked: explain.Scope) -> None:
        """Hold the tests against the known issues of this machine; of a log with flaws not the whole suite was seen."""
        here = [issue for issue in issues if issue.fits(self.machine, self.emulator, self.fp)]
        seen = replace(asked, suite=asked.suite and not self.flaws)
        self.flaws += explain.apply(here, self.tests, seen)


def from_log(name: str, log: Log, issues: Sequence[Issue] = (), machine: str | None = None,
             emulator: str = "", stopped: str = "") -> Report:
    """Return the report on a log; `stopped` says why reading ended before the machine did.

    What the run was asked for is not in a log.
    """
    report = Report(name, machine, boots=log.boots, flaws=audit(log, stopped=stopped), emulator=emulator)
    log.blame(stopped)
    report.tests = merge(log.boots)
    if len(log.boots) > 1:
        builds = sorted({boot.build for boot in log.boots if boot.build})
        of = f", of the builds {' and '.join(builds)}" if len(builds) > 1 else ""
        report.remarks.append(f"the log holds {log.begun} boots{of}; each test has its worst verdict")
    report.remarks += [f"the machine started {boot.starts} times in run {boot.nonce}: each boot after the first went on"
                       " behind the test that had died" for boot in log.boots if boot.starts > 1]
    if report.flaws:
        report.evidence = evidence(log)
    report.explain(issues, explain.Scope())
    return report


def evidence(log: Log) -> list[str]:
    """Return the lines that explain a log with no test to blame: the kernel's own message first, then the last ones."""
    first = list(log.messages)
    if log.boot and log.boot.refused:
        first.append(f"# @ refused {log.boot.refused}")
    return first + [line.strip()[:WIDTH] for line in log.tail if line not in first and line.strip()]
