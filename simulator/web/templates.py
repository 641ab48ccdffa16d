"""Addresses made from a client's template, as they may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from simulator.web.masking import Masker

SHORTEST_NUMBER = 7


def mask_filled(address: str, filled: Iterable[tuple[str, str]], masker: Masker) -> str:
    """Return an address, or a part of one, without the numbers that a template was filled in with.

    Under what names they stand there is the client's affair; those in `filled` are the vendor's, so that the
    masker knows which of them tell numbers.
    """
    for name, value in filled:
        if len(value) >= SHORTEST_NUMBER:
            shown = masker.text(f"{name}={value}").partition("=")[2]
            address = address.replace(quote(value, safe=""), shown) if shown != value else address
    return address
