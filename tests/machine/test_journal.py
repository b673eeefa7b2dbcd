"""A machine that starts again in the middle of a run: the next boot names the guilty test and goes on. QEMU's own reset
is the death here, because it comes at a moment of our choice; test_going_on.py has a kernel that dies by itself."""

import re
import time
from pathlib import Path

import pytest
from conftest import BUILD, latchkey
from display import Display, derived_iso
from gdbstub import Gdb, symbol

OVMF = ["-drive", "if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"]
LONG = "thread_stress_l4"
QUICK = "after=halt tests=self_probe_ud_l4,self_probe_gp_l4,thread_stress_l4,tlb_key_invlpg_l4"
SHORT = "after=halt tests=self_probe_ud_l4"
HOURS = "after=halt matrix=full tests=matrix_4k_none_*_l4,self_probe_ud_l4"


def until(machine: Display, pattern: str, count: int = 1, seconds: float = 90) -> str:
    """The log, once that many lines fit."""
    deadline = time.monotonic() + seconds
    while True:
        text = "\n".join(machine.said()) if machine.log.exists() else ""
        if len(re.findall(pattern, text, re.M)) >= count:
            return text
        assert time.monotonic() < deadline and machine.process.poll() is None, text[-2000:]
        time.sleep(0.05)


def ended(machine: Display, folder: Path) -> tuple[str, int, str]:
    """The log of a run that came to its end, and what the host tool says about it."""
    text = until(machine, "^LATCHKEY-END")
    done = latchkey("parse", str(machine.log), results=None)
    (folder / "summary").write_text(done.stdout)
    return text, done.returncode, done.stdout


def begins(text: str) -> list[tuple[str, str]]:
    """The number and the nonce of every boot."""
    return re.findall(r"LATCHKEY-BEGIN v1 boot=(\d+) run=([0-9a-f]{16}) ", text)


def died_in(name: str) -> str:
    return rf"^not ok \d+ - {name} # ERROR crash$"


@pytest.mark.parametrize("firmware", [[], OVMF], ids=["seabios", "ovmf"])
def test_the_next_boot_goes_on(firmware, tmp_path):
    with Display(tmp_path, *firmware, "-cdrom", str(derived_iso(QUICK, tmp_path)), resets=True) as machine:
        until(machine, f"^# RUN .* {LONG}$")
        machine.command("system_reset")
        text, status, summary = ended(machine, tmp_path)
    (first, nonce), second = begins(text)
    assert (first, second) == ("1", ("2", nonce))
    assert re.search(died_in(LONG), text, re.M) and f"deaths=1 died_in={LONG}\n" in text
    assert text.count("1..4\n") == 1 and text.count(f" {LONG}") == 2, "its RUN and its death; it did not run again"
    assert f"LATCHKEY-END status=error run={nonce} pass=3 fail=0 skip=0 error=1 lines=4 " in text
    assert status == 1 and summary.lstrip().startswith("CRASH") and "4 tests: 3 pass, 1 crash" in summary


def test_after_five_deaths_the_rest_is_not_tried(tmp_path):
    with Display(tmp_path, "-smp", "4", "-cdrom", str(derived_iso(HOURS, tmp_path)), resets=True) as machine:
        for death in range(1, 6):
            until(machine, "^# RUN .* matrix_", death)
            machine.command("system_reset")
        text, status, summary = ended(machine, tmp_path)
    assert [boot for boot, _ in begins(text)] == ["1", "2", "3", "4", "5", "6"]
    assert len({nonce for _, nonce in begins(text)}) == 1
    assert len(re.findall(died_in(r"\w+"), text, re.M)) == 5
    assert "# @ journal gave up after 5 deaths: the rest is not tried\n" in text
    assert re.search(r"^ok \d+ - matrix_\w+ # SKIP not tried after five deaths$", text, re.M)
    assert re.search(r"^LATCHKEY-END status=error run=\w+ pass=1 fail=0 skip=\d+ error=5 ", text, re.M)
    assert status == 1 and "5 crash" in summary


def test_another_line_is_another_run_and_a_finished_run_is_forgotten(tmp_path):
    (tmp_path / "other").mkdir()
    other = derived_iso(SHORT, tmp_path / "other")
    with Display(tmp_path, "-cdrom", str(derived_iso(HOURS, tmp_path)), resets=True) as machine:
        until(machine, "^# RUN .* matrix_")
        machine.command("blockdev-change-medium", device="ide2-cd0", filename=str(other))
        machine.command("system_reset")
        until(machine, "^LATCHKEY-END")
        machine.command("system_reset")
        text = until(machine, "^LATCHKEY-END", 2)
    assert [boot for boot, _ in begins(text)] == ["1", "1", "1"]
    assert len({nonce for _, nonce in begins(text)}) == 3
    assert "ERROR crash" not in text


def test_a_death_test_is_its_own_verdict_where_the_machine_starts_again(tmp_path):
    iso = derived_iso("after=halt tests=death_triple_fault_l4", tmp_path)
    with Display(tmp_path, "-cdrom", str(iso), resets=True) as machine:
        text, status, _ = ended(machine, tmp_path)
    assert "# @ death armed\n" in text and "deaths=0 died_in=death_triple_fault_l4\n" in text
    assert "\nok 1 - death_triple_fault_l4\n" in text and status == 0


def test_a_machine_that_dies_before_the_first_test_is_given_up(tmp_path):
    stub = tmp_path / "gdb"
    kernel = ("-kernel", str(BUILD / "latchkey.elf"), "-append", SHORT)
    with Display(tmp_path, *kernel, "-S", "-gdb", f"unix:{stub},server,nowait", resets=True) as machine:
        gdb = Gdb(stub)
        gdb.ask(f"Z1,{symbol('time_init'):x},1")
        for _ in range(5):
            assert gdb.go()
            machine.command("system_reset")
        gdb.ask(f"z1,{symbol('time_init'):x},1")
        gdb.send("c")
        text = until(machine, "^# @ refused")
        done = latchkey("parse", str(machine.log))
    assert [boot for boot, _ in begins(text)] == ["1", "2", "3", "4", "5", "6"]
    assert "\n# @ refused journal: the machine started again 5 times before the first test" in text
    assert done.returncode == 3 and done.stdout.lstrip().startswith("LOOP")
