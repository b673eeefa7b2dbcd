"""Isolated roots: emulators of other Debian releases, unpacked under build/emulators by `scripts/emulators`.

Nothing is installed and nothing needs root's rights to run: the root's own dynamic loader starts the program with the
root's own libraries.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lk import places, toml
from lk.problem import Problem

KEYS = {"suites": toml.TEXTS, "packages": toml.TEXTS, "keep": toml.TEXTS, "program": toml.TEXT,
        "version": toml.TEXT, "says": toml.TEXTS, "env": toml.TABLE}
NEEDED = set(KEYS) - {"env"}
LIBRARIES = "usr/lib/x86_64-linux-gnu"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True)
class Root:
    """One root: what is unpacked, the program in it, and how it is asked for its version."""

    name: str
    suites: tuple[str, ...]
    packages: tuple[str, ...]
    keep: tuple[str, ...]
    program: str
    version: str
    says: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()

    @property
    def folder(self) -> Path:
        """Where it is unpacked."""
        return places.EMULATORS / self.name

    @property
    def stamp(self) -> Path:
        """The file that is written last: the recipe of a complete root."""
        return self.folder / "latchkey-recipe"

    def recipe(self) -> str:
        """Return what the contents depend on, as text."""
        return "\n".join([*self.suites, *self.packages, *self.keep, self.version, ""])

    def complete(self) -> bool:
        """Say whether it stands there as machines.toml wants it."""
        return self.stamp.is_file() and self.stamp.read_text() == self.recipe()

    def start(self, folder: Path | None = None) -> list[str]:
        """Return the words that start the program of this root, before its arguments."""
        folder = folder or self.folder
        libraries = folder / LIBRARIES
        return [str(libraries / "ld-linux-x86-64.so.2"), "--library-path", str(libraries), str(folder / self.program)]

    def environment(self, folder: Path | None = None) -> dict[str, str]:
        """Return the variables that the program needs to find its own files."""
        return {name: value.format_map({"root": str(folder or self.folder)}) for name, value in self.env}


def load(path: Path, tables: dict[str, Any]) -> dict[str, Root]:
    """Return the roots of machines.toml; raise Problem for anything in them that is not as machines/README.md says."""
    return {name: _root(f"{path}, root '{name}'", name, table) for name, table in tables.items()}


def _root(where: str, name: str, table: Any) -> Root:
    if not _NAME.fullmatch(name):
        raise Problem(f"{where}: a name is made of a-z, 0-9, - and .")
    if not isinstance(table, dict):
        raise Problem(f"{where}: has to be a table")
    toml.check(where, table, KEYS, NEEDED)
    for key in ("suites", "packages"):
        if not table[key]:
            raise Problem(f"{where}: '{key}' is empty")
    try:
        values = {key: re.compile(value) and value if key == "version" else value for key, value in table.items()}
        env = {variable: value.format_map({"root": ""}) and value for variable, value in table.get("env", {}).items()}
    except (re.error, AttributeError, KeyError, ValueError) as error:
        raise Problem(f"{where}: 'version' is no regular expression, or 'env' not made of text and {{root}}: "
                      f"{error}") from None
    fixed = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Root(**{**fixed, "name": name, "env": tuple(env.items())})
