"""An SPCR table for QEMU's -acpitable, and memory that plays a UART behind it."""

import struct
from pathlib import Path

IO, MEMORY = 1, 0
BAUD = {"as is": 0, 9600: 3, 19200: 4, 57600: 6, 115200: 7}
NO_PCI = (0xffff, 0xffff)


def spcr(folder: Path, space: int, address: int, access: int = 1, baud: int = 0, kind: int = 0,
         pci: tuple[int, int] = NO_PCI, place: tuple[int, int, int] = (0, 0, 0), revision: int = 2) -> list[str]:
    """QEMU's arguments for the table; access is 1, 2, 3 for 8, 16, 32 bits, pci is (device, vendor)."""
    body = struct.pack("<B3x BBBBQ BBI BBBBBB HH BBB I B I", kind, space, 8 << max(access - 1, 0), 0, access, address,
                       0, 0, 0, baud, 0, 1, 0, 0, 0, *pci, *place, 0, 0, 0)
    assert len(body) == 44
    path = folder / "spcr.bin"
    path.write_bytes(body)
    return ["-acpitable", f"sig=SPCR,rev={revision},oem_id=LATCHK,data={path}"]


def ready_uart(address: int, width: int) -> list[str]:
    """Memory whose line status register says "empty" for ever, and whose transmitter shows how wide a write is."""
    status = address + 5 * width
    return ["-device", f"loader,addr={address:#x},data={(1 << 8 * width) - 1:#x},data-len={width}",
            "-device", f"loader,addr={status:#x},data=0x60,data-len={width}"]
