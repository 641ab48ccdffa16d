"""What is allowed in a scenario and yet hardly meant: each warning with its place.

Among it rules that never apply and people whom nobody calls: read well each alone, and of no effect together.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from math import sqrt

from msgspec.structs import replace

from simulator.errors import counted
from simulator.faults import (
    Always,
    Cut,
    Drip,
    FirstPerNumber,
    Hang,
    Period,
    Requests,
    Share,
    Slow,
    Trigger,
)
from simulator.scenario.accounts import vendors_of
from simulator.scenario.consistency import length_between
from simulator.scenario.document import Checks, Document, Path, Remark, remarks_on
from simulator.scenario.expectation_checks import hopeless
from simulator.scenario.expectations import ExpectedCalls
from simulator.scenario.personas import cast_persona, played_by, run_of
from simulator.scenario.schema import (
    CampaignWords,
    ClockWords,
    FaultRule,
    HookRuleWords,
    LimitRule,
    Scenario,
    TimelineEvent,
)
from simulator.scenario.values import Band, ExpireKey, Hours, Moment, Outage, Pace, Where
from simulator.telephony.campaign_settings import RetryPolicy
from simulator.telephony.outcomes import FINAL, Disposition
from simulator.telephony.people import NumberBlock, Persona
from simulator.telephony.phone_numbers import E164

_NO_TIME = timedelta(0)
_HARMLESS = (Slow(_NO_TIME, _NO_TIME), Hang(_NO_TIME), Drip(_NO_TIME), Cut(0.0))
_SHUT = (Share(0.0), FirstPerNumber(0))


def lint(scenario: Scenario) -> list[str]:
    """Return warnings about a scenario, each with its place."""
    document: Document = scenario.document
    remarks = chain(remarks_on(scenario, _CHECKS, scenario), hopeless(scenario))
    return [*document.doubts, *document.findings(remarks)]


def _personas(scenario: Scenario, *_: object) -> Iterator[Remark]:
    used = {person.persona for person in scenario.people} | {scenario.strangers}
    for name in scenario.personas:
        if name not in used:
            yield Remark(("personas", name), f"nobody is {name!r}: no one under `people`, nor `strangers`")
    if scenario.admit == "anyone" and scenario.strangers is None:
        what = "anyone may call, but without `strangers` every number not described is invalid"
        yield Remark(("admit",), what)


def _campaign(campaign: CampaignWords, path: Path, *_: object) -> Iterator[Remark]:
    if campaign.hours is None and campaign.customer_time:
        what = "it dials at any hour, so whose time it is changes nothing: add `hours`"
        yield Remark((*path, "customer_time"), what, of_key=True)
    retry, expires = campaign.retry, campaign.expires
    if expires is not None and retry and retry.attempts > 1 and retry.after >= expires:
        what = "a call is over before its second attempt, which waits as long: see `retry`"
        yield Remark((*path, "expires"), what)


def _hours(hours: Hours, path: Path, scenario: Scenario) -> Iterator[Remark]:
    if hours.opens == hours.closes:
        yield Remark(path, f"{scenario.document.text(path)} closes when it opens, so it never opens")


def _clock(clock: ClockWords, path: Path, *_: object) -> Iterator[Remark]:
    if clock.pause is not None and clock.mode.mode != "idle":
        yield Remark((*path, "pause"), "only an idle clock steps in pauses: add `mode: idle`", of_key=True)
    if clock.at is not None and clock.mode == Pace("real"):
        what = "a real clock has the host's time; `idle`, `virtual` and `x60` begin at this one"
        yield Remark((*path, "at"), what, of_key=True)


def _fault(fault: FaultRule, path: Path, scenario: Scenario) -> Iterator[Remark]:
    if fault.do in _HARMLESS:
        yield Remark((*path, "do"), f"`{scenario.document.text((*path, 'do'))}` changes nothing")
    over_at_once = isinstance(fault.when, Period) and not fault.when.length
    if over_at_once or fault.when in _SHUT:
        yield Remark((*path, "when"), f"`{scenario.document.text((*path, 'when'))}` never opens")


def _hook(hook: HookRuleWords, path: Path, *_: object) -> Iterator[Remark]:
    if hook.lose == 1 and (hook.twice or hook.late):
        yield Remark((*path, "lose"), "all are lost, so nothing else happens to them", of_key=True)
    if hook.when is not None and not hook.when.length:
        yield Remark((*path, "when"), "this is over at once")


def _event(event: TimelineEvent, path: Path, scenario: Scenario) -> Iterator[Remark]:
    if event.length is not None and not event.length:
        yield Remark((*path, "for"), "this is over at once")
    begun, local = scenario.clock.at, event.at.local
    if begun is not None and local is not None and local < begun:
        yield Remark((*path, "at"), "this is before the world begins, so it happens at its start")
    length = length_between(scenario, event.at, event.until) if event.until is not None else None
    if length is not None and length <= _NO_TIME:
        yield Remark((*path, "until"), "this is over before it begins")


def _answered(calls: ExpectedCalls, path: Path, scenario: Scenario) -> Iterator[Remark]:
    band, here = calls.answered, (*path, "answered")
    if isinstance(band, Band) and scenario.people:
        attempts = most_attempts(scenario)
        mean, slack = _forecast(scenario, attempts)
        if max(mean - slack, 0.0) not in band or min(mean + slack, 1.0) not in band:
            give = "gives" if attempts == 1 else "give"
            why = f"{counted(attempts, 'attempt')} {give} {mean:.1%} ± {slack:.1%} (three sigma)"
            yield Remark(here, f"{scenario.document.text(here)} cannot hold: {why}")


def most_attempts(scenario: Scenario) -> int:
    """Return how many attempts a call gets: what campaigns say, else what is expected, else the default."""
    campaigns = [campaign for account in scenario.accounts.values() for campaign in account.campaigns]
    most = [campaign.retry.attempts for campaign in campaigns if campaign.retry]
    for expectation in scenario.expect:
        if not most and expectation.calls and expectation.calls.per_number is not None:
            most = [expectation.calls.per_number.high or RetryPolicy().attempts]
    return max(most, default=RetryPolicy().attempts)


def _forecast(scenario: Scenario, attempts: int) -> tuple[float, float]:
    """Return the share of people expected to answer, and three standard deviations of it."""
    personas = [cast_persona(*played_by(scenario, person)) for person in scenario.people]
    shares = [answered_within(persona, attempts) for persona in personas]
    groups = [(person.count or 1, share) for person, share in zip(scenario.people, shares, strict=True)]
    people = sum(count for count, _ in groups)
    mean = sum(count * share for count, share in groups) / people
    variance = sum(count * share * (1 - share) for count, share in groups)
    return mean, 3 * sqrt(variance) / people


def answered_within(persona: Persona, attempts: int) -> float:
    """Return how likely the persona answers within so many attempts."""
    answered, still_tried = 0.0, 1.0
    for attempt in range(min(attempts, 1000)):
        entry = persona.attempts[min(attempt, len(persona.attempts) - 1)]
        shares = {entry: 1.0} if isinstance(entry, Disposition) else entry
        answered += still_tried * shares.get(Disposition.ANSWERED, 0.0)
        still_tried *= sum(share for outcome, share in shares.items() if outcome not in FINAL)
    return answered


# -- rules that never apply, and people whom nobody calls -------------------------------------------------


def _covers(wide: Where, narrow: Where) -> bool:
    """Return whether every request that falls under `narrow` falls under `wide` as well."""
    if wide.vendor == "*":
        return True
    return wide.vendor == narrow.vendor and wide.operation in ("*", narrow.operation)


def _shadowed(rule: FaultRule | HookRuleWords, path: Path, scenario: Scenario) -> Iterator[Remark]:
    """Tell of a fault, or a rule for callbacks, that an earlier one always wins against."""
    word, nth = path
    for before, other in enumerate(getattr(scenario, str(word))):
        if before == nth:
            return
        if _covers(other.where, rule.where) and _wins(other.when, rule.when):
            line = scenario.document.place((word, before)).line
            yield Remark(path, f"never applies: the rule on line {line} always comes first")
            return


def _wins(wide: Trigger | None, narrow: Trigger | None) -> bool:
    """Return whether one gate is open whenever another is; none at all is open for good."""
    match wide, narrow:
        case ((Always() | None), _):
            return True
        case Requests(first, last), Requests(low, high):
            return first <= low and high <= last
        case FirstPerNumber(most), FirstPerNumber(count):
            return count <= most
        case Period(begin, length), Period(start, span):
            return begin <= start and start + span <= begin + length
    return False


def _idle_limit(rule: LimitRule, path: Path, scenario: Scenario) -> Iterator[Remark]:
    """Tell of a limit that another one, for the same requests, never lets anybody reach."""
    for before, other in enumerate(scenario.limits):
        if _is_tighter(other, rule):
            line = scenario.document.place(("limits", before)).line
            yield Remark(path, f"never refuses: the limit on line {line} always refuses before")
            return


def _is_tighter(one: LimitRule, other: LimitRule) -> bool:
    """Return whether one limit, counted in the same way, is used up before the other is."""
    same = replace(one, allow=other.allow, reply=other.reply, id=other.id) == other
    less, longer = one.allow.count <= other.allow.count, one.allow.per >= other.allow.per
    return same and less and longer and one.allow != other.allow and one.window != "bucket"


def _hidden_people(scenario: Scenario, *_: object) -> Iterator[Remark]:
    """Tell of each run of people who are all somebody else before."""
    runs: list[tuple[int, NumberBlock]] = []
    for nth, person in enumerate(scenario.people):
        if person.numbers is None:
            continue
        first, count = run_of(person)
        ends = (first, E164(f"+{int(first.removeprefix('+')) + count - 1}"))
        hiding = next((before for before, run in runs if all(end in run for end in ends)), None)
        if hiding is not None:
            line = scenario.document.place(("people", hiding)).line
            yield Remark(("people", nth), f"nobody is left here: line {line} has all these numbers first")
        runs.append((nth, NumberBlock(first, count, Persona(name=""))))


def _uncalled(scenario: Scenario, *_: object) -> Iterator[Remark]:
    """Tell of people on whom nobody may call."""
    if scenario.admit != "listed":
        return
    if scenario.people and not scenario.accounts:
        what = "nobody calls them: there are no `accounts`; list one, or say `admit: anyone`"
        yield Remark(("people",), what, of_key=True)
    stop_lists = [set(one.stop_list) for one in scenario.accounts.values()]
    stopped = set.intersection(*stop_lists) if stop_lists else set()
    for nth, person in enumerate(scenario.people):
        if person.number in stopped:
            what = "nobody calls them: they are on the stop list of all accounts"
            yield Remark(("people", nth, "number"), what)


def _rule_about_nobody(place: Where | Outage, path: Path, scenario: Scenario) -> Iterator[Remark]:
    """Tell of a rule for a vendor at which nobody has an account."""
    if scenario.admit == "anyone" or not scenario.accounts or path[0] == "expect":
        return
    if place.vendor not in ("*", *vendors_of(scenario)):
        what = f"befalls nobody: no account is at {place.vendor}, and `admit` lets no other in"
        yield Remark(path, what)


def _skipped(moment: Moment | datetime, path: Path, scenario: Scenario) -> Iterator[Remark]:
    """Tell of local times that there never are, because clocks are put forward over them."""
    local, zone = moment.local if isinstance(moment, Moment) else moment, scenario.clock.zone
    if local is None:
        return
    real = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if real != local:
        what = f"there is no such time: clocks go forward over it in {zone.key}, so it is {real:%H:%M}"
        yield Remark(path, what)


def _idle_keys(scenario: Scenario, *_: object) -> Iterator[Remark]:
    """Tell of keys that are renewed and had not expired."""
    expired = {one.account for one in scenario.timeline if one.do == ExpireKey(True)}
    for nth, event in enumerate(scenario.timeline):
        concerned = expired if event.account is None else expired & {None, event.account}
        if event.do == ExpireKey(False) and not concerned:
            yield Remark(("timeline", nth, "do"), "no key has expired that could be renewed")


_CHECKS: Checks = (
    (Scenario, _personas),
    (CampaignWords, _campaign),
    (Hours, _hours),
    (ClockWords, _clock),
    (FaultRule, _fault),
    (HookRuleWords, _hook),
    (TimelineEvent, _event),
    (ExpectedCalls, _answered),
    (FaultRule, _shadowed),
    (HookRuleWords, _shadowed),
    (LimitRule, _idle_limit),
    (Scenario, _hidden_people),
    (Scenario, _uncalled),
    (Where, _rule_about_nobody),
    (Outage, _rule_about_nobody),
    (datetime, _skipped),
    (Moment, _skipped),
    (Scenario, _idle_keys),
)
