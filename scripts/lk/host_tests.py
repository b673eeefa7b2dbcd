"""The host's own tests in a copy of the tree: verdicts by id, tests/host/FILE::NAME."""

import re
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

from lk import workshop

PYTHON = "/usr/bin/python3"
LIMIT_S = 300
_TAP = re.compile(r"(not )?ok \d+ - (\w+)")


def run(folder: Path, file: str) -> dict[str, str]:
    """Run one file of tests and return the verdict of each."""
    return _python(folder, file) if file.endswith(".py") else _c(folder, file)


def _python(folder: Path, file: str) -> dict[str, str]:
    report = folder / "build" / "pytest.xml"
    report.unlink(missing_ok=True)
    done = _limited([PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", file], folder)
    if not report.exists():
        raise workshop.Broken(f"{file} cannot be run\n{done.stdout}{done.stderr}")
    cases = xml.parse(report).getroot().iter("testcase")
    return {f"{file}::{case.get('name')}": _verdict(case) for case in cases}


def _verdict(case: xml.Element) -> str:
    for element, verdict in (("error", "error"), ("failure", "fail"), ("skipped", "skip")):
        if case.find(element) is not None:
            return verdict
    return "pass"


def _c(folder: Path, file: str) -> dict[str, str]:
    """A cmocka program; one that dies leaves the tests behind it out, and its death is a verdict of the whole."""
    program = workshop.build(folder, f"build/host/{Path(file).stem}")
    done = _limited(["env", "CMOCKA_MESSAGE_OUTPUT=TAP", str(program)], folder)
    verdicts = {f"{file}::{match[2]}": "fail" if match[1] else "pass" for match in _TAP.finditer(done.stdout)}
    if done.returncode not in (0, list(verdicts.values()).count("fail")):
        verdicts[f"{file}::whole"] = "crash"
    return verdicts


def _limited(command: list[str], folder: Path) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise workshop.Broken(f"{command[-1]} was still running after {LIMIT_S} s") from None
