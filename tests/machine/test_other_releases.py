"""Emulators of other Debian releases, where `scripts/emulators` has unpacked them. `make machines` runs the whole suite
on them; here is what only they do: no exit status, a shutdown that is a complaint, a panic."""

import json
import re
from pathlib import Path

import pytest
from conftest import TOP, latchkey

from lk import machine

MACHINES = machine.load(TOP / "scripts/machines.toml").by_name


def run(name: str, folder: Path, tests: str, *words: str) -> tuple[int, dict[str, dict]]:
    """Run some tests on a machine; the exit status and the tests by name."""
    if not MACHINES[name].root.complete():
        pytest.skip(f"{MACHINES[name].root.name} is not unpacked: scripts/emulators")
    done = latchkey("run", name, f"--tests={tests}", *words, results=folder)
    assert done.returncode != 2, done.stderr
    results = json.loads((folder / name / "results.json").read_text())
    return done.returncode, {test["id"]: test for test in results["tests"]}


@pytest.mark.parametrize("name", sorted(name for name, one in MACHINES.items() if one.root))
def test_the_kernel_trusts_itself_there_and_a_death_is_seen(name: str, tmp_path: Path) -> None:
    status, tests = run(name, tmp_path, "self_*,death_triple_fault*")
    assert status == 0
    # Without la57 there is no _l5; Bochs 3.1 does not have the pages that two of the comparisons are tried on.
    assert {test["verdict"] for test in tests.values()} <= {"pass", "skip", "known"}
    assert all(name.startswith("self_judge") for name, test in tests.items() if test["verdict"] == "known")
    assert "death_triple_fault_l4" in tests and any(test.startswith("self_") for test in tests)


def test_a_panic_of_the_emulator_is_the_crash_of_the_test_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text("")
    status, tests = run("bochs30-sapphire-rapids", tmp_path, "rights_golden_codes_l4,rights_golden_keys_l4,self_crc*",
                        "--known", str(tmp_path / "known.toml"))
    assert status == 1
    assert tests["rights_golden_codes_l4"]["verdict"] == "crash"
    assert "asked to set dirty on paging leaf entry" in tests["rights_golden_codes_l4"]["detail"]
    assert tests["rights_golden_keys_l4"]["verdict"] == "pass"


def test_no_exit_status_is_asked_of_an_emulator_that_has_none(tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text("")
    words = ("--known", str(tmp_path / "known.toml"))
    assert run("bochs30-sapphire-rapids", tmp_path, "msr_reserved_l4", *words)[0] == 1
    assert run("bochs30-sapphire-rapids", tmp_path, "msr_*,-msr_reserved*", *words)[0] == 0


def test_a_clock_is_believed_where_cpuid_is_wrong(tmp_path: Path) -> None:
    """Bochs says what the real processor's TSC counts, and counts instructions."""
    run("bochs31-sapphire-rapids", tmp_path, "self_crc*")
    log = (tmp_path / "bochs31-sapphire-rapids/boot1.log").read_text(errors="replace")
    told = re.search(r"^# @ tsc cpuid_khz=(\d+) clock_khz=(\d+)\r?$", log, re.M)
    instructions = int(re.search(r"\bips=(\d+)", (TOP / "scripts/bochsrc").read_text())[1])
    assert told and int(told[1]) > 2 * int(told[2])
    assert abs(int(told[2]) * 1000 - instructions) < instructions / 100
    assert re.search(rf" tsc_khz={told[2]} tsc=(pit|hpet) ", log)
