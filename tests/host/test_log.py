"""Bytes to lines: line ends, escape sequences, NULs, lines that never end."""

import pytest

from lk.log import CUT, LIMIT, LineReader, printable


def read(*chunks: bytes) -> list[tuple[int, str, bool]]:
    reader = LineReader()
    lines = [line for chunk in chunks for line in reader.feed(chunk)] + reader.finish()
    return [(line.number, line.text, line.whole) for line in lines]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\n\r", b"\r\r\n", b"\r\n\0", b"\r", b"\r\0\n\0"])
def test_every_line_end(ending: bytes) -> None:
    data = b"one" + ending + b"two" + ending
    for cut in range(len(data)):
        assert [(text, whole) for _, text, whole in read(data[:cut], data[cut:])] == [("one", True), ("two", True)]


def test_lines_are_numbered_as_an_editor_does() -> None:
    assert [number for number, _, _ in read(b"one\r\n\r\nthree\n\rfour\r\n")] == [1, 3, 4]


def test_a_line_without_end_is_not_whole() -> None:
    assert read(b"one\r\ntwo") == [(1, "one", True), (2, "two", False)]


def test_a_cr_where_lines_end_in_cr_lf_is_half_an_end() -> None:
    assert read(b"one\r\ntwo\r")[-1] == (2, "two", False)


def test_escape_sequences_go_even_when_cut_by_a_chunk() -> None:
    data = b"\x1bc\x1b[?7l\x1b[2J\x1b[=3h\x1b[0;30;47mWelcome\x1b[01;01H to \x1b[mGRUB\r\n"
    for cut in range(len(data)):
        assert read(data[:cut], data[cut:]) == [(1, "Welcome to GRUB", True)]


def test_bytes_of_code_page_437_are_kept_as_they_are() -> None:
    assert read(b"\xda\xc4\xb3\r\n") == [(1, "\xda\xc4\xb3", True)]
    assert printable("\xda\tx\x07") == "? x?"


def test_an_endless_line_takes_bounded_memory_and_keeps_its_end() -> None:
    reader = LineReader()
    for _ in range(100):
        assert reader.feed(b"x" * 65536) == []
        assert len(reader._rest) <= LIMIT
    (line,) = reader.feed(b"LATCHKEY-BEGIN\r\n")
    assert line.text.startswith(CUT) and line.text.endswith("xLATCHKEY-BEGIN")
    assert len(line.text) <= LIMIT + len(CUT) + 20
    assert reader.feed(b"next\r\n")[0].text == "next"
