"""Tests that hang: the watchdog says where their processors stand, and the runner goes on with the next test."""

import json
import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import BUILD, ERROR, QEMU, TOP, boot, latchkey
from display import Display

NO_PROGRESS = "# ! watchdog: test {} has made no progress for 8 s on processor {}"
STAYS_S = 2  # as it is, until a hand comes
WRAP_S = 40  # the HPET's counter wraps, and its NMI would come again, after 43
MACHINES = ("qemu-pvh", "qemu-smp2")
RUNS = {  # where two processors run
    "hang_c_halt": {0: r"# ! #0 \w+ halt_for_ever"},
    "hang_d_job_l4": {0: r"# ! #\d \w+ smp_wait\+", 1: r"# ! #0 \w+ halt_for_ever"},
    "hang_e_locks_l5": {0: r"# ! #[1-9] \w+ take_both\+", 1: r"# ! #[1-9] \w+ take_both\+"},
    "hang_f_first_l4": {0: r"# ! #0 \w+ halt_for_ever"},
}


@pytest.fixture(scope="module", name="kernel")
def fixture_kernel(tmp_path_factory) -> Path:
    """The kernel with hangs.c in it. What is built already is not built again: the copies keep their ages."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("boot", "kernel", "lib", "tests", "scripts"):
        shutil.copytree(TOP / name, tree / name, ignore=shutil.ignore_patterns("host", "machine"))
    for name in ("Makefile", "linker.ld"):
        shutil.copy2(TOP / name, tree / name)
    shutil.copytree(BUILD, tree / "build", ignore=shutil.ignore_patterns(
        "emulators", "results", "report", "host", "sabotage", "clang", "iso*", "*.iso", "latchkey*"))
    shutil.copy(TOP / "tests/machine/hangs.c", tree / "tests")
    subprocess.run(["make", "-s", "build/latchkey.elf"], cwd=tree, check=True, stdout=subprocess.DEVNULL,
                   env={"PATH": os.environ["PATH"]})
    return tree / "build/latchkey.elf"


def seen(kernel: Path, name: str, processors: str = "2", seconds: float = 120) -> tuple[int, list[str]]:
    """Let one test hang; return QEMU's status and the lines behind RUN."""
    one = boot(f"tests={name}", source=("-kernel", str(kernel)), extra=("-smp", processors), seconds=seconds)
    lines = one.text.replace("\r\n", "\n").split(f"# RUN 1 {name}\n")[1].splitlines()
    return one.status, [line for line in lines if not line.startswith("# @ alive")]


def reset(kernel: Path, log: Path) -> str:
    """Let a test hang on a machine like hardware: no hypervisor, no exit port, and a reset starts it again."""
    qemu = [word for word in QEMU if word != "-no-reboot"]
    words = ["-cpu", "max,-hypervisor", "-m", "256M", "-smp", "2", "-serial", f"file:{log}", "-kernel", str(kernel),
             "-append", "tests=hang_a*,hang_c*,hang_g* after=reboot"]
    with subprocess.Popen([*qemu, *words], stdin=subprocess.DEVNULL) as machine:
        deadline = time.monotonic() + 120
        while machine.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
            if log.exists() and b"\nLATCHKEY-END" in log.read_bytes():
                break
        machine.kill()
    return log.read_text().replace("\r\n", "\n")


def reset_by_hand(kernel: Path, folder: Path) -> str:
    """Let two tests hang on such a machine without `after=`; push its reset button once, when it has halted."""
    folder.mkdir()
    with Display(folder, "-smp", "2", "-kernel", str(kernel), "-append",
                 "tests=hang_a*,hang_b*,hang_c*,hang_g*", cpu="max,-hypervisor", resets=True) as machine:
        machine.until("^# ! the machine halts")
        time.sleep(STAYS_S)
        machine.command("system_reset")
        return machine.until("^LATCHKEY-END") + "\n"


@pytest.fixture(scope="module", name="jobs")
def fixture_jobs(kernel, tmp_path_factory):
    """All machines of this file side by side: each hang takes eight seconds, and most of them stand in HLT."""
    folder = tmp_path_factory.mktemp("hung")
    words = ("--tests", "hang_a*,hang_b*,hang_g*", "--kernel", str(kernel))
    with ThreadPoolExecutor(len(RUNS) + len(MACHINES) + 3) as pool:
        made = {name: pool.submit(seen, kernel, name) for name in RUNS}
        made |= {name: pool.submit(latchkey, "run", name, *words, results=folder) for name in MACHINES}
        made["space"] = pool.submit(seen, kernel, "hang_h_space_l4", "1", WRAP_S)
        made["reset"] = pool.submit(reset, kernel, folder / "log")
        made["by_hand"] = pool.submit(reset_by_hand, kernel, folder / "by_hand")
        yield folder, made


def test_two_processors(jobs):
    """The other processor notices, or the one that waits."""
    for name, wants in RUNS.items():
        status, lines = jobs[1][name].result()
        assert status == ERROR and lines[-1] == f"not ok 1 - {name} # ERROR timeout", lines
        heads = [index for index, line in enumerate(lines) if line.startswith("# ! watchdog: ")]
        assert [lines[index] for index in heads] == [NO_PROGRESS.format(name, number) for number in wants]
        for start, end, want in zip(heads, [*heads[1:], len(lines)], wants.values()):
            block = lines[start:end]
            assert any(re.match(want, line) for line in block), (want, block)
            assert any("rflags=" in line for line in block) and any("pkrs" in line for line in block)


def test_one_processor_in_a_space_of_its_own(jobs):
    status, lines = jobs[1]["space"].result()
    assert status == ERROR and lines[-1] == "not ok 1 - hang_h_space_l4 # ERROR timeout", lines


@pytest.mark.parametrize("machine", MACHINES)
def test_the_rest_is_finished(jobs, machine):
    """On one processor, by the HPET's NMI, and on two."""
    folder, made = jobs
    done = made[machine].result()
    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads((folder / machine / "results.json").read_text())
    assert {test["id"]: test["verdict"] for test in told["tests"]} == {
        "hang_a_first": "pass", "hang_b_spin": "timeout", "hang_g_last": "pass"}
    assert told["flaws"] == [] and len(told["logs"]) == 2
    hung = told["tests"][1]
    assert hung["reason"] == "the kernel's watchdog ended it"
    for word in (NO_PROGRESS.format("hang_b_spin", 0), "rbx=0000000000005eed", "test_hang_b_spin+", "run_body+"):
        assert word in hung["detail"], hung["detail"]


def test_a_machine_without_an_exit_goes_on_after_a_reset(jobs):
    """The next boot goes on, and the log of both is one run."""
    folder, made = jobs
    text = made["reset"].result()
    assert re.findall(r"BEGIN v1 boot=(\d)", text) == ["1", "2"], text
    assert re.findall(r"^(?:not )?ok .*$", text, re.M) == [
        "ok 1 - hang_a_first", "not ok 2 - hang_c_halt # ERROR timeout", "ok 3 - hang_g_last"]
    assert "deaths=1 died_in=none" in text and NO_PROGRESS.format("hang_c_halt", 0) in text
    done = latchkey("parse", str(folder / "log"))
    assert done.returncode == 1 and "3 tests: 2 pass, 1 timeout" in done.stdout, done.stdout


def test_without_after_the_first_hang_halts_and_a_journal_that_has_lived_resets(jobs):
    """A reset by itself is for a machine whose memory is known to keep the journal: after one by hand it is."""
    text = jobs[1]["by_hand"].result()
    halts = "# ! the machine halts; reset it, and with the same command line it goes on behind this test\n"
    assert re.findall(r"BEGIN v1 boot=(\d)", text) == ["1", "2", "3"], text
    assert text.count(halts) == 1 and text.index(halts) < text.index("boot=2")
    assert re.findall(r"^(?:not )?ok .*$", text, re.M) == [
        "ok 1 - hang_a_first", "not ok 2 - hang_b_spin # ERROR timeout", "not ok 3 - hang_c_halt # ERROR timeout",
        "ok 4 - hang_g_last"]
