"""The vendors: every folder here, and every installed package that offers one; listing them is cheap."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from simulator.errors import UnknownName

if TYPE_CHECKING:
    from simulator.vendor import Vendor

GROUP = "simulator.vendors"


def vendor_names() -> list[str]:
    """Return the names of all vendors, in alphabetical order, importing none of them."""
    shipped = {module.name for module in iter_modules(__path__)}
    return sorted(shipped | {point.name for point in entry_points(group=GROUP)})


def load_vendor(name: str) -> Vendor:
    """Import one vendor; raises UnknownName."""
    if any(module.name == name for module in iter_modules(__path__)):
        vendor: Vendor = import_module(f"{__name__}.{name}").vendor
        return vendor
    for point in entry_points(group=GROUP, name=name):
        plugged: Vendor = point.load()
        return plugged
    raise UnknownName("vendor", name, vendor_names())
