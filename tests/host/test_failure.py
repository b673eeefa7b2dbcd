"""What a failing test says, taken apart: failure lines, page walks, faults in words, data lines, commands."""

import made
import pytest

from lk import data, failure, fault, record, reproduce, walk


def read(lines: list[str]) -> failure.Failure:
    return failure.read(record.Test(1, "t_l4", "fail", detail=lines))


def test_a_hand_written_test() -> None:
    found = read(made.FAIL)
    first, second = found.lines
    assert (first.want, first.got, first.rest) == ("#PF[K--srP]", "none", "; AD, after: read8 4k key=5 ad=1 wd=0 pks=1")
    assert len(first.walk.entries) == 4 and second.walk is None
    assert found.rest == [second.text, "and 12 more lines like these"]
    assert found.words == "tests=t_l4" and found.headline == first.text


def test_the_matrix() -> None:
    found = read(made.MATRIX)
    assert found.lines[0].before == "case=pks:0,kind:locked8 fault: " and found.lines[0].axes[0] == "paging=4"
    assert found.signatures == [
        failure.Signature(1152, "fault: want #PF[K--sWP] got #PF[K--srP]", "rights:ad,kind:locked8")]
    assert found.words == "case=rights:ad,kind:locked8" and len(found.lines[0].walk.entries) == 4
    assert read(made.MATRIX[:-1]).words == "case=pks:0,kind:locked8", "without a summary the first case"
    assert read([made.MATRIX[-1].replace("rights:ad,kind:locked8", "")]).words == "tests=t_l4"


def test_an_exception_stays_as_it_came() -> None:
    assert read(made.CRASH).rest == [line.removeprefix("# ") for line in made.CRASH]


def test_addresses_make_no_other_failure() -> None:
    moved = [line.replace("147", "9a3").replace("0x200040000140", "0x400040000140") for line in made.FAIL]
    assert read(made.FAIL).shape == read(moved).shape != read(made.GOLDEN).shape
    assert read(made.FAIL).kind == read(made.GOLDEN).kind != read(made.MATRIX).kind


def decode(raw: int, level: int = 1, kind: str = "page") -> walk.Entry:
    found = walk.begin("#   walk of 0x1000, 4 levels")
    assert walk.go_on(found, f"#   level {level} [ 64] {raw:016x} whatever -> {kind} 0x1000")
    return found.entries[0]


@pytest.mark.parametrize("bit, flag", [(0, "P"), (1, "W"), (2, "U"), (5, "A"), (6, "D"), (8, "G"), (63, "XD")])
def test_every_flag_alone(bit: int, flag: str) -> None:
    entry = decode(1 << bit)
    assert [name for name in walk.FLAGS if entry.has(name)] == [flag] and entry.key == 0


def test_page_size_and_key() -> None:
    assert decode(1 << 7, level=2).has("PS") and not decode(1 << 7, level=1).has("PS")
    assert [decode(key << 59).key for key in range(16)] == list(range(16))
    assert not any(decode(15 << 59).has(flag) for flag in walk.FLAGS)


@pytest.mark.parametrize("old, new, says", [
    ("", "", "supervisor-mode address, writable, executable, key 5"),
    ("2800000000600023", "2800000000600027", "user-mode address, writable, executable, key 5"),
    ("0000000000148027", "0000000000148025", "supervisor-mode address, read-only, executable, key 5"),
    ("0000000000147027", "8000000000147027", "supervisor-mode address, writable, not executable, key 5"),
    ("2800000000600023", "2800000000600022", "no translation: the entry of level 1 is not present"),
])
def test_the_walk_as_a_sentence(old: str, new: str, says: str) -> None:
    assert read([line.replace(old, new) if old else line for line in made.FAIL]).lines[0].walk.sentence == says


def test_a_walk_that_breaks_off() -> None:
    lines = [*made.FAIL[:3], "#   level 3: the table at 0x147000 cannot be read"]
    found = read(lines).lines[0].walk
    assert len(found.entries) == 1 and found.broken.endswith("cannot be read") and found.sentence == ""


@pytest.mark.parametrize("text, says", [
    ("#PF[K--sWP]", "page fault: protection key, supervisor mode, write, present"),
    ("#PF[-I-UrP]", "page fault: fetch, user mode, present"),
    ("#PF[--Rsr-]", "page fault: reserved bit, supervisor mode, read, not present"),
    ("none", "no fault"), ("#GP[0000]", ""), ("0x5b", ""),
])
def test_faults_in_words(text: str, says: str) -> None:
    assert fault.words(text) == says


def test_heat_adds_up_and_minds_damage() -> None:
    tests = [record.Test(number, f"matrix_case_l{number}", "skip", detail=made.heat(key))
             for number, key in ((4, 3), (5, None))]
    heat = data.heat(tests)
    assert (heat.checked, heat.failed) == (2 * (16 * 16 - 4) * 1000, 3000)
    cell = heat.rows[("locked", "wd")][3]
    assert (cell.checked, cell.failed) == (2000, 750)
    for line in (made.heat()[0][:-3], made.heat()[0].replace("read", "jump"), "# @ heat access=read", "# @ heat"):
        assert data.heat([record.Test(1, "x", detail=[line])]).rows == {}


def test_costs() -> None:
    first, second, other = data.costs([record.Test(1, "bench_x", detail=made.BENCH)])
    assert (first.test, first.name, first.med, second.p99) == ("bench_x", "wrpkrs", "23", "1800")
    assert (other.name, other.med) == ("wrpkrs", "33")


def test_commands() -> None:
    report = made.report("qemu-pvh", {"a": "pass"})
    assert reproduce.command(report, "tests=a") == "scripts/latchkey run qemu-pvh --tests a"
    assert reproduce.command(report, "case=cpl:3") == "scripts/latchkey run qemu-pvh --line case=cpl:3"
    assert reproduce.command(report, "case=cpl:3 paging=4") == "scripts/latchkey run qemu-pvh --line 'case=cpl:3 paging=4'"
    assert reproduce.emulator(report, "case=cpl:3") == "qemu-system-x86_64 -cpu max -kernel latchkey.elf -append case=cpl:3"
    report.command = ["/usr/bin/qemu-system-x86_64", "-cdrom", "/home/me/build/latchkey.iso"]
    assert reproduce.emulator(report, "tests=a") == ""
    report.machine = None
    assert reproduce.command(report, "tests=a") == ""
