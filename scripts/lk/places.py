"""Where things are by default, seen from the folder this program is in."""

import os
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent
ROOT = SCRIPTS.parent
MACHINES = SCRIPTS / "machines.toml"
KNOWN = SCRIPTS / "known_issues.toml"
RULES = ROOT / "lib" / "pks" / "rules.def"
RESULTS = ROOT / "build" / "results"
REPORT = ROOT / "build" / "report"
EMULATORS = ROOT / "build" / "emulators"
IMAGE = ROOT / "build" / "latchkey.iso"
KERNEL = ROOT / "build" / "latchkey.elf"


def shown(path: Path) -> str:
    """Return a path as the user would type it from where they are."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("../..") else relative
