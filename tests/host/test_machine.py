"""Machines as data: inheritance, arguments, and a file that is checked."""

from pathlib import Path

import pytest
from conftest import SCRIPTS

from lk import available, machine
from lk.problem import Problem

FILE = """
default = "one"
fastest = "one"
[template.base]
program = "emu"
package = "emulators"
quiet_limit = 10
time_limit = 20
log_limit = 30
args = ["-cpu", "{cpu}"]
cpu = "max"
[machine.one]
like = "base"
about = "the first"
boot = "kernel"
args = ["-kernel", "{kernel}", "-append", "{line}"]
[machine.two]
like = "one"
about = "the second"
cpu = "max,-pks"
line = "smp=off"
quiet_limit = 2.5
"""


def load(folder: Path, text: str = FILE) -> machine.Machines:
    path = folder / "machines.toml"
    path.write_text(text)
    return machine.load(path)


def test_inheritance_adds_arguments_and_replaces_the_rest(tmp_path: Path) -> None:
    two = load(tmp_path).get("two")
    assert (two.about, two.program, two.line) == ("the second", "emu", "smp=off")
    assert (two.quiet_limit, two.time_limit) == (2.5, 20)
    command = two.command("/bin/emu", {"image": "i", "kernel": "k,1", "line": "tests=a b"})
    assert command == ["/bin/emu", "-cpu", "max,-pks", "-kernel", "k,1", "-append", "tests=a b"]


def test_select(tmp_path: Path) -> None:
    machines = load(tmp_path)
    assert [one.name for one in machines.select([])] == ["one"]
    assert [one.name for one in machines.select(["all"])] == ["one", "two"]
    assert [one.name for one in machines.select(["two", "one", "two"])] == ["two", "one"]
    with pytest.raises(Problem, match="unknown machine 'three'; known are one, two and all"):
        machines.select(["three"])


@pytest.mark.parametrize("old, new, says", [
    ('default = "one"', 'default = "six"', "default = 'six' is not a machine"),
    ('fastest = "one"\n', "", "the key 'fastest' is missing"),
    ('about = "the first"', 'abut = "the first"', "machine 'one': unknown key 'abut'"),
    ('about = "the first"\n', "", "machine 'one': the key 'about' is missing"),
    ("quiet_limit = 10", "quiet_limit = 0", "'quiet_limit' has to be a number above 0"),
    ("quiet_limit = 10", 'quiet_limit = "10"', "'quiet_limit' has to be a number above 0"),
    ("quiet_limit = 10", "quiet_limit = true", "'quiet_limit' has to be a number above 0"),
    ('boot = "kernel"', 'boot = "disk"', "boot = 'disk'; known are iso, kernel"),
    ('boot = "kernel"', 'boot = "iso"', "boot = 'iso' needs '{image}' in args"),
    ('"{line}"', '"{lime}"', "nothing fills '{lime}' in args"),
    ('"{line}"', '"{line"', "is not readable"),
    ('"-append", "{line}"', '"-append"', "boot = 'kernel' needs '{line}' in args"),
    ('like = "one"', 'like = "onne"', "like = 'onne', but there is no such machine or template"),
    ('like = "base"', 'like = "two"', "is like itself"),
    ("[machine.two]", "[machine.Two]", "machine 'Two': a name is made of"),
    ("[machine.two]", "[machine.all]", "is not 'all'"),
    ('line = "smp=off"', "exit_status = { pass = 17 }", "has to give a number for each of error, fail, pass, skip"),
    ('line = "smp=off"', "reset_status = 0.5", "'reset_status' has to be a whole number"),
    ('line = "smp=off"', "needs = { a = 1 }", "every value of 'needs' has to be a string"),
    ('args = ["-cpu"', 'args = [1, "-cpu"', "TOML|list of strings"),
])
def test_a_bad_file(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in FILE
    with pytest.raises(Problem, match=says):
        load(tmp_path, FILE.replace(old, new, 1))


def test_what_is_missing_is_named_with_its_package(tmp_path: Path) -> None:
    text = FILE.replace('program = "emu"', 'program = "no-such-emu"')
    with pytest.raises(Problem, match="the program no-such-emu is missing: apt-get install emulators"):
        available.require(load(tmp_path, text).get("one"))
    text = FILE.replace('program = "emu"', 'program = "true"\nneeds = { "/no/such/CODE.fd" = "ovmf" }')
    with pytest.raises(Problem, match="/no/such/CODE.fd is missing: apt-get install ovmf"):
        available.require(load(tmp_path, text).get("one"))


SHELL = ('args = ["-kernel", "{kernel}", "-append", "{line}"]', 'args = ["-c", "{line}", "{kernel}"]')


@pytest.mark.parametrize("keys, says", [
    ('device = "/dev/null"', ""),
    ('device = "/dev/none"', "there is no /dev/none here"),
    ('trial = "exit 17"', ""),
    ('trial = "test $0 = kernel.elf && exit 17"', ""),
    ('trial = "echo no entry >&2; exit 1"', "a trial boot ended with status 1: no entry"),
    ('trial = "exit 0"', "a trial boot ended with status 0"),
    ('trial = "echo oops >&2; exec sleep 9"', "a trial boot did not end within 0.3 s: oops"),
])
def test_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str, says: str) -> None:
    monkeypatch.setattr(available, "TRIAL_S", 0.3 if "sleep" in keys else 5)
    text = FILE.replace('args = ["-cpu", "{cpu}"]\n', "exit_status = { pass = 17, fail = 19, skip = 21, error = 23 }\n")
    text = text.replace(*SHELL).replace('about = "the first"', 'about = "the first"\n' + keys)
    one = load(tmp_path, text.replace('cpu = "max"\n', "")).get("one")
    assert available.left_out(one, "/bin/sh", {"kernel": "kernel.elf", "image": ""}) == says


def test_a_device_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(available.os, "access", lambda path, mode: False)
    one = load(tmp_path, FILE.replace('about = "the first"', 'about = "x"\ndevice = "/dev/null"')).get("one")
    assert available.left_out(one, "/bin/sh", {}) == "/dev/null is not accessible for this user"


def test_the_machines_of_the_project() -> None:
    machines = machine.load(SCRIPTS / "machines.toml")
    assert [name for name, one in machines.by_name.items() if not one.root] == [
        "qemu-bios", "qemu-uefi", "qemu-usb", "qemu-pvh", "qemu-nopks", "qemu-nola57",
        "qemu-smp2", "qemu-smp4", "qemu-smp16", "qemu-smp64", "qemu-count", "qemu-kvm"]
    assert {one.root.name for one in machines.by_name.values() if one.root} == set(machines.roots)
    assert (machines.default, machines.fastest) == ("qemu-bios", "qemu-pvh")
    values = {"image": "I", "kernel": "K", "line": "L", "vars": "V"}
    commands = {one.name: " ".join(one.command("q", values)) for one in machines.by_name.values() if not one.root}
    common = "-M q35 -m 256M -cpu {} -smp 1 -accel {} -nodefaults -no-reboot -display none -monitor none -serial stdio " \
        "-device isa-debug-exit,iobase=0xf4,iosize=0x04"
    for name, cpu in {"qemu-nopks": "max,-pks", "qemu-nola57": "max,-la57", "qemu-bios": "max"}.items():
        assert common.format(cpu, "tcg") in commands[name]
    assert common.format("host", "kvm") in commands["qemu-kvm"]
    assert commands["qemu-pvh"].endswith("-kernel K -append L")
    assert "-smp 64" in commands["qemu-smp64"] and machines.get("qemu-smp16").tests == "self_*,smp_*"
    assert "file=I" in commands["qemu-uefi"] and machines.get("qemu-bios").quiet_limit == 15


MORE = """
[template.big]
like = "base"
memory = "4G"

[machine.three]
like = "big"
about = "of the folder"
boot = "kernel"
args = ["{kernel}", "{line}", "{memory}"]
"""


def test_the_folder_beside_goes_on_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines/more.toml").write_text(MORE)
    (tmp_path / "machines/README.md").write_text("no table")
    machines = load(tmp_path, FILE)
    assert list(machines.by_name) == ["one", "two", "three"]
    assert machines.get("three").settings == {"cpu": "max", "memory": "4G"}


@pytest.mark.parametrize("text, problem", [
    ('[machine.one]\nlike = "base"\nabout = "again"\n', "machines.toml has a machine 'one' already"),
    ('default = "one"\n', "unknown key 'default'"),
    ("machine = 1\n", "'machine' has to be a table"),
])
def test_what_is_wrong_in_the_folder_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines/more.toml").write_text(text)
    with pytest.raises(Problem, match=f"more.toml: {problem}"):
        load(tmp_path, FILE)
