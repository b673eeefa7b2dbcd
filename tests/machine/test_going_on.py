"""A kernel that dies in four ways, one after the other: the runner names each of them and finishes the rest."""

import json
import os
import shutil
import subprocess

from conftest import TOP, latchkey
from test_reproducible import sources

DEATHS = {
    "going_b_triple_fault": ("crash", "the emulator ended with status 0"),
    "going_c_hang": ("timeout", "the machine printed nothing for 4 s"),
    "going_d_flood": ("timeout", "the machine printed more than 1 MiB"),
    "going_e_exit": ("crash", "the emulator ended with status 17"),
}
OTHERS = ("going_a_first", "going_f_last", "self_probe_ud_l4", "self_probe_ud_l5")


def test_the_rest_is_finished(tmp_path):
    for name in sources():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / name, tmp_path / name)
    shutil.copy(TOP / "tests/machine/going_on.c", tmp_path / "tests")
    subprocess.run(["make", "-s", "build/latchkey.elf"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL,
                   env={"PATH": os.environ["PATH"]})
    machines = tmp_path / "scripts/machines.toml"
    text = machines.read_text()
    for limit, lower in (("quiet_limit = 10\n", "quiet_limit = 4\n"), ("log_limit = 64\n", "log_limit = 1\n")):
        assert text.index(limit) < text.index("[machine."), "the first one is the template's"
        text = text.replace(limit, lower, 1)
    machines.write_text(text)
    done = latchkey("run", "qemu-pvh", "--tests", "going_*,self_probe_ud*", "--machines", str(machines),
                    "--kernel", str(tmp_path / "build/latchkey.elf"), results=tmp_path / "results")
    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads((tmp_path / "results/qemu-pvh/results.json").read_text())
    assert told["flaws"] == [] and told["status"] == "crash" and len(told["logs"]) == len(DEATHS) + 1
    verdicts = {test["id"]: test["verdict"] for test in told["tests"]}
    assert verdicts == {**dict.fromkeys(OTHERS, "pass"), **{name: word for name, (word, _) in DEATHS.items()}}
    for test in told["tests"]:
        if test["id"] in DEATHS:
            assert test["detail"].startswith(DEATHS[test["id"]][1]), test
