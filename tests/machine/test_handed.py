"""State that firmware hands over: a stub in front of the kernel's entry sets as much as is legal with paging off, in control,
debug and memory type registers, in the local APIC, in an I/O APIC. What was found is said, none of it is left, and the tests of
the framework and of the machine's state pass as if nothing had been."""

import json
import re
import subprocess

import pytest
from conftest import PASS, TOP, boot, latchkey
from handover import ORG, boot_changed, kernel_behind, stub

from lk import machine

MACHINES = machine.load(TOP / "scripts/machines.toml").by_name
TESTS = "self_*,-self_judge_*,boot_*,event_stray*"
SOME = "self_page_*,self_remap*,boot_*,event_stray*"  # where a second is a long time

# VME PVI TSD DE PSE PAE MCE PGE PCE OSFXSR OSXMMEXCPT UMIP LA57 FSGSBASE OSXSAVE SMEP SMAP PKE PKS
QEMU_CR4 = 0x1751fff
CET = 0x800000
CR0 = 0x5003f  # AM WP NE ET TS EM MP PE
FOUND = {"efer": "801", "dr7": "d0070c", "pat": "7010600070106"}


def handed(text: str) -> dict[str, str]:
    """The fields of the line about what was handed over, of which there is one."""
    lines = re.findall(r"^# @ handed (.*)\r$", text, re.M)
    assert len(lines) == 1, text
    return dict(field.split("=", 1) for field in lines[0].split())


def test_an_ordinary_machine_hands_over_nothing():
    said = handed(boot("tests=boot_*").text)
    assert {key: said[key] for key in ("cr4", "efer", "dr7", "debugctl")} == \
        {"cr4": "0", "efer": "0", "dr7": "400", "debugctl": "0"}
    assert said["ioapic"] == "0/24"


def test_pvh_with_everything_set(tmp_path):
    def change(gdb) -> None:
        gdb.write(ORG, stub(tmp_path, "pvh_start", QEMU_CR4))
        gdb.jump(ORG)

    done = boot_changed(tmp_path, change, f"tests={TESTS}", ("-m", "256M", "-cpu", "max"))
    assert done.status == PASS, done.text
    said = handed(done.text)
    assert {**said, **FOUND} == said and int(said["cr0"], 16) & CR0 == CR0
    assert (said["cr4"], said["ioapic"]) == (f"{QEMU_CR4:x}", "3/24")


@pytest.mark.parametrize("name, cr4, x2apic, tests", [
    ("qemu-bios", QEMU_CR4, False, TESTS),
    ("qemu11-bios", QEMU_CR4, True, TESTS),
    ("bochs31-sapphire-rapids", QEMU_CR4 | CET, True, SOME),
], ids=["qemu", "x2apic", "x2apic-cet"])
def test_multiboot2_with_everything_set(name, cr4, x2apic, tests, tmp_path):
    """With x2APIC where QEMU has it, with CET where Bochs does."""
    if MACHINES[name].root and not MACHINES[name].root.complete():
        pytest.skip(f"{MACHINES[name].root.name} is not unpacked: scripts/emulators")
    elf = kernel_behind(stub(tmp_path, "mb2_start", cr4, x2apic), tmp_path)
    subprocess.run([str(TOP / "scripts/mkiso"), str(elf), str(tmp_path / "behind.iso")], check=True)
    done = latchkey("run", name, f"--tests={tests}", "--image", str(tmp_path / "behind.iso"), results=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    said = handed((tmp_path / name / "boot1.log").read_bytes().decode("latin-1"))
    assert {**said, **FOUND} == said and int(said["cr0"], 16) & CR0 == CR0
    assert said["cr4"] == f"{cr4:x}" and said["apic"][-3:] == ("d00" if x2apic else "900")
    assert said["ioapic"].startswith("3/")
    assert (said["s_cet"], said["u_cet"]) == (("4", "4") if cr4 & CET else ("0", "0"))
    results = json.loads((tmp_path / name / "results.json").read_text())["tests"]
    assert {"boot_state_l4", "boot_interrupts", "event_stray_l4"} <= \
        {test["id"] for test in results if test["verdict"] == "pass"}
