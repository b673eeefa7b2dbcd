"""The menu of the image: at once on an emulator, a countdown on hardware, on the serial port and on the screen, and every
entry starts the kernel with its words. SMBIOS says what kind of machine it is, and QEMU lets us say it."""

import os
import re
import select
import subprocess
import time

import pytest
from conftest import BUILD, PASS, QEMU, TOP, UEFI, boot
from display import Display, derived_iso


def machine(*tables: str) -> list[str]:
    """QEMU's arguments for a machine of no known maker but for what the tables say."""
    known = {"type=0": "type=0,vendor=Acme", "type=1": "type=1,manufacturer=Acme,product=Rocket"}
    known.update({table[:6]: table for table in tables})
    return [word for table in known.values() for word in ("-smbios", table)]


HARDWARE = machine()
COUNTDOWN = "executed automatically in 5s"
NEXT, ENTER = b"\x0e", b"\r"
QUICK = "tests=self_probe_ud_l4"


class Menu:
    """A machine with the image, and its serial port to read from and to type at."""

    def __init__(self, *args: str):
        self.text = ""
        self.process = subprocess.Popen([*QEMU, "-cpu", "max", "-m", "256M", "-serial", "stdio", *args],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> "Menu":
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def until(self, pattern: str, seconds: float = 60) -> re.Match:
        """The first match in everything said so far."""
        deadline = time.monotonic() + seconds
        while not (match := re.search(pattern, self.text, re.M)):
            assert time.monotonic() < deadline, f"no {pattern} in {self.text!r}"
            if select.select([self.process.stdout], [], [], 1)[0]:
                more = os.read(self.process.stdout.fileno(), 65536)
                assert more, f"the machine ended without {pattern}: {self.text!r}"
                self.text += more.decode("latin-1")
        return match

    def type(self, keys: bytes) -> None:
        """Keys, each given time to arrive: the port has no flow control."""
        for key in keys:
            self.process.stdin.write(bytes([key]))
            self.process.stdin.flush()
            time.sleep(0.05)


@pytest.mark.parametrize("smbios", [
    "type=1,manufacturer=QEMU", "type=1,manufacturer=Bochs", "type=0,vendor=The Bochs Project", "type=0,vendor=SeaBIOS",
    "type=1,manufacturer=Acme,product=KVM", "type=1,manufacturer=innotek GmbH,product=VirtualBox",
    "type=1,manufacturer=VMware,, Inc.",
])
def test_an_emulator_does_not_wait(smbios, tmp_path):
    done = boot(source=("-cdrom", str(derived_iso(QUICK, tmp_path)), *machine(smbios)))
    assert done.status == PASS
    assert "executed automatically" not in done.text


def test_hardware_waits_five_seconds_and_starts_the_first_entry(tmp_path):
    begin = time.monotonic()
    done = boot(source=("-cdrom", str(derived_iso(QUICK, tmp_path)), *HARDWARE))
    assert time.monotonic() - begin >= 5
    assert done.status == PASS
    assert COUNTDOWN in done.text and f"# @ line {QUICK}\r\n" in done.text.replace(" \r", "\r")


def test_without_a_serial_port_it_starts_all_the_same(tmp_path):
    source = ("-cdrom", str(derived_iso(QUICK, tmp_path)), *HARDWARE)
    assert boot(source=source, serial=("-serial", "none")).status == PASS


@pytest.mark.parametrize("number, line", [
    (1, "matrix=full"), (2, "paging=4"), (3, "paging=5"), (4, "tests=bench_* bench=cycles"), (5, "smp=off"),
])
def test_every_entry_has_its_words(number, line):
    with Menu("-cdrom", str(BUILD / "latchkey.iso"), *HARDWARE) as menu:
        menu.until(COUNTDOWN)
        menu.type(NEXT * number + ENTER)
        assert menu.until(r"^# @ line (.*?) *\r$")[1] == line


def test_words_of_your_own():
    with Menu("-cdrom", str(BUILD / "latchkey.iso"), *HARDWARE) as menu:
        menu.until(COUNTDOWN)
        menu.type(NEXT * 6 + ENTER)
        menu.until("Words of the kernel's command line")
        menu.type(b"tests=self_probe_u?_l4,-x*  seed=0x7" + ENTER)
        assert menu.until(r"^# @ line (.*?) *\r$")[1] == "tests=self_probe_u?_l4,-x* seed=0x7"
        menu.until(r"^LATCHKEY-END status=pass .*pass=1 ")
        assert menu.process.wait(30) == PASS


def test_the_menu_is_on_the_screen_too(tmp_path):
    """Its frame is there in VGA text, and goes away again."""
    iso = derived_iso(QUICK + " after=halt", tmp_path)
    with Display(tmp_path, "-device", "VGA", "-cdrom", str(iso), *HARDWARE) as display:
        deadline = time.monotonic() + 60
        while not any(COUNTDOWN in line for line in (display.said() if display.log.exists() else [])):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        menu = display.picture()
        frames = [row for row in menu.rows if row.count(1) > menu.width() * 3 // 4]
        assert (menu.width(), len(menu.rows)) == (720, 400) and frames
        assert display.wait()[0] == "PASS"


@pytest.mark.parametrize("machine_args", [("-serial", "stdio"), ("-serial", "none"), ("-serial", "stdio", *UEFI)],
                         ids=["bios", "bios without a port", "uefi"])
def test_a_grub_without_a_serial_module_starts_all_the_same(machine_args, tmp_path):
    """An image like ours, but for one word of the list of GRUB's modules."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "iso").symlink_to(TOP / "iso")
    recipe = (TOP / "scripts/mkiso").read_text()
    assert recipe.count(" serial sleep ") == 1
    (tmp_path / "scripts/mkiso").write_text(recipe.replace(" serial sleep ", " sleep "))
    subprocess.run(["sh", "scripts/mkiso", str(BUILD / "latchkey.elf"), "derived.iso"], cwd=tmp_path, check=True)
    image = derived_iso(QUICK, tmp_path, original=tmp_path / "derived.iso")
    assert boot(source=("-cdrom", str(image)), serial=machine_args, seconds=200).status == PASS
