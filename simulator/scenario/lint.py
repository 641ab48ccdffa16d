"""What is allowed in a scenario and yet hardly meant: each warning with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from math import sqrt

from simulator import faults as mishaps
from simulator.scenario import microsyntax as phrases
from simulator.scenario.document import Document, Path, curtailed
from simulator.scenario.personas import cast_persona
from simulator.scenario.schema import Scenario
from simulator.telephony.campaigns import RetryPolicy
from simulator.telephony.outcomes import FINAL, Disposition
from simulator.telephony.people import Persona

Remark = tuple[Path, str]


def lint(scenario: Scenario, document: Document) -> list[str]:
    """Return warnings about `scenario`, each with its place in `document`."""
    remarks = list(chain.from_iterable(check(scenario) for check in _CHECKS))
    remarks.sort(key=lambda remark: document.position(remark[0]))
    return [*document.doubts, *curtailed(document.finding(path, what) for path, what in remarks)]


def _unused(scenario: Scenario) -> Iterator[Remark]:
    used = {person.persona for person in scenario.people} | {scenario.strangers}
    for name in scenario.personas:
        if name not in used:
            yield ("personas", name), f"nobody is {name!r}: no one under `people`, nor `strangers`"


def _strangers(scenario: Scenario) -> Iterator[Remark]:
    if scenario.admit == "anyone" and scenario.strangers is None:
        yield ("admit",), "anyone may call, but without `strangers` every number not described is invalid"


def _windows(scenario: Scenario) -> Iterator[Remark]:
    for name, account in scenario.accounts.items():
        for nth, campaign in enumerate(account.campaigns):
            if campaign.hours and _never_opens(campaign.hours):
                yield ("accounts", name, "campaigns", nth, "hours"), _closed(campaign.hours)
    for nth, verdict in enumerate(scenario.expect):
        if verdict.calls and verdict.calls.outside and _never_opens(verdict.calls.outside.hours):
            yield ("expect", nth, "calls", "outside", "hours"), _closed(verdict.calls.outside.hours)
    for nth, fault in enumerate(scenario.faults):
        if _is_shut(phrases.GATE.read(fault.when)):
            yield ("faults", nth, "when"), f"`{fault.when}` never opens"
    for nth, event in enumerate(scenario.timeline):
        if event.length is not None and not phrases.LENGTH.read(event.length):
            yield ("timeline", nth, "for"), "this is over at once"


def _never_opens(text: str) -> bool:
    hours = phrases.HOURS.read(text)
    return hours.opens == hours.closes


def _closed(text: str) -> str:
    return f"{text} closes when it opens, so it never opens"


def _is_shut(gate: mishaps.Trigger) -> bool:
    match gate:
        case mishaps.Share(share):
            return not share
        case mishaps.FirstPerNumber(count):
            return not count
        case mishaps.Period(_, length):
            return not length
    return False


def _bands(scenario: Scenario) -> Iterator[Remark]:
    for nth, verdict in enumerate(scenario.expect):
        if verdict.calls is None or verdict.calls.answered is None or not scenario.people:
            continue
        band = phrases.BAND.read(verdict.calls.answered)
        attempts = _attempts(scenario)
        mean, slack = _forecast(scenario, attempts)
        if mean - slack < float(band.low) or mean + slack > float(band.high):
            told = f"{attempts} attempts give {mean:.1%} ± {slack:.1%} (three sigma)"
            yield ("expect", nth, "calls", "answered"), f"{verdict.calls.answered} cannot hold: {told}"


def _attempts(scenario: Scenario) -> int:
    """Return how many attempts a call gets: what campaigns say, else what is expected, else the default."""
    told = [
        campaign.retry.attempts
        for account in scenario.accounts.values()
        for campaign in account.campaigns
        if campaign.retry
    ]
    for verdict in scenario.expect:
        if not told and verdict.calls and verdict.calls.per_number is not None:
            told = [phrases.COUNTS.read(verdict.calls.per_number).high or RetryPolicy().attempts]
    return max(told, default=RetryPolicy().attempts)


def _forecast(scenario: Scenario, attempts: int) -> tuple[float, float]:
    """Return the share of people expected to answer, and three standard deviations of it."""
    groups = [
        (
            person.count or 1,
            _answers(cast_persona(person.persona, scenario.personas[person.persona]), attempts),
        )
        for person in scenario.people
    ]
    people = sum(count for count, _ in groups)
    mean = sum(count * share for count, share in groups) / people
    variance = sum(count * share * (1 - share) for count, share in groups)
    return mean, 3 * sqrt(variance) / people


def _answers(persona: Persona, attempts: int) -> float:
    """Return how likely the persona answers within so many attempts."""
    answered, still_tried = 0.0, 1.0
    for attempt in range(min(attempts, 1000)):
        entry = persona.attempts[min(attempt, len(persona.attempts) - 1)]
        shares = {entry: 1.0} if isinstance(entry, Disposition) else entry
        answered += still_tried * shares.get(Disposition.ANSWERED, 0.0)
        still_tried *= sum(share for outcome, share in shares.items() if outcome not in FINAL)
    return answered


_CHECKS: tuple[Callable[[Scenario], Iterator[Remark]], ...] = (_unused, _strangers, _windows, _bands)
