"""The timeline of a call as SVG: the same bytes for the same world, fit for a README."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from msgspec import Struct, field

from simulator.reports.drawing import LANE, LEFT, RIGHT, TOP, WIDTH, Drawing
from simulator.telephony.calls import Attempt, Call, Direction, Leg
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.outbox import Delivery, taken

LEGEND = (
    ("ring", "ringing"),
    ("talk", "line open"),
    ("ink", "key pressed"),
    ("bad", "not reached, not taken"),
)
QUIET = timedelta(seconds=40)
"""A longer time in which nothing happens is drawn as a gap."""
GAP = 88
LEAST = 70
MILLISECOND = timedelta(milliseconds=1)


class Bar(Struct, frozen=True):
    """A stretch of time in a lane."""

    lane: int
    begin: datetime
    end: datetime
    kind: str
    title: str


class Mark(Struct, frozen=True):
    """An instant in a lane."""

    lane: int
    at: datetime
    kind: str
    text: str


class Scale:
    """Where instants lie: stretches in which something happens are drawn to one scale, quiet ones as gaps."""

    def __init__(self, instants: Iterable[datetime]) -> None:
        self._runs: list[list[datetime]] = []
        for at in sorted(instants):
            if self._runs and at - self._runs[-1][1] <= QUIET:
                self._runs[-1][1] = at
            else:
                self._runs.append([at, at])
        room = WIDTH - LEFT - RIGHT - GAP * (len(self._runs) - 1)
        spare = room - LEAST * len(self._runs)
        whole = sum((end - begin) // MILLISECOND for begin, end in self._runs) or 1
        self.places: list[tuple[datetime, datetime, int, int]] = []
        x = LEFT
        for begin, end in self._runs:
            width = LEAST + max(spare, 0) * ((end - begin) // MILLISECOND) // whole
            self.places.append((begin, end, x, width))
            x += width + GAP

    def x(self, at: datetime) -> int:
        """Return where an instant lies, in pixels."""
        begin, end, left, width = next((place for place in self.places if at <= place[1]), self.places[-1])
        length = (end - begin) // MILLISECOND or 1
        return left + width * ((max(at, begin) - begin) // MILLISECOND) // length


class Story(Struct):
    """What is drawn of a call: the names of its lanes, and what lies in each."""

    lanes: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def begin(self, name: str) -> None:
        """Begin another lane; what is added from now on lies in it."""
        self.lanes.append(name)

    def bar(self, begin: datetime, end: datetime, kind: str, title: str) -> None:
        """Add a stretch of time."""
        self.bars.append(Bar(len(self.lanes) - 1, begin, end, kind, title))

    def mark(self, at: datetime, kind: str, text: str) -> None:
        """Add an instant."""
        self.marks.append(Mark(len(self.lanes) - 1, at, kind, text))

    def instants(self) -> Iterator[datetime]:
        """Yield every instant there is."""
        for bar in self.bars:
            yield from (bar.begin, bar.end)
        yield from (mark.at for mark in self.marks)


def timeline_picture(
    call: AnyCall, callbacks: Sequence[Delivery], now: datetime, mask: Callable[[str], str]
) -> str:
    """Return the timeline of a call in the zone of `now`: attempts, keys, legs, and its callbacks' tries."""
    story = Story()
    if isinstance(call, LiveCall):
        _tell_line(call, story)
    else:
        _tell_call(call, story)
    for delivery in callbacks:
        story.begin(delivery.event)
        for one in delivery.attempts:
            story.mark(one.at, "talk" if taken(one.status) else "bad", str(one.status or one.error))
        if not delivery.attempts:
            story.mark(delivery.due or delivery.created, "soft", str(delivery.state))
    return _draw(Drawing(WIDTH, f"Call {call.ref}", mask), story, now)


def _tell_call(call: Call, story: Story) -> None:
    story.begin("call")
    story.mark(call.created, "accent", "placed")
    if call.ended is not None:
        story.mark(call.ended, "soft", str(call.ending))
    for attempt in call.attempts:
        story.begin(f"attempt {attempt.number}")
        _tell_attempt(attempt, story)


def _tell_attempt(attempt: Attempt, story: Story) -> None:
    opened = attempt.answered or attempt.started + attempt.ring
    story.bar(attempt.started, opened, "ring", f"rings {_length(opened - attempt.started)}")
    if attempt.answered is not None:
        story.bar(opened, attempt.ended, "talk", f"talks {_length(attempt.talk)}")
    else:
        story.mark(attempt.ended, "bad", str(attempt.disposition).replace("_", " "))
    for press in attempt.conversation.presses if attempt.conversation else ():
        story.mark(opened + press.after, "ink", press.key)
    for moment in attempt.spoken:
        story.mark(moment.at, "ink", "“…”")
    if attempt.joined is not None:
        story.begin("connected to")
        _tell_leg(attempt.joined, story)


def _tell_leg(leg: Leg | LiveCall, story: Story) -> None:
    """Tell of one party's side, which may be going on: how long it rings, and talks."""
    story.bar(leg.started, leg.answered or leg.ended or leg.started, "ring", "rings")
    if leg.answered is not None:
        ended = leg.ended or leg.answered
        story.bar(leg.answered, ended, "talk", f"talks {_length(ended - leg.answered)}")


def _tell_line(call: LiveCall, story: Story) -> None:
    for leg in call.legs:
        story.begin("came in" if leg.direction is Direction.INCOMING else "went on")
        _tell_leg(leg, story)
        if leg.answered is None and leg.ended is not None:
            story.mark(leg.ended, "bad", str(leg.disposition).replace("_", " "))
        for moment in leg.pressed:
            story.mark(moment.at, "ink", moment.detail)
        for moment in leg.spoken:
            story.mark(moment.at, "ink", "“…”")


def _draw(picture: Drawing, story: Story, now: datetime) -> str:
    scale, bottom = Scale(story.instants()), TOP + LANE * len(story.lanes)
    _draw_lanes(picture, story, scale)
    _draw_times(picture, scale, now.tzinfo)
    for (_, end, left, width), (begin, _, _, _) in pairwise(scale.places):
        middle = left + width + GAP // 2
        picture.line(middle, TOP - 4, middle, bottom - 8, dashed=True)
        picture.text(middle, TOP - 26, _length(begin - end), kind="soft", anchor="middle", size=11)
    for bar in story.bars:
        x, y = scale.x(bar.begin), TOP + LANE * bar.lane
        picture.box(x, y + 2, scale.x(bar.end) - x, LANE - 12, kind=bar.kind, title=bar.title, rounded=4)
    for mark in story.marks:
        _draw_mark(picture, mark, scale)
    if scale.places[0][0] <= now < scale.places[-1][1]:
        picture.box(scale.x(now), TOP - 6, 2, bottom - TOP + 2, kind="accent", title="now")
    picture.legend(bottom + 18, LEGEND)
    return picture.end(bottom + 32)


def _draw_lanes(picture: Drawing, story: Story, scale: Scale) -> None:
    for place, name in enumerate(story.lanes):
        y = TOP + LANE * place
        picture.text(LEFT - 14, y + 17, _cut(name), kind="soft", anchor="end")
        for _, _, left, width in scale.places:
            picture.box(left, y + 2, width, LANE - 12, kind="calm", rounded=4)


def _draw_times(picture: Drawing, scale: Scale, zone: tzinfo | None) -> None:
    for begin, end, left, width in scale.places:
        picture.text(left, TOP - 12, f"{begin.astimezone(zone):%H:%M:%S}", kind="soft", size=11)
        if width > 150:
            over = f"{end.astimezone(zone):%H:%M:%S}"
            picture.text(left + width, TOP - 12, over, kind="soft", anchor="end", size=11)


def _draw_mark(picture: Drawing, mark: Mark, scale: Scale) -> None:
    x, y = scale.x(mark.at), TOP + LANE * mark.lane + 13
    if mark.kind == "ink" and len(mark.text) <= 3:
        picture.dot(x, y, 9, kind="ink")
        picture.text(x, y + 4, mark.text, kind="ground", anchor="middle", size=11, bold=True)
        return
    picture.dot(x, y, 5, kind=mark.kind, title=mark.text)
    late = x > WIDTH - RIGHT - 90
    anchor = "end" if late else "start"
    picture.text(x - 9 if late else x + 9, y + 4, mark.text, anchor=anchor, size=11)


def _cut(name: str) -> str:
    return name if len(name) <= 16 else f"{name[:15]}…"


def _length(length: timedelta) -> str:
    """Return a length of time in its two largest units."""
    seconds = length // timedelta(seconds=1)
    for size, unit, below, small in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            return f"{whole} {unit}" + (f" {rest // below} {small}" if rest // below else "")
    return f"{length // timedelta(milliseconds=100) / 10:g} s"


def callbacks_about(call: AnyCall, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Return the callbacks that tell of a call, by the reference that they carry."""
    word = re.compile(rf"(?<![0-9A-Za-z]){re.escape(str(call.ref))}(?![0-9A-Za-z])")
    return [
        one
        for one in deliveries
        if one.vendor == call.account.vendor and (one.subject == str(call.ref) or word.search(_content(one)))
    ]


def _content(delivery: Delivery) -> str:
    request = delivery.request
    return f"{request.url} {request.body.decode('utf-8', 'replace')}" if request is not None else ""
