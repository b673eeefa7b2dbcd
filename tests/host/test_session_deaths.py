"""Death tests in a session: a boot of their own, and what counts as dying right."""

import pytest
from conftest import Bench, issue as known_issue

from test_session import verdicts

DEATH = {"self_a": "pass", "death_x": "dies", "tlb_d": "pass"}


def test_death_test_has_a_boot_of_its_own(bench: Bench) -> None:
    report = bench.session({"tests": DEATH})
    assert (report.word, report.flaws) == ("pass", [])
    assert verdicts(report) == {"self_a": "pass", "death_x": "pass", "tlb_d": "pass"}
    assert [path.name for path in report.logs] == ["boot1.log", "death_x.log"]
    assert [test.number for test in report.tests] == [1, 2, 3]


@pytest.mark.parametrize("way, verdict, reason", [
    ("exit17", "fail", "armed, but the emulator ended with status 17"),
    ("exit23", "fail", "armed, but the emulator ended with status 23"),
    ("survives", "fail", "the machine survived it"),
    ("unarmed", "fail", "never armed"),
    ("hangs", "timeout", "armed, but the machine did not end: the machine printed nothing for 1 s"),
    ("watchdog", "timeout", "the machine hung: the kernel's watchdog ended it"),
])
def test_death_test_that_does_not_die_as_it_should(bench: Bench, way: str, verdict: str, reason: str) -> None:
    report = bench.session({"tests": {**DEATH, "death_x": way}})
    assert (report.word, report.status) == (verdict, 1)
    assert report.tests[1].verdict == verdict and reason in report.tests[1].reason
    assert verdicts(report)["tlb_d"] == "pass"


def test_death_test_that_its_own_boot_skips(bench: Bench) -> None:
    report = bench.session({"tests": {**DEATH, "death_x": "declines"}})
    assert (report.word, report.flaws) == ("pass", [])
    assert (report.tests[1].verdict, report.tests[1].reason, report.tests[1].number) == ("skip", "no pks", 2)


@pytest.mark.parametrize("machine, way, verdict, reason", [
    ("stub-resets", "resets", "pass", ""),
    ("stub", "resets", "fail", "the machine started again instead of ending"),
    ("stub-resets", "dies", "fail", "armed, but the emulator ended with status 0"),
    ("stub-resets", "survives", "fail", "the machine survived it"),
    ("stub-resets", "hangs", "timeout", "armed, but the machine did not end"),
    ("stub-resets", "reboot", "fail", "never armed"),
])
def test_a_machine_that_goes_on_after_a_reset(bench: Bench, machine: str, way: str, verdict: str, reason: str) -> None:
    report = bench.session({"tests": {**DEATH, "death_x": way}}, machine, patterns=["death_x"])
    assert report.tests[0].verdict == verdict and reason in report.tests[0].reason


def test_only_death_tests_that_ask_for_it_get_a_boot(bench: Bench) -> None:
    tests = {"self_a": "pass", "death_y": "skip no la57", "self_q": "skip needs a boot of its own"}
    report = bench.session({"tests": tests})
    assert report.counts() == {"pass": 1, "skip": 2} and len(report.logs) == 1


def test_death_tests_do_not_count_as_deaths(bench: Bench) -> None:
    tests = {**{f"death_{number}": "dies" for number in range(7)}, "self_a": "crash", "tlb_d": "pass"}
    report = bench.session({"tests": tests})
    assert report.counts() == {"pass": 8, "crash": 1}


def test_death_test_by_name_boots_once(bench: Bench) -> None:
    report = bench.session({"tests": DEATH}, patterns=["death_x"])
    assert (report.word, verdicts(report), len(report.logs)) == ("pass", {"death_x": "pass"}, 1)


def test_death_test_not_selected_is_left_alone(bench: Bench) -> None:
    assert verdicts(bench.session({"tests": DEATH}, patterns=["self_*"])) == {"self_a": "pass"}
    assert len(bench.session({"tests": DEATH}, patterns=["-death_*"]).logs) == 1


def test_known_death_and_known_crash(bench: Bench) -> None:
    issue = known_issue("death_x", "tlb_d", verdict=("fail", "crash"))
    report = bench.session({"tests": {**DEATH, "death_x": "survives", "tlb_d": "crash"}}, issues=[issue])
    assert (report.word, verdicts(report)) == ("pass", {"self_a": "pass", "death_x": "known", "tlb_d": "known"})
