"""Pictures of campaigns as SVG: the same bytes for the same world, fit for a README."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.reports.drawing import LEFT, RIGHT, TOP, WIDTH, Drawing
from simulator.telephony.calls import Attempt
from simulator.telephony.campaigns import Campaign
from simulator.telephony.outcomes import PICKED_UP

LEGEND = (("talk", "answered"), ("bad", "not answered"), ("ring", "made again"), ("accent", "lines in use"))
BINS = 48
"""How many stretches of time a campaign's day is drawn in."""
_HEIGHT = 150


@dataclass(slots=True)
class Day:
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


def day_picture(campaign: Campaign, mask: Callable[[str], str]) -> str:
    """Return a campaign over its hours: lines in use, and attempts answered, not answered, made again."""
    picture = Drawing(WIDTH, f"Campaign {campaign.name}", mask)
    attempts = campaign.attempts
    if not attempts:
        picture.text(WIDTH // 2, 60, "nothing has been dialed yet", kind="soft", anchor="middle", size=14)
        return picture.end(110)
    begin, end = attempts[0].started, max(attempt.ended for attempt in attempts)
    step = max((end - begin) / BINS, timedelta(seconds=1))
    day = Day()
    for attempt in attempts:
        day.count(attempt, begin, step)
    _draw_day(picture, day)
    bottom = TOP + _HEIGHT
    for place in range(0, BINS + 1, BINS // 4):
        x = LEFT + (WIDTH - LEFT - RIGHT) * place // BINS
        picture.text(
            x, bottom + 18, f"{begin + step * place:%H:%M:%S}", kind="soft", anchor="middle", size=11
        )
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
