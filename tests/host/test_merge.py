"""Several boots, one list: nothing is lost, nothing is there twice, the worst verdict stays."""

import itertools

import pytest
import stub
from conftest import judge


def merged(*boots: dict[str, str]) -> list[tuple[int, str, str]]:
    report = judge(b"".join(stub.log(tests) for tests in boots))
    return [(test.number, test.id, test.verdict) for test in report.tests]


def test_new_tests_go_where_their_boot_has_them() -> None:
    assert merged({"a": "pass", "e": "pass"}, {"a": "pass", "c": "pass", "e": "pass", "g": "pass"}) == [
        (1, "a", "pass"), (2, "c", "pass"), (3, "e", "pass"), (4, "g", "pass")]


@pytest.mark.parametrize("first, second", itertools.permutations(["pass", "fail", "error x", "error crash"], 2))
def test_the_worse_verdict_stays(first: str, second: str) -> None:
    order = ["pass", "fail", "error", "crash"]
    words = [outcome.split()[-1] if "crash" in outcome else outcome.split()[0] for outcome in (first, second)]
    assert merged({"a": first}, {"a": second}) == [(1, "a", max(words, key=order.index))]


def test_a_pass_outdoes_a_skip_before_or_after_it() -> None:
    assert merged({"a": "skip x"}, {"a": "pass"}) == [(1, "a", "pass")]
    assert merged({"a": "pass"}, {"a": "skip x"}) == [(1, "a", "pass")]


def test_a_gap_has_a_name_and_a_number() -> None:
    log = stub.log({"a": "pass", "b": "pass", "c": "pass"}).replace(b"ok 2 - b\r\n", b"").replace(b"# RUN 2 b\r\n", b"")
    assert [(test.number, test.id, test.verdict) for test in judge(log).tests] == [
        (1, "a", "pass"), (2, "missing_2", "lost"), (3, "c", "pass")]


def test_a_torn_result_is_damaged_and_shown() -> None:
    test = judge(stub.log({"a": "pass", "b": "pass"}).replace(b"ok 2 - b", b"ok 2 - b!")).tests[1]
    assert (test.id, test.verdict) == ("b", "damaged") and "ok 2 - b!" in test.reason


def test_the_announced_but_unfinished_test_is_named() -> None:
    log = stub.log({"a": "pass", "b": "pass", "c": "pass"}).partition(b"ok 2")[0]
    assert [(test.id, test.verdict) for test in judge(log).tests] == [
        ("a", "pass"), ("b", "lost"), ("missing_3", "lost")]
