"""Emulators in isolated roots: how they are described, started and asked, and how `scripts/emulators` makes them."""

import os
import subprocess
from pathlib import Path

import pytest
from conftest import PYTHON, SCRIPTS, Bench

from lk import available, machine, places
from lk.problem import Problem

FILE = """
default = "one"
fastest = "one"
[root."emu-2"]
suites = ["newer", "newer-backports"]
packages = ["emu", "firmware"]
keep = ["emu"]
program = "usr/bin/emu"
version = '^Emu 2\\.'
says = ["--version"]
env = { EMU_FILES = "{root}/usr/share/emu" }
[machine.one]
about = "from another release"
root = "emu-2"
program = "emu"
package = "emu"
boot = "iso"
config = "emurc"
args = ["-f", "{config}", "-L", "{root}/usr/share"]
memory = "256"
quiet_limit = 1
time_limit = 2
log_limit = 3
"""
LOADER = "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for scripts/ and build/emulators/, with a configuration template in it."""
    monkeypatch.setattr(places, "SCRIPTS", tmp_path)
    monkeypatch.setattr(places, "EMULATORS", tmp_path)
    (tmp_path / "emurc").write_text("memory: {memory}\ncd: {image}\nbios: {root}/bios\n")
    (tmp_path / "machines.toml").write_text(FILE)
    return tmp_path


def load(here: Path, old: str = "", new: str = "") -> machine.Machines:
    assert old in FILE
    (here / "machines.toml").write_text(FILE.replace(old, new, 1))
    return machine.load(here / "machines.toml")


def test_it_is_started_by_its_own_loader_with_its_own_libraries(here: Path) -> None:
    one = load(here).get("one")
    assert one.command("/usr/bin/emu", {"image": "I", "config": "C"}) == [
        f"{here}/emu-2/{LOADER}", "--library-path", f"{here}/emu-2/usr/lib/x86_64-linux-gnu",
        f"{here}/emu-2/usr/bin/emu", "-f", "C", "-L", f"{here}/emu-2/usr/share"]
    assert one.surroundings().env == {"EMU_FILES": f"{here}/emu-2/usr/share/emu"}


@pytest.mark.parametrize("old, new, says", [
    ('root = "emu-2"', 'root = "emu-3"', "machine 'one': root = 'emu-3' is not one of emu-2"),
    ('root = "emu-2"\n', "", r"nothing fills '\{root\}'"),
    ('config = "emurc"', 'config = "none"', "cannot read config = 'none'"),
    ('memory = "256"\n', "", r"nothing fills '\{memory\}' in emurc"),
    ('keep = ["emu"]\n', "", "root 'emu-2': the key 'keep' is missing"),
    ('["emu", "firmware"]', "[]", "root 'emu-2': 'packages' is empty"),
    ("^Emu 2", "^(Emu 2", "'version' is no regular expression"),
    ("{root}/usr/share/emu", "{roof}/usr", "not made of text and {root}"),
    ('[root."emu-2"]', '[root."Emu 2"]', "root 'Emu 2': a name is made of"),
])
def test_a_bad_file(here: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        load(here, old, new)


def test_a_root_that_is_not_there_or_is_another_one_is_named_with_what_makes_it(here: Path) -> None:
    one = load(here).get("one")
    with pytest.raises(Problem, match="emu-2 is not unpacked here: .*/emulators emu-2"):
        available.require(one)
    one.root.folder.mkdir()
    one.root.stamp.write_text(one.root.recipe())
    assert available.require(one) == f"{here}/emu-2/usr/bin/emu"
    with pytest.raises(Problem, match="is not unpacked here"):
        available.require(load(here, '"firmware"', '"firmwares"').get("one"))


def test_the_reset_of_a_machine_is_read_from_what_the_emulator_complains(bench: Bench) -> None:
    text = bench.machines.read_text().replace("reset_status = 0", 'reset_text = "no resolution"')
    bench.machines.write_text(text)
    tests = {"self_a": "pass", "death_x": "mutter no resolution", "death_y": "dies", "tlb_d": "pass"}
    report = bench.session({"tests": tests})
    assert [test.verdict for test in report.tests] == ["pass", "pass", "fail", "pass"]
    report = bench.session({"tests": {"self_a": "mutter no resolution", "tlb_d": "pass"}})
    assert [(test.verdict, test.reason) for test in report.tests] == [
        ("crash", "the emulator said that the machine shut itself down"), ("pass", "")]


FAKES = {
    "apt-get": 'echo "$CODENAME main http://mirror.invalid/debian/"\necho "$CODENAME-updates main http://no.invalid/"',
    "mmdebstrap": '''echo "$@" >>"$LOG"
[ -z "$BROKEN" ] || { echo "E: no such mirror" >&2; exit 1; }
cd "$TREE" && tar --create .''',
}


@pytest.fixture
def emulators(tmp_path: Path):
    """emulators(NAME=VALUE...): run scripts/emulators with its surroundings played by shell scripts."""
    codename = next(line.split("=")[1] for line in Path("/etc/os-release").read_text().splitlines()
                    if line.startswith("VERSION_CODENAME="))
    tree, programs = tmp_path / "tree", tmp_path / "bin"
    for name, text in {LOADER: 'shift 2; exec /bin/sh "$@"', "usr/bin/emu": 'echo "Emu 2.5 in $EMU_FILES"'}.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(f"#!/bin/sh\n{text}\n")
        (tree / name).chmod(0o755)
    programs.mkdir()
    for name, text in FAKES.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    toml = tmp_path / "machines.toml"
    toml.write_text(FILE.replace('config = "emurc"\n', "").replace('"{config}"', '"{image}{memory}"'))
    start = "\n".join([
        "import runpy, sys", f"sys.path.insert(0, {str(SCRIPTS)!r})",
        "from pathlib import Path", "from lk import places", f"places.EMULATORS = Path({str(tmp_path / 'made')!r})",
        f"sys.argv = ['emulators', '--machines', {str(toml)!r}]",
        f"runpy.run_path({str(SCRIPTS / 'emulators')!r}, run_name='__main__')"])

    def run(**values: str) -> subprocess.CompletedProcess:
        env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "LOG": str(tmp_path / "log"),
               "TREE": str(tree), "CODENAME": codename, "BROKEN": "", **values}
        return subprocess.run([PYTHON, "-B", "-c", start], env=env, capture_output=True, text=True, timeout=60)

    return run


def test_a_root_is_made_once_from_the_mirror_of_this_computer(emulators, tmp_path: Path) -> None:
    done = emulators()
    assert done.returncode == 0 and "emu-2: Emu 2.5 in" in done.stdout, done.stderr
    asked = (tmp_path / "log").read_text()
    assert "newer - deb http://mirror.invalid/debian/ newer main" in asked
    assert "newer-backports main" in asked and "--include=emu,firmware" in asked
    again = emulators(BROKEN="yes")
    assert again.returncode == 0 and "emu-2: there already, Emu 2.5" in again.stdout
    assert (tmp_path / "log").read_text() == asked


@pytest.mark.parametrize("values, says", [
    ({"BROKEN": "yes"}, "cannot unpack emu-2 from newer, newer-backports:\n  E: no such mirror"),
    ({"CODENAME": "other"}, "apt on this computer has no source for its own Debian release"),
])
def test_what_goes_wrong_is_said_and_nothing_half_made_counts(emulators, tmp_path: Path, values, says) -> None:
    done = emulators(**values)
    assert done.returncode == 2 and says in done.stderr
    assert not (tmp_path / "made/emu-2").exists()
    assert emulators().returncode == 0


def test_another_version_than_the_one_asked_for_is_refused(emulators, tmp_path: Path) -> None:
    (tmp_path / "tree/usr/bin/emu").write_text("#!/bin/sh\necho Emu 3.0\n")
    done = emulators()
    assert done.returncode == 2 and "does not say '^Emu 2\\.': the release has moved on" in done.stderr
    assert not (tmp_path / "made/emu-2").exists()
