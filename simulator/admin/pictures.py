"""Pictures of a world as SVG, and what they are found by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from flask import Response
from msgspec import Struct, field

from simulator.admin.call_pictures import callbacks_about, timeline_picture
from simulator.admin.context import AdminContext
from simulator.admin.contracts import show_coverage
from simulator.errors import UnknownName
from simulator.reports.drawing import LEFT, RIGHT, TOP, WIDTH, Drawing, coverage_picture
from simulator.telephony.calls import Attempt
from simulator.telephony.campaigns import Campaign
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.outcomes import PICKED_UP
from simulator.telephony.world import World


def find_call(world: World, name: str) -> AnyCall:
    """Return the call called `vendor:ref`, or by its reference alone; raises UnknownName."""
    vendor, colon, ref = name.rpartition(":")
    keys = (ref, int(ref)) if ref.isascii() and ref.isdecimal() and len(ref) < 20 else (ref,)
    for account in world.accounts.values():
        if colon and account.vendor != vendor:
            continue
        for key in keys:
            if (call := account.calls.get(key) or account.line_calls.get(key)) is not None:
                return call
    raise UnknownName("call", name, [])


def find_campaign(world: World, name: str) -> Campaign:
    """Return the campaign called `vendor:ref`, or by its reference alone; raises UnknownName."""
    vendor, colon, ref = name.rpartition(":")
    for account in world.accounts.values():
        for campaign in account.campaigns.values():
            if str(campaign.ref) == ref and (not colon or account.vendor == vendor):
                return campaign
    raise UnknownName("campaign", name, [])


LEGEND = (("talk", "answered"), ("bad", "not answered"), ("ring", "made again"), ("accent", "lines in use"))
BINS = 48
"""How many stretches of time a campaign's day is drawn in."""
_HEIGHT = 150


class Day(Struct):
    """How many attempts began in each stretch of time, and how many lines were in use."""

    answered: list[int] = field(default_factory=lambda: [0] * BINS)
    missed: list[int] = field(default_factory=lambda: [0] * BINS)
    again: list[int] = field(default_factory=lambda: [0] * BINS)
    lines: list[int] = field(default_factory=lambda: [0] * BINS)

    def count(self, attempt: Attempt, begin: datetime, step: timedelta) -> None:
        """Count an attempt; time begins at `begin`, and a stretch is `step` long."""
        place = min((attempt.started - begin) // step, BINS - 1)
        (self.answered if attempt.disposition in PICKED_UP else self.missed)[place] += 1
        self.again[place] += attempt.number > 1
        for busy in range(place, min((attempt.ended - begin) // step, BINS - 1) + 1):
            self.lines[busy] += 1

    @property
    def most(self) -> int:
        """The highest of all counts."""
        return max(*map(sum, zip(self.answered, self.missed, strict=True)), *self.lines)


def day_picture(campaign: Campaign, zone: tzinfo | None, mask: Callable[[str], str]) -> str:
    """Return a campaign over its hours in a zone: lines in use, attempts answered, missed, made again."""
    picture = Drawing(WIDTH, f"Campaign {campaign.name}", mask)
    attempts = campaign.attempts
    if not attempts:
        picture.text(WIDTH // 2, 60, "nothing has been dialed yet", kind="soft", anchor="middle", size=14)
        return picture.end(110)
    begin, end = attempts[0].started, max(attempt.ended for attempt in attempts)
    shown = "%H:%M:%S" if end - begin < timedelta(days=1) else "%d %b %H:%M"
    step = max((end - begin) / BINS, timedelta(seconds=1))
    day = Day()
    for attempt in attempts:
        day.count(attempt, begin, step)
    _draw_day(picture, day)
    bottom = TOP + _HEIGHT
    for place in range(0, BINS + 1, BINS // 4):
        x, at = LEFT + (WIDTH - LEFT - RIGHT) * place // BINS, (begin + step * place).astimezone(zone)
        picture.text(x, bottom + 18, at.strftime(shown), kind="soft", anchor="middle", size=11)
    picture.legend(bottom + 40, LEGEND)
    return picture.end(bottom + 58)


def _draw_day(picture: Drawing, day: Day) -> None:
    most = day.most
    room, bottom = WIDTH - LEFT - RIGHT, TOP + _HEIGHT
    for count in dict.fromkeys((0, most // 2, most)):
        y = bottom - _HEIGHT * count // most
        picture.line(LEFT, y, WIDTH - RIGHT, y)
        picture.text(LEFT - 10, y + 4, str(count), kind="soft", anchor="end", size=11)
    for place in range(BINS):
        x, width = LEFT + room * place // BINS, room // BINS - 3
        low = _HEIGHT * day.answered[place] // most
        high = _HEIGHT * day.missed[place] // most
        repeated = _HEIGHT * day.again[place] // most
        for kind, y, height in (("talk", bottom - low, low), ("bad", bottom - low - high, high)):
            if height:
                picture.box(x, y, width, height, kind=kind)
        if repeated:
            picture.box(
                x, bottom - repeated, 3, repeated, kind="ring", title=f"{day.again[place]} made again"
            )
    picture.steps(
        [
            (LEFT + room * place // BINS + 6, bottom - _HEIGHT * day.lines[place] // most)
            for place in range(BINS)
        ]
    )


def _svg(picture: str) -> Response:
    return Response(picture, content_type="image/svg+xml")


def draw_call(context: AdminContext, call: str) -> Response:
    """Draw the timeline of a call, called `vendor:ref` or by its reference alone."""
    sandbox = context.sandbox
    with sandbox.lock:
        world = sandbox.world
        subject = find_call(world, call)
        callbacks = callbacks_about(subject, world.outbox.deliveries.values())
        now = world.clock.now.astimezone(sandbox.scenario.clock.zone)
        return _svg(timeline_picture(subject, callbacks, now, sandbox.recorder.masker.text))


def draw_campaign(context: AdminContext, campaign: str) -> Response:
    """Draw a campaign over its hours: lines in use, attempts answered, not answered and made again."""
    sandbox = context.sandbox
    with sandbox.lock:
        subject, zone = find_campaign(sandbox.world, campaign), sandbox.scenario.clock.zone
        return _svg(day_picture(subject, zone, sandbox.recorder.masker.text))


def draw_coverage(context: AdminContext) -> Response:
    """Draw which operations of each vendor were called."""
    return _svg(picture_of_coverage(context))


def picture_of_coverage(context: AdminContext) -> str:
    """Return as SVG which operations of each vendor were called."""
    vendors = show_coverage(context)["vendors"].items()
    operations = [
        (vendor, [(one["operation"], one["calls"]) for one in counts["operations"]])
        for vendor, counts in vendors
    ]
    return coverage_picture(operations)
