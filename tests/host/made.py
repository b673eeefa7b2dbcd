"""Reports made for the tests of what is written about them: stub logs with the lines that the kernel prints."""

import stub

from lk.protocol import Parser
from lk.report import Report, from_log

WALK = """#   walk of 0x200040000140, 4 levels
#   level 4 [ 64] 0000000000147027 P RW US X- A-- key=0 -> table 0x147000
#   level 3 [  1] 0000000000148027 P RW US X- A-- key=0 -> table 0x148000
#   level 2 [  0] 0000000000149027 P RW US X- A-- key=0 -> table 0x149000
#   level 1 [  0] 2800000000600023 P RW S- X- A-- key=5 -> page 0x600000""".split("\n")
FAIL = ["# fail want #PF[K--srP] got none; AD, after: read8 4k key=5 ad=1 wd=0 pks=1", *WALK,
        "# fail want #PF[K--srP] got none; AD, after: read8 2m key=5 ad=1 wd=0 pks=1", "# and 12 more lines like these"]
MATRIX = ["# fail case=pks:0,kind:locked8 fault: want #PF[K--sWP] got #PF[K--srP]",
          "#   paging=4 leaf=4k us=leaf pks=0 kind=locked8", *WALK,
          "# fail case=pks:0,key:9,kind:locked8 fault: want #PF[K--sWP] got #PF[K--srP]",
          "# @ matrix cases=5568 skipped=576 us=35307",
          "# 1152 times fault: want #PF[K--sWP] got #PF[K--srP]; smallest case=rights:ad,kind:locked8"]
GOLDEN = ["# fail rule cr4_acts_at_once, read, AD, PKS set since: want #PF[K--srP] got none, fault",
          "# @ golden group=cr4 rows=4 left_out=0"]
CRASH = ["# ! unplanned exception #UD at 0x216180 break_down+0x0, cpl 0", "# ! rax=0000000000216180 rbx=000000000023f0b0"]
BENCH = ["# @ bench under TCGTCGTCGTCG: cycles say nothing about a processor",
         "# @ bench name=wrpkrs unit=cycles min=20 med=23 p99=41 n=10000",
         "# @ bench name=fault unit=cycles min=900 med=1012 p99=1800 n=10000 cpu=0",
         "# @ bench name=wrpkrs unit=cycles min=30 med=33 p99=51 n=10000 cpu=64",
         "# @ bench name=half unit=cycles min=1"]


def heat(failed_key: int | None = None) -> list[str]:
    """Return heat lines; one cell of locked accesses fails where a key is named, and fetches were not made at key 0."""
    lines = []
    for access in ("read", "write", "locked", "fetch"):
        for rights in ("rw", "ad", "wd", "adwd"):
            checked = [0 if access == "fetch" and key == 0 else 1000 for key in range(16)]
            failed = [750 if access == "locked" and key == failed_key else 0 for key in range(16)]
            lines.append(f"# @ heat access={access} rights={rights} checked={','.join(map(str, checked))} "
                         f"failed={','.join(map(str, failed))}")
    return lines


def log(tests: dict[str, str], details: dict[str, list[str]] | None = None, fp: str = "") -> bytes:
    """Return the log of a boot in which these tests print these lines."""
    lines = []
    for line in stub.lines(tests):
        if line in ("# @ case key=3 ad=1 wp=0 access=write", "# want #PF[W-sP] got none"):
            continue
        lines.append(f"# @ fp {fp}" if fp and line.startswith("# @ fp ") else line)
        if line.startswith("# RUN "):
            lines += (details or {}).get(line.split()[3], [])
    return ("\r\n" + "".join(line + "\r\n" for line in lines)).encode()


def report(name: str, tests: dict[str, str], details: dict[str, list[str]] | None = None, fp: str = "",
           issues=()) -> Report:
    """Return the report on a run of the machine `name` that printed this."""
    parser = Parser()
    parser.feed(log(tests, details, fp))
    found = from_log(name, parser.finish(), issues, name, "QEMU emulator version 7.2.22 (Debian)")
    found.command = ["/usr/bin/qemu-system-x86_64", "-cpu", "max", "-kernel", "/home/me/build/latchkey.elf", "-append", ""]
    found.seconds = 12.5
    return found
