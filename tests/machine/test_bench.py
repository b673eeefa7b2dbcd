"""What bench= prints: every row, what could not be measured and why, and what the figures are worth."""

import re

import pytest
from conftest import PASS, SKIP, boot

ROWS = {"measuring", "rdmsr_pkrs", "wrmsr_pkrs", "wrpkru", "invlpg", "cr3_load", "cr3_switch", "rights_no_change",
        "rights_change", "open_write_close", "yield_and_back_equal", "yield_and_back_different", "fault_default",
        "fault_key_open", "fault_pkrs_not_saved", "key_change_4k"}
ABSENT = {"wrmsrns_pkrs": "no wrmsrns", "cr3_switch_pcid": "no pcid"}  # QEMU's own processor has neither


def rows(text: str, unit: str, cpu: int = 0) -> dict[str, tuple[int, int, int]]:
    """A processor's `# @ bench` lines by name: least, median and 99th percentile."""
    return {name: (int(low), int(med), int(high)) for name, low, med, high in
            re.findall(rf"^# @ bench name=(\w+) unit={unit} min=(\d+) med=(\d+) p99=(\d+) n=100000 cpu={cpu}\r$",
                       text, re.M)}


def test_cycles_on_an_emulator_that_hides():
    """Without the hypervisor's bit SMBIOS still tells."""
    done = boot("tests=bench_cost bench=cycles after=exit", cpu="max,hypervisor=off")
    found = rows(done.text, "cycles")
    assert done.status == PASS and set(found) == ROWS
    assert all(low <= med <= high for low, med, high in found.values())
    assert found["measuring"][0] > 0
    assert dict(re.findall(r"^# @ bench (\w+) is not measured: (.*)\r$", done.text, re.M)) == ABSENT
    assert re.search(r"^# @ bench_setup cpu=0 unit=cycles rounds=10 repeats=10000 tsc_khz=[1-9]\d* tsc=pit interrupts=off\r$",
                     done.text, re.M)
    assert "# @ bench under an emulator: cycles say nothing about a processor\r\n" in done.text


def test_instructions_are_exact_where_the_clock_counts_them():
    """The bracket is taken off: what is left is what the compiler made of the operation."""
    done = boot("tests=bench_cost bench=instructions", extra=("-icount", "shift=0"))
    found = rows(done.text, "instructions")
    assert done.status == PASS and set(found) == ROWS
    assert all(low == med == high for low, med, high in found.values())
    assert "cycles say nothing" not in done.text
    medians = {name: med for name, (_, med, _) in found.items()}
    assert medians["rdmsr_pkrs"] == 2  # MOV to ECX, RDMSR
    assert medians["wrmsr_pkrs"] == 4  # three registers, WRMSR
    assert medians["rights_no_change"] <= 10 < medians["rights_change"] < medians["open_write_close"]
    assert medians["yield_and_back_equal"] < medians["yield_and_back_different"]
    assert medians["fault_pkrs_not_saved"] < medians["fault_default"] < medians["fault_key_open"]


@pytest.mark.parametrize("cpu, line, reason", [
    ("max,pks=off", "bench=cycles", "no pks"), ("max,rdtscp=off", "bench=cycles", "no rdtscp"), ("max", "bench=off", "bench=off"),
])
def test_what_cannot_be_measured_is_skipped(cpu, line, reason):
    done = boot(f"tests=bench_cost {line}", cpu=cpu)
    assert done.status == SKIP
    assert done.results() == [f"ok 1 - bench_cost # SKIP {reason}"]


def test_the_first_processor_of_every_other_socket_is_measured():
    """Four processors in two sockets: every row for the third one, nothing for the second and the fourth. In instructions the
    rows differ where README says: all processors are awake, so a key's change interrupts them."""
    done = boot("tests=bench_cost,bench_sockets_l4 bench=instructions",
                extra=("-smp", "4,sockets=2,cores=2,threads=1", "-icount", "shift=0"))
    assert done.status == PASS
    assert set(re.findall(r"^# @ bench name=\w+ .* cpu=(\d+)\r$", done.text, re.M)) == {"0", "2"}
    first, third = (rows(done.text, "instructions", cpu) for cpu in (0, 2))
    assert first.keys() == third.keys() == ROWS
    more = {name for name in ROWS if first[name][1] < third[name][1]}
    assert more == {"yield_and_back_equal", "yield_and_back_different", "key_change_4k"}
    assert all(first[name] == third[name] for name in ROWS - more)


def test_one_socket_has_no_other():
    done = boot("tests=bench_sockets_l4 bench=cycles", extra=("-smp", "2,sockets=1,cores=2,threads=1"))
    assert done.results() == ["ok 1 - bench_sockets_l4 # SKIP one socket"]
