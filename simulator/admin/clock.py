"""The clock of a world: what time it is, and moving it on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from itertools import chain
from typing import Any

from msgspec.structs import asdict

from simulator.admin.context import AdminContext, Json
from simulator.admin.problems import blaming, unusable
from simulator.admin.rendering import named
from simulator.engine.advances import AdvanceResult, check_moment, moment_after
from simulator.engine.snapshots import read_moment
from simulator.engine.verification import next_showing
from simulator.scenario.microsyntax import LENGTH
from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.outbox import Delivery
from simulator.telephony.recordings import Recording

_KINDS: Mapping[type[Any], str] = {
    Delivery: "callback",
    Call: "call",
    LiveCall: "call",
    Message: "message",
    Recording: "recording",
    Campaign: "campaign",
}
"""What may be due next, a campaign only where it is of no call in particular."""


def show_clock(context: AdminContext) -> Json:
    """Return the world's time, how it runs, and when something is due next."""
    sandbox = context.sandbox
    with sandbox.lock:
        clock = sandbox.world.clock
        return {
            "now": clock.now.isoformat(),
            "zone": sandbox.scenario.clock.zone.key,
            "mode": str(context.worlds.setup.pace(sandbox.scenario)),
            "next_due": clock.next_due.isoformat() if clock.next_due else None,
            "next_due_of": _owner_of(clock.next_subjects),
            "waiting": clock.waiting,
        }


def _owner_of(subjects: tuple[object, ...]) -> Json | None:
    """Return whose the next thing that is due is: a callback, a call or another of those below, if it is."""
    flat = [*chain.from_iterable(about if isinstance(about, list) else (about,) for about in subjects)]
    for kind, what in _KINDS.items():
        for subject in (subject for subject in flat if isinstance(subject, kind)):
            if isinstance(subject, Delivery):
                return {"what": what, "ref": subject.id, "vendor": subject.vendor}
            return {"what": what, **named(subject)}
    return None


def advance_clock(
    context: AdminContext, *, by: str | None = None, to: str | None = None, until: str | None = None
) -> Json:
    """Move time on; return what happened meanwhile, and as `pending` what is due and not done."""
    ways = [(way, text) for way, text in (("by", by), ("to", to), ("until", until)) if text is not None]
    if len(ways) != 1:
        raise unusable(["#: say exactly one of `by`, `to` and `until`"], 'such as {"by": "3d"}')
    ((way, text),) = ways
    with blaming(f"#/{way}"):
        target = _target(context, way, text)
    return render_advance(context.sandbox.advance(target))


def render_advance(done: AdvanceResult) -> Json:
    """Return what happened while time moved."""
    return {
        "since": done.since.isoformat(),
        "now": done.now.isoformat(),
        "acts": done.acts,
        "deliveries": list(done.deliveries),
        "idle": done.idle,
        "pending": [asdict(pending) for pending in done.pending],
    }


def _target(context: AdminContext, way: str, text: str) -> datetime | timedelta | None:
    now = context.sandbox.now()
    if way == "until":
        if text != "idle":
            raise ValueError("only `idle` is known here; a moment goes under `to`")
        return None
    if way == "by":
        length = LENGTH.read(text)
        moment_after(now, length)  # which no world may come to
        return length
    until = _read_moment(text, now, context.sandbox.scenario.clock.zone)
    if until < now:
        raise ValueError(f"{until.isoformat()} is past: time only moves forward, and it is {now.isoformat()}")
    check_moment(until)
    return until


def _read_moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Read an ISO instant, in `zone` if it has no offset, or the next time a clock there shows `20:00`."""
    moment = read_moment(text, zone)
    return moment if isinstance(moment, datetime) else next_showing(moment, now, zone)
