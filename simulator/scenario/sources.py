"""What a scenario is made of: its file, the parents beside it, and the tables that it names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.errors import BrokenScenario
from simulator.scenario.document import HalfRead, read_document
from simulator.scenario.loading import SUFFIXES

TABLE = ".csv"
DEEPEST = 10


def files_of(file: Path, deep: int = 0) -> set[Path]:
    """Return a scenario file and those beside it that it is made of, whether or not they are there.

    A file that cannot be read names no other.
    """
    files = {file}
    for name in _names_in(file):
        if name.endswith(TABLE):
            files.add(file.parent / name)
        elif deep < DEEPEST:
            endings = ("",) if name.endswith(SUFFIXES) else SUFFIXES
            beside = {file.parent / f"{name}{ending}" for ending in endings} - files
            files |= beside.union(*(files_of(parent, deep + 1) for parent in beside if parent.is_file()))
    return files


def _names_in(file: Path) -> Iterator[str]:
    """Yield the names of parents, and every text that may be the name of a table."""
    try:
        words = read_document(file.read_bytes(), file.name).value
    except HalfRead as error:
        words = error.document.value
    except (OSError, BrokenScenario):
        return
    parents = words.get("extends")
    yield from _texts(parents)
    yield from (text for text in _texts(words) if text.endswith(TABLE))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _texts(entry)
