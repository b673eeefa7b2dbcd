"""scripts/lava.yaml, used as LAVA uses it: pexpect, unanchored, re.DOTALL, on bytes that come in random pieces.

LAVA (lava_dispatcher/actions/test/monitor.py, TestMonitorAction) takes the monitors one after the other: it waits for
`start`, then expects EOF, TIMEOUT, `end` and `pattern` at once; a match gives `result`, changed by `fixupdict`, and
`test_case_id`, lower-cased, with `_` for everything else.
"""

import os
import random
import re
import threading
from pathlib import Path

import pexpect
import pytest
import stub
import yaml
from conftest import SCRIPTS
from pexpect.fdpexpect import fdspawn
from recordings import NOISE, RUNS

JOB = yaml.safe_load((SCRIPTS / "lava.yaml").read_text())
MONITORS = JOB["actions"][-1]["test"]["monitors"]
WORDS = {"pass", "fail", "skip", "unknown"}
COMPLETE = [run for run in RUNS if b"LATCHKEY-END" in run.data]


def watch(data: bytes, seed: int, timeout: float = 20) -> tuple[dict[str, str], str]:
    """Return what LAVA would make of these bytes: the results, and how it ended (start, end, eof, timeout)."""
    (monitor,) = MONITORS
    reader, writer = os.pipe()
    chance = random.Random(seed)

    def feed() -> None:
        place = 0
        while place < len(data):
            size = chance.choice((1, 2, 7, 40, 300, 4000))
            os.write(writer, data[place:place + size])
            place += size
        os.close(writer)

    feeder = threading.Thread(target=feed)
    feeder.start()
    console = fdspawn(reader, encoding="utf-8", codec_errors="replace", timeout=timeout)
    console.maxread = chance.choice((9, 2000))
    results: dict[str, str] = {}
    try:
        if console.expect([monitor["start"], pexpect.EOF]):
            return results, "no start"
        patterns = [pexpect.EOF, pexpect.TIMEOUT, monitor["end"], monitor["pattern"]]
        while (event := console.expect(patterns)) == 3:
            found = console.match.groupdict()
            word = monitor["fixupdict"].get(found["result"], found["result"])
            assert word in WORDS
            name = re.sub(r"\W+", "_", found["test_case_id"].strip().lower())
            assert name not in results, "LAVA keeps one result for each name"
            results[name] = word
        return results, ("eof", "timeout", "end")[event]
    finally:
        feeder.join()
        os.close(reader)


@pytest.mark.parametrize("run", COMPLETE, ids=lambda run: run.name)
@pytest.mark.parametrize("seed", range(6))
def test_every_result_and_nothing_else(run, seed: int) -> None:
    results, ending = watch(NOISE[seed % len(NOISE)] + run.data + NOISE[0], seed)
    assert ending == "end"
    assert results == run.truth


@pytest.mark.parametrize("seed", range(4))
def test_error_timeout_and_crash_are_failures(seed: int) -> None:
    tests = {"a": "pass", "b": "error state cr4", "c": "error timeout 2 s", "d": "skip ok 3 - x", "e": "fail"}
    assert watch(stub.log(tests), seed) == ({"a": "pass", "b": "fail", "c": "fail", "d": "skip", "e": "fail"}, "end")


@pytest.mark.parametrize("seed", range(4))
def test_foreign_text_is_no_result(seed: int) -> None:
    log = stub.log({"a": "pass", "b": "pass"})
    foreign = b"so it is ok 7 - say\r\nBMC not ok 8 - x\r\n# RUN 2"
    assert watch(log.replace(b"# RUN 2", foreign), seed) == ({"a": "pass", "b": "pass"}, "end")


@pytest.mark.parametrize("seed", range(4))
def test_half_a_line_is_no_result_and_no_end(seed: int) -> None:
    log = stub.log({"a": "pass", "b": "skip why", "c": "pass"})
    assert watch(log[:log.index(b"ok 2") + 9], seed) == ({"a": "pass"}, "eof")
    assert watch(log[:log.index(b" # SKIP")], seed) == ({"a": "pass"}, "eof")
    assert watch(log[:-2], seed) == ({"a": "pass", "b": "skip", "c": "pass"}, "eof")
    assert watch(log.replace(b"LATCHKEY-BEGIN", b"LATCHKEY-BEG1N"), seed) == ({}, "no start")


def test_the_job_is_as_lava_wants_it() -> None:
    """The keys that LAVA's schema of a job requires, and one monitor: LAVA runs several one after the other."""
    assert {"job_name", "timeouts", "actions", "priority", "visibility"} <= JOB.keys()
    assert [list(action) for action in JOB["actions"]] == [["deploy"], ["boot"], ["test"]]
    assert {"job", "action", "connection"} == JOB["timeouts"].keys()
    for monitor in MONITORS:
        assert {"name", "start", "end", "pattern", "fixupdict"} == monitor.keys()
        for key in ("start", "end", "pattern"):
            assert monitor[key].endswith(r"\r\n") and ".*" not in monitor[key]
    assert Path(JOB["actions"][0]["deploy"]["images"]["iso"]["url"]).name == "latchkey.iso"
