"""Faults armed and disarmed while the simulator runs, shown in the words of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.admin.context import AdminContext, Json
from simulator.admin.problems import blaming
from simulator.engine.worlds import Worlds
from simulator.errors import SimulatorError, UnknownName
from simulator.faults import (
    FOR_GOOD,
    Action,
    Cut,
    Drip,
    Fault,
    FirstPerNumber,
    Hang,
    Period,
    Refuse,
    Reply,
    ReplyOverride,
    Requests,
    Reset,
    Share,
    Slow,
    Status,
    Trigger,
)
from simulator.scenario.act_phrases import FAULT, TRIGGER
from simulator.scenario.building import read_fault
from simulator.scenario.microsyntax import WHERE
from simulator.scenario.places import check_refusal
from simulator.scenario.values import Where
from simulator.telephony.clock import write_length

_PREFIX = "control:"


def list_faults(context: AdminContext) -> Json:
    """List the faults in the order in which they are asked; the first whose trigger fires wins."""
    return {"faults": [render_fault(fault) for fault in _armed(context)]}


def arm_fault(
    context: AdminContext, *, where: str, do: str, when: str = "always", reply: dict[str, Any] | None = None
) -> Json:
    """Arm a fault before all others, in the words of a scenario."""
    with blaming("#/where"):
        place = _read_place(context.worlds, where)
    with blaming("#/when"):
        TRIGGER.read(when)
    with blaming("#/do"):
        _check_action(context.worlds, do, place)
    words: dict[str, Any] = {"where": str(place), "do": do, "when": when}
    words |= {} if reply is None else {"reply": reply}
    with blaming("#/do" if reply is None else "#/reply"):
        read_fault(_PREFIX, **words)
    return render_fault(_arm(context, words))


def _arm(context: AdminContext, words: Mapping[str, Any]) -> Fault:
    """Arm a fault by the next number; whoever takes that at the same moment takes it from nobody."""
    while True:
        numbers = [int(fault.id[len(_PREFIX) :]) for fault in _armed(context) if fault.id.startswith(_PREFIX)]
        name = f"{_PREFIX}{max(numbers, default=0) + 1}"
        try:
            armed: Fault = context.sandbox.act("arm", fault=name, **words)
        except SimulatorError:
            if name not in [fault.id for fault in _armed(context)]:
                raise
        else:
            return armed


def disarm_fault(context: AdminContext, fault: str) -> None:
    """Disarm a fault by its id, which is `file:line` for one of the scenario's; answer 204."""
    known = [armed.id for armed in _armed(context)]
    if fault not in known:
        raise UnknownName("fault", fault, known)
    context.sandbox.act("disarm", fault=fault)


def _armed(context: AdminContext) -> tuple[Fault, ...]:
    with context.sandbox.lock:
        return context.sandbox.faults.list()


def _check_action(worlds: Worlds, text: str, where: Where) -> None:
    """Raise ValueError, in words for whoever wrote it, for what a fault cannot do at a place."""
    action = FAULT.read(text)
    if isinstance(action, Refuse):
        for problem in check_refusal(where, action, worlds.setup.known):
            raise ValueError(problem)


def _read_place(worlds: Worlds, text: str) -> Where:
    """Read a place; raises UnknownName for one that is not there, ValueError for what is no place."""
    where = WHERE.read(text)
    if where.vendor not in ("*", *worlds.vendors):
        raise UnknownName("vendor", where.vendor, list(worlds.vendors))
    if "*" not in (where.vendor, where.operation):
        worlds.setup.contract(where.vendor).find(where.operation)
    return where


def render_fault(fault: Fault) -> dict[str, Json]:
    """Return `{id, where, when, do}`, and the words of a `reply`."""
    shown: dict[str, Json] = {
        "id": fault.id,
        "where": fault.where,
        "when": render_trigger(fault.when),
        "do": render_action(fault.do),
    }
    if isinstance(fault.do, Reply):
        shown["reply"] = render_wording(fault.do.wording)
    return shown


def render_wording(wording: ReplyOverride) -> dict[str, Json]:
    """Return the words of an answer as a scenario has them: `{status, headers, body}`."""
    bodies = dict(wording.bodies)
    words = {
        "status": wording.status,
        "headers": dict(wording.headers) or None,
        "body": bodies.get("*") if bodies.keys() <= {"*"} else bodies,
    }
    return {word: value for word, value in words.items() if value is not None}


def render_trigger(trigger: Trigger) -> str:
    """Return which requests a fault meets: `always`, `3%`, `requests 4..6`."""
    match trigger:
        case Share(share):
            return _percent(share)
        case Requests(first, last):
            return f"request {first}" if first == last else f"requests {first}..{last}"
        case FirstPerNumber(count):
            return f"first {count} per number"
        case Period(start, length):
            bound = f" for {write_length(length)}" if length < FOR_GOOD else ""
            return f"from +{write_length(start)}{bound}"
    return "always"


def render_action(action: Action) -> str:
    """Return what a fault does: `slow 2s..8s`, `status 503`, `cut 40%`."""
    match action:
        case Slow(low, high):
            span = write_length(low) if low == high else f"{write_length(low)}..{write_length(high)}"
            return f"slow {span}"
        case Hang(duration) | Drip(duration):
            return f"{type(action).__name__.lower()} {write_length(duration)}"
        case Cut(share):
            return f"cut {_percent(share)}"
        case Refuse(name):
            return f"refuse {name}"
        case Reset() | Status() | Reply():
            what = f"status {action.code}" if isinstance(action, Status) else type(action).__name__.lower()
            return f"accept then {what}" if action.accepted else what
    return "garble"


def _percent(share: float) -> str:
    return f"{round(share * 100, 3):g}%"
