"""A scenario becomes a world: set up at its first instant, with everything that will happen outside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from msgspec.structs import replace

from simulator import faults
from simulator.errors import BrokenScenario, guess
from simulator.faults import Fault
from simulator.scenario import values
from simulator.scenario.accounts import KeyTaken, open_accounts, vendors_of
from simulator.scenario.document import Document, Remark
from simulator.scenario.loading import load_text
from simulator.scenario.personas import NOBODY, cast_people
from simulator.scenario.places import Known
from simulator.scenario.schema import (
    FaultRule,
    HookRuleWords,
    LimitRule,
    ReplyWords,
    Scenario,
    TimelineEvent,
)
from simulator.scenario.vendor_words import check_vendor_words, fits, vendor_remarks
from simulator.telephony.accounts import Account
from simulator.telephony.campaign_settings import OPEN_STATES, CampaignState, ImportPace
from simulator.telephony.errors import NobodyThere
from simulator.telephony.limits import Limit
from simulator.telephony.messages import alphabet_of
from simulator.telephony.operators import Operator
from simulator.telephony.outbox import DEFAULT_RETRIES, SHUFFLED_WITHIN, HookRule, Signing
from simulator.telephony.outcomes import seconds
from simulator.telephony.people import People
from simulator.telephony.world import Rules, World

DEFAULT_START = datetime(2026, 3, 2, 10, tzinfo=UTC)
OUTAGE_STATUS = 503
GIVEN = "fault.yaml"
MOVES: Mapping[str, tuple[tuple[CampaignState, ...], CampaignState]] = {
    "pause": ((CampaignState.ACTIVE,), CampaignState.PAUSED),
    "resume": ((CampaignState.PAUSED,), CampaignState.ACTIVE),
    "stop": (OPEN_STATES, CampaignState.FINISHED),
}
"""What somebody may do to a campaign by hand: in which states, and what becomes of it."""


def start_of(scenario: Scenario) -> datetime | None:
    """Return the instant at which the scenario begins, or None when it does not say."""
    if scenario.clock.at is None:
        return None
    return scenario.clock.at.replace(tzinfo=scenario.clock.zone).astimezone(UTC)


def build_world(
    scenario: Scenario,
    operators: Mapping[str, Operator[World]],
    *,
    name: str = "main",
    seed: int | None = None,
    limits: Sequence[Limit] = (),
    start: datetime | None = None,
    known: Known | None = None,
) -> World:
    """Return a world set up as `scenario` says; a `seed` or `start` given here wins over the file's.

    `operators` are the vendors that take part, by name; accounts at others are left out. `limits` are the
    vendors' own: they hold for every vendor whose limits the scenario leaves alone. Raises BrokenScenario
    for words of a vendor that it does not know, and for names that are not among those `known`.
    """
    check_vendor_words(scenario, operators, known)
    document: Document = scenario.document
    rules = Rules(
        limits=_limits(scenario, limits),
        hooks=tuple(_hook_rule(rule) for rule in scenario.hooks),
        admits_anyone=scenario.admit == "anyone",
        importing=ImportPace(scenario.imports.lag, scenario.imports.portion, scenario.imports.every),
        profiles=scenario.profiles,
        zone=scenario.clock.zone.key,
    )
    first = start or start_of(scenario) or DEFAULT_START
    chosen = seed if seed is not None else scenario.seed or 0
    world = World(first, operators, chosen, name=name, people=cast_people(scenario), rules=rules)
    if remarks := _opened(scenario, world):
        raise BrokenScenario(document.findings(remarks))
    for event in scenario.timeline:
        _schedule(scenario, world, event)
    return world


def world_remarks(
    scenario: Scenario, operators: Mapping[str, Operator[World]], known: Known
) -> Iterator[Remark]:
    """Yield a remark for everything that would keep `build_world` from building one."""
    remarks = list(vendor_remarks(scenario, operators, known))
    yield from remarks
    if remarks or not scenario.accounts:
        return
    rules = Rules(admits_anyone=scenario.admit == "anyone", profiles=scenario.profiles)
    world = World(DEFAULT_START, operators, 0, people=People(strangers=NOBODY), rules=rules)
    yield from _opened(scenario, world)


def _opened(scenario: Scenario, world: World) -> list[Remark]:
    """Open all accounts, and return a remark for everything that is in the way of a world with them."""
    try:
        open_accounts(scenario, world)
    except KeyTaken as error:
        return [error.remark]
    return list(_unowned(scenario, world))


def _unowned(scenario: Scenario, world: World) -> Iterator[Remark]:
    """Refuse calls and messages to a number that no account has: the network would turn them away."""
    if not vendors_of(scenario) <= world.operators.keys():
        return
    owned = [
        *world.numbers.owned,
        *(one for account in world.accounts.values() for one in account.caller_ids),
    ]
    for nth, event in enumerate(scenario.timeline):
        if isinstance(event.do, values.CallNumber | values.TextNumber) and event.do.to not in owned:
            what = f"no account owns {event.do.to}; {guess(event.do.to, dict.fromkeys(owned))}"
            yield Remark(("timeline", nth, "do"), what)


def _limits(scenario: Scenario, own: Sequence[Limit]) -> tuple[Limit, ...]:
    spoken_of = {rule.where.vendor for rule in scenario.limits}
    kept = [limit for limit in own if not {limit.where.partition(".")[0], "*"} & spoken_of]
    return (*map(_limit, scenario.limits), *kept)


def _limit(rule: LimitRule) -> Limit:
    by = (rule.by,) if isinstance(rule.by, str) else rule.by
    reply = None if rule.reply == "vendor" else _wording(rule.reply)
    return Limit(
        name=rule.id,
        where=str(rule.where),
        allow=rule.allow.count,
        per=rule.allow.per,
        by=by,
        window=rule.window,
        start=rule.start,
        reply=reply,
    )


def _wording(reply: ReplyWords) -> faults.ReplyOverride:
    bodies = {"*": reply.body} if isinstance(reply.body, str) else reply.body or {}
    return faults.ReplyOverride(reply.status, reply.headers, bodies)


def _hook_rule(rule: HookRuleWords) -> HookRule:
    return HookRule(
        where=str(rule.where),
        late=rule.late or seconds(0),
        twice=float(rule.twice or 0),
        lose=float(rule.lose or 0),
        shuffle=rule.shuffle or 0,
        within=rule.within or SHUFFLED_WITHIN,
        signing=Signing(rule.sign),
        tampered=1.0 if rule.share is None else float(rule.share),
        holds=(rule.when.start, rule.when.start + rule.when.length) if rule.when else None,
        retries=DEFAULT_RETRIES if rule.retry is None else rule.retry,
    )


def _schedule(scenario: Scenario, world: World, event: TimelineEvent) -> None:
    if not isinstance(event.do, values.Outage | values.Incident):
        for after in _times_of(scenario, event, world.clock.start):
            world.clock.at(world.clock.start + after, partial(_befall, world, event.account, event.do))


def _times_of(scenario: Scenario, event: TimelineEvent, start: datetime) -> Iterator[timedelta]:
    """Yield how long after the start an event happens, each time that it does."""
    zone = scenario.clock.zone
    after, end = event.at.offset(start, zone), event.until.offset(start, zone) if event.until else None
    yield after
    for _ in range((event.times or values.MOST_TIMES) - 1 if event.every else 0):
        after += event.every or timedelta(0)
        if end is not None and after >= end:
            return
        yield after


def _befall(world: World, tenant: str | None, what: values.TimelineAct) -> None:
    with suppress(NobodyThere):  # who reaches a number that nobody owns hears so from the network
        if isinstance(what, values.CallNumber):
            world.switchboard.ring(what.number, what.to)
        elif isinstance(what, values.TextNumber):
            world.messages.receive(what.number, what.to, what.text, alphabet_of(what.text))
    for account in world.accounts.values():
        if tenant in (None, account.name):
            _change(world, account, what)
            _intervene(world, account, what)


def _change(world: World, account: Account, what: values.TimelineAct) -> None:
    match what:
        case values.SetBalance(amount):
            world.credit.top_up(account, amount - account.balance)
        case values.TopUp(amount):
            world.credit.top_up(account, amount)
        case values.SetPrice(amount):
            account.tariff = replace(account.tariff, per_minute=amount)
        case values.StopNumber(number):
            world.stop_list(account, number)
        case values.ExpireKey(expired):
            account.expired = expired
        case values.SetProfile(key, value):
            if fits(world.operators[account.vendor], {key: value}):
                world.set_profile(account, key, value)


def _intervene(world: World, account: Account, what: values.TimelineAct) -> None:
    match what:
        case values.BarSubscriptions(barred, event):
            world.bar_subscriptions(account, event, barred=barred)
        case values.MoveCampaigns(action):
            before, after = MOVES[action]
            for campaign in account.campaigns.values():
                if campaign.state in before:
                    world.set_state(campaign, after)
        case values.CallIn(number):
            with suppress(NobodyThere):  # who finds the line engaged has called in vain
                world.handsets.call_in(number, account)


def fault_rules(scenario: Scenario, start: datetime | None = None) -> tuple[faults.Fault, ...]:
    """Return the faults to arm around a world that began at `start`, by default when the file says.

    An outage is such a fault: every request to the vendor is refused while it lasts.
    """
    start = start or start_of(scenario) or DEFAULT_START
    return (*_incidents(scenario, start), *map(fault_of, scenario.faults))


def fault_of(rule: FaultRule) -> faults.Fault:
    """Return the fault that a rule describes, the words of its reply included."""
    do = rule.do
    if isinstance(do, faults.Reply) and rule.reply is not None:
        do = replace(do, wording=_wording(rule.reply))
    return faults.Fault(rule.id, str(rule.where), do, rule.when)


def _incidents(scenario: Scenario, start: datetime) -> Iterator[faults.Fault]:
    for event in scenario.timeline:
        if isinstance(event.do, values.Outage | values.Incident):
            where, action = _incident_of(event.do, event.where)
            for nth, begin in enumerate(_times_of(scenario, event, start)):
                length = event.length
                if event.until is not None and event.every is None:
                    length = event.until.offset(start, scenario.clock.zone) - begin
                window = faults.Period(begin, faults.FOR_GOOD if length is None else length)
                name = f"{event.id}.{nth + 1}" if nth else event.id
                yield faults.Fault(name, where, action, window)


def _incident_of(
    do: values.Incident | values.Outage, where: values.Where | None
) -> tuple[str, faults.Action]:
    """Return which operations an incident befalls, and what it does to them."""
    if isinstance(do, values.Incident):
        return str(where or "*"), do.action
    return str(values.Where(do.vendor, "*")), faults.Status(OUTAGE_STATUS)


def read_fault(name: str, where: str, do: str, when: str, reply: Mapping[str, object] | None = None) -> Fault:
    """Return the fault that words from elsewhere describe (the control API, a test, a log of inputs).

    Raises ValueError, which says what is wrong with them.
    """
    rule = {"where": where, "do": do, "when": when} | ({} if reply is None else {"reply": dict(reply)})
    text = json.dumps({"sim": 1, "seed": 0, "faults": [rule]}, ensure_ascii=False, default=str)
    try:
        scenario = load_text(text.encode("utf-8", "replace"), GIVEN)
    except BrokenScenario as error:
        wrong = (finding.splitlines()[0].split(": ", 1)[-1] for finding in error.findings)
        raise ValueError("; ".join(wrong)) from None
    return replace(fault_of(scenario.faults[0]), id=name)
