"""Bad input and poor machines: a clear message, the right status, and never a silent default."""

import subprocess
import time

import pytest
from conftest import BUILD, ERROR, FAIL, PASS, SKIP, boot
from display import Display, derived_iso

QUICK = "tests=self_probe_ud*"


@pytest.mark.parametrize("line, words", [
    ("foo=1", "unknown word 'foo=1'"),
    ("tests", "tests: want"),
    ("paging=6", "paging=6"),
    ("paging=4 paging=5", "paging"),
    ("seed=banana", "seed=banana"),
    ("bench=cycle", "bench=cycle"),
    ("pks_faults=off", "pks_faults=off"),
    ("console=com9", "console=com9"),
    ("tests=self_probe_ud_l4 LIST", "LIST"),
])
def test_bad_words_are_named(line, words):
    done = boot(line)
    assert done.status == ERROR
    assert "# @ refused command line: " in done.text
    assert words in done.text.split("# @ refused", 1)[1]
    assert not done.results()
    assert "LATCHKEY-END" not in done.text


@pytest.mark.parametrize("cpu, lacks", [
    ("qemu32", "long-mode NX"), ("max,-lm", "long-mode"), ("max,-nx", "NX"), ("max,-pae", "PAE"),
    ("max,-lm,-nx,-pae", "PAE long-mode NX"),
])
def test_a_processor_that_lacks_something_is_told_so(cpu, lacks):
    done = boot(QUICK, cpu=cpu)
    assert f"latchkey: this processor lacks {lacks}\r\n" in done.text
    assert done.status == ERROR


@pytest.mark.parametrize("memory", ["8M", "16M"])
def test_little_memory_is_said(memory):
    done = boot(QUICK, memory=memory)
    assert done.status == ERROR
    assert "# @ refused memory: " in done.text and "KiB needed" in done.text


def test_24_megabytes_are_enough_for_every_test():
    done = boot(memory="24M", line="tests=self_*,rights_*,tlb_*,matrix_*_fetch_*")
    assert done.status == FAIL  # known issues
    assert "# ERROR" not in done.text and "LATCHKEY-END status=fail" in done.text


def test_without_a_uart_the_kernel_runs_and_ends():
    done = boot(QUICK, serial=("-serial", "none"))
    assert done.status == PASS
    assert done.text == ""


def test_another_port():
    done = boot(f"{QUICK} console=com2,9600", serial=("-serial", "null", "-serial", "stdio"))
    assert done.status == PASS
    assert "LATCHKEY-END status=pass" in done.text


def test_the_iso_slot_is_the_command_line(tmp_path):
    image = (BUILD / "latchkey.iso").read_bytes()
    slot = image.index(b"set line='") + len(b"set line='")
    assert image.count(b"set line='") == 1
    assert image[slot:slot + 1001] == b" " * 1000 + b"'"
    changed = tmp_path / "changed.iso"
    changed.write_bytes(image[:slot] + b"foo=*?,1".ljust(1000) + image[slot + 1000:])
    done = boot(source=("-cdrom", str(changed)))
    assert done.status == ERROR
    assert "unknown word 'foo=*?,1'" in done.text


@pytest.mark.parametrize("line, status, words", [
    ("tests=death_triple_fault_l4,-death*", SKIP, "1..0 # SKIP no test selected"),
    ("list", SKIP, "1..0 # SKIP list"),
    (f"{QUICK} paging=4", PASS, "ok 2 - self_probe_ud_l5 # SKIP paging=4"),
    (f"{QUICK} paging=5", PASS, "ok 1 - self_probe_ud_l4 # SKIP paging=5"),
    (f"{QUICK} seed=0x1234", PASS, "# @ seed=0x1234 "),
    (f"{QUICK} after=exit", PASS, "LATCHKEY-END status=pass"),
    (f"{QUICK} after=reboot", 0, "LATCHKEY-END status=pass"),
])
def test_good_words_do_what_they_say(line, status, words):
    done = boot(line)
    assert words in done.text
    assert done.status == status


# Whatever leaves through a port ends QEMU: both exit ports, and the reset register under -no-reboot.
ALL_PORTS = ("-device", "isa-debug-exit,iobase=0x8900,iosize=0x04")


@pytest.mark.parametrize("line, cpu, words", [
    (f"{QUICK} after=halt", "max", "LATCHKEY-END status=pass"),
    (f"{QUICK} after=halt foo", "max", "# @ refused command line: unknown word 'foo'"),
    (QUICK, "max,-hypervisor", "LATCHKEY-END status=pass"),
    ("foo", "max,-hypervisor", "# @ refused command line: unknown word 'foo'"),
])
def test_where_it_halts_it_touches_no_port_that_ends_the_machine(line, cpu, words, tmp_path):
    with Display(tmp_path, "-device", "VGA", *ALL_PORTS, "-kernel", str(BUILD / "latchkey.elf"), "-append", line,
                 cpu=cpu) as machine:
        deadline = time.monotonic() + 60
        while not machine.log.exists() or words not in machine.log.read_text("latin-1"):
            assert time.monotonic() < deadline and machine.process.poll() is None
            time.sleep(0.05)
        with pytest.raises(subprocess.TimeoutExpired):
            machine.process.wait(1)


def test_on_hardware_the_verdict_stays_on_the_screen(tmp_path):
    iso = derived_iso(QUICK, tmp_path)
    with Display(tmp_path, "-device", "VGA", *ALL_PORTS, "-cdrom", str(iso), cpu="max,-hypervisor") as machine:
        assert machine.wait()[0] == "PASS"
        with pytest.raises(subprocess.TimeoutExpired):
            machine.process.wait(1)
        assert machine.picture().verdict() == "PASS"


def test_a_run_is_not_a_pass_without_its_end():
    """A triple fault: QEMU leaves with status 0, which is never a pass."""
    done = boot("tests=death_triple_fault_l4")
    assert done.status == 0
    assert "# @ death armed" in done.text
    assert "LATCHKEY-END" not in done.text
