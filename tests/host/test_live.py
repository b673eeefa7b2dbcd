"""`latchkey parse --device` on pseudo terminals: the kernel talks on one side, the tool listens on the other."""

import os
import pty
import signal
import subprocess
import time
import tty

import pytest
import stub
from conftest import PYTHON, SCRIPTS
from recordings import NOISE, RUNS

TESTS = {"self_a": "pass", "rights_b_l4": "pass", "rights_c_l4": "skip no la57"}
LOG = stub.log(TESTS)
RUNNING = LOG[:LOG.index(b"ok 2")]


class Listening:
    """The tool on one side of a serial line; `say` is the other side."""

    def __init__(self, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        tty.setraw(self._ours)
        tty.setraw(theirs)
        self.device = os.ttyname(theirs)
        self._tool = subprocess.Popen([PYTHON, SCRIPTS / "latchkey", "parse", "--device", self.device, *words],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self._told = b""
        # Opening a serial line throws away what was received before: wait until it is open.
        while b"listening" not in self._told and self._tool.poll() is None:
            self._told += self._tool.stderr.read1()
        time.sleep(0.5)
        os.close(theirs)

    def say(self, data: bytes, step: int = 512) -> "Listening":
        for start in range(0, len(data), step):
            os.write(self._ours, data[start:start + step])
        return self

    def hang_up(self) -> "Listening":
        time.sleep(0.5)
        os.close(self._ours)
        return self

    def interrupt(self) -> "Listening":
        time.sleep(0.5)
        self._tool.send_signal(signal.SIGINT)
        return self

    def verdict(self) -> tuple[int, str]:
        """The exit status, and the summary."""
        out, told = self._tool.communicate(timeout=30)
        assert b"Traceback" not in told
        self.told = (self._told + told).decode()
        return self._tool.returncode, out.decode()


def test_a_whole_run_ends_by_itself_and_is_saved(tmp_path) -> None:
    listening = Listening("--baud", "9600", "--save", str(tmp_path / "raw")).say(NOISE[0] + LOG, 7)
    status, text = listening.verdict()
    assert status == 0 and "PASS" in text and "3 tests: 2 pass, 1 skip" in text
    assert (tmp_path / "raw").read_bytes() == NOISE[0] + LOG
    assert "listening at 9600 baud" in listening.told and "3 of 3" in listening.told


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_recorded_runs(run) -> None:
    word = run.name.split("_")[1].replace("death", "timeout")
    status, text = Listening("--quiet-limit", "0.7").say(run.data).verdict()
    assert word.upper() in text and status == {"pass": 0, "fail": 1, "skip": 77, "timeout": 1}[word], text


def test_silence_is_a_timeout_of_the_running_test() -> None:
    status, text = Listening("--quiet-limit", "0.7").say(RUNNING).verdict()
    assert status == 1 and "TIMEOUT" in text
    assert "the machine printed nothing for 0.7 s; test 2, rights_b_l4, was running" in text
    assert "timeout     rights_b_l4: the machine printed nothing for 0.7 s" in text


def test_silence_before_begin_is_waited_for_but_not_past_the_limit_of_all() -> None:
    status, text = Listening("--quiet-limit", "0.2", "--time-limit", "1.5").say(b"firmware\r\n").verdict()
    assert status == 3 and "EMPTY" in text
    listening = Listening("--quiet-limit", "0.5").say(b"firmware\r\n")
    time.sleep(1)
    assert listening.say(LOG).verdict()[0] == 0


def test_a_device_that_goes_away() -> None:
    status, text = Listening().say(RUNNING).hang_up().verdict()
    assert status == 3 and "INCOMPLETE" in text and "test 2, rights_b_l4, was running" in text


def test_ctrl_c_gives_the_verdict_on_what_was_heard() -> None:
    status, text = Listening().say(RUNNING).interrupt().verdict()
    assert status == 3 and "INCOMPLETE" in text and "rights_b_l4" in text


def test_a_machine_that_starts_over_and_over() -> None:
    status, text = Listening().say(3 * RUNNING).verdict()
    assert status == 3 and "LOOP" in text and "rights_b_l4, was running" in text


def test_results_behind_end_are_still_heard() -> None:
    listening = Listening().say(LOG)
    time.sleep(0.3)
    status, text = listening.say(b"ok 1 - self_a\r\n").verdict()
    assert status == 3 and "result after END" in text


def test_a_device_that_is_not_there() -> None:
    command = [PYTHON, SCRIPTS / "latchkey", "parse", "--device", "/dev/no-such-tty"]
    answer = subprocess.run(command, capture_output=True)
    assert answer.returncode == 2
    assert b"cannot open /dev/no-such-tty at 115200 baud: " in answer.stderr and b"Traceback" not in answer.stderr
