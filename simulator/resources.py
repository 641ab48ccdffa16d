"""Find the contracts and scenarios that ship with the package, or with a vendor that is installed besides."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

VENDORS = "simulator.vendors"
"""The group of entry points by which a package offers a vendor."""

DOCUMENT = "openapi.yaml"
SUITE = "client_suite.yaml"


def shipped(folder: str) -> Traversable:
    """Return the folder `contracts` or `scenarios`; read from it by `read_bytes`, never by path."""
    inside = files("simulator") / "_data" / folder
    if inside.is_dir():
        return inside
    return Path(__file__).resolve().parent.parent / folder


def installed_vendors() -> dict[str, EntryPoint]:
    """Return the vendors that other packages offer, by name: those that were there when first asked."""
    return dict(_offered(tuple(sys.path)))


@cache
def _offered(_path: tuple[str, ...]) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=VENDORS)}


def contract_documents() -> dict[str, Traversable]:
    """Return the contract of each vendor by name: the shipped ones, and those beside installed vendors.

    An installed vendor's is the file `openapi.yaml` in the package that its entry point names.
    """
    return _documents(DOCUMENT)


def suite_documents() -> dict[str, Traversable]:
    """Return the suite of cases of each vendor that has one, by name; it lies beside the contract."""
    return _documents(SUITE)


def contract_folder(vendor: str) -> Traversable | None:
    """Return where the contract of a vendor and what goes with it lie; None for nobody's."""
    return _folders().get(vendor)


def place_of(vendor: str, file: str = "") -> str:
    """Return how messages call where the contract of a vendor lies, or a file beside it."""
    point = installed_vendors().get(vendor)
    folder = point.module.replace(".", "/") if point is not None else f"contracts/{vendor}"
    return f"{folder}/{file}" if file else folder


def _documents(file: str) -> dict[str, Traversable]:
    documents = {name: folder / file for name, folder in _folders().items()}
    return {name: document for name, document in sorted(documents.items()) if document.is_file()}


def _folders() -> dict[str, Traversable]:
    folders: dict[str, Traversable] = {folder.name: folder for folder in shipped("contracts").iterdir()}
    for name, point in installed_vendors().items():
        with suppress(Exception):  # one that cannot be imported is told of when the vendor is loaded
            folders[name] = files(point.module)
    return folders
