"""Expectations that cannot hold, whatever the client does: the sum is done, and told."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from simulator.scenario.expectations import ExpectedCall, ExpectedCalls
from simulator.scenario.personas import cast_people
from simulator.scenario.remarks import Path, Remark
from simulator.scenario.schema import Scenario
from simulator.scenario.values import Band, Counts
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import Persona

_SHARES = tuple(word for word in ExpectedCalls.__struct_fields__ if word in {*Disposition})


def hopeless(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on each expectation that nothing could fulfil."""
    if any(person.persona not in (None, *scenario.personas) for person in scenario.people):
        return
    for nth, expected in enumerate(scenario.expect):
        path: Path = ("expect", nth)
        if expected.call is not None:
            yield from _call(scenario, expected.call, (*path, "call"))
        if expected.calls is not None:
            yield from _shares(expected.calls, (*path, "calls"))
        if expected.coverage is not None and scenario.admit == "listed":
            vendors = {vendor for account in scenario.accounts.values() for vendor in account.vendors}
            for name, share in expected.coverage.items():
                if share and name not in (*vendors, "errors", "callbacks"):
                    what = f"cannot hold: no account is at {name}, so none of it can be used"
                    yield Remark((*path, "coverage", name), what, of_key=True)


def _shares(expected: ExpectedCalls, path: Path) -> Iterator[Remark]:
    quantities = {word: getattr(expected, word) for word in _SHARES if getattr(expected, word) is not None}
    bands = {word: band for word, band in quantities.items() if isinstance(band, Band)}
    counts = {word: count for word, count in quantities.items() if isinstance(count, Counts)}
    least = sum((band.low for band in bands.values()), Decimal(0)) * 100
    if least > 100:
        yield Remark(path, f"cannot hold: the least shares add up to {least.normalize():f}%, more than all")
    fewest = sum(count.low for count in counts.values())
    most = expected.count.high if expected.count is not None else None
    if expected.of == "calls" and most is not None and fewest > most:
        yield Remark(path, f"cannot hold: the least counts add up to {fewest}, more than all {most}")


def _call(scenario: Scenario, expected: ExpectedCall, path: Path) -> Iterator[Remark]:
    persona = cast_people(scenario).find(expected.to).persona
    possible = _outcomes(persona)
    if expected.outcome is not None and expected.outcome not in possible:
        ends = ", ".join(sorted(outcome.value for outcome in possible))
        what = f"cannot hold: calls to {persona.name!r} end as {ends}"
        yield Remark((*path, "outcome"), what)
    if expected.pressed and Disposition.ANSWERED not in possible:
        yield Remark(
            (*path, "pressed"), f"cannot hold: {persona.name!r} never answers, and so presses nothing"
        )
    elif expected.pressed and not persona.presses and not persona.code:
        yield Remark(
            (*path, "pressed"), f"cannot hold: {persona.name!r} presses nothing; give them a `press`"
        )
    tries = [
        campaign.retry.attempts
        for account in scenario.accounts.values()
        for campaign in account.campaigns
        if campaign.retry
    ]
    known = tries and all(one.retry for account in scenario.accounts.values() for one in account.campaigns)
    if expected.attempts is not None and known and expected.attempts.low > max(tries):
        what = f"cannot hold: no campaign tries more than {max(tries)} times"
        yield Remark((*path, "attempts"), what)


def _outcomes(persona: Persona) -> set[Disposition]:
    """Return how attempts to reach somebody may end, and what a client may do about it."""
    ends: set[Disposition] = {Disposition.CANCELLED}
    for entry in persona.attempts:
        ends.update(
            [entry] if isinstance(entry, Disposition) else [one for one, share in entry.items() if share]
        )
    return ends
