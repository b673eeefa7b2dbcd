"""Read a TOML file and check its tables; every complaint names the file, the table and the key."""

import tomllib
from pathlib import Path
from typing import Any

from lk.problem import Problem

TEXT = "a string"
TEXTS = "a list of strings"
NUMBER = "a number above 0"
WHOLE = "a whole number"
TABLE = "a table"
TABLES = "tables, each under its own [[...]]"

_FITS = {
    TEXT: lambda value: isinstance(value, str),
    TEXTS: lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    NUMBER: lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e9,
    WHOLE: lambda value: type(value) is int,
    TABLE: lambda value: isinstance(value, dict),
    TABLES: lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value),
}


def load(path: Path) -> dict[str, Any]:
    """Return the contents of a TOML file; raise Problem when it cannot be read."""
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise Problem(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{path} is not valid TOML: {error}") from None


def files(path: Path) -> list[Path]:
    """Return a file and those of the folder of the same name beside it, which go on with it."""
    return [path, *sorted(path.with_suffix("").glob("*.toml"))]


def check(where: str, table: dict[str, Any], keys: dict[str, str], needed: set[str]) -> None:
    """Raise Problem for an unknown key, a value of the wrong kind or a missing key.

    `where` names the file and the table; `keys` gives the kind of each key: TEXT, TEXTS, NUMBER, TABLE or TABLES.
    """
    for key, value in table.items():
        if key not in keys:
            raise Problem(f"{where}: unknown key '{key}'; known are {', '.join(sorted(keys))}")
        if not _FITS[keys[key]](value):
            raise Problem(f"{where}: '{key}' has to be {keys[key]}")
    for key in sorted(needed):
        if key not in table:
            raise Problem(f"{where}: the key '{key}' is missing")
