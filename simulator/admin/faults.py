"""Faults armed and disarmed while the simulator runs."""

from __future__ import annotations

from simulator.admin.fault_words import render_fault
from simulator.admin.problems import blaming
from simulator.admin.visits import TEXT, Json, Told, Visit
from simulator.engine.worlds import Worlds
from simulator.errors import UnknownName
from simulator.faults import Action, Fault, Refuse
from simulator.scenario.microsyntax import FAULT, GATE, WHERE
from simulator.scenario.places import check_refusal
from simulator.scenario.values import Where

_PREFIX = "control:"


def list_faults(visit: Visit) -> Json:
    """List the faults in the order in which they are asked; the first that opens wins."""
    return {"faults": [render_fault(fault) for fault in _armed(visit)]}


def arm_fault(visit: Visit) -> Told:
    """Arm a fault before all others, in the words of a scenario."""
    said = visit.fields({"where": TEXT, "do": TEXT}, {"when": TEXT})
    numbers = [int(fault.id[len(_PREFIX) :]) for fault in _armed(visit) if fault.id.startswith(_PREFIX)]
    name = f"{_PREFIX}{max(numbers, default=0) + 1}"
    with blaming("#/where"):
        where = _read_place(visit.worlds, said["where"])
    with blaming("#/when"):
        gate = GATE.read(said.get("when", "always"))
    with blaming("#/do"):
        action = _read_action(visit.worlds, said["do"], where)
    fault = Fault(name, str(where), action, gate)
    visit.sandbox.act("arm", fault=fault)
    return Told(render_fault(fault), 201)


def disarm_fault(visit: Visit, fault: str) -> Told:
    """Disarm a fault by its id; one of the scenario's is called by its file and line."""
    visit.nothing()
    known = [armed.id for armed in _armed(visit)]
    if fault not in known:
        raise UnknownName("fault", fault, known)
    visit.sandbox.act("disarm", fault=fault)
    return Told(None, 204)


def _armed(visit: Visit) -> tuple[Fault, ...]:
    with visit.sandbox.lock:
        return visit.sandbox.faults.list()


def _read_action(worlds: Worlds, text: str, where: Where) -> Action:
    """Read what a fault does; raises ValueError in words for whoever wrote it."""
    action = FAULT.read(text)
    if isinstance(action, Refuse):
        for problem in check_refusal(where, action, worlds.known):
            raise ValueError(problem)
    return action


def _read_place(worlds: Worlds, text: str) -> Where:
    """Read a place; raises UnknownName for one that is not there, ValueError for what is no place."""
    where = WHERE.read(text)
    if where.vendor not in ("*", *worlds.vendors):
        raise UnknownName("vendor", where.vendor, list(worlds.vendors))
    if "*" not in (where.vendor, where.operation):
        worlds.contract(where.vendor).find(where.operation)
    return where
