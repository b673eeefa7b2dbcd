"""Two builds of the same sources from different folders, time zones, locales and umasks are the same bytes."""

import hashlib
import os
import shutil
import subprocess

from conftest import TOP

ARTEFACTS = ("latchkey.elf", "latchkey.iso", "latchkey.sym", "latchkey.lst", "latchkey.debug")


def sources() -> list[str]:
    """What git tracks or would track."""
    done = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=TOP, check=True,
                          capture_output=True, text=True)
    return [name for name in done.stdout.split("\n") if name and (TOP / name).exists()]


def build(folder, zone: str, umask: int) -> dict[str, str]:
    for name in sources():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / name, folder / name)
    environment = {"PATH": os.environ["PATH"], "TZ": zone, "LANG": "C.UTF-8", "HOME": str(folder)}
    subprocess.run(["make", "-s", "iso"], cwd=folder, env=environment, check=True, umask=umask,
                   stdout=subprocess.DEVNULL)
    return {name: hashlib.sha256((folder / "build" / name).read_bytes()).hexdigest() for name in ARTEFACTS}


def test_two_builds_are_identical(tmp_path):
    first, second = tmp_path / "a", tmp_path / "a folder with a longer name"
    first.mkdir()
    second.mkdir()
    assert build(first, "UTC", 0o022) == build(second, "Asia/Tokyo", 0o077)
