"""What is allowed in a scenario and yet hardly meant: each warning with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from math import sqrt

from simulator.faults import Cut, Drip, FirstPerNumber, Hang, Period, Share, Slow, Trigger
from simulator.scenario import dead_rules
from simulator.scenario.document import Document, Path, Remark
from simulator.scenario.expectation_checks import hopeless
from simulator.scenario.personas import cast_persona, played_by
from simulator.scenario.schema import CampaignWords, Scenario
from simulator.scenario.values import Band, Hours, Pace
from simulator.telephony.campaign_settings import RetryPolicy
from simulator.telephony.outcomes import FINAL, Disposition
from simulator.telephony.people import Persona

_NO_TIME = timedelta(0)
_HARMLESS = (Slow(_NO_TIME, _NO_TIME), Hang(_NO_TIME), Drip(_NO_TIME), Cut(0.0))


def lint(scenario: Scenario) -> list[str]:
    """Return warnings about a scenario, each with its place."""
    document: Document = scenario.document
    remarks = chain.from_iterable(check(scenario) for check in _CHECKS)
    return [*document.doubts, *document.findings(remarks)]


def _unused(scenario: Scenario) -> Iterator[Remark]:
    used = {person.persona for person in scenario.people} | {scenario.strangers}
    for name in scenario.personas:
        if name not in used:
            yield Remark(("personas", name), f"nobody is {name!r}: no one under `people`, nor `strangers`")


def _strangers(scenario: Scenario) -> Iterator[Remark]:
    if scenario.admit == "anyone" and scenario.strangers is None:
        yield Remark(
            ("admit",), "anyone may call, but without `strangers` every number not described is invalid"
        )


def _windows(scenario: Scenario) -> Iterator[Remark]:
    for name, account in scenario.accounts.items():
        for nth, campaign in enumerate(account.campaigns):
            path: Path = ("accounts", name, "campaigns", nth)
            if campaign.hours is not None:
                yield from _hours(scenario, campaign.hours, (*path, "hours"))
            elif campaign.customer_time:
                what = "it dials at any hour, so whose time it is changes nothing: add `hours`"
                yield Remark((*path, "customer_time"), what, of_key=True)
            yield from _waits(campaign, (*path, "expires"))
    for nth, expectation in enumerate(scenario.expect):
        if expectation.calls and expectation.calls.outside:
            path = ("expect", nth, "calls", "outside", "hours")
            yield from _hours(scenario, expectation.calls.outside.hours, path)


def _waits(campaign: CampaignWords, path: Path) -> Iterator[Remark]:
    retry = campaign.retry
    if campaign.expires is not None and retry and retry.attempts > 1 and retry.after >= campaign.expires:
        yield Remark(path, "a call is over before its second attempt, which waits as long: see `retry`")


def _clock(scenario: Scenario) -> Iterator[Remark]:
    if scenario.clock.pause is not None and scenario.clock.mode.mode != "idle":
        yield Remark(("clock", "pause"), "only an idle clock steps in pauses: add `mode: idle`", of_key=True)
    if scenario.clock.at is not None and scenario.clock.mode == Pace("real"):
        what = "a real clock has the host's time; `idle`, `virtual` and `x60` begin at this one"
        yield Remark(("clock", "at"), what, of_key=True)


def _moments(scenario: Scenario) -> Iterator[Remark]:
    path: Path
    for nth, fault in enumerate(scenario.faults):
        if fault.do in _HARMLESS:
            path = ("faults", nth, "do")
            yield Remark(path, f"`{scenario.document.text(path)}` changes nothing")
        if _is_shut(fault.when):
            path = ("faults", nth, "when")
            yield Remark(path, f"`{scenario.document.text(path)}` never opens")
    for nth, hook in enumerate(scenario.hooks):
        if hook.lose == 1 and (hook.twice or hook.late):
            yield Remark(("hooks", nth, "lose"), "all are lost, so nothing else happens to them", of_key=True)
        if hook.when is not None and not hook.when.length:
            yield Remark(("hooks", nth, "when"), "this is over at once")
    for nth, event in enumerate(scenario.timeline):
        if event.length is not None and not event.length:
            yield Remark(("timeline", nth, "for"), "this is over at once")


def _hours(scenario: Scenario, hours: Hours | tuple[Hours, ...], path: Path) -> Iterator[Remark]:
    if isinstance(hours, tuple):
        for nth, one in enumerate(hours):
            yield from _hours(scenario, one, (*path, nth))
    elif hours.opens == hours.closes:
        yield Remark(path, f"{scenario.document.text(path)} closes when it opens, so it never opens")


def _is_shut(trigger: Trigger) -> bool:
    match trigger:
        case Share(share):
            return not share
        case FirstPerNumber(count):
            return not count
        case Period(_, length):
            return not length
    return False


def _bands(scenario: Scenario) -> Iterator[Remark]:
    for nth, expectation in enumerate(scenario.expect):
        if expectation.calls is None or expectation.calls.answered is None or not scenario.people:
            continue
        band, path = expectation.calls.answered, ("expect", nth, "calls", "answered")
        if not isinstance(band, Band):
            continue
        attempts = most_attempts(scenario)
        mean, slack = _forecast(scenario, attempts)
        if max(mean - slack, 0.0) not in band or min(mean + slack, 1.0) not in band:
            why = f"{attempts} attempts give {mean:.1%} ± {slack:.1%} (three sigma)"
            yield Remark(path, f"{scenario.document.text(path)} cannot hold: {why}")


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
    groups = [
        (
            person.count or 1,
            answered_within(cast_persona(*played_by(scenario, person)), attempts),
        )
        for person in scenario.people
    ]
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


_CHECKS: tuple[Callable[[Scenario], Iterator[Remark]], ...] = (
    _unused,
    _strangers,
    _windows,
    _clock,
    _moments,
    _bands,
    *dead_rules.CHECKS,
    hopeless,
)
