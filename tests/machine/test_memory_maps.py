"""Memory as real servers have it: where QEMU can build such a machine, that one; where it cannot, a map that a test hands
over at the kernel's entry. It is legal because it calls usable only what the machine does have as memory. `self_memory` compares all
that the kernel takes with the map, `rights_distant*` use the highest memory there is."""

import re

import pytest
from conftest import PASS, boot
from display import derived_iso
from gdbstub import symbol
from handover import MAPS, Range, boot_changed, give_map, given_map, read_map

TESTS = "tests=self_*,boot_*,rights_distant*"
WIDE = ("-cpu", "max,phys-bits=52,vendor=GenuineIntel")  # as AMD, QEMU keeps a hole below 1 TiB
TWO_TIB = ("-M", "memory-backend=all", "-object", "memory-backend-ram,id=all,size=2T,reserve=off", "-m", "2T", *WIDE)
NODES = ("-m", "4G", *(word for n in "01" for word in (
    "-object", f"memory-backend-ram,id=n{n},size=2G,reserve=off", "-numa", f"node,memdev=n{n}")))
DIMMS = (0x9600000000, 0x400000000000, 0x800000000000, 0x4000000000000)
DIMM_SIZE = 128 << 20
IMAGE_END = symbol("image_end")
TIGHT = (IMAGE_END >> 20) + 2  # MiB: the image, and a little more than a MiB for tables


def dimms() -> tuple[str, ...]:
    """Memory at 600 GiB, 64 TiB, 128 TiB and 1 PiB."""
    args = ["-m", "512M,slots=8,maxmem=1200T", *WIDE]
    for number, at in enumerate(DIMMS):
        args += ["-object", f"memory-backend-ram,id=d{number},size={DIMM_SIZE},reserve=off",
                 "-device", f"pc-dimm,memdev=d{number},addr={at:#x}"]
    return tuple(args)


def facts(text: str) -> dict[str, str]:
    """The fields of the line about memory, of which there is one."""
    lines = re.findall(r"^# @ memory (.*)\r$", text, re.M)
    assert len(lines) == 1, text
    return dict(field.split("=", 1) for field in lines[0].split())


def passed(done) -> dict[str, str]:
    """Every test passed, those of distant memory at least under 4-level paging."""
    assert done.status == PASS, done.text
    results = [line.split(" - ")[1] for line in done.results()]
    assert {"self_memory", *(f"rights_distant_{word}_l4" for word in ("apart", "pages", "root", "tables"))} <= set(results)
    return facts(done.text)


@pytest.mark.parametrize("args, end, distant", [
    (TWO_TIB, "0x20080000000", 13),  # 2^28 to 2^30, 2^32 to 2^41
    (("-M", "max-ram-below-4g=1G", "-m", "2G,slots=1,maxmem=1100G", "-cpu", "max,phys-bits=52"), "0x10040000000", 3),
    (("-M", f"max-ram-below-4g={TIGHT}M", "-m", "512M"), f"{0x120000000 - (TIGHT << 20):#x}", 1),
    (NODES, "0x180000000", 4),  # 2^28 to 2^30, 2^32
], ids=["2T", "1T-hole", "tables-below-4G", "numa"])
def test_machines_that_qemu_can_build(args, end, distant):
    got = passed(boot(TESTS, extra=args))
    assert (got["end"], got["distant"]) == (end, str(distant))


def test_what_little_memory_below_4_gib_grub_can_work_with(tmp_path):
    done = boot(source=("-cdrom", str(derived_iso(TESTS, tmp_path))), extra=("-M", "max-ram-below-4g=12M", "-m", "512M"))
    assert passed(done)["distant"] == "1"


def inside(part: Range, whole: list[Range]) -> bool:
    return any(r.kind == 1 and r.start <= part.start and part.end <= r.end for r in whole)


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.txt")), ids=lambda path: path.stem)
def test_maps_of_servers(path, tmp_path):
    wanted = read_map(path)
    args = dimms() if path.stem == "beyond_46_bits" else TWO_TIB
    real = [Range(at, at + DIMM_SIZE) for at in DIMMS] if path.stem == "beyond_46_bits" else []

    def change(gdb) -> None:
        before = given_map(gdb)
        assert all(inside(Range(max(r.start, 0x100000), r.end), before + real) for r in wanted
                   if r.kind == 1 and r.end > 0x100000), "not memory of this machine"
        give_map(gdb, wanted)

    got = passed(boot_changed(tmp_path, change, TESTS, args))
    assert int(got["entries"]) == len(wanted)
    assert int(got["end"], 16) == max(r.end for r in wanted if r.kind == 1) & ~0xfff


def test_four_levels_are_enough_for_the_highest_memory(tmp_path):
    """Memory at 1 PiB on a processor without 5-level paging: the page tables reach it, the kernel's own space need not."""
    wanted = read_map(MAPS / "beyond_46_bits.txt")
    args = tuple(word.replace("max,", "max,-la57,") for word in dimms())
    got = passed(boot_changed(tmp_path, lambda gdb: give_map(gdb, wanted), f"{TESTS} paging=4", args))
    assert got["end"] == "0x4000008000000"


@pytest.mark.parametrize("ranges, words", [
    ([Range(0x100000, IMAGE_END + (8 << 20))], "KiB needed"),
    ([Range(0x200000, IMAGE_END + 0xf000), Range(1 << 32, 1 << 33)], "KiB there"),
    ([Range(0x100000, IMAGE_END), Range(1 << 46, 1 << 47)], "KiB needed"),
], ids=["8M", "no-tables", "beyond-the-windows"])
def test_too_little_is_said(ranges, words, tmp_path):
    done = boot_changed(tmp_path, lambda gdb: give_map(gdb, ranges), TESTS, TWO_TIB)
    assert re.search(r"^# @ refused memory: .*" + words, done.text, re.M), done.text


def test_a_gigabyte_of_memory_is_where_pages_of_that_size_are_tried():
    """3 GiB: two below the hole, whose first has the BIOS and whose second ACPI's tables in it, and one above 4 GiB."""
    done = boot("tests=self_memory*,self_page_sizes*,rights_codes_1g*", memory="3G")
    assert done.status == PASS and not any("SKIP" in line for line in done.results()), done.text
    assert facts(done.text)["gigabyte"] == "0x100000000"
    done = boot("tests=self_memory*", memory="1G")
    assert facts(done.text)["gigabyte"] == "none"
