"""Other processors: how many start, what the log says where one does not, and what firmware's table may do to it."""

import re
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import BUILD, FAIL, PASS, QEMU, TOP, Boot, boot
from gdbstub import Gdb
from handover import boot_changed

from lk import machine

START = "tests=smp_start_*,self_probe_ud*"


def cpus(text: str) -> dict[str, str]:
    """The keys of the line about processors."""
    return dict(word.split("=") for word in re.search(r"^# @ cpus (online=[^\r\n]*)", text, re.M)[1].split())


def smp(count: str) -> tuple[str, ...]:
    """QEMU's option."""
    return ("-smp", count)


def test_the_family_passes_with_four_processors_and_says_the_same_twice() -> None:
    first, second = (boot("tests=smp_*", extra=smp("4"), seconds=120) for _ in range(2))
    assert first.status == PASS, first.text
    assert first.results() == second.results()
    assert not [line for line in first.results() if "one processor" in line]


@pytest.mark.parametrize("count", [2, 16])
def test_every_processor_starts(count: int) -> None:
    done = boot(START, extra=smp(str(count)))
    assert done.status == PASS and cpus(done.text)["online"] == str(count)


def test_the_line_limits_them() -> None:
    """Known issues match on how many the machine has."""
    for word, online in (("smp=off", "1"), ("smp=3", "3")):
        text = boot(f"{START} {word}", extra=smp("4")).text
        assert (cpus(text)["online"], cpus(text)["listed"]) == (online, "4")
        assert re.search(r"^# @ fp .* cpus=4 ", text, re.M)


def test_processors_that_firmware_calls_disabled_are_left_alone() -> None:
    done = boot(START, extra=smp("2,maxcpus=8"))
    assert done.status == PASS and (cpus(done.text)["online"], cpus(done.text)["disabled"]) == ("2", "6")


def stopped(folder: Path, change: Callable[[Gdb], None], processors: str = "4") -> Boot:
    """A start, stopped before the kernel looks at memory for the first time."""
    return boot_changed(folder, change, START, ("-cpu", "max", "-m", "256M", *smp(processors)), entry="memory_init")


def find_rsdp(gdb: Gdb) -> int:
    """PVH's start information says where it is."""
    rsdp = gdb.memory(gdb.registers()[4] + 32, 8)
    assert gdb.read(rsdp, 8) == b"RSD PTR "
    return rsdp


def find_madt(gdb: Gdb) -> int:
    """By the RSDT."""
    rsdt = gdb.memory(find_rsdp(gdb) + 16, 4)
    entries = [gdb.memory(at, 4) for at in range(rsdt + 36, rsdt + gdb.memory(rsdt + 4, 4), 4)]
    return next(at for at in entries if gdb.read(at, 4) == b"APIC")


def with_madt(folder: Path, change: Callable[[bytearray], None], wrong: int = 0, processors: str = "4") -> Boot:
    """A start with a MADT that was changed in memory, and a sum of its bytes that is `wrong`."""
    def write(gdb: Gdb) -> None:
        at = find_madt(gdb)
        table = bytearray(gdb.read(at, gdb.memory(at + 4, 4)))
        table[9] = 0
        change(table)
        table[9] = (wrong - sum(table)) % 256
        gdb.write(at, bytes(table))

    return stopped(folder, write, processors)


def test_without_acpi_there_is_one(tmp_path: Path) -> None:
    done = stopped(tmp_path, lambda gdb: gdb.write(find_rsdp(gdb), b"rsd ptr "))
    assert done.status == PASS and cpus(done.text)["online"] == "1"
    assert "# @ acpi root=none why=" in done.text


LAST = 44 + 3 * 8  # the fourth entry: QEMU lists the processors first


def test_a_processor_that_does_not_start_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    def absent(table: bytearray) -> None:
        assert table[LAST:LAST + 4] == b"\0\x08\3\3"
        table[LAST + 3] = 77

    done = with_madt(tmp_path, absent)
    assert done.status == FAIL and cpus(done.text)["online"] == "3"
    assert "# fail the processor with APIC ID 77 does not start" in done.text
    assert [line for line in done.results() if line.startswith("not ok")] == ["not ok 2 - smp_start_all"]


def test_many_that_do_not_start_are_named_up_to_a_number(tmp_path: Path) -> None:
    """The table's disabled ones, which are not there, are called enabled."""
    def enable(table: bytearray) -> None:
        for at in range(44, 44 + 20 * 8, 8):
            assert table[at:at + 2] == b"\0\x08"
            table[at + 4] = 1

    done = with_madt(tmp_path, enable, processors="2,maxcpus=20")
    assert done.status == FAIL and cpus(done.text)["online"] == "2"
    named = [f"the processor with APIC ID {number} does not start" for number in range(2, 18)]
    assert re.findall(r'^# @ cpus problem="(.*)"\r$', done.text, re.M) == [*named, "and 2 more"]


def test_an_apic_id_above_255_needs_an_x2apic_which_this_release_does_not_have(tmp_path: Path) -> None:
    def wide(table: bytearray) -> None:
        table[LAST - 8:LAST + 8] = struct.pack("<BBHIII", 9, 16, 0, 256, 1, 3)

    done = with_madt(tmp_path, wide)
    sentence = "the processor with APIC ID 256 needs an x2APIC"
    assert done.status == FAIL and cpus(done.text)["online"] == "2"
    assert f'# @ cpus problem="{sentence}"' in done.text and f"# fail {sentence}" in done.text
    assert [line for line in done.results() if line.startswith("not ok")] == ["not ok 2 - smp_start_all"]


@pytest.mark.parametrize("size, wrong, sentence", [
    (7, 0, "entry at offset 68 of type 0 has size 7, want 8"),
    (0, 0, "entry at offset 68"),
    (8, 3, "its bytes sum up to 0x03, not to 0"),
])
def test_a_corrupt_madt_is_named_and_one_processor_goes_on(size: int, wrong: int, sentence: str, tmp_path: Path) -> None:
    def damage(table: bytearray) -> None:
        table[LAST + 1] = size

    done = with_madt(tmp_path, damage, wrong)
    assert done.status == FAIL and cpus(done.text)["online"] == "1"
    assert re.search(rf"# @ cpus problem=\"MADT at 0x[0-9a-f]+: .*{re.escape(sentence)}", done.text), done.text
    assert "ok 1 - self_probe_ud_l4" in done.text


def test_gaps_and_an_apic_id_above_255_start_in_x2apic_mode() -> None:
    inside = machine.load(TOP / "scripts/machines.toml").by_name["qemu10-sparse"].root
    if not inside.complete():
        pytest.skip(f"{inside.name} is not unpacked: scripts/emulators")
    done = subprocess.run([*inside.start(), *QEMU[1:], "-L", f"{inside.folder}/usr/share/qemu", "-L",
                           f"{inside.folder}/usr/share/seabios", "-cpu", "max", "-m", "256M", "-serial", "stdio",
                           *smp("4,maxcpus=165,sockets=33,cores=5,threads=1"), "-device",
                           "max-x86_64-cpu,socket-id=32,core-id=0,thread-id=0", "-kernel",
                           str(BUILD / "latchkey.elf"), "-append", START], stdin=subprocess.DEVNULL,
                          env=inside.environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == PASS, done.stdout + done.stderr
    assert (cpus(done.stdout)["online"], cpus(done.stdout)["apic"]) == ("5", "x2apic")
