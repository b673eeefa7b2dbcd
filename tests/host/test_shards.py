"""Shards: every part is there, of one image and one machine, and the cases add up; otherwise it is no pass."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import stub
from conftest import ENTRY, PYTHON, SCRIPTS, Bench

from test_command import processes, text

TESTS = {"matrix_a": "pass", "matrix_b": "pass", "self_a": "pass"}
COUNT = 4


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Results of all shards of a good machine, run one process after the other."""
    bench = Bench(tmp_path_factory.mktemp("shards"))
    bench.place({"tests": TESTS, "product": 1000})
    for index in range(1, COUNT + 1):
        assert bench.command("run", "--shard", f"{index}/{COUNT}").returncode == 0
    return bench.results


@pytest.fixture
def parts(bench: Bench, made: Path) -> Bench:
    """A bench with a copy of them."""
    bench.place({"tests": TESTS, "product": 1000})
    shutil.copytree(made, bench.results)
    return bench


def folder(bench: Bench, index: int) -> Path:
    return bench.results / "stub" / f"shard-{index}-of-{COUNT}"


def edit(bench: Bench, index: int, change) -> None:
    """Change what a shard says of itself."""
    path = folder(bench, index) / "shard.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def merge(bench: Bench) -> subprocess.CompletedProcess:
    return bench.command("merge", str(bench.results / "stub"))


def told(bench: Bench) -> dict:
    return json.loads((bench.results / "stub" / "results.json").read_text())


def test_all_parts_are_a_pass(parts: Bench) -> None:
    answer = merge(parts)
    assert answer.returncode == 0 and b"PASS  stub: 2 tests: 2 pass" in answer.stdout, text(answer)
    assert told(parts)["machine"] == "stub"
    assert [test["id"] for test in told(parts)["tests"]] == ["matrix_a", "matrix_b"]
    assert len(told(parts)["boots"]) == COUNT and (parts.results / "stub" / "junit.xml").is_file()
    assert "matrix=full shard=3/4" in (folder(parts, 3) / "shard.json").read_text()


def test_parts_from_several_folders(parts: Bench) -> None:
    away = parts.folder / "from another host" / "results"
    away.mkdir(parents=True)
    for index in (2, 3):
        shutil.move(folder(parts, index), away)
    assert merge(parts).returncode == 3
    assert parts.command("merge", str(parts.results), str(away.parent)).returncode == 0


@pytest.mark.parametrize("index", range(1, COUNT + 1))
def test_a_missing_part_is_lost(parts: Bench, index: int) -> None:
    shutil.rmtree(folder(parts, index))
    answer = merge(parts)
    assert answer.returncode == 3 and f"1 of 4 shards are missing: {index}\n" in answer.stdout.decode()
    assert told(parts)["status"] == "lost"


@pytest.mark.parametrize("change, word, says", [
    (lambda data: data.update(shard="1/4"), "lost", "1 of 4 shards are missing: 3"),
    (lambda data: data["results"].pop(), "lost", "matrix_b has no result in the shards 3"),
    (lambda data: data["results"][0].update(detail=[]), "lost", "matrix_a: the shards 3 do not say how many cases"),
    (lambda data: data["results"][0].update(detail=["# @ matrix cases=9 skipped=0 us=1 product=1000"]), "lost",
     "matrix_a: the shards ran 759 cases, the product is 1000"),
    (lambda data: data["boots"][0].update(build="0" * 12), "damaged", "shards 3 are of another image than shard 1"),
    (lambda data: data["boots"][0].update(suite="0" * 8), "damaged", "shards 3 are of another image than shard 1"),
    (lambda data: data["boots"][0].update(fp="cpu=other"), "damaged", "shards 3 are of another machine than shard 1"),
    (lambda data: data["boots"][0].update(fp=stub.FP.removeprefix("# @ fp ") + " tsc_khz=3"), "pass", ""),
    (lambda data: data.update(emulator="x"), "damaged", "shards 3 are of another emulator than shard 1"),
    (lambda data: data.update(tests="matrix_a"), "damaged", "shards 3 are of another selection than shard 1"),
    (lambda data: data.update(line="paging=4"), "damaged", "shards 3 are of another selection than shard 1"),
    (lambda data: data["results"][1].update(verdict="fail"), "fail", "matrix_b: shard 3/4"),
    (lambda data: data["results"][1].update(verdict="crash", reason="it died"), "crash", "shard 3/4: it died"),
    (lambda data: data["results"][1].update(verdict="lost"), "lost", "matrix_b"),
    (lambda data: data["results"][1].update(verdict="skip"), "pass", "2 pass"),
    (lambda data: data["flaws"].append({"word": "damaged", "text": "the CRC"}), "damaged", "shard 3/4: the CRC"),
])
def test_a_part_that_is_not_as_the_others(parts: Bench, change, word: str, says: str) -> None:
    edit(parts, 3, change)
    answer = merge(parts)
    assert told(parts)["status"] == word and says in answer.stdout.decode(), text(answer)
    assert answer.returncode == {"pass": 0, "fail": 1, "crash": 1}.get(word, 3)


def test_a_part_that_is_torn_is_damage(parts: Bench) -> None:
    path = folder(parts, 3) / "shard.json"
    for data in (path.read_bytes()[:-20], b"", b"[]", b"\xff", b'{"shard": "0/4"}'):
        path.write_bytes(data)
        answer = merge(parts)
        assert answer.returncode == 3 and told(parts)["status"] == "damaged"
        assert b"is not a whole shard.json" in answer.stdout and b"missing: 3" in answer.stdout
        assert b"Traceback" not in answer.stderr


def test_known_issues_wait_for_all_parts(parts: Bench) -> None:
    """Only one part shows it: that is known and not fixed."""
    parts.known.write_text(ENTRY % {"test": "matrix_b"})
    assert merge(parts).returncode == 1 and told(parts)["counts"] == {"fixed": 1, "pass": 1}
    edit(parts, 3, lambda data: data["results"][1].update(verdict="fail"))
    assert merge(parts).returncode == 0 and told(parts)["counts"] == {"known": 1, "pass": 1}


def test_parts_that_do_not_belong_together(parts: Bench) -> None:
    parts.command("run", "--shard", "1/3")
    answer = merge(parts)
    assert answer.returncode == 2 and b"the shards are of different splits: N=3, N=4" in answer.stderr
    answer = parts.command("merge", str(parts.folder / "nowhere"))
    assert answer.returncode == 2 and b"is not a folder" in answer.stderr


@pytest.mark.parametrize("words, says", [
    (["--shard", "0/4"], "--shard 0/4: want I/N"), (["--shard", "5/4"], "want I/N"), (["--shard", "x"], "want I/N"),
    (["--shards", "0"], "want I/N"), (["--shards", "2", "--jobs", "0"], "--jobs 0: want 1 or more"),
    (["--shards", "2", "--line", "matrix=quick"], "--line holds 'matrix=quick'"),
    (["--shard", "1/2", "--line", "shard=1/3"], "--line holds 'shard=1/3'"),
    (["stub", "stub-iso", "--shards", "2"], "split on one machine"),
    (["--shards", "2", "--shard", "1/2"], "not allowed with"),
])
def test_usage(bench: Bench, words: list[str], says: str) -> None:
    bench.place({"tests": TESTS})
    answer = bench.command("run", *words)
    assert answer.returncode == 2 and says in answer.stderr.decode(), text(answer)


def test_all_at_once(bench: Bench) -> None:
    bench.place({"tests": TESTS, "product": 1000})
    answer = bench.command("run", "--shards", "5", "--jobs", "3")
    assert answer.returncode == 0 and b"stub: 5 shards, 3 at a time" in answer.stdout, text(answer)
    assert b"stub: 5 of 5" in answer.stdout and told(bench)["counts"] == {"pass": 2}
    assert bench.command("run", "--shards", "2").returncode == 0, "what the first split left is no part of this one"


@pytest.mark.parametrize("way, word, status", [("fail", "fail", 1), ("crash", "crash", 1), ("error x", "error", 1)])
def test_one_bad_part(bench: Bench, way: str, word: str, status: int) -> None:
    bench.place({"tests": TESTS, "product": 1000, "shard 2/3": {"matrix_b": way}})
    answer = bench.command("run", "--shards", "3")
    assert answer.returncode == status and f"shard 2/3: {word}" in answer.stdout.decode()
    assert told(bench)["status"] == word and told(bench)["counts"] == {"pass": 1, word: 1}
    assert told(bench)["tests"][1]["detail"].startswith("shard 2/3")


def test_a_part_that_never_ends_its_boot_is_no_pass(bench: Bench) -> None:
    bench.place({"tests": {"matrix_a": "pass"}, "product": 100, "mute_shard": "2/2"})
    answer = bench.command("run", "--shards", "2")
    assert answer.returncode == 3 and told(bench)["status"] == "lost", text(answer)
    assert b"shard 2/2: there is no BEGIN line" in answer.stdout and b"shard 2/2: empty" in answer.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_cancelled_split_leaves_nothing_behind(bench: Bench, number: int) -> None:
    bench.place({"tests": {"matrix_a": "hang"}})
    mark = f"cancelled-{time.monotonic_ns()}"
    machines = bench.machines.read_text().replace("quiet_limit = 1", "quiet_limit = 30")
    bench.machines.write_text(machines.replace("time_limit = 5", "time_limit = 30"))
    command = bench.start("run", "--shards", "4", "--jobs", "2", "--line", mark)
    try:
        while command.poll() is None and len(list(bench.results.rglob("boot1.log"))) < 2:
            time.sleep(0.02)
        time.sleep(0.3)
        command.send_signal(number)
        assert command.wait(10) == 128 + number
        assert not processes(mark)
    finally:
        command.kill()
        command.communicate()


SSH = """#!/bin/sh
# A host is a folder: its home. SHELL is there after a login, and parallel runs nothing without it.
while [ "${1#-}" != "$1" ]; do case $1 in -[lopSiF]) shift ;; esac; shift; done
HOME=%s/$1
SHELL=/bin/sh
export HOME SHELL
shift
[ "$1" != -- ] || shift
cd "$HOME"
exec sh -c "$*"
"""


def test_many_hosts_as_the_readme_says(bench: Bench) -> None:
    """The lines of README.md, on this host and two that a stub of ssh plays, each with a checkout of its own."""
    readme = (SCRIPTS / "README.md").read_text()
    lines = readme[readme.index("seq 1152"):].partition("\n```")[0].replace("qemu-pvh", "stub").replace("1152", "6")
    bench.place({"tests": TESTS, "product": 1000})
    for host in ("alpha", "beta", "here"):
        for part in ("scripts", "lib"):
            shutil.copytree(SCRIPTS.parent / part, bench.folder / host / "latchkey" / part)
        for more in ("known_issues", "machines"):  # they are the project's
            shutil.rmtree(bench.folder / host / "latchkey/scripts" / more)
        (bench.folder / host / "latchkey" / "build").mkdir()
        for source, place in (("machines.toml", "scripts/machines.toml"), ("known.toml", "scripts/known_issues.toml"),
                              ("kernel", "build/latchkey.elf"), ("image", "build/latchkey.iso")):
            shutil.copy(bench.folder / source, bench.folder / host / "latchkey" / place)
    ssh = bench.folder / "ssh"
    ssh.write_text(SSH % bench.folder)
    ssh.chmod(0o755)
    (bench.folder / "will-cite").touch()
    home = bench.folder / "here"
    done = subprocess.run(["sh", "-ec", lines], cwd=home / "latchkey", capture_output=True, timeout=120, text=True,
                          env={"PATH": os.environ["PATH"], "HOME": str(home), "PARALLEL_HOME": str(bench.folder),
                               "PARALLEL_SSH": str(ssh)})
    assert done.returncode == 0 and "PASS  stub: 2 tests: 2 pass" in done.stdout, done.stdout + done.stderr
    assert "from 6 of 6 shards" in done.stdout
    ran = {host: len(list((bench.folder / host).rglob("boot1.log"))) for host in ("alpha", "beta", "here")}
    assert ran["alpha"] and ran["beta"] and ran["here"] == 6, "those that ran elsewhere were brought back"


def test_gnu_parallel(bench: Bench) -> None:
    """On this host alone: `:` is a host without ssh."""
    bench.place({"tests": TESTS, "product": 1000})
    words = ["--machines", bench.machines, "--known", bench.known, "--kernel", bench.folder / "kernel",
             "--image", bench.folder / "image", "--results", bench.results]
    command = " ".join(["seq 6 | parallel --will-cite --sshlogin : --jobs 2", PYTHON, str(SCRIPTS / "latchkey"),
                        "run stub --shard {}/6", *map(str, words)])
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    answer = merge(bench)
    assert answer.returncode == 0 and b"from 6 of 6 shards" in answer.stdout, text(answer)
    shutil.rmtree(bench.results / "stub" / "shard-6-of-6")
    assert merge(bench).returncode == 3
