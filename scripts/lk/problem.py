"""What the user can put right: wrong words, wrong files, missing programs."""

import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path

MODULES = {"rich": "python3-rich", "packaging": "python3-packaging", "jinja2": "python3-jinja2"}


class Problem(Exception):
    """A sentence for the user; the program prints it and ends with status 2."""


def require_modules(modules: Mapping[str, str] = MODULES) -> None:
    """Raise Problem when a Debian module is missing; the sentence names its package."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        packages = " ".join(modules[name] for name in missing)
        raise Problem(f"the Python module {', '.join(missing)} is missing: apt-get install {packages}")


def require_program(name: str, package: str) -> str:
    """Return the path of a program; raise Problem, naming its package, when it is not installed."""
    path = shutil.which(name)
    if path is None:
        raise Problem(f"the program {name} is missing: apt-get install {package}")
    return path


def require_file(path: Path, hint: str) -> Path:
    """Return the path when it is a readable file; otherwise raise Problem with the hint."""
    if not path.is_file():
        raise Problem(f"the file {path} is missing: {hint}")
    return path
