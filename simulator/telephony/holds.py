"""Why a call that is not over is not being dialed now: every reason there is, told apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import NamedTuple

from simulator.telephony.calls import Call, Hold
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.campaigns import Campaign, hours_of
from simulator.telephony.clock import write_length
from simulator.telephony.policies import ALL_DAY, CALLEES, AllowedHours, Windows
from simulator.telephony.world import World

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Reason(NamedTuple):
    """Why a call is not being dialed: a word for programs, words for people, and until when, if known."""

    reason: str
    text: str
    until: datetime | None = None


def holds_of(world: World, call: Call) -> Iterator[Reason]:
    """Yield what keeps a call from being dialed now; nothing for one that is over or under way."""
    if call.ending is not None or call.active is not None:
        return
    campaign, now = world.network.campaign_of(call.campaign), world.clock.now
    if campaign.state is not CampaignState.ACTIVE:
        yield Reason("campaign", f"campaign {campaign.name} is {campaign.state}, so it dials nobody")
    if call.hold is not None:
        yield Reason(call.hold.reason, _what_comes_first(call), call.hold.until)
        if call.hold.reason == "callee":
            return
    earliest = call.order.policy.earliest
    if earliest is not None and earliest > now:
        yield Reason("start", "its own terms let it begin no sooner", earliest)
    begin = max(at for at in (now, earliest, call.hold.until if call.hold else None) if at is not None)
    hours = hours_of(call, world.people)
    outside = not hours.contain(begin)
    if outside:
        yield _outside(call, hours, begin)
    if call.hold is None and not outside and begin == now and campaign.state is CampaignState.ACTIVE:
        yield from _queued(campaign, now)


def _what_comes_first(call: Call) -> str:
    """Return for people what a call is held for before it waits for a line."""
    match call.hold:
        case Hold("new"):
            return f"a new call waits for {write_length(call.campaign.delay)}"
        case Hold("leave"):
            return "the client has been asked for leave to dial"
        case Hold("callee"):
            return "whoever is called calls in by themselves, or not at all"
    wait = call.order.policy.retry_after or call.campaign.retry.after
    left = "1 more attempt" if call.attempts_left == 1 else f"{call.attempts_left} more attempts"
    return f"{left} at most, each {write_length(wait)} after the last one"


def _outside(call: Call, hours: AllowedHours, begin: datetime) -> Reason:
    policy, opening = call.order.policy, hours.next_opening(begin)
    whose = "its campaign's" if policy.windows is None else "its own"
    zone = "its own zone" if policy.zone not in (None, CALLEES) else "the callee's zone"
    if policy.zone is None and not call.campaign.customer_time:
        zone = "its campaign's zone"
    text = f"{whose} hours are {describe(hours.windows)} in {hours.zone}, {zone}"
    if opening is None:
        return Reason("hours", f"{text}: none within a week")
    if policy.latest is not None and opening >= policy.latest:
        return Reason("hours", f"{text}: none before its end at {policy.latest.isoformat()}")
    return Reason("hours", text, opening)


def _queued(campaign: Campaign, now: datetime) -> Iterator[Reason]:
    """Yield why a campaign that dials has not come to a call that may be dialed."""
    if campaign.busy_lines >= campaign.lines:
        yield Reason("lines", f"{campaign.busy_lines} of {campaign.lines} lines of its campaign are busy")
    elif campaign.next_start is not None and campaign.next_start > now:
        gap = write_length(campaign.gap)
        yield Reason("pace", f"its campaign starts a call every {gap}, others first", campaign.next_start)
    else:
        yield Reason("turn", "it is dialed as soon as its campaign looks for the next call")


def describe(windows: Windows) -> str:
    """Return hours for people: `Mon, Tue 09:00-12:00 and 13:00-18:00; Wed all day`, or `never`."""
    days: dict[tuple[tuple[time, time], ...], list[str]] = {}
    for day, intervals in sorted(windows.items()):
        if intervals:
            days.setdefault(intervals, []).append(DAYS[day])
    texts = [f"{_days(names)}{' and '.join(map(_interval, hours))}" for hours, names in days.items()]
    return "; ".join(texts) or "never"


def _days(names: list[str]) -> str:
    return "" if len(names) == len(DAYS) else f"{', '.join(names)} "


def _interval(interval: tuple[time, time]) -> str:
    opens, closes = interval
    if interval == ALL_DAY[0]:
        return "all day"
    return f"{opens:%H:%M}-{'24:00' if closes == time.max else format(closes, '%H:%M')}"
