"""Raw captures of firmware and other kernels: alone they are nothing, in front of a log they do no harm."""

from pathlib import Path

import pytest
import stub
from conftest import judge

CAPTURES = sorted((Path(__file__).parent / "corpus").glob("*.raw"))
TESTS = {"self_a": "pass", "rights_b_l4": "pass", "rights_c_l4": "skip no la57"}


def test_the_captures_are_there() -> None:
    assert len(CAPTURES) == 5


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
class TestCapture:
    def test_alone_it_is_empty(self, capture: Path) -> None:
        report = judge(capture.read_bytes())
        assert (report.word, report.status, report.tests) == ("empty", 3, [])

    @pytest.mark.parametrize("chunk", [1, 61, 65536])
    def test_in_front_of_a_log(self, capture: Path, chunk: int) -> None:
        report = judge(capture.read_bytes() + stub.log(TESTS), chunk)
        assert report.word == "pass"
        assert [test.id for test in report.tests] == list(TESTS)

    def test_glued_to_a_log(self, capture: Path) -> None:
        assert judge(capture.read_bytes().rstrip(b"\r\n") + stub.log(TESTS).lstrip()).word == "pass"

    def test_behind_a_log(self, capture: Path) -> None:
        assert judge(stub.log(TESTS) + capture.read_bytes()).word == "pass"

    def test_in_the_middle_of_a_log(self, capture: Path) -> None:
        log = stub.log(TESTS)
        for place in range(0, len(log), 17):
            report = judge(log[:place] + capture.read_bytes() + log[place:])
            assert report.word == "pass" or report.status == 3, place

    def test_between_two_boots(self, capture: Path) -> None:
        cut = stub.log(TESTS).partition(b"ok 2")[0]
        assert judge(cut + capture.read_bytes() + stub.log(TESTS)).word == "crash"

    def test_any_part_of_it(self, capture: Path) -> None:
        data = capture.read_bytes()
        for place in range(0, len(data), 97):
            assert judge(data[place:]).word == "empty"
            assert judge(data[:place] + b"\r\n" + stub.log(TESTS)).word == "pass"
