"""A scenario becomes a world: set up at its first instant, with everything that will happen outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from simulator import faults as mishaps
from simulator.scenario import microsyntax as phrases
from simulator.scenario import values as meanings
from simulator.scenario.accounts import open_accounts
from simulator.scenario.personas import cast_people
from simulator.scenario.places import Known
from simulator.scenario.schema import HookRuleWords, LimitRule, ReplyWords, Scenario, TimelineEvent
from simulator.scenario.vendor_words import check_vendor_words
from simulator.telephony.accounts import Account
from simulator.telephony.alphabets import alphabet_of
from simulator.telephony.campaigns import OPEN_STATES, CampaignState, ImportPace
from simulator.telephony.errors import NobodyThere
from simulator.telephony.limits import Limit
from simulator.telephony.operators import Operator
from simulator.telephony.outbox import HookRule, Signing
from simulator.telephony.outcomes import seconds
from simulator.telephony.world import Rules, World

DEFAULT_START = datetime(2026, 3, 2, 10, tzinfo=UTC)
OUTAGE_STATUS = 503
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
    local = phrases.LOCAL_TIME.read(scenario.clock.at)
    return local.replace(tzinfo=phrases.ZONE.read(scenario.clock.zone)).astimezone(UTC)


def build_world(
    scenario: Scenario,
    operators: Mapping[str, Operator[World]],
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
    rules = Rules(
        _limits(scenario, limits),
        tuple(_hook_rule(rule) for rule in scenario.hooks),
        scenario.admit == "anyone",
        _import_pace(scenario),
        scenario.profiles,
    )
    first = start or start_of(scenario) or DEFAULT_START
    chosen = seed if seed is not None else scenario.seed or 0
    world = World(first, operators, chosen, name, cast_people(scenario), rules)
    open_accounts(scenario, world)
    for event in scenario.timeline:
        _schedule(scenario, world, event)
    return world


def _import_pace(scenario: Scenario) -> ImportPace:
    words = scenario.imports
    return ImportPace(phrases.LENGTH.read(words.lag), words.portion, phrases.LENGTH.read(words.every))


def _limits(scenario: Scenario, own: Sequence[Limit]) -> tuple[Limit, ...]:
    spoken_of = {phrases.WHERE.read(rule.where).vendor for rule in scenario.limits}
    kept = [limit for limit in own if not {limit.where.partition(".")[0], "*"} & spoken_of]
    return (*map(_limit, scenario.limits), *kept)


def _limit(rule: LimitRule) -> Limit:
    rate = phrases.RATE.read(rule.allow)
    by = (rule.by,) if isinstance(rule.by, str) else rule.by
    reply = None if rule.reply == "vendor" else _wording(rule.reply)
    return Limit(rule.id, rule.where, rate.count, rate.per, by, rule.window, rule.start, reply)


def _wording(reply: ReplyWords) -> mishaps.ReplyOverride:
    bodies = {"*": reply.body} if isinstance(reply.body, str) else reply.body or {}
    return mishaps.ReplyOverride(reply.status, reply.headers, bodies)


def _hook_rule(rule: HookRuleWords) -> HookRule:
    told = HookRule(
        rule.where,
        phrases.SPAN.read(rule.late) if rule.late else seconds(0),
        float(phrases.SHARE.read(rule.twice)) if rule.twice else 0.0,
        float(phrases.SHARE.read(rule.lose)) if rule.lose else 0.0,
        rule.shuffle or 0,
        signing=Signing(rule.sign),
        missigned=float(phrases.SHARE.read(rule.share)) if rule.share else 1.0,
    )
    if rule.retry is None:
        return told
    return replace(told, retries=tuple(phrases.LENGTH.read(wait) for wait in rule.retry))


def _schedule(scenario: Scenario, world: World, event: TimelineEvent) -> None:
    when = world.clock.start + _offset(scenario, event.at, world.clock.start)
    what = phrases.TIMELINE_ACT.read(event.do)
    if not isinstance(what, meanings.Outage):
        world.clock.at(when, partial(_befall, world, event.account, what))


def _refusal(world: World, account: Account, what: meanings.SetProfile) -> str | None:
    try:
        world.operators[account.vendor].check_profile({what.key: what.value})
    except ValueError as error:
        return str(error)
    return None


def _befall(world: World, tenant: str | None, what: meanings.TimelineAct) -> None:
    with suppress(NobodyThere):  # who reaches a number that nobody owns hears so from the network
        if isinstance(what, meanings.CallNumber):
            world.switchboard.ring(what.number, what.to)
        elif isinstance(what, meanings.TextNumber):
            world.messages.receive(what.number, what.to, what.text, alphabet_of(what.text))
    for account in world.accounts.values():
        if tenant in (None, account.name):
            _change(world, account, what)
            _intervene(world, account, what)


def _change(world: World, account: Account, what: meanings.TimelineAct) -> None:
    match what:
        case meanings.SetBalance(amount):
            world.credit.top_up(account, amount - account.balance)
        case meanings.TopUp(amount):
            world.credit.top_up(account, amount)
        case meanings.SetPrice(amount):
            account.tariff = replace(account.tariff, per_minute=amount)
        case meanings.StopNumber(number):
            world.stop_list(account, number)
        case meanings.SetProfile(key, value):
            if _refusal(world, account, what) is None:
                world.administration.set_profile(account, key, value)


def _intervene(world: World, account: Account, what: meanings.TimelineAct) -> None:
    match what:
        case meanings.BarSubscriptions(barred, event):
            world.administration.bar_subscriptions(account, event, barred=barred)
        case meanings.MoveCampaigns(action):
            before, after = MOVES[action]
            for campaign in account.campaigns.values():
                if campaign.state in before:
                    world.set_state(campaign, after)
        case meanings.CallIn(number):
            with suppress(NobodyThere):  # who finds the line engaged has called in vain
                world.call_in(number, account)


def _offset(scenario: Scenario, moment: str, start: datetime) -> timedelta:
    told = phrases.MOMENT.read(moment)
    if isinstance(told, timedelta):
        return told
    return told.replace(tzinfo=phrases.ZONE.read(scenario.clock.zone)).astimezone(UTC) - start


def fault_rules(scenario: Scenario, start: datetime | None = None) -> tuple[mishaps.Fault, ...]:
    """Return the faults to arm around a world that began at `start`, by default when the file says.

    An outage is such a fault: every request to the vendor is refused while it lasts.
    """
    start = start or start_of(scenario) or DEFAULT_START
    faults = (
        mishaps.Fault(rule.id, rule.where, phrases.FAULT.read(rule.do), phrases.GATE.read(rule.when))
        for rule in scenario.faults
    )
    return (*_outages(scenario, start), *faults)


def _outages(scenario: Scenario, start: datetime) -> Iterator[mishaps.Fault]:
    for event in scenario.timeline:
        what = phrases.TIMELINE_ACT.read(event.do)
        if isinstance(what, meanings.Outage):
            window = _outage_window(scenario, event, start)
            yield mishaps.Fault(event.id, f"{what.vendor}.*", mishaps.Status(OUTAGE_STATUS), window)


def _outage_window(scenario: Scenario, event: TimelineEvent, start: datetime) -> mishaps.Period:
    begin = _offset(scenario, event.at, start)
    if event.length is not None:
        return mishaps.Period(begin, phrases.LENGTH.read(event.length))
    if event.until is not None:
        return mishaps.Period(begin, _offset(scenario, event.until, start) - begin)
    return mishaps.Period(begin)
