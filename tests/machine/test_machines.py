"""The image on every machine of this Debian release: the verdict, and the same result lines whatever started it."""

import io
import json
import re
import subprocess

import pytest
from conftest import TOP, latchkey
from tap.main import main as tappy

from lk import machine as machines

MACHINES = sorted(name for name, one in machines.load(TOP / "scripts/machines.toml").by_name.items() if not one.root)


@pytest.mark.parametrize("machine", MACHINES)
def test_verdict(run, machine):
    done = run(machine).done
    if machine == "qemu-kvm":  # what this computer's own processor gets is a finding, not a test of ours
        if done.returncode == 77:
            assert "left out" in done.stdout + done.stderr
            pytest.skip("no working KVM here")
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_runs_of_everything_say_the_same(run):
    assert run("qemu-bios").results()
    assert run("qemu-pvh").results() == run("qemu-bios").results()


@pytest.mark.parametrize("machine", ["qemu-uefi", "qemu-usb"])
def test_the_firmware_changes_nothing(run, machine):
    everything = [unnumbered(line) for line in run("qemu-bios").results()]
    part = [unnumbered(line) for line in run(machine).results()]
    assert part and part == [line for line in everything if line in part]


def unnumbered(line: str) -> str:
    """A result line without its number, which depends on what else was run."""
    return re.sub(r"(ok) \d+ ", r"\1 ", line)


def test_without_pks_the_absence_rules_decide(run):
    results = json.loads((run("qemu-nopks").folder / "results.json").read_text())
    verdict = {test["id"]: test["verdict"] for test in results["tests"]}
    for name, word in verdict.items():
        if name.startswith("msr_absent"):
            assert word in ("pass", "known"), name
        elif name.startswith(("msr_", "rights_")) and not name.startswith("rights_smap_pkru"):
            assert word == "skip", name


def test_without_la57_every_l5_test_is_skipped(run):
    lines = [line for line in run("qemu-nola57").results() if "_l5" in line]
    assert lines
    assert all(line.endswith("# SKIP no la57") for line in lines)


def test_death_tests_get_a_boot_of_their_own(run):
    results = json.loads((run("qemu-bios").folder / "results.json").read_text())
    deaths = [test for test in results["tests"] if test["id"].startswith("death_")]
    assert deaths
    assert all(test["verdict"] == "pass" for test in deaths)


def test_list_names_every_test_with_a_sentence(run):
    done = latchkey("list")
    assert done.returncode == 0
    for line in run("qemu-pvh").results():
        name = line.split(" - ")[1].split(" ")[0]
        assert any(row.split()[:1] == [name] and len(row.split()) > 3 for row in done.stdout.splitlines()), name


def consumers(log, *options: str) -> tuple[int, int, int]:
    """What latchkey, prove and tappy make of a log: their exit statuses. No parse error on the way."""
    tap = log.with_suffix(".tap")
    parsed = latchkey("parse", *options, "--tap", str(log))
    tap.write_text(parsed.stdout)
    prove = subprocess.run(["prove", "-e", "cat", str(tap)], capture_output=True, text=True, check=False)
    assert "Parse errors" not in prove.stdout, prove.stdout
    return parsed.returncode, prove.returncode, tappy(["tappy", str(tap)], io.StringIO())


def test_tap_consumers_agree(run):
    assert consumers(run("qemu-pvh").log(), "--machine", "qemu-pvh") == (0, 0, 0)


def test_tap_consumers_see_a_failure(run):
    """Without the machine's name nothing is a known issue: the same log is then red for all three."""
    statuses = consumers(run("qemu-pvh").log())
    assert statuses[0] == 1 and all(statuses)


def sums(pattern: str, text: str) -> int:
    return sum(int(number) for found in re.findall(pattern, text, re.M) for number in found.split(","))


def test_cases_and_failures_add_up(run):
    text = run("qemu-pvh").log().read_bytes().decode("latin-1").replace("\r\n", "\n")
    assert sums(r"^# @ matrix cases=(\d+)", text) == sums(r"^# @ heat .* checked=([\d,]+) ", text) > 1_000_000
    assert "more failures of other kinds" not in text
    assert sums(r"^# (\d+) times ", text) == sums(r"^# @ heat .* failed=([\d,]+)$", text) > 0
    rows = re.findall(r"^# @ heat access=(\w+) rights=(\w+) checked=([\d,]+) failed=([\d,]+)$", text, re.M)
    assert len(rows) == 2 * 5 * 4 and all(len(row[2].split(",")) == len(row[3].split(",")) == 16 for row in rows)
