"""A kernel that dies in four ways, one after the other: the runner names each of them and finishes the rest. Where the
machine starts again by itself, the kernel's own journal does it."""

import json
import os
import shutil
import subprocess

import pytest
from conftest import BUILD, ERROR, TOP, latchkey
from display import Display

from lk import iso, machine, workshop

DEATHS = {
    "going_b_triple_fault": ("crash", "the emulator ended with status 0"),
    "going_c_hang": ("timeout", "the machine printed nothing for 4 s"),
    "going_d_flood": ("timeout", "the machine printed more than 1 MiB"),
    "going_e_exit": ("crash", "the emulator ended with status 17"),
}
OTHERS = ("going_a_first", "going_f_last", "self_probe_ud_l4", "self_probe_ud_l5")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the sources with the tests that die, built."""
    folder = tmp_path_factory.mktemp("going_on")
    workshop.copy(TOP, BUILD, folder)
    shutil.copy(TOP / "tests/machine/going_on.c", folder / "tests")
    workshop.build(folder, "iso")
    return folder


def test_the_rest_is_finished(tree, tmp_path):
    machines = tmp_path / "machines.toml"
    machines.write_text((tree / "scripts/machines.toml").read_text())
    shutil.copytree(tree / "scripts/machines", tmp_path / "machines")
    text = machines.read_text()
    for limit, lower in (("quiet_limit = 15", "quiet_limit = 4"), ("log_limit = 64\n", "log_limit = 1\n")):
        assert text.index(limit) < text.index("[machine."), "the first one is the template's"
        text = text.replace(limit, lower, 1)
    machines.write_text(text)
    done = latchkey("run", "qemu-pvh", "--tests", "going_*,self_probe_ud*", "--machines", str(machines),
                    "--kernel", str(tree / "build/latchkey.elf"), results=tmp_path / "results")
    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads((tmp_path / "results/qemu-pvh/results.json").read_text())
    assert told["flaws"] == [] and told["status"] == "crash" and len(told["logs"]) == len(DEATHS) + 1
    verdicts = {test["id"]: test["verdict"] for test in told["tests"]}
    assert verdicts == {**dict.fromkeys(OTHERS, "pass"), **{name: word for name, (word, _) in DEATHS.items()}}
    for test in told["tests"]:
        if test["id"] in DEATHS:
            assert test["detail"].startswith(DEATHS[test["id"]][1]), test


TRIPLE = "tests=going_a_first,going_b_triple_fault,going_f_last after=exit"


def judge_triple(log):
    """One run over two boots: the guilty test is a crash, the others have passed."""
    done = latchkey("parse", str(log), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1 and told["flaws"] == [] and [boot["starts"] for boot in told["boots"]] == [2]
    assert [test["verdict"] for test in told["tests"]] == ["pass", "crash", "pass"]


def test_a_triple_fault_that_resets_the_machine(tree, tmp_path):
    iso.derive(tree / "build/latchkey.iso", TRIPLE, tmp_path / "latchkey.iso")
    with Display(tmp_path, "-cdrom", str(tmp_path / "latchkey.iso"), resets=True) as qemu:
        assert qemu.process.wait(60) == ERROR
    judge_triple(qemu.log)


def test_a_triple_fault_that_resets_bochs(tree, tmp_path):
    one = machine.load(TOP / "scripts/machines.toml").get("bochs30-sapphire-rapids")
    if not one.root.complete():
        pytest.skip(f"{one.root.name} is not unpacked: scripts/emulators")
    image, log, config = tmp_path / "latchkey.iso", tmp_path / "serial.log", tmp_path / "config"
    iso.derive(tree / "build/latchkey.iso", TRIPLE, image)
    text = (TOP / "scripts/bochsrc").read_text().format_map(one.filled({"image": str(image)}))
    assert text.count("reset_on_triple_fault=0") == text.count("/dev/stdout") == 1
    config.write_text(text.replace("reset_on_triple_fault=0", "reset_on_triple_fault=1")
                      .replace("/dev/stdout", str(log)))
    subprocess.run(one.command(one.program, {"config": str(config)}), env={**os.environ, **one.surroundings().env},
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120, check=False)
    judge_triple(log)
