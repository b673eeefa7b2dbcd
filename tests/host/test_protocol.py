"""Whole logs: what was read, and the word for it."""

import re

import pytest
import stub
from conftest import judge

GOOD = {"self_a": "pass", "rights_b_l4": "pass", "rights_c_l4": "skip no la57"}


def verdicts(report) -> dict[str, str]:
    return {test.id: test.verdict for test in report.tests}


def flaws(report) -> str:
    return "; ".join(f"{flaw.word}: {flaw.text}" for flaw in report.flaws)


@pytest.mark.parametrize("tests, word, status", [
    ({"a": "pass"}, "pass", 0),
    ({"a": "pass", "b": "skip why"}, "pass", 0),
    ({"a": "skip why"}, "skip", 77),
    ({}, "skip", 77),
    ({"a": "pass", "b": "fail"}, "fail", 1),
    ({"a": "fail", "b": "error state cr4"}, "error", 1),
    ({"a": "error crash", "b": "error state"}, "crash", 1),
    ({"a": "error timeout 2 s", "b": "fail"}, "timeout", 1),
])
def test_verdict_and_exit_status(tests: dict, word: str, status: int) -> None:
    report = judge(stub.log(tests))
    assert (report.word, report.status, flaws(report)) == (word, status, "")


def test_everything_of_a_test_is_read() -> None:
    report = judge(stub.log({"a": "pass", "b_l5": "fail", "c": "skip no la57", "d": "error crash #DF"}))
    assert [(test.number, test.id, test.verdict, test.reason) for test in report.tests] == [
        (1, "a", "pass", ""), (2, "b_l5", "fail", ""), (3, "c", "skip", "no la57"), (4, "d", "crash", "crash #DF")]
    assert report.tests[1].detail == ["# @ case key=3 ad=1 wp=0 access=write", "# want #PF[W-sP] got none"]
    assert report.fp == "cpu=Stub-0-0-0 hv=none pks=1 la57=1 cpus=1"


def test_a_long_fingerprint_is_read_whole() -> None:
    long = "# @ fp " + " ".join(f"{key}={'x' * 95}" for key in ("name", "board", "system", "bios")) + " last=1"
    assert judge(stub.log(GOOD).replace(stub.FP.encode(), long.encode())).fp.endswith(" last=1")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\r", "\r\r\n", "\r\n\0", "\r"])
@pytest.mark.parametrize("chunk", [1, 7, 65536])
def test_line_ends_and_chunks_do_not_matter(ending: str, chunk: int) -> None:
    assert judge(stub.log(GOOD, ending), chunk).word == "pass"


@pytest.mark.parametrize("before", [
    "[   {n}.345] ", "[{n}.000001] ", "2026-11-20T10:00:{n:02}.123Z tty0: ", "ttyS0| ", "{n}: ",
])
def test_prefix_of_a_console_server(before: str) -> None:
    lines = [before.format(n=7 * number) + line for number, line in enumerate(stub.lines(GOOD))]
    assert judge("\r\n".join([*lines, ""]).encode()).word == "pass"


def test_lava_log() -> None:
    lines = [f'- {{"dt": "2026-11-20T10:00:0{number % 10}.5", "lvl": "target", "msg": "{line}"}}'
             for number, line in enumerate(stub.lines(GOOD))]
    assert judge("\n".join([*lines, ""]).encode()).word == "pass"


@pytest.mark.parametrize("glued", ["error: no suitable video mode found.", "1", "ok", "\x1b[0m\x1b[?25h", "  "])
def test_noise_glued_to_begin(glued: str) -> None:
    assert judge(glued.encode() + stub.log(GOOD).lstrip()).word == "pass"


def test_foreign_lines_are_harmless_where_the_crc_proves_it() -> None:
    lines = stub.lines(GOOD)
    for place in range(1, len(lines)):
        for text in ("BMC: fan 3 is slow", "ok", "so it is ok 2 - say", "LATCHKEY", "1..x", "# ok 3 - no"):
            log = "\r\n".join([*lines[:place], text, *lines[place:], ""]).encode()
            assert judge(log).word == "pass", (place, text)


def test_lines_for_others_are_not_detail() -> None:
    other = b"# @ alive\r\n# @ fp again=1\r\n# @ list id=x about=y\r\n# @ observe id=a depth=4\r\nnot ok"
    report = judge(stub.log({"a": "fail"}).replace(b"not ok", other))
    assert report.tests[0].detail[2:] == ["# @ observe id=a depth=4"] and "again" not in report.fp


def test_foreign_text_is_kept_with_the_running_test() -> None:
    log = stub.log({"a": "fail"}).replace(b"not ok", b"SMI: hello\r\nnot ok")
    assert "SMI: hello" in judge(log).tests[0].detail


@pytest.mark.parametrize("old, new, word, says", [
    (b"ok 2 - rights_b", b"ok 2 - rig[BMC: fan]hts_b", "damaged", "only nearly a result"),
    (b"ok 2 - rights_b", b"BMC fan ok 2 - rights_b", "damaged", "only nearly a result"),
    (b"ok 2 - rights_b", b"ok 2 - ritghs_b", "damaged", "CRC"),
    (b"1..3", b"1..4", "damaged", "plan is 1..4"),
    (b"1..3", b"1..2", "damaged", "beyond the plan"),
    (b"1..3", b"1..9999999", "damaged", "a plan that cannot be"),
    (b"TAP version 13\r\n1..3\r\n", b"1..3\r\n1..3\r\n", "damaged", "a plan that cannot be"),
    (b"ok 3 - rights_c_l4 # SKIP no la57", b"ok 3 - rights_c_l4 # SKIP no la58", "damaged", "CRC"),
    (b"ok 3 - rights_c_l4 # SKIP", b"ok 3 - rights_c_l4 # TODO", "damaged", "only nearly"),
    (b"ok 3 - rights_c_l4 # SKIP", b"not ok 3 - rights_c_l4 # SKIP", "damaged", "contradicts itself"),
    (b"v1 boot=1", b"v2 boot=1", "damaged", "not a BEGIN line of version 1"),
    (b"boot=1", b"boot=2", "lost", "starts with boot 2"),
    (b"suite=89abcdef", b"suite=89abcdef SMI", "damaged", "not a BEGIN line"),
    (b"BEGIN v1 boot=1 run=0", b"BEGIN v1 boot=1 run=1", "damaged", "END belongs to run"),
    (b"LATCHKEY-END status=pass", b"LATCHKEY-END status=fail", "damaged", "status=fail"),
    (b"pass=2 fail=0", b"pass=1 fail=1", "damaged", "END counts"),
    (b"lines=3", b"lines=4", "damaged", "END counts 4 result lines"),
    (b"LATCHKEY-END status", b"LATCHKEY-END  status", "damaged", "not the END line"),
    (b"LATCHKEY-END status", b"BMC LATCHKEY-END status", "damaged", "not the END line"),
    (b"LATCHKEY-BEGIN", b"LATCHKEY-BEGJN", "lost", "no BEGIN line, but 8 later lines"),
])
def test_damage(old: bytes, new: bytes, word: str, says: str) -> None:
    log = stub.log(GOOD)
    assert log.count(old) >= 1
    report = judge(log.replace(old, new, 1))
    assert report.status == 3 and says in flaws(report)
    assert report.word == word


def line(text: str) -> bytes:
    return text.encode() + b"\r\n"


@pytest.mark.parametrize("edit, word, says", [
    (lambda log: log.replace(line("ok 1 - self_a"), b""), "lost", "1 of 3 results are missing: 1"),
    (lambda log: log.replace(line("1..3"), b""), "lost", "no plan line"),
    (lambda log: re.sub(rb"LATCHKEY-BEGIN.*\r\n", b"", log), "lost", "no BEGIN line"),
    (lambda log: re.sub(rb"LATCHKEY-END.*\r\n", b"", log), "incomplete", "test 3, rights_c_l4, had ended"),
    (lambda log: re.sub(rb"ok 2 (.|\r|\n)*", b"", log), "incomplete", "test 2, rights_b_l4, was running"),
    (lambda log: log.replace(line("ok 1 - self_a"), 2 * line("ok 1 - self_a")), "damaged", "repeats a result"),
    (lambda log: log + line("ok 1 - self_a"), "damaged", "after END"),
    (lambda log: log + log[log.index(b"LATCHKEY-END"):], "damaged", "not the END line that was due"),
    (lambda log: log.replace(b"1 - self_a", b"0 - self_a").replace(b"2 - rights", b"1 - rights"), "damaged", "nearly"),
    (lambda log: log.replace(b"2 - rights_b_l4", b"2 - self_a"), "damaged", "one test id has two results"),
    (lambda log: log.replace(b"3 - rights_c_l4", b"3 - self_a"), "damaged", "one test id has two results"),
])
def test_lines_lost_or_repeated(edit, word: str, says: str) -> None:
    report = judge(edit(stub.log(GOOD)))
    assert says in flaws(report)
    assert (report.word, report.status) == (word, 3)


def test_a_repeated_result_does_not_replace_the_first() -> None:
    log = stub.log({"a": "fail", "b": "pass"}).replace(b"not ok 1 - a\r\n", b"not ok 1 - a\r\nok 1 - a\r\n")
    report = judge(log)
    assert report.word == "damaged" and verdicts(report) == {"a": "fail", "b": "pass"}


def test_results_out_of_order() -> None:
    lines = stub.lines(GOOD)
    lines[5], lines[7] = lines[7], lines[5]
    report = judge("\n".join([*lines, ""]).encode())
    assert report.word == "damaged" and "out of order" in flaws(report)


def test_two_whole_runs_in_one_file_are_both_judged() -> None:
    good = stub.log(GOOD)
    bad = stub.log({"self_a": "fail", "late": "pass"})
    assert judge(good + good).word == "pass"
    for log in (good + bad, bad + good):
        report = judge(log)
        assert report.word == "fail"
        assert verdicts(report) == {"self_a": "fail", "rights_b_l4": "pass", "rights_c_l4": "skip", "late": "pass"}


def test_runs_of_two_builds_are_reported_as_such() -> None:
    other = stub.log(GOOD).replace(stub.BUILD.encode(), b"012345abcdef")
    assert judge(stub.log(GOOD) + other).remarks == [
        "the log holds 2 boots, of the builds 012345abcdef and abcdef012345; each test has its worst verdict"]
    assert judge(2 * stub.log(GOOD)).remarks == ["the log holds 2 boots; each test has its worst verdict"]


def test_a_restart_without_end_is_a_crash_and_two_are_a_loop() -> None:
    good = stub.log(GOOD)
    cut = good[:good.index(b"ok 2")]
    report = judge(cut + good)
    assert (report.word, report.status) == ("crash", 1)
    assert "test 2, rights_b_l4, was running" in flaws(report) and verdicts(report)["rights_b_l4"] == "crash"
    assert judge(cut + cut).word == "incomplete", "the second one did not end either"
    assert judge(good + cut).word == "incomplete", "nothing started again after it"
    report = judge(cut + cut + good)
    assert (report.word, report.status) == ("loop", 3)
    assert "3 times, 2 of them without an END line; test 2, rights_b_l4, was running" in flaws(report)
    assert judge(cut * 3).word == "loop"


def test_a_restart_behind_a_result_blames_no_test_but_is_a_crash() -> None:
    good = stub.log(GOOD)
    report = judge(good[:good.index(b"# RUN 3")] + good)
    assert report.word == "crash" and "test 2, rights_b_l4, had ended" in flaws(report)
    assert verdicts(report)["rights_b_l4"] == "pass"


def test_a_spoilt_mark_before_or_behind_a_whole_run_is_no_pass() -> None:
    """A failing run of which every line has something in front, and BEGIN a wrong letter."""
    bad = b"".join(b"x " + text + b"\r\n" for text in stub.log({"a": "fail"}).replace(b"BEGIN", b"BEGJN").splitlines())
    assert judge(bad + stub.log(GOOD)).word == "lost"
    assert judge(stub.log(GOOD) + bad).word == "damaged"


def test_a_refusal_and_another_start() -> None:
    refusal = line(stub.BEGIN) + line("# @ refused command line: unknown word 'foo=1'")
    report = judge(refusal + stub.log(GOOD))
    assert report.status == 3 and "unknown word 'foo=1'" in flaws(report)


def test_results_before_the_first_begin_are_no_pass() -> None:
    """The end of a run whose BEGIN is not in the log: the whole run behind it says nothing about it."""
    bad = stub.log({"self_a": "fail", "late": "pass"})
    report = judge(bad[bad.index(b"TAP"):] + stub.log(GOOD))
    assert (report.word, report.status) == ("lost", 3)
    assert "5 lines of the protocol stand before the first BEGIN line" in flaws(report)


def test_ever_more_whole_boots_are_a_loop() -> None:
    assert judge(stub.log(GOOD) * 8).word == "pass"
    assert judge(stub.log(GOOD) * 9).word == "loop"


def test_refused_command_line() -> None:
    log = line(stub.BEGIN) + line("TAP version 13") + line("# @ refused command line: unknown word 'foo=1'")
    report = judge(log)
    assert report.word == "incomplete" and "unknown word 'foo=1'" in flaws(report)
    assert report.evidence[0] == "# @ refused command line: unknown word 'foo=1'"


def test_message_before_long_mode() -> None:
    report = judge(b"noise\r\nlatchkey: this processor lacks NX\r\n")
    assert report.word == "empty" and report.evidence[0] == "latchkey: this processor lacks NX"


def test_text_kept_for_a_test_is_bounded() -> None:
    noise = b"".join(b"# %d " % number + b"y" * 2000 + b"\r\n" for number in range(5000))
    report = judge(stub.log({"a": "fail"}).replace(b"not ok", noise + b"not ok"))
    (test,) = report.tests
    assert report.word == "fail" and test.dropped == 5002 - len(test.detail)
    assert sum(map(len, test.detail)) < 110_000
    assert "more lines are in the log" in test.lines()[-1]


def test_endless_rubbish_is_bounded() -> None:
    rubbish = b"".join(b"ok %d x\r\nnot ok 1 - a\r\nLATCHKEY-END \r\n1..7\r\n" % number for number in range(20000))
    report = judge(stub.log(GOOD) + rubbish)
    assert report.word == "damaged" and len(report.flaws) <= 21
    assert judge(rubbish).word == "empty" or judge(rubbish).word == "lost"
