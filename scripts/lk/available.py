"""Is a machine possible here? The user can install what is missing; what this computer cannot be is left out."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lk import places
from lk.log import printable
from lk.machine import Machine
from lk.problem import Problem, require_file, require_program
from lk.root import Root

TRIAL_S = 10


def require(machine: Machine) -> str:
    """Return the path of the machine's emulator; raise Problem, naming what helps, for a program or file not there."""
    if machine.root:
        program = _unpacked(machine.root)
    else:
        program = require_program(machine.program, machine.package)
    for name, package in machine.needs.items():
        require_file(Path(name), f"apt-get install {package}")
    return program


def left_out(machine: Machine, program: str, files: dict[str, str]) -> str:
    """Return why this computer cannot be that machine; empty when it can.

    The device has to be there and usable, and a boot with the trial's words has to end as a pass within TRIAL_S
    seconds.
    `files` names the image and the kernel.
    """
    if machine.device:
        if not os.path.exists(machine.device):
            return f"there is no {machine.device} here"
        if not os.access(machine.device, os.R_OK | os.W_OK):
            return f"{machine.device} is not accessible for this user"
    return _trial(machine, program, files) if machine.trial else ""


def version(machine: Machine, program: str) -> str:
    """Return the line an emulator prints about itself, or nothing when it does not say."""
    if machine.root:
        return version_inside(machine.root)
    return _first(_answer([program, "--version"]), "")


def version_inside(root: Root, folder: Path | None = None) -> str:
    """Return the line of an unpacked program that has the version machines.toml wants, or nothing."""
    return _first(_answer([*root.start(folder), *root.says], root.environment(folder)), root.version)


def _answer(command: list[str], env: Mapping[str, str] = MappingProxyType({})) -> str:
    try:
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                timeout=TRIAL_S, env={**os.environ, **env})
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode("latin-1")


def _first(text: str, pattern: str) -> str:
    return next((printable(line).strip() for line in text.splitlines() if re.search(pattern, line)), "")


def _unpacked(root: Root) -> str:
    if not root.complete():
        raise Problem(f"the emulator {root.name} is not unpacked here: {places.shown(places.SCRIPTS)}/emulators "
                      f"{root.name}")
    return str(root.folder / root.program)


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
