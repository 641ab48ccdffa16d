"""Find the contracts and scenarios that ship with the package, in a wheel or in a checkout."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def shipped(folder: str) -> Traversable:
    """Return the folder `contracts` or `scenarios`; read from it by `read_bytes`, never by path."""
    inside = files("simulator") / "_data" / folder
    if inside.is_dir():
        return inside
    return Path(__file__).resolve().parent.parent / folder
