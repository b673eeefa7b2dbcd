"""The labgrid example, run by labgrid: its external console driver plays recorded runs."""

import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import PYTHON, SCRIPTS
from recordings import CORPUS

LAB = """
targets:
  main:
    drivers:
      ExternalConsoleDriver: {{cmd: "sh -c 'cat {log}; exec sleep 20'"}}
      ExternalPowerDriver: {{cmd_on: "true", cmd_off: "true", delay: 0.0}}
"""


def test_the_environment_names_what_the_test_asks_for() -> None:
    main = yaml.safe_load((SCRIPTS / "labgrid.yaml").read_text())["targets"]["main"]
    assert main["resources"]["RawSerialPort"] == {"port": "/dev/ttyUSB0", "speed": 115200}
    assert set(main["drivers"]) == {"ManualPowerDriver", "SerialDriver"}


@pytest.mark.parametrize("log, good", [("run_pass_uefi.log", True), ("run_fail_pvh.log", False)])
def test_a_run_in_labgrid(tmp_path: Path, log: str, good: bool) -> None:
    pytest.importorskip("labgrid", reason="needs Debian's python3-labgrid, which `make setup` leaves out")
    (tmp_path / "lab.yaml").write_text(LAB.format(log=CORPUS / log))
    command = [PYTHON, "-B", "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, "--lg-env", tmp_path / "lab.yaml", SCRIPTS / "labgrid_run.py"], timeout=60,
                          capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == (0 if good else 1), done.stdout + done.stderr
    assert ("PASS  main: 18 tests" in done.stdout) == good and ("FAIL  main: 11 tests" in done.stdout) != good
