"""The vendors: every folder here, and every installed package that offers one; listing them is cheap."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from simulator.errors import SimulatorError, UnknownName, guess
from simulator.resources import installed_vendors
from simulator.telephony.errors import TelephonyError

if TYPE_CHECKING:
    from simulator.vendor import Vendor


def vendor_names() -> list[str]:
    """Return the names of all vendors, in alphabetical order, importing none of them."""
    return sorted({*_shipped(), *installed_vendors()})


@cache
def _shipped() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(__path__))


def load_vendor(name: str) -> Vendor:
    """Import one vendor; raises UnknownName, SimulatorError for impossible refusals of an installed one."""
    if name in _shipped():
        vendor: Vendor = import_module(f"{__name__}.{name}").vendor
        return vendor
    if (point := installed_vendors().get(name)) is not None:
        plugged: Vendor = point.load()
        _check_refusals(plugged)  # those of the shipped ones are known to fit
        return plugged
    raise UnknownName("vendor", name, vendor_names())


def _check_refusals(vendor: Vendor) -> None:
    """Raise SimulatorError for an error that its refusals tell and the network does not have."""
    known = sorted({kind.__name__ for kind in _kinds_of(TelephonyError)})
    for error, fact in vendor.refusals.facts.items():
        if error not in known:
            place = f"refusals.toml of {vendor.name}, errors of {fact}"
            raise SimulatorError(f"{place}: the network has no error {error!r}", guess(error, known))


def _kinds_of(error: type[TelephonyError]) -> Iterator[type[TelephonyError]]:
    """Yield the classes below one, at any depth; a vendor's package may have its own among them."""
    for kind in error.__subclasses__():
        yield kind
        yield from _kinds_of(kind)
