"""Words, their order, and exit statuses."""

import itertools

import pytest

from lk import verdict


def test_every_word_has_one_exit_status() -> None:
    assert set(verdict.EXIT_STATUS) == set(verdict.WORDS)
    assert {word for word, status in verdict.EXIT_STATUS.items() if status == 0} == {"pass"}
    assert {word for word, status in verdict.EXIT_STATUS.items() if status == 1} == {
        "fail", "error", "crash", "timeout", "fixed"}
    assert {word for word, status in verdict.EXIT_STATUS.items() if status == 3} == {
        "incomplete", "damaged", "lost", "loop", "empty"}
    assert verdict.EXIT_STATUS["skip"] == 77


def test_worst_first_as_the_design_says() -> None:
    order = ["crash", "timeout", "error", "fail", "fixed", "lost", "pass", "skip"]
    for better, worse in itertools.combinations(reversed(order), 2):
        assert verdict.worst([better, worse]) == verdict.worst([worse, better]) == worse


@pytest.mark.parametrize("word", ["loop", "damaged", "incomplete"])
def test_a_log_that_proves_nothing_comes_before_what_it_claims(word: str) -> None:
    for other in ("crash", "fail", "fixed", "pass", "skip", "empty"):
        assert verdict.worst([other, word]) == word


def test_known_counts_as_looked_at() -> None:
    assert verdict.worst(["known", "skip"]) == "pass"
    assert verdict.worst(["known", "fail"]) == "fail"
    assert verdict.worst([]) == "skip"


def test_badness_follows_the_same_order() -> None:
    ranks = [verdict.badness(word) for word in ("crash", "timeout", "error", "fail", "fixed", "lost", "pass")]
    assert ranks == sorted(ranks, reverse=True) and len(set(ranks)) == len(ranks)
    assert verdict.badness("skip") == verdict.badness("known") == 0


@pytest.mark.parametrize("statuses, status", [
    ([], 77), ([77], 77), ([77, 0], 0), ([0, 0], 0), ([0, 3], 3), ([3, 1, 0], 1), ([77, 3], 3), ([1, 77], 1),
])
def test_exit_status_of_several_machines(statuses: list[int], status: int) -> None:
    assert verdict.exit_status(statuses) == status
