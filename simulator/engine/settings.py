"""How a simulator is run; everything a world is made of stands in its scenario instead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from msgspec import Struct, ValidationError, convert, field
from msgspec.structs import replace

from simulator.errors import SimulatorError, UnknownName
from simulator.scenario.loading import Check, GivenScenario, load_inline
from simulator.scenario.microsyntax import PACE
from simulator.scenario.phrase import PhraseError
from simulator.scenario.schema import Scenario
from simulator.state.file import MEGABYTES
from simulator.web.destinations import Profile
from simulator.web.guard import SizeLimits
from simulator.web.host_names import Cors
from simulator.web.journal import Witness


class WatchedFile(Struct):
    """A scenario file that is followed; `findings` say what is wrong with it, while an older one goes on."""

    path: Path
    findings: list[str] = field(default_factory=list)


class Settings(Struct, frozen=True, kw_only=True):
    """How a simulator is run; everything a world is made of stands in its scenario instead.

    `clock` overrides the scenario's: virtual, real, idle or x and a number; so does `pause`, after which an
    idle one steps. `pure` leaves out the headers
    that only we send. `profile` is the destination guard's: where callbacks may go. In the `background` they
    are sent by whoever calls `keep_up` or `drive` of each sandbox; otherwise by the request that caused them.
    Of the scenario's file one that is `watched` tells what is wrong with it.
    `admin_hosts` are names under which the control plane answers, besides those of this machine. Where it
    listens on `loopback` alone, vendors answer under names of this machine and their own, and `host_names`
    besides. With `cors` open, pages that may ask are let in by every vendor. At its own of the `vendor_ports`
    a vendor answers at the root.
    A world that a request names by its path or host is opened by the first one, if this `opens_worlds`.
    A `witness` is told every exchange of every world, masked, and must be safe for threads.
    `expected_refusals` are names, codes or operations of refusals that are no finding, beside those of the
    scenario. A simulator that `vouches_for_keys` holds it against a client when it comes with a key that
    nobody handed out. `memory` bounds what all worlds remember together, in millions of bytes. Worlds survive
    the end of the process in the file `state` of at most `state_size` MB, and with `state_full` also a loss
    of power; or all who are given the same Redis by its URL share them. Without that they keep their inputs
    in memory, for replays, if it `keeps_inputs`.
    """

    scenario: GivenScenario = "happy"
    watched: WatchedFile | None = None
    vendors: tuple[str, ...] | None = None
    seed: int | None = None
    clock: str | None = None
    pause: timedelta | None = None
    pure: bool = False
    show_numbers: bool = False
    admin_token: str | None = None
    admin_hosts: tuple[str, ...] = ()
    loopback: bool = False
    host_names: tuple[str, ...] = ()
    profile: Profile = "fixture"
    allowed_destinations: tuple[str, ...] = ()
    own_ports: frozenset[int] = frozenset()
    cors: Cors = "vendor"
    vendor_ports: Mapping[str, int] = field(default_factory=dict)
    background: bool = False
    keeps_inputs: bool = True
    limits: SizeLimits = SizeLimits()
    memory: int = 512
    state: str | Path | None = None
    state_full: bool = False
    state_size: int = MEGABYTES
    witness: Witness | None = None
    expected_refusals: tuple[str, ...] = ()
    vouches_for_keys: bool = False
    opens_worlds: bool = True


_AS_GIVEN = ("scenario", "watched", "witness")
"""Settings that whoever uses them checks."""
_OF_CLASSES: Mapping[str, tuple[type, ...]] = {"state": (str, Path, type(None)), "limits": (SizeLimits,)}
"""Settings that msgspec would turn into something else, or knows nothing of."""


def change_settings(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return settings with some of them changed.

    Raises UnknownName for a name that none has, and SimulatorError for a value of another type.
    """
    for name in changes:
        if name not in Settings.__struct_fields__:
            raise UnknownName("setting", name, [*Settings.__struct_fields__])
    return replace(settings, **{name: _checked(name, value) for name, value in changes.items()})


def _checked(name: str, value: Any) -> Any:
    if name in _AS_GIVEN:
        return value
    if name in _OF_CLASSES:
        if isinstance(value, _OF_CLASSES[name]):
            return value
        raise _mistyped(name, value)
    try:
        checked = convert(value, _types()[name])
        if name == "clock" and checked is not None:
            PACE.read(checked)
    except ValidationError:
        raise _mistyped(name, value) from None
    except PhraseError as error:
        raise SimulatorError(f"the setting clock: {error}") from None
    return checked


def _mistyped(name: str, value: Any) -> SimulatorError:
    kind, takes, given = _types()[name], Settings.__annotations__[name], type(value).__name__
    if get_origin(kind) is Literal:
        takes, given = " | ".join(map(repr, get_args(kind))), repr(value)
    remedy = f"for one name write {name}=({value!r},)" if given == "str" and "tuple" in takes else ""
    return SimulatorError(f"the setting {name} takes {takes}, and was given {given}", remedy)


@cache
def _types() -> Mapping[str, Any]:
    return get_type_hints(Settings)


def scenario_of(
    settings: Settings, also: Check | None = None, given: GivenScenario | None = None
) -> Scenario:
    """Return the scenario that is `given`, or that settings name; `also` may have something against it.

    Raises SimulatorError, of which BrokenScenario and UnknownName are.
    """
    return load_inline(settings.scenario if given is None else given, also)
