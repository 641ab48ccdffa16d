"""The texts in what pytest prints of a test, masked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def masked_texts(value: Any, mask: Callable[[str], str]) -> Any:
    """Mask all text of a report, whose parts are objects of pytest's that hold lines."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list | tuple):
        return type(value)([masked_texts(item, mask) for item in value])
    if type(value).__module__ == "_pytest._code.code":
        for name, member in vars(value).items():
            setattr(value, name, masked_texts(member, mask))
    return value
