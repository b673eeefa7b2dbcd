"""Machines as data: read machines.toml, resolve what is `like` what, fill in arguments."""

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lk import places, root as roots, toml
from lk.emulator import Surroundings
from lk.problem import Problem
from lk.root import Root

FILE_KEYS = {"default": toml.TEXT, "fastest": toml.TEXT, "template": toml.TABLE, "machine": toml.TABLE,
             "root": toml.TABLE}
KINDS = ("template", "machine", "root")
LIMITS = ("quiet_limit", "time_limit", "log_limit")
SETTINGS = ("cpu", "accel", "memory", "cpus")
BOOTS = {"iso": {"image"}, "kernel": {"kernel", "line"}}
KEYS = {
    "about": toml.TEXT, "like": toml.TEXT, "program": toml.TEXT, "package": toml.TEXT, "boot": toml.TEXT,
    "line": toml.TEXT, "tests": toml.TEXT, "device": toml.TEXT, "trial": toml.TEXT, "root": toml.TEXT, "config": toml.TEXT,
    "reset_text": toml.TEXT,
    "args": toml.TEXTS,
    "needs": toml.TABLE, "copies": toml.TABLE, "exit_status": toml.TABLE, "reset_status": toml.WHOLE,
    **dict.fromkeys(SETTINGS, toml.TEXT), **dict.fromkeys(LIMITS, toml.NUMBER),
}
NEEDED = {"about", "program", "package", "boot", "args", *LIMITS}
STATUSES = {"pass", "fail", "skip", "error"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class Machine:
    """One machine, resolved. scripts/machines/README.md explains the fields."""

    name: str
    about: str
    program: str
    package: str
    boot: str
    args: tuple[str, ...]
    quiet_limit: float
    time_limit: float
    log_limit: float
    line: str = ""
    tests: str = ""
    exit_status: dict[str, int] = field(default_factory=dict)
    reset_status: int | None = None
    settings: dict[str, str] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    device: str = ""
    trial: str = ""
    root: Root | None = None
    config: str = ""
    reset_text: str = ""

    def command(self, program: str, values: Mapping[str, str]) -> list[str]:
        """Return the whole command; `values` gives image, kernel, line, the copies and the config."""
        start = self.root.start() if self.root else [program]
        return [*start, *(arg.format_map(self.filled(values)) for arg in self.args)]

    def surroundings(self) -> Surroundings:
        """Return what the emulator needs around it, and how it says that the machine reset itself."""
        return Surroundings(self.root.environment() if self.root else {}, self.reset_text)

    def filled(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return what fills `args` and the configuration file."""
        inside = {"root": str(self.root.folder)} if self.root else {}
        return {**inside, **self.settings, **values}


@dataclass(frozen=True)
class Machines:
    """All machines of a file, in its order, and the isolated roots that some of them come from."""

    by_name: dict[str, Machine]
    roots: dict[str, Root]
    default: str
    fastest: str

    def select(self, names: list[str]) -> list[Machine]:
        """Return the machines of these names, the default one for none, all of them for `all`."""
        if "all" in names:
            return list(self.by_name.values())
        return [self.get(name) for name in dict.fromkeys(names or [self.default])]

    def get(self, name: str) -> Machine:
        """Return the machine of this name; raise Problem, listing the names, when there is none."""
        if name not in self.by_name:
            raise Problem(f"unknown machine '{name}'; known are {', '.join(self.by_name)} and all")
        return self.by_name[name]


def load(path: Path) -> Machines:
    """Read machines.toml and the folder beside it; raise Problem for anything there that is not as machines/README.md says."""
    contents = _contents(path)
    tables = {**contents.get("template", {}), **contents["machine"]}
    inside = roots.load(path, contents.get("root", {}))
    machines = {name: _machine(f"{path}, machine '{name}'", name, tables, inside) for name in contents["machine"]}
    for key in ("default", "fastest"):
        if contents[key] not in machines:
            raise Problem(f"{path}: {key} = '{contents[key]}' is not a machine")
    return Machines(machines, inside, contents["default"], contents["fastest"])


def _contents(path: Path) -> dict[str, Any]:
    contents = toml.load(path)
    toml.check(str(path), contents, FILE_KEYS, {"default", "fastest", "machine"})
    for file in toml.files(path)[1:]:
        more = toml.load(file)
        toml.check(str(file), more, {kind: toml.TABLE for kind in KINDS}, set())
        for kind, tables in more.items():
            for name in tables:
                if name in contents.get(kind, {}):
                    raise Problem(f"{file}: {path.name} has a {kind} '{name}' already")
            contents[kind] = {**contents.get(kind, {}), **tables}
    return contents


def _machine(where: str, name: str, tables: dict[str, Any], inside: dict[str, Root]) -> Machine:
    if not _NAME.fullmatch(name) or name == "all":
        raise Problem(f"{where}: a name is made of a-z, 0-9 and -, and is not 'all'")
    table = _resolve(where, name, tables, [])
    toml.check(where, table, KEYS, NEEDED)
    _check_values(where, table)
    settings = {key: table.pop(key) for key in SETTINGS if key in table}
    if "root" in table and table["root"] not in inside:
        raise Problem(f"{where}: root = '{table['root']}' is not one of {', '.join(inside) or 'any'}")
    table["root"] = inside.get(table.get("root"))
    machine = Machine(name=name, settings=settings,
                      **{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})
    _check_arguments(where, machine)
    return machine


def _resolve(where: str, name: str, tables: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """Return a table with everything of the one it is like; only `args` are added up."""
    if name not in tables:
        raise Problem(f"{where}: like = '{name}', but there is no such machine or template")
    if name in path:
        raise Problem(f"{where}: '{name}' is like itself, by way of {' and '.join(path)}")
    table = tables[name]
    if not isinstance(table, dict):
        raise Problem(f"{where}: '{name}' has to be a table")
    toml.check(where, table, KEYS, set())
    if "like" not in table:
        return table
    base = _resolve(where, table["like"], tables, [*path, name])
    merged = {**base, **table, "args": base.get("args", []) + table.get("args", [])}
    del merged["like"]
    return merged


def _check_values(where: str, table: dict[str, Any]) -> None:
    if table["boot"] not in BOOTS:
        raise Problem(f"{where}: boot = '{table['boot']}'; known are {', '.join(BOOTS)}")
    for key in ("needs", "copies"):
        if not all(isinstance(value, str) for value in table.get(key, {}).values()):
            raise Problem(f"{where}: every value of '{key}' has to be a string")
    statuses = table.get("exit_status", {})
    if statuses and (set(statuses) != STATUSES or not all(type(value) is int for value in statuses.values())):
        raise Problem(f"{where}: 'exit_status' has to give a number for each of {', '.join(sorted(STATUSES))}")


def _check_arguments(where: str, machine: Machine) -> None:
    allowed = {*machine.settings, *machine.copies, "image", "kernel", "line", *(["root"] if machine.root else [])}
    used, config = _names(where, machine.args), _names(where, [_template(where, machine)])
    if config - allowed:
        raise Problem(f"{where}: nothing fills '{{{min(config - allowed)}}}' in {machine.config}")
    used |= config
    allowed |= {"config"} if machine.config else set()
    for name in sorted(used - allowed):
        raise Problem(f"{where}: nothing fills '{{{name}}}' in args; known are {', '.join(sorted(allowed))}")
    for name in sorted(BOOTS[machine.boot] - used):
        raise Problem(f"{where}: boot = '{machine.boot}' needs '{{{name}}}' in args")


def _template(where: str, machine: Machine) -> str:
    """Return the configuration file's template; nothing for a machine without one."""
    try:
        return (places.SCRIPTS / machine.config).read_text() if machine.config else ""
    except OSError as error:
        raise Problem(f"{where}: cannot read config = '{machine.config}': {error.strerror}") from None


def _names(where: str, texts: Sequence[str]) -> set[str]:
    """Return the names in braces."""
    names: set[str] = set()
    for text in texts:
        try:
            names |= {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise Problem(f"{where}: the argument '{text}' is not readable: {error}") from None
    return names
