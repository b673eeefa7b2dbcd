"""What the tests of the host tool share: the stub machine, a way to run it, and a way to run the command."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parents[1] / "scripts"
sys.dont_write_bytecode = True
sys.path[:0] = [str(SCRIPTS), str(HERE)]

from lk import known, machine  # noqa: E402
from lk.boot import Plan  # noqa: E402
from lk.progress import Progress  # noqa: E402
from lk.protocol import Parser  # noqa: E402
from lk.report import from_log  # noqa: E402
from lk.session import Session  # noqa: E402

PYTHON = "/usr/bin/python3"
MACHINES = """
default = "stub"
fastest = "stub"
[template.bare]
program = "{python}"
package = "python3"
quiet_limit = 1
time_limit = 5
log_limit = 1
args = ["-S", "-B", "{stub}"]
[template.python]
like = "bare"
reset_status = 0
exit_status = {{ pass = 17, fail = 19, skip = 21, error = 23 }}
[machine.stub]
like = "python"
about = "plays the kernel started directly"
boot = "kernel"
args = ["{{kernel}}", "{{line}}"]
[machine.stub-iso]
like = "python"
about = "plays the kernel in an ISO"
boot = "iso"
args = ["{{image}}"]
[machine.stub-resets]
like = "bare"
about = "goes on after a reset, and has no exit status"
boot = "kernel"
args = ["{{kernel}}", "{{line}}"]
[machine.stub-away]
like = "stub"
about = "a machine this computer cannot be"
device = "/dev/no-such-device"
[machine.stub-missing]
like = "stub"
about = "a machine whose emulator is not installed"
program = "no-such-emulator"
package = "no-such-package"
"""


ENTRY = """[[issue]]
title = "it %(test)s"
machine = "stub"
tests = ["%(test)s"]
what = "does it wrong"
why = "a title"
reproducer = "tests=%(test)s"
since = "ever"
upstream = "not told"
"""


def issue(*tests: str, title: str = "forgets", machine: str = "stub", **keys: object) -> known.Issue:
    """Return a known issue of the stub machine."""
    return known.Issue(title, "does it wrong", "a title", "tests=b", "ever", "not told", machine=(machine,),
                       tests=tests, **keys)


def judge(data: bytes, chunk: int = 65536):
    """Return the report on the bytes of a log."""
    parser = Parser()
    for start in range(0, len(data), chunk):
        parser.feed(data[start:start + chunk])
    return from_log("test", parser.finish())


def image(scenario: dict, line: str = "") -> bytes:
    """Return what the stub takes for an ISO."""
    return b"\x00\xffCD001 set line='" + line.encode().ljust(1000) + b"'\n" + json.dumps(scenario).encode()


# Which of the places each verb lets one choose.
DATA = ("--machines", "--known")
TAKES = {
    "run": (*DATA, "--kernel", "--image", "--results"), "parse": DATA, "list": ("--machines", "--kernel", "--image"),
    "report": (*DATA, "--results"), "findings": (*DATA, "--results"), "diff": ("--results",),
    "merge": (*DATA, "--results"),
}


class Bench:
    """A folder with stub machines; runs scenarios in this process or through the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / "results"
        self.machines = folder / "machines.toml"
        self.known = folder / "known.toml"
        self.machines.write_text(MACHINES.format(python=PYTHON, stub=HERE / "stub.py"))
        self.known.write_text("")

    def session(self, scenario: dict, name: str = "stub", patterns=(), words=(), issues=(), progress=None):
        """Run a scenario on a stub machine and return the report."""
        self.place(scenario)
        folder = self.results / name
        folder.mkdir(parents=True, exist_ok=True)
        plan = Plan(machine.load(self.machines).get(name), PYTHON, self.folder / "image", self.folder / "kernel",
                    folder, patterns, words)
        return Session(plan, progress or Progress()).run(list(issues))

    def place(self, scenario: dict) -> None:
        """Write the scenario where the stub machines look for a kernel or an ISO."""
        (self.folder / "kernel").write_text(json.dumps(scenario))
        (self.folder / "image").write_bytes(image(scenario))

    def command(self, verb: str, *words: str, data: bytes = b"", python=(PYTHON,)) -> subprocess.CompletedProcess:
        """Run the command as a user would, with this folder's machines."""
        return subprocess.run([*python, *self._words(verb, words)], input=data, capture_output=True, timeout=60)

    def start(self, verb: str, *words: str) -> subprocess.Popen:
        """Start the command and do not wait for it; it minds SIGINT even where this process was told to ignore it."""
        return subprocess.Popen([PYTHON, *self._words(verb, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def _words(self, verb: str, words: tuple[str, ...]) -> list:
        places = {"--machines": self.machines, "--known": self.known, "--kernel": self.folder / "kernel",
                  "--image": self.folder / "image", "--results": self.results}
        chosen = (word for name in TAKES.get(verb, ()) for word in (name, places[name]))
        return [SCRIPTS / "latchkey", verb, *words, *chosen]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
