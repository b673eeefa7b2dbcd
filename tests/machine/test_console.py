"""Which UART the kernel chooses, on machines that have one, another, several or none, and what it says about that."""

import re
import time

import pytest
from conftest import BUILD, ERROR, PASS, boot
from spcr import BAUD, IO, MEMORY, spcr

QUICK = "tests=self_probe_ud*"
KERNEL = ("-kernel", str(BUILD / "latchkey.elf"))
COM2_OF_TWO = ("-serial", "null", "-serial", "stdio")
PCI_UART = ("-serial", "none", "-chardev", "stdio,id=s", "-device", "pci-serial,chardev=s,addr=5")


def console(text: str) -> dict[str, str]:
    """The fields of the console line, of which there is one."""
    lines = re.findall(r"^# @ console uart=(\S+) baud=(\S+) screen=(\S+) why=(.*)\r$", text, re.M)
    assert len(lines) == 1, text
    return dict(zip(("uart", "baud", "screen", "why"), lines[0]))


def chosen(serial: tuple[str, ...], line: str = QUICK, args: tuple[str, ...] = ()) -> dict[str, str]:
    """The console line of a run that passes and of which everything arrives, from its first byte on."""
    done = boot(line, serial=serial, source=(*KERNEL, *args))
    assert done.status == PASS
    assert done.text.startswith("\r\nLATCHKEY-BEGIN ")
    assert "LATCHKEY-END status=pass" in done.text
    return console(done.text)


@pytest.mark.parametrize("number, port", [(0, "0x3f8"), (1, "0x2f8"), (2, "0x3e8"), (3, "0x2e8")])
def test_the_only_port_there_is(number, port):
    """COM1 to COM4, each alone."""
    serial = ("-serial", "none", "-chardev", "stdio,id=s", "-device", f"isa-serial,index={number},chardev=s")
    got = chosen(serial)
    assert (got["uart"], got["baud"]) == (port, "115200")
    assert got["why"] == f"no SPCR, com{number + 1} passed the probe"


def test_a_pci_uart_alone():
    got = chosen(PCI_UART)
    assert got["uart"] == "pci:00:05.0"
    assert got["why"] == "no SPCR, com1 to com4 failed the probe, first PCI UART"


@pytest.mark.parametrize("word, uart, serial", [
    ("com2,9600", "0x2f8", COM2_OF_TWO), ("0x2f8,9600", "0x2f8", COM2_OF_TWO), ("pci:00:05.0,9600", "pci:00:05.0", PCI_UART),
])
def test_the_command_line_comes_first(word, uart, serial, tmp_path):
    table = spcr(tmp_path, IO, 0x3f8)
    got = chosen(serial, f"{QUICK} console={word}", tuple(table))
    assert got == {"uart": uart, "baud": "9600", "screen": "none", "why": "command line"}


@pytest.mark.parametrize("word", ["com3", "0xc800", "pci:00:00.0", "pci:7f:00.0", "mmio32:0x200000",
                                  "mmio32:0xfffff00000000", "fb"])
def test_a_console_that_is_not_there_costs_nothing(word):
    """The run ends with its verdict, and nobody else's port is written to."""
    begin = time.monotonic()
    done = boot(f"{QUICK} console={word}")
    assert (done.status, done.text) == (PASS, "")
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize("line", ["console=com9", "tests"])
def test_bad_words_reach_whatever_port_there_is(line):
    done = boot(line, serial=("-serial", "none", "-serial", "stdio"))
    assert done.status == ERROR
    assert "LATCHKEY-BEGIN" in done.text and "# @ refused command line: " in done.text


@pytest.mark.parametrize("baud", BAUD)
def test_spcr_names_a_port(baud, tmp_path):
    """COM1 would pass the probe, and COM2 is what the table says."""
    got = chosen(COM2_OF_TWO, args=tuple(spcr(tmp_path, IO, 0x2f8, baud=BAUD[baud])))
    assert got["uart"] == "0x2f8"
    assert got["baud"] == ("firmware" if baud == "as is" else str(baud))
    assert got["why"] == "SPCR"


def test_spcr_names_a_pci_uart(tmp_path):
    table = spcr(tmp_path, IO, 0, pci=(0x0002, 0x1b36), place=(0, 5, 0))
    got = chosen(("-serial", "null", *PCI_UART[2:]), args=tuple(table))
    assert (got["uart"], got["why"]) == ("pci:00:05.0", "SPCR")


@pytest.mark.parametrize("why, values", [
    ("SPCR, nothing answers at 0xc800", {"space": IO, "address": 0xc800}),
    ("SPCR, 0xfffc is no port", {"space": IO, "address": 0xfffc}),
    ("SPCR, 0x1000003f8 is no port", {"space": IO, "address": 0x1000003f8}),
    ("SPCR says that redirection is off", {"space": IO, "address": 0}),
    ("SPCR has an interface of type 3", {"space": IO, "address": 0x2f8, "kind": 3}),
    ("SPCR, address space 2", {"space": 2, "address": 0x2f8}),
    ("SPCR, mmio8:0x200000 cannot be registers", {"space": MEMORY, "address": 0x200000}),
    ("SPCR, mmio64:0xfe000000 cannot be registers", {"space": MEMORY, "address": 0xfe000000, "access": 4}),
    ("SPCR, mmio32:0xfe000002 cannot be registers", {"space": MEMORY, "address": 0xfe000002, "access": 3}),
    ("SPCR, pci:00:09.0 is no serial controller", {"space": IO, "address": 0, "pci": (2, 0x1b36), "place": (0, 9, 0)}),
])
def test_an_spcr_of_no_use_is_said_and_passed_over(why, values, tmp_path):
    got = chosen(("-serial", "stdio"), args=tuple(spcr(tmp_path, **values)))
    assert got == {"uart": "0x3f8", "baud": "115200", "screen": "none", "why": f"{why}, com1 passed the probe"}


def test_a_corrupt_spcr_is_said_and_passed_over(tmp_path):
    table = spcr(tmp_path, IO, 0x2f8, baud=5)
    got = chosen(("-serial", "stdio"), args=tuple(table))
    assert got["uart"] == "0x3f8"
    assert re.fullmatch(r"SPCR at 0x[0-9a-f]+: its baud rate has the unknown code 5, com1 passed the probe", got["why"])


@pytest.mark.parametrize("source, root", [
    (KERNEL, "RSDT at=0x[0-9a-f]+ tables=[0-9]+ found=pvh"),
    (("-cdrom", str(BUILD / "latchkey.iso")), "RSDT at=0x[0-9a-f]+ tables=[0-9]+ found=multiboot2"),
])
def test_the_tables_are_found(source, root):
    done = boot(serial=("-serial", "stdio"), source=source, line=QUICK if source is KERNEL else "", seconds=200)
    assert re.search(rf"^# @ acpi root={root}\r$", done.text, re.M)
