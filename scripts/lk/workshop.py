"""A copy of the tree to break: the sources, a patch, the objects that were built before, and make."""

import os
import shutil
import subprocess
from pathlib import Path

from lk.problem import Problem

SOURCES = ("boot", "iso", "kernel", "lib", "scripts", "tests", "linker.ld", "Makefile")
# What one compilation leaves for the next; everything else under build/ is made again.
FOLDERS = ("boot", "kernel", "lib", "tests", "host")
FILES = ("need-kernel", "x86.inc", "x86.inc.all", "symbols0.c", "symbols0.o")
OBJECTS = (".o", ".d")
LAST_LINES = 8


class Broken(Exception):
    """The patch does not apply, or what it makes does not compile."""


def copy(tree: Path, built: Path, folder: Path) -> None:
    """Copy what make needs, times included, so that only what a patch changes is compiled again."""
    for name in SOURCES:
        if (tree / name).is_dir():
            shutil.copytree(tree / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (tree / name).exists():
            shutil.copy2(tree / name, folder / name)
    (folder / "build").mkdir()
    for name in FOLDERS:
        if (built / name).is_dir():
            shutil.copytree(built / name, folder / "build" / name, ignore=_not_kept)
    for name in FILES:
        if (built / name).exists():
            shutil.copy2(built / name, folder / "build" / name)


def _not_kept(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(OBJECTS) and not (Path(folder) / name).is_dir()]


def apply(patch: Path, folder: Path) -> None:
    """Apply a patch with the tolerance that patch(1) has by default; raise Broken when it does not fit."""
    _command(["patch", "-p1", "--batch", "--forward", "--no-backup-if-mismatch", "--reject-file=-", f"--input={patch}"],
             folder, "the patch does not apply")


def build(folder: Path, target: str) -> Path:
    """Make one file of the copy and return it; raise Broken with the compiler's words."""
    _command(["make", "--silent", target], folder, f"{target} cannot be built")
    return folder / target


def _command(command: list[str], folder: Path, problem: str) -> None:
    # As a child of make, this program has variables of its make that are not meant for another one.
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
    except OSError as error:
        raise Problem(f"cannot start {command[0]}: {error.strerror}") from None
    if done.returncode != 0:
        words = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise Broken("\n".join([problem, *words[-LAST_LINES:]]))
