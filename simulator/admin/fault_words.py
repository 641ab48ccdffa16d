"""Faults in the words of a scenario, so that what is armed reads as it was written."""

from __future__ import annotations

from datetime import timedelta

from simulator.faults import (
    FOR_GOOD,
    Action,
    Cut,
    Fault,
    FirstPerNumber,
    Gate,
    Hang,
    Refuse,
    Requests,
    Reset,
    Share,
    Slow,
    Status,
    Window,
)

_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))


def render_fault(fault: Fault) -> dict[str, str]:
    """Return `{id, where, when, do}`."""
    return {
        "id": fault.id,
        "where": fault.where,
        "when": render_gate(fault.when),
        "do": render_action(fault.do),
    }


def render_gate(gate: Gate) -> str:
    """Return which requests a fault meets: `always`, `3%`, `requests 4..6`."""
    match gate:
        case Share(share):
            return _percent(share)
        case Requests(first, last):
            return f"request {first}" if first == last else f"requests {first}..{last}"
        case FirstPerNumber(count):
            return f"first {count} per number"
        case Window(start, length):
            bound = f" for {render_length(length)}" if length < FOR_GOOD else ""
            return f"from +{render_length(start)}{bound}"
    return "always"


def render_action(action: Action) -> str:
    """Return what a fault does: `slow 2s..8s`, `status 503`, `cut 40%`."""
    match action:
        case Slow(low, high):
            span = render_length(low) if low == high else f"{render_length(low)}..{render_length(high)}"
            return f"slow {span}"
        case Hang(duration):
            return f"hang {render_length(duration)}"
        case Cut(share):
            return f"cut {_percent(share)}"
        case Refuse(name):
            return f"refuse {name}"
        case Reset() | Status():
            what = f"status {action.code}" if isinstance(action, Status) else "reset"
            return f"accept then {what}" if action.accepted else what
    return "garble"


def render_length(length: timedelta) -> str:
    """Return a length of time as scenarios write it: `1h30m`."""
    left = length // timedelta(milliseconds=1)
    pieces = []
    for unit, size in _UNITS:
        number, left = divmod(left, size)
        if number:
            pieces.append(f"{number}{unit}")
    return "".join(pieces) or "0s"


def _percent(share: float) -> str:
    return f"{round(share * 100, 3):g}%"
