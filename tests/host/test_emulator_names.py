"""The menu of the image and the kernel know an emulator by the same names."""

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
FIELDS = {"maker": "system_maker", "product": "system_product", "bios": "bios_vendor"}


def test_the_menu_and_the_kernel_agree():
    menu = (TOP / "iso/boot/grub/grub.cfg").read_text()
    kernel = (TOP / "lib/smbios.c").read_text()
    asked = {(FIELDS[name], value.strip("'"))
             for name, value in re.findall(r"\"\$(\w+)\" = ('[^']*'|\w+)", menu) if name in FIELDS}
    known = set(re.findall(r'strcmp\(s->(\w+), "([^"]*)"\) == 0', kernel))
    assert len(asked) == 7
    assert asked == known
