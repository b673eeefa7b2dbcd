"""A machine with a display that stays on after the run, so that one can look at it."""

import json
import re
import socket
import subprocess
import time
from pathlib import Path

from conftest import BUILD, QEMU
from picture import Picture, read_ppm

SCREEN_TAG = bytes.fromhex("0500 0100 14000000")  # type 5, optional, 20 bytes: the request for a framebuffer


def derived_iso(line: str, folder: Path, pixels: bool = True, original: Path = BUILD / "latchkey.iso") -> Path:
    """The image with another command line; without pixels, one that does not ask its loader for them."""
    image = original.read_bytes()
    slot = image.index(b"set line='") + len(b"set line='")
    image = image[:slot] + line.encode().ljust(1000) + image[slot + 1000:]
    if not pixels:
        assert image.count(SCREEN_TAG) == 1
        image = image.replace(SCREEN_TAG, b"\xff\x7f" + SCREEN_TAG[2:])  # an optional tag that GRUB does not know
    path = folder / "derived.iso"
    path.write_bytes(image)
    return path


class Display:
    """One QEMU, from its start to the end of a `with`."""

    def __init__(self, folder: Path, *args: str, resets: bool = False, cpu: str = "max"):
        """`resets`: after a reset the machine starts again, as real ones do."""
        self.folder = folder
        self.log = folder / "serial.log"
        control = folder / "qmp"
        self.process = subprocess.Popen(
            [*(word for word in QEMU if not (resets and word == "-no-reboot")), "-cpu", cpu, "-m", "256M", "-serial", f"file:{self.log}",
             "-qmp", f"unix:{control},server,nowait", *args], stdin=subprocess.DEVNULL)
        self.socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 30
        while self.socket.connect_ex(str(control)):
            assert time.monotonic() < deadline and self.process.poll() is None, "QEMU does not start"
            time.sleep(0.1)
        self.lines = self.socket.makefile("rw")
        self.lines.readline()
        self.command("qmp_capabilities")

    def __enter__(self) -> "Display":
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def command(self, name: str, **arguments) -> None:
        """One QMP command that has to succeed."""
        self.lines.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.lines.flush()
        while "return" not in (answer := json.loads(self.lines.readline())):
            assert "error" not in answer, answer

    def picture(self) -> Picture:
        """The screen as it is now."""
        path = self.folder / "screen.ppm"
        self.command("screendump", filename=str(path))
        return read_ppm(path)

    def wait(self, seconds: float = 120) -> tuple[str | None, Picture]:
        """The verdict, as soon as one can be read, and the picture it stands in."""
        deadline = time.monotonic() + seconds
        while True:
            picture = self.picture()
            verdict = picture.verdict()
            if verdict or time.monotonic() > deadline:
                return verdict, picture
            time.sleep(0.5)

    def until(self, pattern: str) -> str:
        """All that was said, as soon as there is a line like that."""
        deadline = time.monotonic() + 60
        while not self.log.exists() or not re.search(pattern, text := "\n".join(self.said()), re.M):
            assert time.monotonic() < deadline, self.log.read_text("latin-1")
            time.sleep(0.02)
        return text

    def said(self) -> list[str]:
        """The lines on the serial port."""
        return self.log.read_bytes().decode("latin-1").replace("\r", "").split("\n")
