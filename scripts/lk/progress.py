"""What is shown while a machine runs: a bar on a terminal, plain lines elsewhere."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bar, TextColumn, TimeElapsedColumn

from lk.record import Boot, Listener, Test

QUIET = ("pass", "skip")
STEPS = 10


class Progress(Listener):
    """Is told what happens on one machine; this one shows nothing."""

    def booting(self, purpose: str) -> None:
        """An emulator is about to start."""

    def died(self, test: Test) -> None:
        """A boot ended without END, in this test."""

    def judged(self, test: Test) -> None:
        """A death test has its verdict."""

    def close(self) -> None:
        """Nothing more will come."""


class Lines(Progress):
    """Plain lines: every start, every tenth of the tests, and every verdict that is not a pass or a skip."""

    def __init__(self, console: Console, name: str, verbose: bool) -> None:
        self._console = console
        self._name = name
        self._verbose = verbose
        self._tenth = 0

    def booting(self, purpose: str) -> None:
        self._print(purpose)

    def begun(self, boot: Boot) -> None:
        self._tenth = 0
        self._print(f"{boot.plan} test{'' if boot.plan == 1 else 's'}, build {boot.build}")

    def result(self, boot: Boot, test: Test) -> None:
        done = len(boot.results)
        tenth = done * STEPS // boot.plan if boot.plan else 0
        if self._verbose or test.verdict not in QUIET:
            self._print(_sentence(test))
        elif tenth > self._tenth:
            self._print(f"{done} of {boot.plan}")
        self._tenth = tenth

    def died(self, test: Test) -> None:
        self._print(_sentence(test))

    def judged(self, test: Test) -> None:
        self._print(_sentence(test))

    def _print(self, text: str) -> None:
        self._console.print(f"{self._name}: {text}", markup=False, highlight=False, soft_wrap=True)


class Live(Lines):
    """A bar that counts tests and names the running one; verdicts worth reading scroll by above it."""

    def __init__(self, console: Console, name: str, verbose: bool) -> None:
        super().__init__(console, name, verbose)
        self._bar = Bar(TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
                        TimeElapsedColumn(), TextColumn("{task.fields[test]}", markup=False),
                        console=console, transient=True)
        self._task = self._bar.add_task(name, total=None, test="")
        self._bar.start()

    def booting(self, purpose: str) -> None:
        self._bar.update(self._task, completed=0, total=None, test=purpose)

    def begun(self, boot: Boot) -> None:
        self._bar.update(self._task, total=boot.plan)

    def running(self, boot: Boot) -> None:
        self._bar.update(self._task, test=boot.running.id)

    def result(self, boot: Boot, test: Test) -> None:
        self._bar.update(self._task, completed=len(boot.results))
        if self._verbose or test.verdict not in QUIET:
            self._print(_sentence(test))

    def close(self) -> None:
        self._bar.stop()


def _sentence(test: Test) -> str:
    return f"{test.verdict} {test.id}" + (f": {test.reason}" if test.reason else "")


def show(console: Console, name: str, verbose: bool) -> Progress:
    """Return the way to show progress that fits this console."""
    return (Live if console.is_terminal else Lines)(console, name, verbose)
