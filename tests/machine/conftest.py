"""Boots of the real image: what these tests share."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "scripts"))
BUILD = TOP / "build"
QEMU = ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-nodefaults", "-no-reboot", "-display", "none",
        "-monitor", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
UEFI = ("-drive", "if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd")
PASS, FAIL, SKIP, ERROR = 17, 19, 21, 23  # QEMU's exit status for each verdict of the kernel


@dataclass
class Boot:
    """How one start of QEMU ended, and what it said on the serial port."""

    status: int
    text: str

    def results(self) -> list[str]:
        """The result lines, in order."""
        return re.findall(r"^(?:not )?ok .*$", self.text.replace("\r\n", "\n"), re.M)


def boot(line: str = "", cpu: str = "max", memory: str = "256M", serial: tuple[str, ...] = ("-serial", "stdio"),
         source: tuple[str, ...] = ("-kernel", str(BUILD / "latchkey.elf")), seconds: float = 60,
         extra: tuple[str, ...] = ()) -> Boot:
    """Start QEMU once; raises subprocess.TimeoutExpired when it runs longer than that."""
    append = ["-append", line] if line else []
    done = subprocess.run([*QEMU, "-cpu", cpu, "-m", memory, *serial, *source, *append, *extra], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, check=False)
    return Boot(done.returncode, done.stdout.decode("latin-1"))


def latchkey(*words: str, results: Path | None = None) -> subprocess.CompletedProcess:
    """Run the host tool."""
    where = ["--results", str(results)] if results else []
    return subprocess.run([str(TOP / "scripts/latchkey"), *words, *where], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, check=False)


@dataclass
class Run:
    """One `latchkey run`, its output and its files."""

    done: subprocess.CompletedProcess
    folder: Path

    def log(self) -> Path:
        """The log of the first boot."""
        return self.folder / "boot1.log"

    def results(self) -> list[str]:
        """The result lines of the first boot."""
        return Boot(0, self.log().read_bytes().decode("latin-1")).results()


# `make machines` runs the whole suite on these; here the part that differs from another machine's, or that is quick.
COMMON = "self_*,boot_*,msr_*,rights_*,tlb_*,keys_*"
PARTS = {"qemu-uefi": COMMON, "qemu-usb": COMMON, "qemu-count": "bench_*,keys_*,thread_*",
         "qemu-smp16": "smp_start_*,smp_rights_*", "qemu-smp64": "smp_start_*,smp_rights_*"}


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """run(machine): the outcome of `latchkey run machine`, made once for the tests of one file."""
    made: dict[str, Run] = {}

    def once(machine: str) -> Run:
        if machine not in made:
            folder = tmp_path_factory.mktemp("results")
            part = ("--tests", PARTS[machine]) if machine in PARTS else ()
            made[machine] = Run(latchkey("run", machine, *part, results=folder), folder / machine)
        return made[machine]

    return once
