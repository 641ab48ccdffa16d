"""A fault is a change of one place in one module; it is planted when that module is imported, not on disk.

`python -m tests.faulty_simulator.planting NAME` plants one and runs the tests nearest to it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import msgspec
import pytest
import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOTICED = 42
"""The exit code that no accident has."""

WITHOUT = [word for name in ("schemathesis", "xdist", "faker") for word in ("-p", f"no:{name}")]
"""Plugins that take longer to import than most of these tests to run."""


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`was` stands once in the file and `becomes` something else; `tests` are those nearest to it."""

    name: str
    file: str
    was: str
    becomes: str
    tests: str

    @property
    def module(self) -> str:
        """The module that is changed."""
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def has_place(self) -> bool:
        """Whether it can be planted still: a line that somebody rewrote lets its fault go."""
        file = ROOT / self.file
        return file.exists() and file.read_text(encoding="utf-8").count(self.was) == 1

    def planted(self) -> str:
        """Return the source with the fault in it; raises ValueError where its place is not found once."""
        source = (ROOT / self.file).read_text(encoding="utf-8")
        if source.count(self.was) != 1:
            times = source.count(self.was)
            raise ValueError(f"{self.name}: {self.was!r} stands {times} times in {self.file}")
        return source.replace(self.was, self.becomes)


def all_faults() -> list[Fault]:
    """Return every fault there is, room by room."""
    return [fault for file in sorted(HERE.glob("*.yaml")) for fault in _read(file)]


def _read(file: Path) -> Iterator[Fault]:
    yield from msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), list[Fault])


class _Loader(SourceFileLoader):
    """Compiles the changed source, and keeps no trace of it beside the right one."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.module, str(ROOT / fault.file))
        self._source = fault.planted()

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self._source.encode(), self.get_filename(fullname))


class _Finder(MetaPathFinder):
    """Finds one module changed and all others as they are."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._fault.module:
            return None
        right = PathFinder.find_spec(fullname, path, target)
        inside = None if right is None else right.submodule_search_locations
        file = ROOT / self._fault.file
        return spec_from_file_location(
            fullname, file, loader=_Loader(self._fault), submodule_search_locations=inside
        )


def plant(fault: Fault) -> None:
    """Plant a fault in this process, which has not imported its module yet."""
    if fault.module in sys.modules:
        raise ValueError(f"{fault.module} is imported already")
    sys.meta_path.insert(0, _Finder(fault))


def main(name: str) -> int:
    """Plant a fault and run its tests until one fails; return NOTICED, or else pytest's own exit code."""
    fault = next(fault for fault in all_faults() if fault.name == name)
    plant(fault)
    code = pytest.main([*fault.tests.split(), "-x", "-q", "-p", "no:cacheprovider", *WITHOUT])
    return NOTICED if code == pytest.ExitCode.TESTS_FAILED else int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
