"""What is wrong with expectations: two subjects in one, people who are none, and what can never hold."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from simulator.errors import counted
from simulator.scenario.accounts import vendors_of
from simulator.scenario.document import Checks, Path, Remark, remarks_on
from simulator.scenario.expectations import (
    Expectation,
    ExpectedCall,
    ExpectedCalls,
    ExpectedHook,
    ExpectedMessage,
    ExpectedMessages,
    ExpectedRequest,
)
from simulator.scenario.microsyntax import NUMBER
from simulator.scenario.personas import cast_people
from simulator.scenario.schema import Scenario
from simulator.scenario.values import Band, Counts, Quantity
from simulator.telephony.messages import TextEnd, ending_of
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import People, Persona
from simulator.telephony.phone_numbers import E164

_SUBJECTS = {
    "calls": ("of",),
    "hook": ("event", "to"),
    "client": ("where",),
    "request": ("where", "with", "status"),
}
"""The words of an expectation that say what it is about, and expect nothing of it."""

_SHARES = tuple(word for word in ExpectedCalls.__struct_fields__ if word in {*Disposition})


def _subject(verdict: Expectation, path: Path, *_: object) -> Iterator[Remark]:
    words = [word for word in verdict.__struct_fields__ if word != "id"]
    subjects = [word for word in words if getattr(verdict, word) is not None]
    if len(subjects) != 1:
        shown = ", ".join(subjects) or "nothing"
        yield Remark(path, f"one subject an entry, not {len(subjects)}: {shown}")
    else:
        yield from _says_something((*path, subjects[0]), getattr(verdict, subjects[0]))


def _says_something(path: Path, expected: object) -> Iterator[Remark]:
    """Refuse an entry in which nothing could ever be broken."""
    if isinstance(expected, dict) and not expected:
        yield Remark(path, "nothing is expected here; name a vendor, `errors` or `callbacks`, with a share")
    if not isinstance(expected, msgspec.Struct):
        return
    if isinstance(expected, ExpectedHook) and expected.event is None and expected.to is None:
        yield Remark(path, "say of which callbacks: add an `event`, or the receiver, `to`")
    about = _SUBJECTS.get(str(path[-1]), ())
    words = [field for field in msgspec.structs.fields(expected) if field.encode_name not in about]
    if words and all(getattr(expected, word.name) is None for word in words):
        names = ", ".join(word.encode_name for word in words)
        yield Remark(path, f"nothing is expected here; add one of {names}")


def _numbers(scenario: Scenario, *_: object) -> Iterator[Remark]:
    """Refuse numbers of which nothing can be expected; everybody is cast once, for they may be thousands."""
    concerned = [(nth, one) for nth, one in enumerate(scenario.expect) if one.request or one.call]
    people = cast_people(scenario) if concerned and _all_are_known(scenario) else None
    for nth, verdict in concerned:
        if verdict.request is not None:
            yield from _asked_numbers(verdict.request, ("expect", nth, "request"), people)
        if verdict.call is not None and people is not None and not scenario.strangers:
            yield from _described(verdict.call, ("expect", nth, "call"), people)


def _asked_numbers(request: ExpectedRequest, path: Path, people: People | None) -> Iterator[Remark]:
    """Refuse numbers that no request could carry, or that are written otherwise than everywhere else."""
    for name, value in request.parameters.items():
        here, text = (*path, "with", name), str(value)
        if text.startswith("+") and not NUMBER.matches(text):
            yield Remark(here, f"{text!r} is not a phone number; write `+447700900310`")
        elif people is not None and NUMBER.matches(f"+{text}") and people.describes(E164(f"+{text}")):
            yield Remark(here, f'numbers are compared however they are sent; write it in full: "+{text}"')


def _all_are_known(scenario: Scenario) -> bool:
    """Return whether everybody there is has a persona that there is."""
    named = (scenario.strangers, *(one.persona for one in scenario.people))
    return all(name in (None, *scenario.personas) for name in named)


def _counted(calls: ExpectedCalls, path: Path, scenario: Scenario) -> Iterator[Remark]:
    if calls.of == "people" and not scenario.people:
        yield Remark((*path, "of"), "there are no `people` in this scenario; write `of: calls`")


def _described(call: ExpectedCall, path: Path, people: People) -> Iterator[Remark]:
    """Refuse what is expected of people who are nobody: their calls could only end as invalid."""
    to_somebody = call.outcome not in (None, Disposition.INVALID) or call.pressed or call.said
    if to_somebody and not people.describes(call.to):
        text = f"nobody describes {call.to}: it is not under `people`, not magic, and there are"
        yield Remark((*path, "to"), f"{text} no `strangers`, so a call to it can only be invalid")


CHECKS: Checks = (
    (Expectation, _subject),
    (Scenario, _numbers),
    (ExpectedCalls, _counted),
)


# -- what cannot hold, whatever the client does -----------------------------------------------------------


def hopeless(scenario: Scenario) -> Iterator[Remark]:
    """Yield a remark on each expectation that nothing could fulfil."""
    if _all_are_known(scenario):
        yield from remarks_on(scenario, _HOPELESS, scenario, cast_people(scenario))


def _coverage(verdict: Expectation, path: Path, scenario: Scenario, *_: object) -> Iterator[Remark]:
    for name, share in (verdict.coverage or {}).items() if scenario.admit == "listed" else ():
        if share and name not in (*vendors_of(scenario), "errors", "callbacks"):
            what = f"cannot hold: no account is at {name}, so none of it can be used"
            yield Remark((*path, "coverage", name), what, of_key=True)


def _calls(expected: ExpectedCalls, path: Path, *_: object) -> Iterator[Remark]:
    all_of_it = expected.count if expected.of == "calls" else None
    yield from _sum([getattr(expected, word) for word in _SHARES], all_of_it, path)


def _messages(expected: ExpectedMessages, path: Path, *_: object) -> Iterator[Remark]:
    yield from _sum([getattr(expected, end) for end in TextEnd], expected.count, path)


def _sum(quantities: list[Quantity | None], all_of_it: Counts | None, path: Path) -> Iterator[Remark]:
    """Tell counts and shares that are more together than all there may be."""
    least = sum((band.low for band in quantities if isinstance(band, Band)), Decimal(0)) * 100
    if least > 100:
        yield Remark(path, f"cannot hold: the least shares add up to {least.normalize():f}%, more than all")
    fewest = sum(count.low for count in quantities if isinstance(count, Counts))
    most = all_of_it.high if all_of_it is not None else None
    if most is not None and fewest > most:
        yield Remark(path, f"cannot hold: the least counts add up to {fewest}, more than all {most}")


def _message(expected: ExpectedMessage, path: Path, _: Scenario, people: People) -> Iterator[Remark]:
    persona = people.find(expected.to).persona
    ends = {str(end) for entry in persona.texts for end in ([entry] if isinstance(entry, TextEnd) else entry)}
    ends = ends or {str(ending_of(outcome)) for outcome in _outcomes(persona) - {Disposition.CANCELLED}}
    if expected.state is not None and expected.state in {*TextEnd} and expected.state not in ends:
        what = f"cannot hold: messages to {persona.name!r} end as {', '.join(sorted(ends))}"
        yield Remark((*path, "state"), what)


def _hook(expected: ExpectedHook, path: Path, scenario: Scenario, *_: object) -> Iterator[Remark]:
    """Tell what no receiver could fulfil: callbacks that are all lost, or tried less often."""
    rule = next((rule for rule in scenario.hooks if rule.where.vendor == "*" and rule.when is None), None)
    if rule is None:
        return
    line = scenario.document.place(("hooks", scenario.hooks.index(rule))).line
    if rule.lose == 1 and expected.delivered is not None and expected.delivered.low:
        yield Remark((*path, "delivered"), f"cannot hold: the rule on line {line} loses all callbacks")
    if rule.retry is not None and expected.tries is not None:
        most = (1 + len(rule.retry)) * (2 if rule.twice else 1)
        if expected.tries.low > most:
            what = f"cannot hold: by the rule on line {line} each is tried {counted(most, 'time')} at most"
            yield Remark((*path, "tries"), what)


def _request(expected: ExpectedRequest, path: Path, scenario: Scenario, *_: object) -> Iterator[Remark]:
    vendor = expected.where.vendor
    if scenario.admit == "listed" and scenario.accounts and vendor not in ("*", *vendors_of(scenario)):
        yield Remark((*path, "where"), f"no account is at {vendor}, so nothing that is asked there counts")


def _call(expected: ExpectedCall, path: Path, scenario: Scenario, people: People) -> Iterator[Remark]:
    persona = people.find(expected.to).persona
    possible = _outcomes(persona)
    if expected.outcome is not None and expected.outcome not in possible:
        ends = ", ".join(sorted(outcome.value for outcome in possible))
        what = f"cannot hold: calls to {persona.name!r} end as {ends}"
        yield Remark((*path, "outcome"), what)
    if expected.pressed and Disposition.ANSWERED not in possible:
        what = f"cannot hold: {persona.name!r} never answers, and so presses nothing"
        yield Remark((*path, "pressed"), what)
    elif expected.pressed and not persona.presses and not persona.code:
        what = f"cannot hold: {persona.name!r} presses nothing; give them a `press`"
        yield Remark((*path, "pressed"), what)
    retries = [campaign.retry for one in scenario.accounts.values() for campaign in one.campaigns]
    most = max((retry.attempts for retry in retries if retry), default=0)
    if expected.attempts is not None and retries and all(retries) and expected.attempts.low > most:
        yield Remark((*path, "attempts"), f"cannot hold: no campaign tries more than {counted(most, 'time')}")


def _outcomes(persona: Persona) -> set[Disposition]:
    """Return how attempts to reach somebody may end, and what a client may do about it."""
    ends: set[Disposition] = {Disposition.CANCELLED}
    for entry in persona.attempts:
        ends.update(
            [entry] if isinstance(entry, Disposition) else [one for one, share in entry.items() if share]
        )
    return ends


_HOPELESS: Checks = (
    (ExpectedCall, _call),
    (ExpectedCalls, _calls),
    (ExpectedMessage, _message),
    (ExpectedMessages, _messages),
    (ExpectedHook, _hook),
    (ExpectedRequest, _request),
    (Expectation, _coverage),
)
