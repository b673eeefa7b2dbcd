"""The heat map's numbers are those of the matrix: nothing is counted twice or forgotten."""

import re


def sums(pattern: str, text: str) -> int:
    return sum(int(number) for found in re.findall(pattern, text, re.M) for number in found.split(","))


def test_cases_and_failures_add_up(run):
    text = run("qemu-pvh").log().read_bytes().decode("latin-1").replace("\r\n", "\n")
    assert sums(r"^# @ matrix cases=(\d+)", text) == sums(r"^# @ heat .* checked=([\d,]+) ", text) > 1_000_000
    assert "more failures of other kinds" not in text
    assert sums(r"^# (\d+) times ", text) == sums(r"^# @ heat .* failed=([\d,]+)$", text) > 0
    rows = re.findall(r"^# @ heat access=(\w+) rights=(\w+) checked=([\d,]+) failed=([\d,]+)$", text, re.M)
    assert len(rows) == 2 * 5 * 4 and all(len(row[2].split(",")) == len(row[3].split(",")) == 16 for row in rows)
