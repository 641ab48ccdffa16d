"""Faults armed and disarmed while the simulator runs."""

from __future__ import annotations

from simulator.admin.fault_words import render_fault
from simulator.admin.problems import blaming
from simulator.admin.simulation import Json
from simulator.admin.visits import TEXT, Told, Visit
from simulator.errors import UnknownName
from simulator.faults import Fault

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
        visit.simulation.check_place(said["where"])
    with blaming("#/when"):
        gate = visit.simulation.read_gate(said.get("when", "always"))
    with blaming("#/do"):
        action = visit.simulation.read_action(said["do"], said["where"])
    fault = Fault(name, said["where"], action, gate)
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
