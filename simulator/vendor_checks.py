"""Is a vendor that another package brings one at all? What its author forgot is told with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from inspect import get_annotations
from typing import Any

from simulator.errors import SimulatorError, guess
from simulator.resources import DOCUMENT, contract_documents
from simulator.telephony.errors import TelephonyError
from simulator.vendor import Vendor, VendorBlueprint
from simulator.vendor_settings import MARKS, Settings, settings_schema

_MENDED_BY = "mend the package; simulator/vendors/README.md tells what a vendor is"


class NoVendor(SimulatorError):
    """What an entry point offers is no vendor yet: the message says what it lacks."""


def plugged(point: EntryPoint) -> Vendor:
    """Return the vendor that an entry point offers; raises NoVendor."""
    place = f"the vendor {point.name} ({point.value})"
    try:
        vendor = point.load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise NoVendor(f"{place} cannot be loaded: {why}", _MENDED_BY) from error
    if not isinstance(vendor, Vendor):
        what = f"class {vendor.__name__}" if isinstance(vendor, type) else type(vendor).__name__
        raise NoVendor(
            f"{place} is no Vendor, but {what}", "name an instance of a class below simulator.Vendor"
        )
    for lack in _lacks(vendor, point):
        raise NoVendor(f"{place}: {lack}", _MENDED_BY)
    return vendor


def _lacks(vendor: Vendor, point: EntryPoint) -> Iterator[str]:
    """Yield what keeps a vendor from being one, the most basic first."""
    kind = type(vendor)
    for name in (name for part in Vendor.__mro__ for name in get_annotations(part)):
        if not hasattr(vendor, name):
            yield f"{kind.__name__} lacks `{name}`"
    for name in (name for name in dir(Vendor) if _is_open(getattr(Vendor, name))):
        if getattr(kind, name) is getattr(Vendor, name):
            what = (getattr(kind, name).__doc__ or "").partition("\n")[0]
            yield f"{kind.__name__} lacks the method `{name}`: {what}"
    if vendor.vocabulary.signs and kind.tamper_signature is Vendor.tamper_signature:
        yield f"it signs its callbacks, and {kind.__name__} lacks `tamper_signature`, which signs wrongly"
    if vendor.name != point.name:
        yield f"its name is {vendor.name!r}, and that of its entry point {point.name!r}: make them one"
    blueprint: Any = vendor.blueprint
    if not isinstance(blueprint, VendorBlueprint):
        yield f"its blueprint is a {type(blueprint).__name__}, not a VendorBlueprint"
    if blueprint.name != vendor.name:
        yield f"its blueprint is called {blueprint.name!r}: write VendorBlueprint({vendor.name!r}, ...)"
    if point.name not in contract_documents():
        yield f"it has no contract: write one into {DOCUMENT}, beside the module {point.module}"
    yield from _wrong_settings(vendor)
    yield from _wrong_refusals(vendor)


def _is_open(attribute: Any) -> bool:
    """Return whether a method is there to be overridden."""
    code = getattr(attribute, "__code__", None)
    return code is not None and "NotImplementedError" in code.co_names


def _wrong_settings(vendor: Vendor) -> Iterator[str]:
    kind: Any = vendor.settings
    if not (isinstance(kind, type) and issubclass(kind, Settings)):
        yield f"its settings {kind!r} are no class below simulator.vendor_settings.Settings"
        return
    try:
        parts = settings_schema({vendor.name: kind})[1]
    except TypeError as error:
        yield f"{kind.__name__} has a type that no setting can have: {error}"
        return
    for name, schema in parts.get(kind.__name__, {}).get("properties", {}).items():
        if schema.get("x-provenance") not in MARKS:
            how = "Annotated[TYPE, documented(MEANING)], or observed, or inferred"
            yield f"{kind.__name__}.{name} has no mark: write {how}"


def _wrong_refusals(vendor: Vendor) -> Iterator[str]:
    place, known = "its refusals.toml", sorted({kind.__name__ for kind in _kinds_of(TelephonyError)})
    try:
        wordings = dict(vendor.refusals)
    except (TypeError, ValueError, OSError) as error:
        yield f"{place} cannot be used: {error}"
        return
    for fact, wording in wordings.items():
        for name in (name for name in wording.errors if name not in known):
            yield f"{place}, [{fact}]: the network has no error {name!r}; {guess(name, known)}"
        if wording.provenance not in MARKS:
            yield f"{place}, [{fact}]: the provenance {wording.provenance!r} is none of {', '.join(MARKS)}"


def _kinds_of(error: type[TelephonyError]) -> Iterator[type[TelephonyError]]:
    """Yield the classes below one, at any depth; a vendor's package may have its own among them."""
    for kind in error.__subclasses__():
        yield kind
        yield from _kinds_of(kind)
