"""Whatever a machine does in one test, the runner names the test and finishes the others."""

import signal

import pytest
from conftest import Bench

from test_session import GOOD, told, verdicts

REST = {"self_a": "pass", "rights_c": "skip", "tlb_d": "pass"}


@pytest.mark.parametrize("way, verdict, reason", [
    ("crash", "crash", "the emulator ended with status 0"),  # a triple fault under -no-reboot
    ("status 3", "crash", "the emulator ended with status 3"),
    ("status 17", "crash", "the emulator ended with status 17"),  # a pass by its exit status, without END
    (f"signal {signal.SIGSEGV}", "crash", "the emulator was killed by SIGSEGV"),
    (f"signal {signal.SIGABRT}", "crash", "the emulator was killed by SIGABRT"),
    ("reboot", "crash", "the machine started again"),  # a triple fault where nothing stops the reset
    ("hang", "timeout", "the machine printed nothing for 1 s"),
    ("alive", "timeout", "the machine was still running after 5 s"),
    ("flood", "timeout", "the machine printed more than 1 MiB"),  # without a line end
    ("chatter", "timeout", "the machine printed more than 1 MiB"),  # with line ends
    ("late", "crash", "the emulator ended with status 0, after the result line of this test (pass)"),
    ("watchdog", "timeout", "the kernel's watchdog ended it"),
])
def test_one_test_dies_and_the_rest_is_finished(bench: Bench, way: str, verdict: str, reason: str) -> None:
    report = bench.session({"tests": {**GOOD, "rights_b": way}, "stderr": "qemu: something was wrong\n"})
    assert (report.word, report.status, report.flaws) == (verdict, 1, [])
    assert verdicts(report) == {**REST, "rights_b": verdict} and list(verdicts(report)) == list(GOOD)
    test = report.tests[1]
    assert test.reason == reason and test.detail[0] == "emulator: qemu: something was wrong"
    assert [path.name for path in report.logs] == ["boot1.log", "boot2.log"]
    assert (bench.results / "stub" / "boot1.log").stat().st_size < 3 << 20
    assert sum(map(len, test.detail)) < 10000


def test_every_way_to_die_in_one_run(bench: Bench) -> None:
    dying = {"t_hang": "hang", "t_reboot": "reboot", "t_signal": "signal 11", "t_flood": "chatter"}
    report = bench.session({"tests": {**dying, **GOOD}})
    assert report.flaws == [] and report.word == "crash"
    assert verdicts(report) == {"t_hang": "timeout", "t_reboot": "crash", "t_signal": "crash", "t_flood": "timeout",
                                **{name: word.split()[0] for name, word in GOOD.items()}}


def test_endless_results_of_tests_that_come_later_are_damage(bench: Bench) -> None:
    report = bench.session({"tests": {**GOOD, "rights_b": "forger"}})
    assert (report.word, report.status) == ("damaged", 3)
    assert report.tests[1].verdict == "timeout" and "repeats a result" in told(report)


def test_a_machine_that_starts_over_before_any_test_is_a_loop(bench: Bench) -> None:
    report = bench.session({"tests": GOOD, "spin": True})
    assert (report.word, report.status, len(report.logs)) == ("loop", 3, 1)
    assert "the machine started 2 times" in told(report)
    assert report.seconds < 0.9, "the second BEGIN is enough"


def test_exit_without_end(bench: Bench) -> None:
    """The last test of each boot is blamed, and no boot proves anything: the word is not that of a pass."""
    report = bench.session({"tests": {"self_a": "pass", "rights_b": "pass"}, "no_end": True, "exit": 17})
    assert verdicts(report) == {"self_a": "crash", "rights_b": "crash"}
    assert "status 17" in report.tests[-1].reason
    assert (report.word, report.status) == ("incomplete", 3), "even a boot without tests reached no END"
