"""Where scenarios lie: shipped ones by name, files beside each other; and what each is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from msgspec import Struct

from simulator.errors import BrokenScenario, SimulatorError, UnknownName
from simulator.resources import shipped
from simulator.scenario.yaml_reading import MOST_BYTES, read_in_part

TABLE = ".csv"
DEEPEST = 10
SUFFIXES = (".yaml", ".yml")
_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}(?:\.[A-Za-z0-9_-]{1,32}){0,3}"
_SAFE_NAME = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,7}}")


class ScenarioText(Struct, frozen=True):
    """One scenario file's bytes and what to call it; a parent may lie in `folder`, whose name is `prefix`."""

    name: str
    content: bytes
    file: Traversable | None = None
    folder: Traversable | None = None
    prefix: str = ""


def list_scenarios() -> list[str]:
    """Return the names of the scenarios that ship with the package; a vendor's own are `vendor/name`."""
    return sorted(_names_in(shipped("scenarios"), ""))


def find_text(name_or_path: str | Path) -> ScenarioText:
    """Return a shipped scenario by name, or a file by its path.

    Raises UnknownName, BrokenScenario, and SimulatorError for a file whose name is no scenario's.
    """
    if isinstance(name_or_path, Path) or name_or_path.endswith(SUFFIXES):
        path = Path(name_or_path)
        prefix = "" if path.parent == Path() else f"{path.parent.as_posix()}/"
        return ScenarioText(str(name_or_path), _read(path, str(name_or_path)), path, path.parent, prefix)
    text = _take(shipped("scenarios"), "", name_or_path)
    if text is None:
        if name_or_path and Path(name_or_path).exists():
            what = "a folder" if Path(name_or_path).is_dir() else "not named as a scenario is"
            raise SimulatorError(f"{name_or_path} is {what}", "give a file whose name ends in .yaml or .yml")
        raise UnknownName("scenario", name_or_path, list_scenarios())
    return text


def find_parent(text: ScenarioText, name: str) -> ScenarioText | None:
    """Look for a parent beside the child, then among the shipped scenarios; never anywhere else."""
    beside = _take(text.folder, text.prefix, name) if text.folder else None
    if beside is not None and beside.file != text.file:
        return beside
    return _take(shipped("scenarios"), "", name) or beside


def find_list(text: ScenarioText, name: str) -> tuple[str, bytes] | None:
    """Look for a list of people beside a scenario, then among the shipped ones; never anywhere else.

    Returns what it is called in findings, and its content.
    """
    if not (_SAFE_NAME.fullmatch(name) and name.endswith(TABLE)):
        return None
    for folder, prefix in ((text.folder, text.prefix), (shipped("scenarios"), "")):
        if folder is not None and _is_within(file := folder.joinpath(*name.split("/")), folder):
            return prefix + name, _read(file, prefix + name)
    return None


def _take(folder: Traversable, prefix: str, name: str) -> ScenarioText | None:
    if not _SAFE_NAME.fullmatch(name):
        return None
    *above, last = name.split("/")
    inner = folder.joinpath(*above) if above else folder
    for ending in _endings(name):
        file, label = inner.joinpath(last + ending), prefix + name + ending
        if _is_within(file, folder):
            return ScenarioText(label, _read(file, label), file, inner, prefix + name.removesuffix(last))
    return None


def _endings(name: str) -> tuple[str, ...]:
    """Return what may stand behind the name of a scenario where its file lies."""
    return ("",) if name.endswith(SUFFIXES) else SUFFIXES


def _is_within(file: Traversable, folder: Traversable) -> bool:
    """Return whether `file` is a regular file that really lies in `folder`, wherever links lead."""
    if isinstance(file, Path) and isinstance(folder, Path):
        file = file.resolve()
        return file.is_file() and file.is_relative_to(folder.resolve())
    return file.is_file()


def _read(file: Traversable, label: str) -> bytes:
    if not file.is_file():
        missing = BrokenScenario([f"{label}:1:1: there is no such file, or it is not a regular one"])
        missing.remedy = (
            "is the name right, and the folder? `simulator scenarios init FILE` writes one to begin with"
        )
        raise missing
    try:
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise BrokenScenario([f"{label}:1:1: cannot be read: {error.strerror}"]) from None


def _names_in(folder: Traversable, prefix: str) -> Iterator[str]:
    for entry in folder.iterdir():
        stem, dot, ending = entry.name.rpartition(".")
        if entry.is_dir():
            yield from _names_in(entry, f"{prefix}{entry.name}/")
        elif dot + ending in SUFFIXES:
            yield prefix + stem


# -- what a scenario is made of ---------------------------------------------------------------------------


def files_of(file: Path, deep: int = 0) -> set[Path]:
    """Return a scenario file and those beside it that it is made of, whether or not they are there.

    A file that cannot be read names no other.
    """
    files = {file}
    for name in _named_in(file):
        if name.endswith(TABLE):
            files.add(file.parent / name)
        elif deep < DEEPEST:
            beside = {file.parent / f"{name}{ending}" for ending in _endings(name)} - files
            files |= beside.union(*(files_of(parent, deep + 1) for parent in beside if parent.is_file()))
    return files


def _named_in(file: Path) -> Iterator[str]:
    """Yield the names of parents, and every text that may be the name of a table."""
    try:
        words = read_in_part(file.read_bytes(), file.name).value
    except (OSError, BrokenScenario):
        return
    yield from _texts(words.get("extends"))
    yield from (text for text in _texts(words) if text.endswith(TABLE))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _texts(entry)
