"""kernel/README.md lists every MSR and port that the image writes: this holds the list against the sources, both ways."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("boot", "kernel", "kernel/pks", "lib", "lib/pks", "tests")
                 for path in (TOP / folder).iterdir() if path.suffix in (".c", ".h", ".asm", ".inc"))
# msr_write(), outb() and outl() themselves, and the probe WRMSR, whose callers name the MSR
ACCESSORS = {"kernel/cpu.h", "kernel/probe.asm"}
CALL_MSR = re.compile(r"\b(?:msr_write\(|probe\w*\(PROBE_wrmsr,)([^,;]*)")
CALL_PORT = re.compile(r"\bout[bwl]\(([^,;]*)")
ASM_MSR = re.compile(r"^\s+(?:\w+\s+\w+,\s*)?wrmsr\w*\b(?!,)", re.M)
ASM_PORT = re.compile(r"^\s+(?:\w+\s+\w+,\s*)?(?:rep\s+)?out(?:s[bwd])?\b", re.M)
INLINE = re.compile(r"__asm__.*?\);", re.S)
WRITES = re.compile(r"\b(wrmsr\w*|outs?[bwl])\b")
NEVER = ("MISC_ENABLE", "SMM", "SMRR", "SMBASE", "THERM", "PERF_CTL", "POWER", "UPDT_TRIG", "ENERGY", "RAPL")


def code(path: Path) -> str:
    """The source without its comments."""
    text = path.read_text()
    if path.suffix in (".asm", ".inc"):
        return re.sub(r";.*", "", text)
    return re.sub(r"/\*.*?\*/|//.*", "", text, flags=re.S)


def msrs_of(text: str, asm: bool) -> set[str]:
    """The MSRs that a source writes, as it names them; where a call takes one of a table, those of the table."""
    if asm:
        named = [(re.findall(r"mov\s+ecx,\s*(\w+)", text[:match.start()]) or ["?"])[-1] for match in ASM_MSR.finditer(text)]
    else:
        named = CALL_MSR.findall(text) + [block for block in INLINE.findall(text) if WRITES.search(block)]
    table = re.findall(r"\.msr = (X86_MSR_\w+)", text) or ["?"]
    return {msr for name in named for msr in re.findall(r"X86_MSR_\w+", name)[:1] or table}


def ports_of(text: str, asm: bool) -> set[str]:
    """The ports that a source writes, as it names them; assembly does not."""
    if asm:
        return {"any"} if ASM_PORT.search(text) else set()
    return {"uart" if "uart" in name else name.strip() for name in CALL_PORT.findall(text)}


def written(of) -> set[tuple[str, str]]:
    """Everything that is written, each with its file."""
    files = {str(path.relative_to(TOP)): path for path in SOURCES}
    return {(name, file) for file, path in files.items() if file not in ACCESSORS
            for name in of(code(path), path.suffix in (".asm", ".inc"))}


def listed(head: str) -> set[tuple[str, str]]:
    """The rows of a table of the README: each name with each file."""
    table = (TOP / "kernel/README.md").read_text().split(f"| {head} | written in |")[1].split("\n\n")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines()[2:]]
    return {(name, file) for names, files in rows for name in re.findall(r"`([^`]+)`", names) for file in files.split()}


def test_every_msr_that_is_written_is_listed_and_no_other() -> None:
    assert written(msrs_of) == listed("MSR")


def test_every_port_that_is_written_is_listed_and_no_other() -> None:
    assert written(ports_of) == listed("port")


def test_nothing_of_smm_microcode_temperature_or_power_is_among_them() -> None:
    assert not [name for name, _ in written(msrs_of) for word in NEVER if word in name]


@pytest.mark.parametrize("text, asm, msrs, ports", [
    ("    msr_write(X86_MSR_A, 1); outb(PORT + 1, 2); outl(uart->at, 3);", False, {"X86_MSR_A"}, {"PORT + 1", "uart"}),
    ("    msr_write(number, 1);", False, {"?"}, set()),
    ("    probe(PROBE_wrmsr, X86_MSR_A, 0);", False, {"X86_MSR_A"}, set()),
    ('    __asm__ volatile("wrmsr" : : "c"(X86_MSR_A));', False, {"X86_MSR_A"}, set()),
    ('    __asm__ volatile("outb %0, %1");', False, {"?"}, set()),
    ("    mov ecx, X86_MSR_A\n    wrmsr\n    mov ecx, edi\n    wrmsr\n    rep outsb", True, {"X86_MSR_A", "?"}, {"any"}),
    ("    STOP wrmsr, wrmsr\n    out dx, al\nlabel_wrmsr:", True, {"?"}, {"any"}),
    ("    mov ecx, X86_MSR_A\n    rdmsr\n    in al, dx", True, set(), set()),
])
def test_the_reader_sees_every_form(text: str, asm: bool, msrs: set[str], ports: set[str]) -> None:
    assert (msrs_of(text, asm), ports_of(text, asm)) == (msrs, ports)
