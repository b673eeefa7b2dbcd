"""Run the suite on one machine: boot, and boot again without what died, until a boot reaches its END line."""

from lk import death, dying, explain, selection
from lk.boot import Attempt, Plan, audit_attempt, blame, boot_once
from lk.known import Issue
from lk.merge import merge
from lk.progress import Progress
from lk.record import Boot, Flaw, Test
from lk.report import Report, evidence

MAX_DEATHS = 5


class Session:
    """One machine's run. `report` grows with every boot."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self.report = Report(plan.machine.name, plan.machine.name, emulator=plan.emulator)
        self._plan = plan
        self._progress = progress
        self._left_out: list[str] = []
        self._dying: list[Issue] = []
        self._boots: list[Boot] = []

    def run(self, issues: list[Issue]) -> Report:
        """Run everything and return the report; raises Problem when the machine cannot be started."""
        lone = selection.lone_death(self._plan.patterns)
        if lone:
            self.report.tests = [self._die(lone)]
        else:
            self._dying = dying.of(issues, self._plan.machine.name, self._plan.emulator)
            self._run_suite()
            self.report.tests = merge(self._boots)
            self._run_deaths()
            self._run_dying()
        self.report.explain(issues, explain.scope(self._plan.patterns, self._plan.words, self._plan.machine.line))
        return self.report

    def _run_suite(self) -> None:
        while True:
            left_out = dying.patterns(self._dying) + self._left_out
            line = selection.kernel_line(self._plan.patterns, left_out, self._plan.words)
            without = f", without {', '.join(left_out)}" if left_out else ""
            attempt = self._boot(line, f"boot{len(self._left_out) + 1}", f"booting{without}")
            if attempt.boot:
                self._boots.append(attempt.boot)
            culprit = blame(attempt)
            if culprit is None:
                self._close(attempt)
                return
            self._progress.died(culprit)
            self.report.flaws += attempt.boot.flaws
            if not self._leave_out(culprit):
                return

    def _leave_out(self, culprit: Test) -> bool:
        """Take a test off the next boot; return whether another boot makes sense."""
        if culprit.id in self._left_out:
            self.report.flaws.append(Flaw("damaged", f"the kernel ran {culprit.id}, which its line had left out"))
            return False
        self._left_out.append(culprit.id)
        if len(self._left_out) < MAX_DEATHS:
            return True
        self.report.flaws.append(Flaw("lost", f"gave up after {MAX_DEATHS} deaths: no boot reached its END line"))
        return False

    def _close(self, attempt: Attempt) -> None:
        """Judge the boot that was the last one, because it reached END or because no test can be blamed."""
        flaws = audit_attempt(self._plan.machine, attempt)
        if attempt.boot is None or attempt.boot.end is None:
            self.report.remarks.append(str(attempt.ending))
        if len({boot.build for boot in self._boots}) > 1:
            flaws.append(Flaw("damaged", "the image changed between two boots"))
        self.report.flaws += flaws
        if flaws:
            stderr = [f"emulator: {line}" for line in attempt.ending.stderr.splitlines()]
            self.report.evidence = evidence(attempt.log) + stderr

    def _run_deaths(self) -> None:
        """Give every death test a boot of its own, once the suite itself reached its end."""
        if self.report.flaws or not self._boots or self._boots[-1].end is None:
            return
        for index, test in enumerate(self.report.tests):
            if death.waits(test):
                verdict = self._die(test.id)
                verdict.number = test.number
                self.report.tests[index] = verdict

    def _run_dying(self) -> None:
        """Try what is known to kill the machine, once the suite without it reached its end."""
        if not self._dying or self.report.flaws or not self._boots or self._boots[-1].end is None:
            return
        attempt = self._boot(selection.kernel_line([], [], ["list", *self._plan.words]), "list", "booting for its list")
        self.report.flaws += audit_attempt(self._plan.machine, attempt)
        names = [name for name, _ in attempt.boot.listing] if attempt.boot else []
        for title, tests in dying.listed(self._dying, names, self._plan.patterns).items():
            for test in dying.try_out(title, tests, self._alone):
                test.number = len(self.report.tests) + 1
                self.report.tests.append(test)

    def _alone(self, name: str) -> Test:
        """Boot for one test and return it with its verdict."""
        attempt = self._boot(selection.kernel_line([name], [], self._plan.words), name, f"booting for {name}")
        test = blame(attempt)
        if test:
            self.report.flaws += attempt.boot.flaws
        else:
            self.report.flaws += audit_attempt(self._plan.machine, attempt)
            test = next(iter(merge([attempt.boot] if attempt.boot else [])), Test(1, name, "lost", "no result"))
        self._progress.judged(test)
        return test

    def _die(self, name: str) -> Test:
        line = selection.kernel_line([name], [], self._plan.words)
        attempt = self._boot(line, name, f"booting for {name}")
        test = death.judge(name, attempt, self._plan.machine.reset_status)
        self._progress.judged(test)
        return test

    def _boot(self, line: str, name: str, purpose: str) -> Attempt:
        self._progress.booting(purpose)
        attempt = boot_once(self._plan, line, name, self._progress)
        self.report.logs.append(attempt.path)
        self.report.seconds = (self.report.seconds or 0) + attempt.ending.seconds
        if not self.report.command:
            self.report.command = attempt.command
        if attempt.boot:
            self.report.boots.append(attempt.boot)
        return attempt
