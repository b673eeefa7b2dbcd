"""Several machines at a time: one outcome each, in order, nothing left behind, and the table of rules."""

import json
import signal
import time
from pathlib import Path

from conftest import Bench

PASS = {"tests": {"self_a": "pass", "rights_golden_keys_l4": "pass"}}


def test_machines_run_side_by_side_and_report_in_order(bench: Bench) -> None:
    bench.place({**PASS, "linger": True})
    done = bench.command("run", "stub-iso", "stub", "--jobs", "2")
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert lines[:2] == ["stub-iso: started", "stub: started"]
    assert [line.split()[0] for line in lines[-2:]] == ["stub-iso", "stub"]
    assert [line for line in lines if line.startswith("TIMEOUT")]


def test_the_results_are_those_of_a_run_of_its_own(bench: Bench) -> None:
    bench.place({"tests": {"self_a": "pass", "rights_b": "fail"}})
    assert bench.command("run", "stub", "stub-iso", "--tests=self_*", "--jobs=2").returncode == 0
    for name in ("stub", "stub-iso"):
        results = json.loads((bench.results / name / "results.json").read_text())
        assert [test["id"] for test in results["tests"]] == ["self_a"]
    assert bench.command("run", "stub", "stub-iso", "--jobs=2").returncode == 1


def test_wrong_usage_is_one_sentence_before_anything_starts(bench: Bench) -> None:
    bench.place(PASS)
    done = bench.command("run", "stub", "stub-missing", "--jobs=2")
    assert done.returncode == 2 and b"no-such-package" in done.stderr and b"started" not in done.stdout
    assert b"want 1 or more" in bench.command("run", "stub", "--jobs=0").stderr


def test_a_machine_that_cannot_be_run_ends_it_with_its_sentence(bench: Bench) -> None:
    bench.place(PASS)
    bench.results.mkdir()
    (bench.results / "stub").write_text("")
    done = bench.command("run", "stub", "stub-iso", "--jobs=2")
    assert done.returncode == 2 and b"latchkey: stub: cannot make the folder" in done.stderr


def test_a_stopped_run_leaves_no_emulator_behind(bench: Bench) -> None:
    bench.place({"mute": True})
    bench.machines.write_text(bench.machines.read_text().replace("quiet_limit = 1", "quiet_limit = 60")
                              .replace("time_limit = 5", "time_limit = 60"))
    process = bench.start("run", "stub", "stub-iso", "--jobs=2")
    while b"stub-iso: started" not in process.stdout.readline():
        pass
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    started = time.monotonic()
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM and time.monotonic() - started < 5
    assert not _processes(str(bench.folder))


def test_the_table_has_a_row_for_every_rule_that_was_tried(bench: Bench) -> None:
    bench.place(PASS)
    good = bench.command("run", "stub", "stub-iso", "--jobs=2", "--table").stdout.decode()
    assert [line.split()[1:] for line in good.splitlines() if line.startswith("ad_denies_reads ")] == [[".", "."]]
    assert "1  stub: " in good and "2  stub-iso: " in good and "reserved_bit" not in good
    bench.place({"tests": {"rights_golden_keys_l4": "fail"}})
    bad = bench.command("run", "stub", "--table").stdout.decode()
    assert [line.split()[1:] for line in bad.splitlines() if line.startswith("ad_denies_reads ")] == [["?"]]


def _processes(words: str) -> list[str]:
    """Return the command lines of this computer's processes that hold these words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if words in line:
            found.append(line)
    return found
