"""A UART whose registers are memory. QEMU has none for this machine, so a page of RAM plays one whose transmitter is
always empty, and a debugger's write watchpoint reads what is sent. Transmission only: tests/host/test_uart.c has the
rest."""

import re
import subprocess
import time

import pytest
from conftest import BUILD, PASS, QEMU, boot
from gdbstub import Gdb, symbol
from spcr import MEMORY, ready_uart, spcr

ADDRESS = 0x1c034000  # the kernel keeps the lowest 256 MiB of the memory below
QUICK = "tests=self_probe_ud_l4"


def sent(gdb: Gdb, width: int) -> str:
    """Everything that is written to the transmitter, each time with the whole width of a register."""
    write = symbol("memory_write")
    gdb.ask(f"Z1,{write:x},1")
    assert gdb.go(), "no register was written"
    uart = gdb.registers()[5]
    at, stride = gdb.memory(uart + 16, 8), gdb.memory(uart + 24, 4)
    assert at % 0x200000 == ADDRESS % 0x200000 and stride == width
    gdb.ask(f"z1,{write:x},1")
    gdb.ask(f"Z2,{at:x},{width}")
    text = ""
    while gdb.go():
        value = gdb.memory(at, width)
        assert value < 0x80
        text += chr(value)
    return text


def run(folder, args: list[str], line: str, width: int) -> str:
    """What a run sends; its verdict is pass."""
    stub = folder / "gdb"
    command = [*QEMU, "-cpu", "max", "-m", "512M", "-kernel", str(BUILD / "latchkey.elf"), "-append", line, "-serial",
               "null", *args, *ready_uart(ADDRESS, width), "-S", "-gdb", f"unix:{stub},server,nowait"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            text = sent(Gdb(stub), width)
            assert process.wait(30) == PASS
        finally:
            process.kill()
    return text


def whole(text: str, uart: str, baud: str, why: str) -> None:
    """The protocol from its first to its last byte."""
    assert text.startswith("\r\nLATCHKEY-BEGIN ")
    assert f"\n# @ console uart={uart} baud={baud} screen=none why={why}\r\n" in text
    assert re.search(r"\nLATCHKEY-END status=pass [^\r\n]+ crc=[0-9a-f]{8}\r\n$", text)


@pytest.mark.parametrize("access, width", [(1, 1), (2, 2), (3, 4)])
def test_spcr_names_memory(access, width, tmp_path):
    text = run(tmp_path, spcr(tmp_path, MEMORY, ADDRESS, access, baud=7), QUICK, width)
    whole(text, f"mmio{8 * width}:{ADDRESS:#x}", "firmware", "SPCR")


def test_the_command_line_names_memory(tmp_path):
    text = run(tmp_path, [], f"{QUICK} console=mmio32:{ADDRESS:#x}", 4)
    whole(text, f"mmio32:{ADDRESS:#x}", "firmware", "command line")


def test_one_that_is_never_ready_is_given_up():
    """Memory without the preset: its line status is 0 for ever."""
    begin = time.monotonic()
    assert boot(f"{QUICK} console=mmio32:{ADDRESS:#x}", memory="512M").status == PASS
    assert time.monotonic() - begin < 20
