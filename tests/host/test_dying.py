"""Tests that are known to kill the machine: left out of the suite's boot, tried on their own, one death an issue."""

from conftest import Bench, issue

from test_session import verdicts

TESTS = {"self_a": "pass", "rights_b_l4": "crash", "rights_c_l4": "crash", "rights_c_l5": "crash", "tlb_d": "pass"}


def run(bench: Bench, tests: dict[str, str], *listed: str, **options):
    entry = issue(*listed, verdict=("crash",))
    return bench.session({"tests": tests}, issues=[entry], **options)


def test_one_death_is_enough_and_the_others_say_so(bench: Bench) -> None:
    report = run(bench, TESTS, "rights_b", "rights_c")
    assert (report.word, report.flaws) == ("pass", [])
    assert verdicts(report) == {"self_a": "pass", "tlb_d": "pass", "rights_b_l4": "known", "rights_c_l4": "skip",
                                "rights_c_l5": "skip"}
    assert [path.name for path in report.logs] == ["boot1.log", "list.log", "rights_b_l4.log"]
    assert "not tried: rights_b_l4 died of the known issue" in report.tests[3].reason
    assert [test.number for test in report.tests] == [1, 2, 3, 4, 5]


def test_known_deaths_do_not_count_towards_the_limit(bench: Bench) -> None:
    deaths = {f"rights_{number}": "crash" for number in range(9)}
    report = run(bench, {**deaths, "self_a": "crash", "tlb_d": "pass"}, "rights_*")
    assert verdicts(report)["self_a"] == "crash" and verdicts(report)["tlb_d"] == "pass"
    assert report.counts() == {"crash": 1, "pass": 1, "known": 1, "skip": 8}


def test_a_test_that_lives_is_fixed_and_the_next_one_is_tried(bench: Bench) -> None:
    report = run(bench, {**TESTS, "rights_b_l4": "pass"}, "rights_b", "rights_c")
    assert (report.word, report.status) == ("fixed", 1)
    assert verdicts(report)["rights_b_l4"] == "fixed" and verdicts(report)["rights_c_l4"] == "known"
    report = run(bench, {**TESTS, "rights_b_l4": "fail"}, "rights_b", "rights_c")
    assert (report.word, verdicts(report)["rights_b_l4"]) == ("fail", "fail")


def test_only_what_was_asked_for_is_tried(bench: Bench) -> None:
    assert verdicts(run(bench, TESTS, "rights_b", patterns=["self_*"])) == {"self_a": "pass"}
    report = run(bench, TESTS, "rights_b", "rights_c", patterns=["rights_c_l5"])
    assert verdicts(report) == {"rights_c_l5": "known"}
