"""Is a machine possible here? The user can install what is missing; what this computer cannot be is left out."""

import os
import subprocess
from pathlib import Path

from lk.log import printable
from lk.machine import Machine
from lk.problem import require_file, require_program

TRIAL_S = 10


def require(machine: Machine) -> str:
    """Return the path of the machine's emulator; raise Problem, naming the package, for a program or file not there."""
    program = require_program(machine.program, machine.package)
    for name, package in machine.needs.items():
        require_file(Path(name), f"apt-get install {package}")
    return program


def left_out(machine: Machine, program: str, files: dict[str, str]) -> str:
    """Return why this computer cannot be that machine; empty when it can.

    The device has to be there and usable, and a boot with the trial's words has to end as a pass within TRIAL_S seconds.
    `files` names the image and the kernel.
    """
    if machine.device:
        if not os.path.exists(machine.device):
            return f"there is no {machine.device} here"
        if not os.access(machine.device, os.R_OK | os.W_OK):
            return f"{machine.device} is not accessible for this user"
    return _trial(machine, program, files) if machine.trial else ""


def version(program: str) -> str:
    """Return the first line an emulator prints about itself, or nothing when it does not say."""
    try:
        answer = subprocess.run([program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=TRIAL_S)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = answer.stdout.decode("latin-1").splitlines()
    return printable(lines[0]) if lines else ""


def _trial(machine: Machine, program: str, files: dict[str, str]) -> str:
    command = machine.command(program, files | {"line": machine.trial})
    try:
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TRIAL_S)
    except subprocess.TimeoutExpired as stopped:
        return f"a trial boot did not end within {TRIAL_S} s{_said(stopped.stderr)}"
    except OSError as error:
        return f"a trial boot failed: {error.strerror}"
    if answer.returncode == machine.exit_status.get("pass", 0):
        return ""
    return f"a trial boot ended with status {answer.returncode}{_said(answer.stderr)}"


def _said(errors: bytes | None) -> str:
    """Return the emulator's first complaint as the end of a sentence."""
    lines = (errors or b"").decode("latin-1").splitlines()
    return next((f": {printable(line)}" for line in lines if line.strip()), "")
