"""The framebuffer console: the verdict and the last lines, read from the pixels of QEMU's display."""

import pytest
from conftest import TOP, UEFI
from display import Display, derived_iso
from picture import Picture

QUICK = "after=halt tests=self_*"
DISPLAYS = {
    "seabios": (["-device", "VGA"], 1, "1280x800x32"),
    "seabios-1920": (["-device", "VGA,xres=1920,yres=1200"], 2, "1920x1200x32"),
    "seabios-24-bits": (["-device", "cirrus-vga"], 1, "640x480x24"),
    "ovmf-gop": ([*UEFI, "-device", "VGA"], 1, "1280x800x32"),
    "ovmf-gop-1920": ([*UEFI, "-device", "VGA,xres=1920,yres=1200"], 2, "1920x1200x32"),
}


def on_screen(picture: Picture, scale: int, said: list[str]) -> None:
    """The last lines of the log stand on the screen, one below the other, wrapped where they are long."""
    columns = picture.width() // (8 * scale)
    wrapped = [line[i:i + columns].rstrip() for line in said for i in range(0, max(len(line), 1), columns)]
    shown = picture.text(scale)
    end = next(i for i, line in enumerate(shown) if line.startswith("LATCHKEY-END "))
    last = max(i for i, line in enumerate(wrapped) if line.startswith("LATCHKEY-END "))
    assert end > 5
    assert shown[:end + 1] == wrapped[last - end:last + 1]


@pytest.mark.parametrize("name", DISPLAYS)
def test_the_verdict_and_the_last_lines(name, tmp_path):
    args, scale, mode = DISPLAYS[name]
    iso = derived_iso(QUICK, tmp_path)
    with Display(tmp_path, *args, "-cdrom", str(iso)) as display:
        verdict, picture = display.wait()
        assert verdict == "PASS"
        said = display.said()
        assert any(line.startswith("# @ console ") and f" screen={mode} " in line for line in said)
        on_screen(picture, scale, said)


@pytest.mark.parametrize("line, word", [
    ("after=halt tests=msr_absent_*", "SKIP"), ("after=halt tests=rights_golden_reserved*", "FAIL"),
])
def test_other_verdicts(line, word, tmp_path):
    iso = derived_iso(line, tmp_path)
    with Display(tmp_path, "-device", "VGA", "-cdrom", str(iso)) as display:
        assert display.wait()[0] == word


def test_vga_text(tmp_path):
    iso = derived_iso(QUICK, tmp_path, pixels=False)
    with Display(tmp_path, "-device", "VGA", "-cdrom", str(iso)) as display:
        verdict, picture = display.wait()
        assert verdict == "PASS"
        assert (picture.width(), len(picture.rows)) == (720, 400)
        assert any(" screen=80x25x0 " in line for line in display.said())


def test_the_screen_alone(tmp_path):
    """With console=fb nothing reaches the serial port, not even what was written before the line was read."""
    iso = derived_iso(f"{QUICK} console=fb", tmp_path)
    with Display(tmp_path, "-device", "VGA", "-cdrom", str(iso)) as display:
        verdict, picture = display.wait()
        assert verdict == "PASS"
        assert not any("LATCHKEY" in line or line.startswith(("#", "ok")) for line in display.said())
        assert any(line.startswith("LATCHKEY-END status=pass") for line in picture.text(1))


def test_the_font_says_where_it_comes_from():
    assert "Public domain font.  Share and enjoy." in (TOP / "lib/font.c").read_text()
