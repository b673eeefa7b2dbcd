"""The command itself: words, files, exit statuses."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
import stub
from conftest import ENTRY, PYTHON, SCRIPTS, Bench

GOOD = {"self_a": "pass", "rights_b": "pass"}


def text(answer: subprocess.CompletedProcess) -> str:
    return (answer.stdout + answer.stderr).decode()


def processes(mark: str, but: int = 0) -> list[int]:
    """Return the processes with this word on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark in path.read_text(errors="replace") and int(path.parent.name) != but:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def test_help() -> None:
    for words in ([], ["run"], ["parse"], ["list"]):
        answer = subprocess.run([SCRIPTS / "latchkey", *words, "--help"], capture_output=True)
        assert answer.returncode == 0 and b"usage: latchkey" in answer.stdout


@pytest.mark.parametrize("tests, status", [
    (GOOD, 0), ({"a": "fail"}, 1), ({"a": "error x"}, 1), ({"a": "crash", "b": "pass"}, 1), ({"a": "skip x"}, 77),
    ({}, 77),
])
def test_run(bench: Bench, tests: dict, status: int) -> None:
    bench.place({"tests": tests})
    answer = bench.command("run")
    assert answer.returncode == status, text(answer)
    folder = bench.results / "stub"
    data = json.loads((folder / "results.json").read_text())
    assert data["machine"] == "stub" and data["exit"] == status and data["emulator"].startswith("Python 3")
    assert (folder / "junit.xml").is_file() and (folder / "boot1.log").is_file()


def test_run_damaged(bench: Bench) -> None:
    bench.place({"tests": GOOD, "exit": 19})
    answer = bench.command("run")
    assert answer.returncode == 3 and b"DAMAGED" in answer.stdout


def test_run_sweeps_old_results(bench: Bench) -> None:
    bench.place({"tests": {"a": "crash", "b": "pass"}})
    bench.command("run")
    assert (bench.results / "stub" / "boot2.log").exists()
    bench.place({"tests": GOOD})
    bench.command("run")
    assert not (bench.results / "stub" / "boot2.log").exists()


def test_run_with_tests_and_line(bench: Bench) -> None:
    bench.place({"tests": GOOD})
    answer = bench.command("run", "stub-iso", "--tests", "self_*", "--line", "smp=off paging=4", "--verbose")
    assert answer.returncode == 0 and b"pass self_a" in answer.stdout and b"rights_b" not in answer.stdout
    data = json.loads((bench.results / "stub-iso" / "results.json").read_text())
    assert [test["id"] for test in data["tests"]] == ["self_a"]
    answer = bench.command("run", "--line", "smp=off paging=4")
    assert json.loads((bench.results / "stub" / "results.json").read_text())["command"][-1] == "smp=off paging=4"


def test_several_machines(bench: Bench) -> None:
    bench.place({"tests": {"a": "fail"}})
    answer = bench.command("run", "stub", "stub-iso", "stub-away")
    lines = answer.stdout.decode().splitlines()[-3:]
    assert answer.returncode == 1
    assert [line.split()[:2] for line in lines] == [["stub", "FAIL"], ["stub-iso", "FAIL"], ["stub-away", "left"]]


def test_a_machine_left_out_is_no_pass(bench: Bench) -> None:
    bench.place({"tests": GOOD})
    answer = bench.command("run", "stub-away")
    assert answer.returncode == 77
    assert b"stub-away: left out: there is no /dev/no-such-device here" in answer.stdout
    assert bench.command("run", "stub-away", "stub").returncode == 0


def test_known_issues(bench: Bench) -> None:
    bench.place({"tests": {"a": "fail", "b": "pass"}})
    bench.known.write_text(ENTRY % {"test": "a"})
    assert bench.command("run").returncode == 0
    bench.known.write_text(ENTRY % {"test": "b"})
    assert bench.command("run").returncode == 1
    bench.known.write_text(ENTRY % {"test": "a"} + "extra = 1\n")
    answer = bench.command("run")
    assert answer.returncode == 2 and b"issue 1: unknown key 'extra'" in answer.stderr


@pytest.mark.parametrize("words, says", [
    (["run", "nosuch"], "unknown machine 'nosuch'; known are stub, stub-iso"),
    (["run", "stub-missing"], "the program no-such-emulator is missing: apt-get install no-such-package"),
    (["run", "all"], "the program no-such-emulator is missing: apt-get install no-such-package"),
    (["run", "--tests", "A"], "'A' is not a pattern"),
    (["run", "--line", "tests=a"], "say it with --tests"),
    (["run", "--frobnicate"], "unrecognized arguments"),
    (["parse"], "one of the arguments LOG --device is required"),
    (["parse", "-", "--device", "/dev/null"], "not allowed with"),
    (["parse", "-", "--exit-status", "17"], "--exit-status needs --machine"),
    (["parse", "--device", "/dev/no-such-tty", "--save", "/no/such/folder/x"], "cannot write /no/such/folder/x"),
    (["parse", "/no/such/log"], "cannot read /no/such/log: No such file or directory"),
    (["parse", "-", "--machine", "nosuch"], "unknown machine 'nosuch'"),
    (["parse", "-", "--junit", "/no/such/folder/x"], "cannot write /no/such/folder/x"),
    (["parse", "-", "--tap", "--json"], "not allowed with"),
    (["list", "--machine", "stub-away"], "stub-away is not possible here: there is no /dev/no-such-device"),
    (["frobnicate"], "invalid choice"),
])
def test_usage(bench: Bench, words: list[str], says: str) -> None:
    bench.place({"tests": GOOD})
    answer = bench.command(*words)
    assert answer.returncode == 2 and says in answer.stderr.decode(), text(answer)
    assert b"Traceback" not in answer.stderr


def test_a_missing_image_says_how_to_build_it(bench: Bench) -> None:
    answer = bench.command("run", "stub-iso")
    assert answer.returncode == 2 and b"image is missing: build it with `make iso`" in answer.stderr


def test_missing_modules_are_named_with_their_packages(bench: Bench) -> None:
    answer = bench.command("parse", "-", python=(PYTHON, "-S"))
    assert answer.returncode == 2
    assert b"rich, packaging, jinja2 is missing: apt-get install python3-rich python3-packaging" in answer.stderr


def test_parse(bench: Bench) -> None:
    log = stub.log({"a": "pass", "b": "fail"})
    answer = bench.command("parse", "-", data=log)
    assert answer.returncode == 1 and answer.stdout.strip().startswith(b"FAIL  log: 2 tests: 1 pass, 1 fail")
    assert bench.command("parse", "-", data=log[:-1]).returncode == 3
    path = bench.folder / "captured.raw"
    path.write_bytes(log)
    answer = bench.command("parse", str(path), "--tap", "--junit", str(bench.folder / "j.xml"))
    assert answer.stdout.startswith(b"TAP version 13\n1..2\n") and answer.returncode == 1
    assert "captured" in (bench.folder / "j.xml").read_text()
    answer = bench.command("parse", str(path), "--json")
    assert json.loads(answer.stdout)["status"] == "fail"


def test_parse_with_a_machine_knows_its_issues(bench: Bench) -> None:
    bench.known.write_text(ENTRY % {"test": "b"})
    log = stub.log({"a": "pass", "b": "fail"})
    answer = bench.command("parse", "-", "--machine", "stub", "--tap", data=log)
    assert answer.returncode == 0 and b"ok 2 - b # XFAIL it b (a title) [fail]" in answer.stdout
    assert bench.command("parse", "-", "--tap", data=log).returncode == 1


@pytest.mark.parametrize("status, word", [(17, b"PASS"), (19, b"DAMAGED"), (0, b"DAMAGED"), (-11, b"DAMAGED")])
def test_parse_with_the_exit_status_of_the_machine(bench: Bench, status: int, word: bytes) -> None:
    answer = bench.command("parse", "-", "--machine", "stub", f"--exit-status={status}", data=stub.log(GOOD))
    assert answer.stdout.strip().startswith(word) and answer.returncode == (0 if status == 17 else 3)
    assert (f"the emulator ended with status {status}" in text(answer)) == (status != 17)


def test_list(bench: Bench) -> None:
    bench.place({"tests": {"self_a": "pass", "rights_long": "pass"}})
    answer = bench.command("list")
    assert answer.returncode == 0
    assert answer.stdout.decode() == "self_a       What self_a is about\nrights_long  What rights_long is about\n"
    assert bench.command("list", "--tests", "self_*").stdout.decode() == "self_a  What self_a is about\n"
    assert bench.command("list", "--tests", "none", "--machine", "stub-iso").returncode == 77


def test_list_of_a_kernel_that_does_not_answer(bench: Bench) -> None:
    bench.place({"tests": {}, "refuse": True})
    answer = bench.command("list")
    assert answer.returncode == 3 and b"unknown word 'foo=1'" in answer.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_cancelled_run_leaves_no_emulator_behind(bench: Bench, number: int) -> None:
    bench.place({"tests": {"a": "hang"}})
    mark = f"cancelled-{time.monotonic_ns()}"
    bench.machines.write_text(bench.machines.read_text().replace("quiet_limit = 1", "quiet_limit = 30"))
    command = bench.start("run", "--line", mark)
    try:
        log = bench.results / "stub" / "boot1.log"
        while command.poll() is None and not (log.exists() and b"# RUN 1" in log.read_bytes()):
            time.sleep(0.02)
        assert processes(mark, but=command.pid)
        command.send_signal(number)
        assert command.wait(10) == 128 + number
        assert not processes(mark)
    finally:
        command.kill()
        command.communicate()


def test_a_reader_that_leaves_is_no_error(bench: Bench) -> None:
    bench.place({"tests": GOOD})
    command = bench.start("list")
    command.stdout.close()
    assert command.wait(20) == 128 + signal.SIGPIPE and command.stderr.read() == b""
    command.stderr.close()


def test_a_file_that_cannot_be_written_is_named(bench: Bench) -> None:
    bench.place({"tests": GOOD})
    (bench.results / "stub" / "boot1.log").mkdir(parents=True)
    answer = bench.command("run")
    assert answer.returncode == 2 and b"boot1.log" in answer.stderr and b"Traceback" not in answer.stderr


def test_no_bytecode_is_left_behind(bench: Bench) -> None:
    before = set(SCRIPTS.rglob("__pycache__"))
    bench.command("parse", "-")
    assert set(SCRIPTS.rglob("__pycache__")) == before
