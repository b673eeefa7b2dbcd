"""Raw captures of firmware and other kernels: alone they are nothing, in front of a log they do no harm.

What a serial-log tool has to survive, and where that is shown. `log: x` is a test of test_log.py; test_damage_random.py
has everything mixed.

| what                                    | tests                                                                      |
|-----------------------------------------|----------------------------------------------------------------------------|
| 1 firmware: escapes, LF CR, glued text  | TestCapture; log: escape_sequences, line_end; protocol: noise_glued        |
| 2 CR CR LF, NUL, CP437, 8-bit garbage   | log: every_line_end, code_page_437; here: garbage_of_a_wrong_baud_rate     |
| 3 prefixes and banners                  | envelope; protocol: prefix, lava_log; here: banners_of_ipmitool            |
| 4 interleaved text                      | protocol: damage, foreign_lines; damage: every_changed_byte                |
| 5 lost bytes and lines                  | damage: every_lost_line, lost_byte; protocol: lines_lost; merge: gap       |
| 6 truncation                            | damage: truncation_at_every_byte, missing_beginning; protocol: lines_lost  |
| 7 several boots, several runs           | here: three_boots; protocol: restart, two_whole_runs, two_builds           |
| 8 duplicates, order, plan, foreign END  | protocol: damage, repeated, out_of_order; damage: repeated, exchanged      |
| 9 huge logs                             | memory; log: endless_line; protocol: text_kept, endless_rubbish            |
| 10 verdict discipline                   | protocol: verdict; session: wrong_exit_status; command: exit_status        |
"""

import random
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


def test_three_boots_of_one_kernel() -> None:
    """The capture of a kernel that resets in one test, with our marks where it began: a loop, and the test is named."""
    data = (CAPTURES[0].parent / "la57_three_boots.raw").read_bytes()
    begin = (stub.BEGIN + "\r\nTAP version 13\r\n1..2\r\n# RUN 1 la57_canonical\r\n").encode()
    assert data.count(b"enabling apic\r\n") == 3
    report = judge(data.replace(b"enabling apic\r\n", begin))
    assert (report.word, report.status) == ("loop", 3)
    assert "started 3 times" in report.flaws[0].text and "la57_canonical, was running" in report.flaws[0].text
    assert report.tests[0].verdict == "crash" and len(report.tests[0].detail) > 20


@pytest.mark.parametrize("seed", range(20))
def test_garbage_of_a_wrong_baud_rate(seed: int) -> None:
    garbage = bytes(random.Random(seed).choices(range(128, 256), k=400))
    assert judge(garbage + stub.log(TESTS)).word == "pass"
    assert judge(garbage[:100] + stub.log(TESTS).lstrip()).word == "pass"
    assert judge(stub.log(TESTS).replace(b"# RUN 2", garbage + b"\r\n# RUN 2")).word == "pass"
    assert judge(stub.log(TESTS).replace(b"ok 2 - r", garbage)).status == 3


def test_banners_of_ipmitool() -> None:
    banner = b"[SOL Session operational.  Use ~? for help]\r\n"
    assert judge(banner + stub.log(TESTS) + b"\r\n[terminated ipmitool]\r\n").word == "pass"
    assert judge(stub.log(TESTS).replace(b"ok 2", b"SOL session closed by BMC\r\n" + banner + b"ok 2")).word == "pass"
