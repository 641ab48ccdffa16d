"""The clock of a world: what time it is, and moving it on."""

from __future__ import annotations

from datetime import datetime, tzinfo

from simulator.admin.problems import blaming, unusable
from simulator.admin.visits import TEXT, Json, Visit
from simulator.engine.verification import next_showing
from simulator.scenario.microsyntax import LENGTH

_WAYS = ("by", "to", "until")


def show_clock(visit: Visit) -> Json:
    """Tell the time, how it runs, and when something is due next."""
    sandbox = visit.sandbox
    with sandbox.lock:
        clock = sandbox.world.clock
        return {
            "now": clock.now.isoformat(),
            "mode": str(visit.worlds.pace(sandbox.scenario)),
            "next_due": clock.next_due.isoformat() if clock.next_due else None,
            "waiting": clock.waiting,
        }


def advance_clock(visit: Visit) -> Json:
    """Move time on; when it is told what happened, all of it has, but what is pending."""
    said = visit.fields({}, dict.fromkeys(_WAYS, TEXT))
    if len(said) != 1:
        raise unusable(["#: say exactly one of `by`, `to` and `until`"], 'such as {"by": "3d"}')
    ((way, text),) = said.items()
    with blaming(f"#/{way}"):
        until = _target(visit, way, text)
    done = visit.sandbox.advance(until)
    return {
        "since": done.since.isoformat(),
        "now": done.now.isoformat(),
        "acts": done.acts,
        "deliveries": list(done.deliveries),
        "idle": done.idle,
        "pending": [{"what": each.what, "reason": each.reason} for each in done.pending],
    }


def _target(visit: Visit, way: str, text: str) -> datetime | None:
    now = visit.sandbox.now()
    if way == "until":
        if text != "idle":
            raise ValueError("only `idle` is known here; a moment goes under `to`")
        return None
    if way == "by":
        return now + LENGTH.read(text)
    until = _read_moment(text, now, visit.sandbox.scenario.clock.zone)
    if until < now:
        raise ValueError(f"{until.isoformat()} is past: time only moves forward, and it is {now.isoformat()}")
    return until


def _read_moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Read an ISO instant, in `zone` if it has no offset, or the next time a clock there shows `20:00`."""
    if len(text) == len("20:00"):
        hour = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - the zone follows
        return next_showing(hour, now, zone)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(now.tzinfo)
