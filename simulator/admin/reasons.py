"""Why a call went as it did, and why it is not being dialed now: in a sentence, for whoever wonders."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.sandbox import Sandbox
from simulator.telephony.calls import Attempt, Call
from simulator.telephony.campaign_settings import CampaignState, Method
from simulator.telephony.campaigns import Campaign
from simulator.telephony.hours import AllowedHours
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.people import People, Person
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World

NOTHING_IN_THE_WAY = "a line is free: it is dialed as soon as time moves"


def why_not_now(call: AnyCall, world: World) -> str | None:
    """Return why nobody dials a call at this moment; None for one that rings, talks or is over."""
    if isinstance(call, LiveCall) or call.ending is not None or call.active is not None:
        return None
    campaign = world.network.campaign_of(call.campaign)
    return next(
        _obstacles(call, campaign, world),
        "it is next: a line is free, and it is dialed as soon as time moves",
    )


def _obstacles(call: Call, campaign: Campaign, world: World) -> Iterator[str]:
    """Yield what stands in the way, that which counts most first."""
    if campaign.state is CampaignState.PLANNED:
        yield "its campaign has not been started"
    if campaign.state is not CampaignState.ACTIVE:
        yield f"its campaign is {campaign.state}"
    if campaign.method is Method.AWAIT:
        yield "it waits for the callee to call in"
    yield from _waits(call, campaign, world)
    if campaign.busy_lines >= campaign.lines:
        yield f"all {campaign.lines} lines of its campaign are in use"
    now = world.clock.now
    if campaign.next_start is not None and campaign.next_start > now:
        seconds = campaign.gap.total_seconds()
        at = f"{campaign.next_start:%H:%M:%S} UTC"
        yield f"its campaign starts a call every {seconds:g} s: the next at {at}"
    if call.order.policy.clearance is not None and campaign.busy_lines:
        yield "its client is being asked for leave to dial"


def _waits(call: Call, campaign: Campaign, world: World) -> Iterator[str]:
    """Yield the times before which it may not be dialed."""
    now, policy = world.clock.now, call.order.policy
    if call.attempt is not None:
        again = call.attempt.ended + (policy.retry_after or campaign.retry.after)
        if again > now:
            ended = f"try {len(call.attempts)} ended as {call.attempt.disposition}"
            yield f"{ended}; the next one is due at {again:%H:%M:%S} UTC"
    if policy.earliest is not None and policy.earliest > now:
        yield f"its client wants it dialed no earlier than {policy.earliest:%d %b %H:%M:%S} UTC"
    hours = _hours_of(call, campaign, world.people)
    if not hours.contain(now):
        opening = hours.next_opening(now)
        then = f"the next window opens at {opening:%d %b %H:%M} UTC" if opening else "no window ever opens"
        yield f"outside the hours it may be dialed in ({hours.zone}): {then}"


def _hours_of(call: Call, campaign: Campaign, people: People) -> AllowedHours:
    hours, policy = campaign.hours, call.order.policy
    zone = policy.zone or (people.find(call.callee).zone if campaign.customer_time else None)
    return AllowedHours(hours.windows if policy.windows is None else policy.windows, zone or hours.zone)


def fates_of(call: AnyCall, sandbox: Sandbox) -> Iterator[str]:
    """Yield for each attempt, or the call, what decided how it went; hold the world's lock."""
    world = sandbox.world
    if isinstance(call, LiveCall):
        who = _who(world.people, call.party)
        yield f"{who}; keyed by seed {world.random.seed}, the account and the call's reference"
        return
    key = f"seed {world.random.seed}, account, number, call {call.nth} to that number"
    for attempt in call.attempts:
        how = f"Attempt {attempt.number}, {_ending(attempt, world)}: {_why(call, attempt, world)}"
        yield f"{how} Keyed by {key}, attempt {attempt.number}."


def _ending(attempt: Attempt, world: World) -> str:
    return str(attempt.disposition) if attempt.ended <= world.clock.now else "still going on"


def _why(call: Call, attempt: Attempt, world: World) -> str:
    if attempt.callee in call.account.stop_list:
        return "the number is on the account's stop list."
    if attempt.disposition == "no_funds":
        return "the account had no money."
    if attempt.disposition == "busy" and world.lines.get(attempt.callee) not in (None, call):
        return "another call had the phone."
    return f"{_who(world.people, attempt.callee)}."


def _who(people: People, number: E164) -> str:
    """Return why somebody treats calls as they do."""
    person = people.find(number)
    if person.usual is not None:
        return "somebody has this phone in hand"
    code = next((code for block in people.magic if (code := block.code_of(number)) is not None), None)
    return f"{_origin(people, person, code)} is “{person.persona.name}”"


def _origin(people: People, person: Person, code: int | None) -> str:
    if person.number in people.listed or any(person.number in block for block in people.blocks):
        return "the persona that the scenario gives this number"
    if code is not None:
        return f"the persona of magic number {code:02}"
    if person.number in people.residents:
        return "the persona of whoever comes with the account"
    return "the persona of strangers"
