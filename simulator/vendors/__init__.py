"""The vendors: every folder here, and every installed package that offers one; listing them is cheap."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from simulator.errors import UnknownName
from simulator.resources import installed_vendors

if TYPE_CHECKING:
    from simulator.vendor import Vendor


def vendor_names() -> list[str]:
    """Return the names of all vendors, in alphabetical order, importing none of them."""
    return sorted({*_shipped(), *installed_vendors()})


@cache
def _shipped() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(__path__))


def load_vendor(name: str) -> Vendor:
    """Import one vendor; raises UnknownName, or NoVendor for what another package offers as one."""
    if name in _shipped():
        vendor: Vendor = import_module(f"{__name__}.{name}").vendor
        return vendor
    if name in installed_vendors():
        return _plugged(name)
    raise UnknownName("vendor", name, vendor_names())


@cache
def _plugged(name: str) -> Vendor:
    from simulator.vendor_checks import plugged  # noqa: PLC0415 - the shipped ones are known to fit

    return plugged(installed_vendors()[name])
