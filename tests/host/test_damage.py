"""No cut, no changed byte and no lost line makes a log pass that should not."""

import re

import stub
from conftest import judge

TESTS = {"self_a": "pass", "rights_b_l4": "pass", "rights_c_l5": "skip no la57"}
LOG = stub.log(TESTS)
FAILING = stub.log({"self_a": "pass", "rights_b_l4": "fail", "rights_c_l5": "error state cr4"})


def test_the_logs_themselves() -> None:
    assert judge(LOG).word == "pass" and judge(FAILING).word == "error"


def test_truncation_at_every_byte() -> None:
    for log in (LOG, FAILING, LOG.replace(b"\r\n", b"\n"), LOG.replace(b"\r\n", b"\n\r").rstrip(b"\r")):
        for length in range(len(log)):
            report = judge(log[:length])
            assert report.status == 3, length
            assert report.word in ("empty", "incomplete"), length


def test_a_missing_beginning_at_every_byte() -> None:
    start = LOG.index(b"LATCHKEY-BEGIN") + 1
    for length in range(start, len(LOG)):
        assert judge(LOG[length:]).word in ("lost", "empty"), length


def essential(log: bytes) -> list[tuple[int, bytes]]:
    """Return the lines that the verdict rests on, with their places."""
    kinds = rb"(?:LATCHKEY-|1\.\.|ok |not ok )[^\r]*"
    return [(match.start(), match.group()) for match in re.finditer(kinds, log)]


def told(report) -> list[tuple]:
    return [(test.id, test.verdict, test.reason) for test in report.tests]


def test_every_changed_byte_of_an_essential_line() -> None:
    truth = told(judge(LOG))
    undetectable = re.search(rb"build=(\w+) suite=(\w+)", LOG)
    for start, line in essential(LOG):
        for place in range(start, start + len(line)):
            for flip in (1, 2, 4, 8, 16, 32, 64, 128, 255):
                damaged = bytearray(LOG)
                damaged[place] ^= flip
                report = judge(bytes(damaged))
                if report.word == "pass":
                    assert told(report) == truth and undetectable.start(1) <= place < undetectable.end(), (place, flip)


def test_no_changed_byte_turns_a_failure_green() -> None:
    for place in range(len(FAILING)):
        for flip in (1, 8, 32, 128):
            damaged = bytearray(FAILING)
            damaged[place] ^= flip
            assert judge(bytes(damaged)).status not in (0, 77), (place, flip)


def test_every_inserted_or_lost_byte_of_an_essential_line() -> None:
    for start, line in essential(LOG):
        for place in range(start, start + len(line)):
            assert judge(LOG[:place] + LOG[place + 1:]).word != "pass", place
            if place > start:
                assert judge(LOG[:place] + b"7" + LOG[place:]).word != "pass", place


def test_every_lost_line() -> None:
    lines = LOG.splitlines(keepends=True)
    for number, line in enumerate(lines):
        report = judge(b"".join(lines[:number] + lines[number + 1:]))
        spare = not essential(line)
        assert (report.word == "pass") == spare, line
        assert spare or report.status == 3, line


def test_every_pair_of_lines_exchanged() -> None:
    lines = [line for line in LOG.splitlines(keepends=True) if essential(line)]
    for number in range(len(lines) - 1):
        swapped = lines[:number] + [lines[number + 1], lines[number]] + lines[number + 2:]
        assert judge(b"".join(swapped)).word != "pass", lines[number]


def test_every_line_repeated() -> None:
    lines = LOG.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if essential(line):
            assert judge(b"".join(lines[:number + 1] + lines[number:])).word != "pass", line
