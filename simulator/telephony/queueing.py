"""Who of a campaign's calls is dialed next, and when: those with terms of their own before the others."""

from __future__ import annotations

from datetime import datetime

from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.hours import AllowedHours
from simulator.telephony.people import People
from simulator.telephony.policies import CALLEES, FOLLOWS
from simulator.telephony.timetables import Entry


def hours_of(call: Call, people: People) -> AllowedHours:
    """Return when a call may be dialed: its own windows and zone, else its campaign's."""
    hours, policy = call.campaign.hours, call.order.policy
    zone = policy.zone or (CALLEES if call.campaign.customer_time else hours.zone)
    if zone == CALLEES:
        zone = people.find(call.callee).zone or hours.zone
    return AllowedHours(hours.windows if policy.windows is None else policy.windows, zone)


def enqueue(campaign: Campaign, call: Call, people: People, now: datetime, *, first: bool = False) -> None:
    """Queue a call for a line, as the `first` of those that follow their campaign if so wished."""
    call.hold = None
    if campaign.customer_time or not (call.order.policy is FOLLOWS or call.order.policy == FOLLOWS):
        campaign.timetable.add(Entry(call, hours_of(call, people), now), now)
    elif first:
        campaign.queue.appendleft(call)
    else:
        campaign.queue.append(call)


def next_call(campaign: Campaign, now: datetime) -> Call | datetime | None:
    """Return the call to dial now and let it go, else when to ask again, or None where that is not known."""
    begin, later = max(now, campaign.next_start or now), None
    if campaign.timetable:
        if begin > now:
            later = begin
        elif (call := campaign.timetable.take(now)) is not None:
            return call
        else:
            later = campaign.timetable.next_opening
    while campaign.queue:
        opening = campaign.hours.next_opening(begin)
        if opening is None or opening > now:
            return min((at for at in (opening, later) if at is not None), default=None)
        call = campaign.queue.popleft()
        if call.ending is None:
            return call
    return later
