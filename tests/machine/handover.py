"""A machine that stands still at the kernel's entry, so that a test can change what the loader hands over."""

import re
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conftest import BUILD, QEMU, TOP, Boot
from gdbstub import Gdb, symbol

MAPS = TOP / "tests/host/maps"
KERNEL = ("-kernel", str(BUILD / "latchkey.elf"))
NEW_MAP = 0x10000  # in the first MiB, where QEMU has memory and the kernel takes none
RBX = 1  # in the order of the stub
ORG = 0x1ff000  # of the stub: the page below the image
KINDS = {"usable": 1, "reserved": 2, "ACPI data": 3, "ACPI NVS": 4, "unusable": 5, "soft reserved": 0xefffffff}


@dataclass(frozen=True)
class Range:
    """One entry of a memory map; `end` is behind its last byte."""

    start: int
    end: int
    kind: int = 1


def read_map(path: Path) -> list[Range]:
    """A map in the words of Linux' kernel log."""
    lines = re.findall(r"^BIOS-e820: \[mem (0x\w+)-(0x\w+)\] (.+)$", path.read_text(), re.M)
    return [Range(int(first, 16), int(last, 16) + 1, KINDS[kind]) for first, last, kind in lines]


def stub(folder: Path, entry: str, cr4: int, x2apic: bool = False) -> bytes:
    """Code that sets what firmware may have set, and goes on at the entry."""
    path = folder / "stub.bin"
    subprocess.run(["nasm", "-f", "bin", f"-DORG={ORG:#x}", f"-DENTRY={symbol(entry):#x}", f"-DCR4={cr4:#x}",
                    f"-DX2APIC={int(x2apic)}", "-o", str(path), str(TOP / "tests/machine/handed.asm")], check=True)
    return path.read_bytes()


def kernel_behind(code: bytes, folder: Path) -> Path:
    """The kernel's file with such code in front: its note becomes a segment, which is where the file begins."""
    elf = bytearray((BUILD / "latchkey.elf").read_bytes())
    elf += bytes(-len(elf) % 0x1000)
    table, size, count = struct.unpack_from("<Q", elf, 32)[0], *struct.unpack_from("<HH", elf, 54)
    note, = (at for at in range(table, table + size * count, size) if struct.unpack_from("<I", elf, at)[0] == 4)
    struct.pack_into("<IIQQQQQQ", elf, note, 1, 7, len(elf), ORG, ORG, len(code), len(code), 0x1000)
    struct.pack_into("<Q", elf, 24, ORG)
    path = folder / "behind.elf"
    path.write_bytes(elf + code)
    return path


def given_map(gdb: Gdb) -> list[Range]:
    """The map in the PVH start info that EBX points to."""
    info = gdb.registers()[RBX]
    at, count = gdb.memory(info + 40, 8), gdb.memory(info + 48, 4)
    entries = [struct.unpack("<QQII", gdb.memory(at + 24 * i, 24).to_bytes(24, "little")) for i in range(count)]
    return [Range(start, start + size, kind) for start, size, kind, _ in entries]


def give_map(gdb: Gdb, ranges: list[Range]) -> None:
    """Puts another map in its place."""
    info = gdb.registers()[RBX]
    gdb.write(NEW_MAP, b"".join(struct.pack("<QQII", r.start, r.end - r.start, r.kind, 0) for r in ranges))
    gdb.write(info + 40, struct.pack("<QI", NEW_MAP, len(ranges)))


def boot_changed(folder: Path, change: Callable[[Gdb], None], line: str, args: tuple[str, ...] = (),
                 entry: str = "pvh_start", source: tuple[str, ...] | None = None, program: tuple[str, ...] = QEMU[:1],
                 seconds: float = 60) -> Boot:
    """Start QEMU, stop at the entry, let `change` do its work, and go on to the end."""
    stub = folder / "gdb"
    source = source if source is not None else (*KERNEL, "-append", line)
    command = [*program, *QEMU[1:], "-serial", "stdio", *args, *source, "-S", "-gdb", f"unix:{stub},server,nowait"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            gdb = Gdb(stub)
            gdb.ask(f"Z1,{symbol(entry):x},1")
            assert gdb.go(), "the entry is not reached"
            gdb.ask(f"z1,{symbol(entry):x},1")
            change(gdb)
            gdb.leave()
            said = process.communicate(timeout=seconds)[0]
        finally:
            process.kill()
    return Boot(process.returncode, said.decode("latin-1"))
