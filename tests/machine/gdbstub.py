"""The few words of GDB's remote protocol that a test needs. Source: GDB manual, "Remote Serial Protocol"."""

import re
import socket
import time
from pathlib import Path

from conftest import BUILD


def symbol(name: str) -> int:
    """The address of a function of the kernel."""
    return int(re.search(rf"^([0-9a-f]+) . {name}$", (BUILD / "latchkey.sym").read_text(), re.M)[1], 16)


class Gdb:
    """A connection to QEMU's stub; the machine stands still until go()."""

    def __init__(self, path: Path):
        self.socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 30
        while self.socket.connect_ex(str(path)):
            assert time.monotonic() < deadline, "no GDB stub"
            time.sleep(0.1)
        self.socket.settimeout(60)
        self.data = b""
        self.ask("?")

    def send(self, text: str) -> None:
        """One packet."""
        self.socket.sendall(f"${text}#{sum(text.encode()) % 256:02x}".encode())

    def answer(self) -> str | None:
        """The next packet; None where the machine has ended."""
        while b"#" not in self.data or len(self.data) < self.data.index(b"#") + 3:
            try:
                more = self.socket.recv(4096)
            except ConnectionError:
                more = b""
            if not more:
                return None
            self.data += more
        end = self.data.index(b"#")
        packet, self.data = self.data[:end], self.data[end + 3:]
        self.socket.sendall(b"+")
        return packet[packet.index(b"$") + 1:].decode()

    def ask(self, text: str) -> str:
        """One packet and its answer, which has to be there."""
        self.send(text)
        answer = self.answer()
        assert answer is not None and not answer.startswith("E"), f"{text}: {answer}"
        return answer

    def go(self) -> bool:
        """Runs to the next stop; false where the machine ends instead."""
        self.send("c")
        answer = self.answer()
        return answer is not None and answer[0] in "ST"

    def registers(self) -> list[int]:
        """The first eight: RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP."""
        text = self.ask("g")
        return [int.from_bytes(bytes.fromhex(text[i:i + 16]), "little") for i in range(0, 128, 16)]

    def memory(self, address: int, size: int) -> int:
        """A number in memory."""
        return int.from_bytes(bytes.fromhex(self.ask(f"m{address:x},{size:x}")), "little")

    def write(self, address: int, data: bytes) -> None:
        """Bytes to memory."""
        for start in range(0, len(data), 1024):
            part = data[start:start + 1024]
            assert self.ask(f"M{address + start:x},{len(part):x}:{part.hex()}") == "OK"

    def jump(self, address: int) -> None:
        """The next instruction. Single registers are written only for a debugger that has asked for their description."""
        self.ask("qXfer:features:read:target.xml:0,100")
        assert self.ask(f"P10={address.to_bytes(8, 'little').hex()}") == "OK"

    def leave(self) -> None:
        """Lets the machine run on its own."""
        assert self.ask("D") == "OK"

    def read(self, address: int, size: int) -> bytes:
        """Bytes of memory."""
        return self.memory(address, size).to_bytes(size, "little")
