"""What the README says under "On real hardware", each command as it stands there: a stick that is written, checked and
booted by both kinds of firmware, the network, and a console that a BMC sends over the LAN."""

import socket
import subprocess
import time
from pathlib import Path

import pexpect
import pytest
from conftest import BUILD, PASS, QEMU, TOP, UEFI, boot
from display import derived_iso
from readme import command
from webserver import WebServer

QUICK = "tests=boot_*"
FIRMWARE = pytest.mark.parametrize("firmware", [(), UEFI], ids=["bios", "uefi"])
STICK_BYTES = 64 << 20


def shell(line: str, **options) -> subprocess.CompletedProcess:
    """Run a line of the README in the top folder."""
    return subprocess.run(line, shell=True, cwd=TOP, capture_output=True, text=True, check=False, timeout=60, **options)


def written(image: Path, folder: Path) -> Path:
    """A stick, larger than the image and full of something else, written as the README says."""
    stick = folder / "stick"
    stick.write_bytes(b"\xa5" * STICK_BYTES)
    instead = {"build/latchkey.iso": str(image), "/dev/sdX": str(stick)}
    # A file would be cut to the image's length, which no stick is.
    done = shell(command("sudo dd ", **instead, **{"conv=": "conv=notrunc,"}))
    assert done.returncode == 0, done.stderr
    assert stick.stat().st_size == STICK_BYTES
    return stick


@FIRMWARE
def test_a_stick_that_dd_wrote_boots(firmware, tmp_path):
    stick = written(derived_iso(QUICK, tmp_path), tmp_path)
    source = ("-drive", f"if=none,id=stick,format=raw,readonly=on,file={stick}", "-device", "qemu-xhci",
              "-device", "usb-storage,drive=stick,bootindex=0", *firmware)
    assert boot(source=source, seconds=200).status == PASS


def test_a_stick_with_a_wrong_byte_is_noticed(tmp_path):
    image = BUILD / "latchkey.iso"
    stick = written(image, tmp_path)
    check = command("sudo cmp ", **{"build/latchkey.iso": str(image), "/dev/sdX": str(stick)})
    assert shell(check).stdout == "written\n"
    with stick.open("r+b") as file:
        file.seek(image.stat().st_size - 1)
        last = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([last ^ 1]))
    done = shell(check)
    assert done.returncode != 0 and "written" not in done.stdout and " differ" in done.stdout


@FIRMWARE
def test_the_line_for_ipxe_boots(firmware, tmp_path):
    """The firmware's own iPXE of QEMU's network card takes its script by TFTP and the image by HTTP."""
    (tmp_path / "files").mkdir()
    with WebServer(derived_iso(QUICK, tmp_path)) as server:
        line = command("sanboot ", SERVER=f"10.0.2.2:{server.server_port}")
        (tmp_path / "files/script.ipxe").write_text(f"#!ipxe\n{line}\n")
        source = ("-netdev", f"user,id=lan,tftp={tmp_path}/files,bootfile=script.ipxe",
                  "-device", "virtio-net-pci,netdev=lan,bootindex=0", *firmware)
        assert boot(source=source, seconds=200).status == PASS


BMC = """name "bmc"
set_working_mc 0x20
startlan 1
    addr 127.0.0.1 {lan}
    priv_limit admin
    allowed_auths_admin md5
    guid a123456789abcdefa123456789abcdef
endlan
sol "tcp:127.0.0.1:{serial}" 115200
user 2 true "root" "secret" admin 10 md5
"""
CONTROLLER = """mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
"""


def free_port(kind: socket.SocketKind) -> int:
    """A port that nobody has at the moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_taken(port: int) -> None:
    """Wait for the one who listens there. The BMC would try again after ten seconds only."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        time.sleep(0.05)


def test_serial_over_lan_gives_a_log_that_proves_the_run(tmp_path):
    """ipmi_sim is the BMC. QEMU, whose serial line it sends, waits for it, and stands still until somebody listens."""
    lan, serial = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    (tmp_path / "lan.conf").write_text(BMC.format(lan=lan, serial=serial))
    (tmp_path / "commands").write_text(CONTROLLER)
    machine = subprocess.Popen([
        *QEMU, "-cpu", "max", "-m", "256M", "-kernel", str(BUILD / "latchkey.elf"), "-append", QUICK, "-S", "-monitor", "stdio",
        "-chardev", f"socket,id=s,host=127.0.0.1,port={serial},server=on,wait=on", "-serial", "chardev:s"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until_taken(serial)
    bmc = subprocess.Popen(["ipmi_sim", "-n", "-c", "lan.conf", "-f", "commands", "-s", str(tmp_path)], cwd=tmp_path)
    try:
        words = command("script ", BMC=f"127.0.0.1 -p {lan} -C 3", USER="root", **{"console.log": f"{tmp_path}/console.log"})
        console = pexpect.spawn("sh", ["-c", words], timeout=60, encoding="latin-1")
        console.expect("Password:")
        console.sendline("secret")
        console.expect("SOL Session operational")
        machine.stdin.write(b"cont\n")
        machine.stdin.flush()
        console.expect(r"LATCHKEY-END status=pass [^\n]*\n")
        assert machine.wait(30) == PASS
        console.send("\r~.")
        console.expect(pexpect.EOF)
    finally:
        for process in (machine, bmc):
            process.kill()
            process.wait()
    done = shell(command("scripts/latchkey parse ", **{"console.log": f"{tmp_path}/console.log"}))
    assert done.returncode == 0, done.stdout + done.stderr
