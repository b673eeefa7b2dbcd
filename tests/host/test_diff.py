"""`latchkey diff`: fingerprints on top, then rules and tests; 1 if any differ."""

import shutil

import made
from conftest import ENTRY, Bench

from lk import places, results, rules

ABOUT = next(rule.about for rule in rules.load(places.RULES) if rule.id == "flush_is_read")
MINE = "# fail rule flush_is_read, leaf absent: want 1 got 2"
PAIR = {"rights_golden_flush_l4": "fail", "rights_fetch_l4": "pass", "self_a": "pass"}


def diff(bench: Bench, first: dict, second: dict, details=({}, {})) -> tuple[int, list[str]]:
    for name, tests, said, fp in zip("ab", (first, second), details, ("hv=none pks=1", "hv=none pks=0 x=1")):
        (bench.results / name).mkdir(parents=True, exist_ok=True)
        results.write(made.report(name, tests, said, fp), bench.results / name / "results.json")
    answer = bench.command("diff", "a", str(bench.results / "b"))
    return answer.returncode, answer.stdout.decode().splitlines()


def test_diff_of_two_equal_runs(bench: Bench) -> None:
    status, lines = diff(bench, PAIR, PAIR, ({"rights_golden_flush_l4": [MINE]},) * 2)
    assert status == 0 and lines[-1] == "no rule and no test differs"
    assert lines[:5] == [
        "A  a: fail, QEMU emulator version 7.2.22 (Debian), build abcdef012345", "   hv=none pks=1",
        f"B  {bench.results}/b: fail, QEMU emulator version 7.2.22 (Debian), build abcdef012345", "   hv=none pks=0 x=1",
        "   pks: 1 in A, 0 in B"]
    assert "   x: (not said) in A, 1 in B" in lines


def test_diff_names_rules_and_tests(bench: Bench) -> None:
    other = {**PAIR, "rights_golden_flush_l4": "pass", "self_a": "skip no la57", "new": "pass"}
    status, lines = diff(bench, PAIR, other, ({"rights_golden_flush_l4": [MINE]}, {}))
    assert status == 1
    assert f"rule  flush_is_read: fail in A, pass in B: {ABOUT}" in lines
    place = lines.index("test  1 x pass in A, skip (no la57) in B")
    assert lines[place + 1] == "      self_a"
    assert "test  1 x fail in A, pass in B" in lines and "test  1 x not there in A, pass in B" in lines


def test_diff_sees_another_failure_of_the_same_test(bench: Bench) -> None:
    details = [{"rights_fetch_l4": [f"# fail want #PF[K--srP] got {got}; AD"]} for got in ("none", "#PF[---srP]")]
    failing = {**PAIR, "rights_fetch_l4": "fail"}
    status, lines = diff(bench, failing, failing, details)
    assert status == 1 and lines[-1] == "      rights_fetch_l4"
    assert lines[-2] == ("test  1 x fail in both; A: want #PF[K--srP] got none; B: want #PF[K--srP] got #PF[---srP]")


def test_diff_does_not_mind_what_is_known(bench: Bench) -> None:
    bench.place({"tests": {"b": "fail"}})
    bench.command("run", "stub")
    shutil.copytree(bench.results / "stub", bench.folder / "before")
    bench.known.write_text(ENTRY % {"test": "b"})
    assert bench.command("run", "stub").returncode == 0
    answer = bench.command("diff", "stub", str(bench.folder / "before"))
    assert answer.returncode == 0, answer.stdout


def test_diff_needs_one_run_each(bench: Bench) -> None:
    bench.place({"tests": {"b": "fail"}})
    bench.command("run", "stub", "stub-iso")
    answer = bench.command("diff", "stub", str(bench.results))
    assert answer.returncode == 2 and b"holds the results of 2 runs; name one of them" in answer.stderr
