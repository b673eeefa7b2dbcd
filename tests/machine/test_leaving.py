"""A run that ends early on a machine like hardware: the words of the end are the last ones, and the machine stands."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import BUILD
from display import Display

LINE = "tests=event_vector_mc_l4,thread_stress_l4,tlb_key_invlpg_l4"
FATAL = 0xbe00000000000135  # VAL, UC, EN, MISCV, ADDRV, PCC: "IA32_MCi_STATUS MSRS"
STANDS_S = 11  # the watchdog ends a test after eight


def end_on(cpu: int, folder: Path) -> tuple[str, str]:
    """A machine check on a processor that it does not survive: what was said by then, and some time later."""
    folder.mkdir()
    with Display(folder, "-smp", "4", "-kernel", str(BUILD / "latchkey.elf"), "-append", LINE, cpu="max,-hypervisor",
                 resets=True) as machine:
        machine.until("^# RUN 2 thread_stress")
        machine.command("human-monitor-command", **{"command-line": f"mce {cpu} 5 {FATAL:#x} 0x5 0x123456780 0x8c"})
        machine.until("^# ! mce bank=5")
        time.sleep(1)
        said = "\n".join(machine.said())
        time.sleep(STANDS_S)
        return said, "\n".join(machine.said())


@pytest.fixture(scope="module", name="ends")
def fixture_ends(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[str, str]]:
    """One by the first processor, and one by a parked one while the first goes on with its test."""
    folder = tmp_path_factory.mktemp("ends")
    with ThreadPoolExecutor(2) as pool:
        made = {cpu: pool.submit(end_on, cpu, folder / str(cpu)) for cpu in (0, 2)}
    return {cpu: one.result() for cpu, one in made.items()}


@pytest.mark.parametrize("cpu", [0, 2])
def test_the_end_of_a_run_is_the_last_that_is_said(ends: dict[int, tuple[str, str]], cpu: int) -> None:
    said, later = ends[cpu]
    assert later == said, later[len(said):]
    assert len(re.findall("LATCHKEY-BEGIN", said)) == 1 and "watchdog:" not in said
    assert f"processor {cpu}, " in said and "\nok 2" not in said
