"""Runs that were made earlier, by the names people give them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lk import places, results
from lk.problem import Problem
from lk.report import Report


def load(names: Sequence[str], folder: Path) -> list[Report]:
    """Return the reports of these runs; of every machine in the folder where none is named.

    A name is a results.json, a folder that holds one or holds folders that do, or a machine with results in `folder`.
    """
    paths = [path for name in names for path in _paths(name, folder)]
    if not names:
        paths = _inside(folder)
    if not paths:
        raise Problem(f"there are no results in {places.shown(folder)}: run `latchkey run` or `make machines` first")
    return _distinct([results.read(path) for path in dict.fromkeys(paths)])


def one(name: str, folder: Path) -> Report:
    """Return the report of one run."""
    paths = _paths(name, folder)
    if len(paths) != 1:
        raise Problem(f"'{name}' holds the results of {len(paths)} runs; name one of them")
    return results.read(paths[0])


def _paths(name: str, folder: Path) -> list[Path]:
    for path in (Path(name), folder / name):
        if path.is_file():
            return [path]
        if found := _inside(path):
            return found
    raise Problem(f"'{name}' is neither a {results.NAME}, nor a folder with one, nor a machine with results in "
                  f"{places.shown(folder)}")


def _inside(folder: Path) -> list[Path]:
    own = folder / results.NAME
    return [own] if own.is_file() else sorted(folder.glob(f"*/{results.NAME}"))


def _distinct(reports: list[Report]) -> list[Report]:
    """Number the runs of one machine, so that everything they are called by stays unique."""
    many = Counter(report.name for report in reports)
    seen: Counter[str] = Counter()
    distinct = []
    for report in reports:
        seen[report.name] += 1
        name = f"{report.name}-{seen[report.name]}" if many[report.name] > 1 else report.name
        distinct.append(replace(report, name=name))
    return distinct
