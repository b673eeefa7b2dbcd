"""Start an emulator, stream what it prints, and end it when it takes too long.

The emulator's standard output is the serial line. Everything is bounded: silence, the whole time, the amount of output,
and the time between the END line and the exit.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from lk.log import printable
from lk.problem import Problem

CHUNK = 65536
POLL_S = 0.1
STDERR_KEPT = 4096
MIB = 1 << 20


class Step(Enum):
    """What the reader of the output wants next."""

    GO_ON = 1
    AWAIT_EXIT = 2
    STOP = 3


@dataclass(frozen=True)
class Limits:
    """Seconds without output, seconds for the whole boot, MiB of output."""

    quiet: float
    whole: float
    output: float


@dataclass(frozen=True)
class Surroundings:
    """More environment variables, and what the emulator complains when the machine resets itself (empty: nothing)."""

    env: dict[str, str] = field(default_factory=dict)
    reset_text: str = ""


@dataclass(frozen=True)
class Ending:
    """How the emulator ended: by itself, with a status, or ended by us, with the reason as a sentence.

    `reset`: it was ended because it said that the machine reset itself; there is no status then.
    """

    status: int | None
    stopped: str
    seconds: float
    stderr: str
    reset: bool = False

    def __str__(self) -> str:
        if self.reset:
            return "the emulator said that the machine shut itself down"
        if self.stopped:
            return self.stopped
        if self.status < 0:
            names = {number.value: number.name for number in signal.Signals}
            return f"the emulator was killed by {names.get(-self.status, f'signal {-self.status}')}"
        return f"the emulator ended with status {self.status}"


def run(command: list[str], limits: Limits, sink: Callable[[bytes], Step],
        around: Surroundings = Surroundings()) -> Ending:
    """Run a command to its end and hand its output to `sink`, which says whether to go on.

    Raises Problem when the command cannot be started. Whatever happens, no process is left behind.
    """
    started = time.monotonic()
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True, env={**os.environ, **around.env})
    except OSError as error:
        raise Problem(f"cannot start {command[0]}: {error.strerror}") from None
    stream = _Stream(process, limits, sink, started, around.reset_text.encode())
    try:
        stopped = stream.follow()
    finally:
        _kill(process)
    status = None if stopped or stream.reset else process.returncode
    return Ending(status, stopped, time.monotonic() - started, stream.stderr(), stream.reset)


def _kill(process: subprocess.Popen) -> None:
    """End the process and whatever it started; they have a session of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    process.stderr.close()


class _Stream:
    def __init__(self, process: subprocess.Popen, limits: Limits, sink: Callable[[bytes], Step],
                 started: float, reset_text: bytes) -> None:
        self.reset = False
        self._process = process
        self._reset_text = reset_text
        self._limits = limits
        self._sink = sink
        self._heard = started
        self._deadline = started + limits.whole
        self._overrun = f"the machine was still running after {limits.whole:g} s"
        self._bytes = 0
        self._step = Step.GO_ON
        self._errors = b""

    def stderr(self) -> str:
        """The last of what the emulator itself complained about, one printable line per line."""
        return "\n".join(printable(line) for line in self._errors.decode("latin-1").splitlines() if line.strip())

    def follow(self) -> str:
        """Read until the emulator ends or is to be ended; return why it is to be ended, or an empty string."""
        with selectors.DefaultSelector() as selector:
            for pipe in (self._process.stdout, self._process.stderr):
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ)
            while True:
                exited = self._process.poll() is not None
                read = self._read(selector, 0 if exited else self._patience(bool(selector.get_map())))
                if self._step is Step.STOP:
                    return "the machine started again"
                if self.reset:
                    self._read(selector, 0)  # what it printed before is still in the pipe
                    return ""
                if exited and not read:
                    return ""
                if reason := self._overdue():
                    return reason

    def _patience(self, readable: bool) -> float:
        if not readable:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(POLL_S)
            return 0
        left = min(self._deadline, self._heard + self._limits.quiet) - time.monotonic()
        return max(0, min(POLL_S, left))

    def _read(self, selector: selectors.BaseSelector, patience: float) -> bool:
        """Read what is there, at most one chunk a pipe; return whether there was something."""
        some = False
        for key, _ in selector.select(patience):
            try:
                data = os.read(key.fd, CHUNK)
            except BlockingIOError:
                continue
            if not data:
                selector.unregister(key.fileobj)
            elif key.fileobj is self._process.stdout:
                some = True
                self._serial(data)
            else:
                some = True
                self._complaint(data)
        return some

    def _complaint(self, data: bytes) -> None:
        errors = self._errors + data
        self.reset = self.reset or (bool(self._reset_text) and self._reset_text in errors)
        self._errors = errors[-STDERR_KEPT:]

    def _serial(self, data: bytes) -> None:
        self._heard = time.monotonic()
        self._bytes += len(data)
        if self._step is Step.STOP:
            return
        step = self._sink(data)
        if step is Step.AWAIT_EXIT and self._step is Step.GO_ON:
            self._deadline = self._heard + self._limits.quiet
            self._overrun = f"the emulator was still running {self._limits.quiet:g} s after the END line"
        self._step = step

    def _overdue(self) -> str:
        now = time.monotonic()
        if now >= self._deadline:
            return self._overrun
        if self._bytes > self._limits.output * MIB:
            return f"the machine printed more than {self._limits.output:g} MiB"
        if now >= self._heard + self._limits.quiet:
            return f"the machine printed nothing for {self._limits.quiet:g} s"
        return ""
