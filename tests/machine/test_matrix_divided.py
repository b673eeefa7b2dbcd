"""The matrix on several processors: what it says does not depend on how many shared the work, nor on who took what."""

import re

from conftest import PASS, SKIP, boot

LINE = "tests=matrix_4k_all_data*,matrix_2m_leaf_user*,matrix_4k_level3_fetch* paging=4 matrix=full shard=5/288"


def counts(text: str) -> list[tuple[str, ...]]:
    """Of each test: cases, skipped, and the reasons."""
    return re.findall(r"^# @ matrix cases=(\d+) skipped=(\d+) us=\d+ cpus=\d+ ([^\r\n]*)", text, re.M)


def test_the_full_matrix_is_the_same_on_one_processor_and_on_several() -> None:
    alone, shared = boot(LINE), boot(LINE, extra=("-smp", "3"))
    assert alone.status == shared.status == PASS
    assert alone.results() == shared.results()
    assert counts(alone.text) == counts(shared.text) and sum(int(found[0]) for found in counts(alone.text)) > 100_000
    assert set(re.findall(r"@ matrix .*cpus=(\d+)", alone.text)) == {"1"}
    assert set(re.findall(r"@ matrix .*cpus=(\d+)", shared.text)) == {"3"}


def test_the_quick_matrix_stays_on_one_processor() -> None:
    done = boot("tests=matrix_4k_all_user_l4", extra=("-smp", "2"))
    assert done.status == PASS and re.findall(r"@ matrix .*cpus=(\d+)", done.text) == ["1"]


def test_the_speed_up_is_measured_when_it_is_asked_for() -> None:
    asked, default = (boot(f"tests=bench_matrix_* paging=4{words}", extra=("-smp", "2")) for words in (" bench=cycles effort=50", ""))
    speedup, one, all_of_them = re.search(r"@ matrix speedup=([\d.]+) cpus=2 one_us=(\d+) all_us=(\d+)", asked.text).groups()
    assert asked.status == PASS and f"{int(one) * 100 // int(all_of_them) / 100:.2f}" == speedup
    assert default.status == SKIP and "# SKIP bench=off" in default.text
