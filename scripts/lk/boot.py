"""One boot of one machine: build the command, keep the raw log, read it while it comes."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lk import iso, places
from lk.audit import audit, audit_exit
from lk.emulator import Ending, Limits, Step, run
from lk.machine import Machine
from lk.protocol import Parser
from lk.record import Boot, Flaw, Listener, Log, Test

LAST_WORDS = 6
WATCHDOG = "the kernel's watchdog ended it"


@dataclass(frozen=True)
class Plan:
    """What to run and where to keep it: the same for every boot of a session."""

    machine: Machine
    program: str
    image: Path
    kernel: Path
    results: Path
    patterns: Sequence[str] = ()
    words: Sequence[str] = ()
    emulator: str = ""

    @property
    def files(self) -> dict[str, str]:
        """The values that fill an emulator's arguments and do not change from boot to boot."""
        return {"image": str(self.image), "kernel": str(self.kernel)}


@dataclass(frozen=True)
class Attempt:
    """One boot and how it ended."""

    log: Log
    ending: Ending
    path: Path
    command: list[str]

    @property
    def boot(self) -> Boot | None:
        """The boot that was read; the first one where the machine started again."""
        return self.log.boots[0] if self.log.boots else None


def boot_once(plan: Plan, line: str, name: str, listener: Listener) -> Attempt:
    """Start the machine with this kernel command line; raises Problem when it cannot be started.

    The raw log is `name`.log in the results folder. Private copies and a derived ISO live only as long as the boot.
    """
    path = plan.results / f"{name}.log"
    with tempfile.TemporaryDirectory(prefix="latchkey-") as scratch, path.open("wb", buffering=0) as raw:
        command = plan.machine.command(plan.program, _values(plan, line, Path(scratch)))
        parser = Parser(listener)

        def sink(data: bytes) -> Step:
            raw.write(data)
            parser.feed(data, time.monotonic())
            return _step(parser.log)

        limits = Limits(plan.machine.quiet_limit, plan.machine.time_limit, plan.machine.log_limit)
        ending = run(command, limits, sink, plan.machine.surroundings())
    return Attempt(parser.finish(), ending, path, command)


def audit_attempt(machine: Machine, attempt: Attempt) -> list[Flaw]:
    """Return what keeps a boot from proving itself: its log, and the emulator's own word on it."""
    flaws = audit(attempt.log, one_process=True)
    if not (attempt.boot and attempt.boot.end) or attempt.log.begun > 1:
        return flaws
    ending = attempt.ending
    if ending.stopped:
        return [*flaws, Flaw("timeout", ending.stopped)]
    return flaws + audit_exit(attempt.log, machine.exit_status, ending.status, str(ending))


def blame(attempt: Attempt) -> Test | None:
    """Return the test that a boot without END died in, with its verdict; None where no test can be blamed.

    It is the last one announced before the emulator ended, was ended, or let the machine start again. Where its result
    line had already come, the death was behind it, and it is still the best suspect: the next boot, without it, shows.
    A result that says `timeout` is the kernel's own end of that boot.
    """
    boot = attempt.boot
    if boot is None or boot.end or boot.running is None:
        return None
    test = boot.running
    if test.verdict == "timeout":
        test.reason = WATCHDOG
    else:
        late = f", after the result line of this test ({test.verdict})" if test.verdict else ""
        test.verdict = "timeout" if attempt.ending.stopped and attempt.log.begun == 1 else "crash"
        test.reason = f"{attempt.ending}{late}"
    # In front: a test that printed too much has no room behind.
    test.detail[:0] = [f"emulator: {line}" for line in attempt.ending.stderr.splitlines()[-LAST_WORDS:]]
    boot.results[test.number] = test
    return test


def _values(plan: Plan, line: str, scratch: Path) -> Mapping[str, str]:
    values = plan.files | {"line": line}
    if plan.machine.boot == "iso" and line:
        values["image"] = str(scratch / "latchkey.iso")
        iso.derive(plan.image, line, Path(values["image"]))
    for key, original in plan.machine.copies.items():
        values[key] = str(scratch / key)
        Path(values[key]).write_bytes(Path(original).read_bytes())
    if plan.machine.config:
        template = (places.SCRIPTS / plan.machine.config).read_text()
        config = scratch / "config"
        config.write_text(template.format_map(plan.machine.filled(values)))
        values["config"] = str(config)
    return values


def _step(log: Log) -> Step:
    if log.begun > 1:
        return Step.STOP
    return Step.AWAIT_EXIT if log.boot and log.boot.end else Step.GO_ON
