"""Machine checks, injected into a running kernel by QEMU's monitor: reported with their banks, survived where the manual
lets the interrupted code go on, and the end of the run, with words, where it does not."""

import json
import re
import time

import pytest
from conftest import BUILD, ERROR, latchkey
from display import Display
from gdbstub import Gdb, symbol

LINE = "tests=event_vector_mc_l4,thread_stress_l4,tlb_key_invlpg_l4"
VAL, OVER, UC, EN, MISCV, ADDRV, PCC, S, AR = (1 << bit for bit in range(63, 54, -1))
RIPV, EIPV, MCIP = 1, 2, 4
BANK, CACHE, ADDRESS = 5, 0x135, 0x123456780
REPORT = f"bank={BANK} status={{:016x}} kind={{}} code=cache mcacod=0x0135 model=0x0000 pcc={{}} over=0 " \
         f"addr=0x{ADDRESS:x} misc=0x8c cpu={{}}\n"


class Checked(Display):
    """A machine in the middle of a long test, into which machine checks are put."""

    def __init__(self, folder, line=LINE, *args, **settings):
        super().__init__(folder, "-kernel", str(BUILD / "latchkey.elf"), "-append", line, *args, **settings)

    def mce(self, status, global_status, bank=BANK, cpu=0, to=""):
        line = f"mce {to} {cpu} {bank} {status:#x} {global_status:#x} {ADDRESS:#x} 0x8c"
        try:
            self.command("human-monitor-command", **{"command-line": line})
        except (ConnectionError, json.JSONDecodeError):
            self.process.wait(60)  # it ended the machine before QEMU could answer; how, the caller looks at


@pytest.mark.parametrize("bits, kind, cpu", [(UC | S, "optional", 0), (UC, "no_action", 2)])
def test_one_that_the_manual_lets_go_on_is_told_and_the_run_goes_on(bits, kind, cpu, tmp_path):
    status = VAL | EN | MISCV | ADDRV | bits | CACHE
    with Checked(tmp_path, LINE, "-smp", "4") as machine:
        machine.until("^# RUN 2 thread_stress")
        machine.mce(status, RIPV | MCIP, cpu=cpu)
        time.sleep(0.5)
        machine.mce(status, RIPV | MCIP, cpu=cpu)  # with MCIP left set the second one would shut the machine down
        assert machine.process.wait(60) == ERROR
        text = machine.until("^LATCHKEY-END")
    assert text.count("# @ mce during " + REPORT.format(status, kind, 0, cpu)) == 2 and "# @ mce survived=2 left_out=0\n" in text
    assert "\nnot ok 2 - thread_stress_l4 # ERROR machine check\n" in text
    assert "pass=2 fail=0 skip=0 error=1" in text and "# !" not in text


@pytest.mark.parametrize("bits, global_status, kind, cpu", [
    (PCC | UC, RIPV | MCIP, "fatal", 0), (PCC | UC, RIPV | MCIP, "fatal", 2), (UC | S | AR, RIPV | EIPV | MCIP, "required", 0),
    (UC | S, EIPV | MCIP, "optional", 0),
])
def test_any_other_ends_the_run_with_words(bits, global_status, kind, cpu, tmp_path):
    """Where there are others they are told too, as on servers: QEMU gives them a bank that they survive."""
    status = VAL | EN | MISCV | ADDRV | bits | CACHE
    with Checked(tmp_path, LINE, "-smp", "4" if cpu else "1") as machine:
        machine.until("^# RUN 2 thread_stress")
        machine.mce(status, global_status, cpu=cpu, to="-b" if cpu else "")
        assert machine.process.wait(60) == ERROR
        text = "\n".join(machine.said())
    assert f"# ! machine check, mcg_status=0x{global_status:x} ripv={global_status & 1} " in text
    assert "# ! mce " + REPORT.format(status, kind, int(bool(bits & PCC)), cpu) in text
    assert re.search(rf"^# ! processor {cpu}, thread \w+, handlers nested \d deep: machine check$", text, re.M)
    assert "\n# ! rax=" in text
    assert "LATCHKEY-END" not in text
    assert latchkey("parse", str(machine.log)).returncode == 3


def test_a_fatal_one_is_told_although_another_processor_has_the_log(tmp_path):
    """The first processor stands still in the middle of a line, as it would in a machine check of its own."""
    status, stub = VAL | EN | MISCV | ADDRV | UC | PCC | CACHE, tmp_path / "gdb"
    with Checked(tmp_path, LINE, "-smp", "4", "-gdb", f"unix:{stub},server=on,wait=off") as machine:
        machine.until("^# RUN 2 thread_stress")
        machine.command("stop")
        gdb, printing = Gdb(stub), f"0,{symbol('console_write'):x},1"
        gdb.ask("Z" + printing)
        assert gdb.go()
        gdb.ask("z" + printing)
        machine.mce(status, RIPV | MCIP, cpu=2)
        gdb.send("vCont;c:3")  # the stub counts from 1
        assert machine.process.wait(60) == ERROR
        text = "\n".join(machine.said())
    assert "# ! mce " + REPORT.format(status, "fatal", 1, 2) in text
    assert re.search(r"^# ! processor 2, thread idle, handlers nested 0 deep: machine check$", text, re.M)


@pytest.mark.parametrize("cpu", [0, 2])
def test_what_stood_there_before_is_told_and_left_there(cpu, tmp_path):
    """A corrected error raises nothing: QEMU only fills the bank, and keeps it over a reset."""
    corrected, survived = VAL | EN | MISCV | ADDRV | CACHE, VAL | EN | MISCV | ADDRV | UC | S | CACHE
    before = "# @ mce before " + REPORT.format(corrected, "corrected", 0, cpu)
    with Checked(tmp_path, LINE + " after=halt", "-S", "-smp", "4", resets=True) as machine:
        machine.mce(corrected, 0, cpu=cpu)
        machine.command("cont")
        machine.until("^# RUN 2 thread_stress")
        machine.mce(survived, RIPV | MCIP, BANK, 1)  # the same number, and another processor's
        time.sleep(0.3)
        machine.mce(survived, RIPV | MCIP, BANK + 1, cpu)
        text = machine.until("^LATCHKEY-END")
        machine.command("system_reset")
        again = machine.until("^# RUN 1 .*(.|\n)*^# RUN 1 ")
    assert text.count(before) == 1 and "recovery=1 left=1\n" in text
    assert "# @ mce survived=2 left_out=0\n" in text and text.count("# @ mce during ") == 2
    assert again.count(before) == 2 and again.count(" left=1\n") == 2, "the bank of before is still there, the other is not"


def test_banks_that_find_no_place_are_counted_and_free_for_the_next_error(tmp_path):
    """20 banks of two processors in two machine checks: 16 are kept."""
    corrected, survived, banks = VAL | EN | MISCV | ADDRV | CACHE, VAL | EN | MISCV | ADDRV | UC | S | CACHE, 10
    with Checked(tmp_path, LINE + " after=halt", "-smp", "4", resets=True) as machine:
        machine.until("^# RUN 2 thread_stress")
        for cpu in (0, 2):
            for bank in range(banks - 1):
                machine.mce(corrected, 0, bank, cpu)
            machine.mce(survived, RIPV | MCIP, banks - 1, cpu)
        text = machine.until("^LATCHKEY-END")
        machine.command("system_reset")
        again = machine.until("^# RUN 1 .*(.|\n)*^# RUN 1 ")
    assert f"# @ mce banks={banks} " in text and "# @ mce survived=2 left_out=4\n" in text
    assert len(set(re.findall("^# @ mce during .*$", text, re.M))) == 16
    assert again.count(" left=0\n") == 2, "all of them are empty"
