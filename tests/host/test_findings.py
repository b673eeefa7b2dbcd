"""`latchkey findings`: known issues as reports that can be sent as they are."""

import made
from conftest import ENTRY, Bench, issue
from packaging.specifiers import SpecifierSet

from lk import findings, view
from lk.known import Range

WHERE = (Range("qemu", SpecifierSet(">=7.2,<8")),)
KNOWN = issue("rights_x", "b", machine="*", emulator=WHERE, title="It forgets")


def report(*names: str) -> str:
    reports = [made.report(name, {"rights_x_l4": "fail", "b": "fail"}, {"b": made.FAIL}, issues=[KNOWN]) for name in names]
    return findings.encode([KNOWN], view.known_issues(reports, [KNOWN]))


def test_everything_an_author_needs() -> None:
    assert report("qemu-pvh", "qemu-bios").splitlines() == [
        "# It forgets", "", "does it wrong", "", "Expected (a title, Intel SDM):", "", "To reproduce:", "",
        "    qemu-system-x86_64 -cpu max -kernel latchkey.elf -append tests=b",
        "    scripts/latchkey run qemu-pvh --tests b", "", "Seen in b:", "",
        "    want #PF[K--srP] got none; AD, after: read8 4k key=5 ad=1 wd=0 pks=1",
        "      0x200040000140: supervisor-mode address, writable, executable, key 5",
        "      level 4: 0000000000147027", "      level 3: 0000000000148027", "      level 2: 0000000000149027",
        "      level 1: 2800000000600023", "",
        "Shown by 4 tests on qemu-pvh, qemu-bios: QEMU emulator version 7.2.22 (Debian).", "",
        "Affected: qemu >=7.2,<8, *. Since: ever. Upstream: not told."]


def test_an_issue_that_no_run_shows_is_printed_all_the_same() -> None:
    text = report()
    assert "    kernel command line: tests=b" in text and "Seen in none of these runs." in text


def test_the_command(bench: Bench) -> None:
    bench.place({"tests": {"a": "pass", "b": "fail", "c": "fail"}})
    bench.known.write_text(ENTRY % {"test": "b"} + ENTRY % {"test": "nosuch"})
    bench.command("run", "stub")
    answer = bench.command("findings")
    assert answer.returncode == 0 and answer.stdout.startswith(b"# it b\n\ndoes it wrong\n")
    assert b"# it nosuch\n" in answer.stdout and answer.stdout.count(b"To reproduce:") == 2
    assert bench.command("findings", "stub").stdout == answer.stdout
