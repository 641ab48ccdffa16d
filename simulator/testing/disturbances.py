"""What a test lets go wrong in its world besides what the scenario says: faults, and limits of requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from simulator.errors import SimulatorError, UnknownName
from simulator.faults import Fault, Refuse
from simulator.scenario.act_phrases import FAULT, TRIGGER
from simulator.scenario.building import read_fault
from simulator.scenario.microsyntax import RATE, WHERE
from simulator.scenario.places import Known, check_limit, check_refusal
from simulator.scenario.schema import LimitRule
from simulator.scenario.values import Where
from simulator.testing.given import listed, read_phrase
from simulator.testing.worlds import FixtureWorld


class Faults:
    """What goes wrong in a world besides what its scenario says."""

    def __init__(self, world: FixtureWorld) -> None:
        self._world = world
        self._numbers = count(1)

    def add(
        self, where: str, do: str, when: str = "always", *, reply: Mapping[str, object] | None = None
    ) -> Fault:
        """Arm a fault before all others, in the words of a scenario; raises SimulatorError.

        `world.faults.add("callo.add_call", "status 503", when="request 1")`
        `world.faults.add("callo.*", "accept then reply", reply={"status": 200, "body": "{}"})`
        """
        sandbox, known = self._world.sandbox, self._world.server.simulator.worlds.setup.known
        place = read_phrase(WHERE, where, "faults.add: where")
        action = read_phrase(FAULT, do, "faults.add: do")
        read_phrase(TRIGGER, when, "faults.add: when")
        check_place(place, known)
        try:
            read_fault("new", where, do, when, reply)
        except ValueError as error:
            raise SimulatorError(f"faults.add: {error}") from None
        if isinstance(action, Refuse) and (wrong := list(check_refusal(place, action, known))):
            raise SimulatorError(f"faults.add: do: {wrong[0]}")
        words = {"where": where, "do": do, "when": when} | ({} if reply is None else {"reply": dict(reply)})
        fault: Fault = sandbox.act("arm", fault=f"test:{next(self._numbers)}", **words)
        return fault

    def remove(self, fault: Fault | str) -> None:
        """Disarm a fault: one that `add` returned, or by its id, which is `file:line` for the scenario's."""
        name = fault if isinstance(fault, str) else fault.id
        known = [one.id for one in self]
        if name not in known:
            raise UnknownName("fault", name, known)
        self._world.sandbox.act("disarm", fault=name)

    def clear(self) -> None:
        """Disarm all faults, also the scenario's."""
        for fault in list(self):
            self.remove(fault)

    def __iter__(self) -> Iterator[Fault]:
        """Iterate over the faults in the order in which they are asked."""
        with self._world.sandbox.lock:
            return iter(list(self._world.sandbox.faults.list()))


class Limits:
    """How many requests a world lets in, besides what its scenario says."""

    def __init__(self, world: FixtureWorld) -> None:
        self._world = world
        self._numbers = count(1)

    def add(self, where: str, allow: str, by: str | Sequence[str] = ()) -> str:
        """Add a limit in the words of a scenario, and return its name; raises SimulatorError.

        `world.limits.add("callo.*", "5 per 1s", by="public_key")`
        """
        known = self._world.server.simulator.worlds.setup.known
        rate, counted = read_phrase(RATE, allow, "limits.add: allow"), tuple(listed(by))
        place = read_phrase(WHERE, where, "limits.add: where")
        check_place(place, known)
        for wrong in check_limit(LimitRule(where=place, allow=rate, by=counted), (), known):
            raise SimulatorError(f"limits.add: by: {wrong.what}")
        name = f"test:{next(self._numbers)}"
        self._world.sandbox.act("limit", rule=name, where=where, allow=allow, by=list(counted))
        return name


def check_place(place: Where, known: Known) -> None:
    """Raise UnknownName for a place that no vendor has, with those there are."""
    if place.vendor not in ("*", *known.present):
        raise UnknownName("vendor", place.vendor, list(known.present))
    if place.operation != "*" and not known.asked(place):
        raise UnknownName(
            f"operation of {place.vendor}", place.operation, list(known.interface(place.vendor).operations)
        )
