"""A run that ends early on a machine like hardware: the words of the end are the last ones, and the machine stands."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from test_machine_check import ADDRV, CACHE, EN, LINE, MCIP, MISCV, PCC, RIPV, UC, VAL, Checked

STANDS_S = 11  # the watchdog ends a test after eight


def end_on(cpu: int, folder: Path) -> tuple[str, str]:
    """A machine check on a processor that it does not survive: what was said by then, and some time later."""
    folder.mkdir()
    with Checked(folder, LINE, "-smp", "4", cpu="max,-hypervisor", resets=True) as machine:
        machine.until("^# RUN 2 thread_stress")
        machine.mce(VAL | UC | EN | MISCV | ADDRV | PCC | CACHE, RIPV | MCIP, cpu=cpu)
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
