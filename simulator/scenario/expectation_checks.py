"""What is wrong with expectations: two subjects in one, nothing that could be broken, people who are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from simulator.scenario.expectations import ExpectedCall, ExpectedHook
from simulator.scenario.microsyntax import NUMBER
from simulator.scenario.personas import cast_people
from simulator.scenario.remarks import Path, Remark
from simulator.scenario.schema import Scenario
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164

_SUBJECTS = {
    "calls": ("of",),
    "hook": ("event", "to"),
    "client": ("where",),
    "request": ("where", "with", "status"),
}
"""The words of an expectation that say what it is about, and expect nothing of it."""


def _expectations(scenario: Scenario) -> Iterator[Remark]:
    for nth, verdict in enumerate(scenario.expect):
        words = [word for word in verdict.__struct_fields__ if word != "id"]
        subjects = [word for word in words if getattr(verdict, word) is not None]
        if len(subjects) != 1:
            shown = ", ".join(subjects) or "nothing"
            yield Remark(("expect", nth), f"one subject an entry, not {len(subjects)}: {shown}")
        else:
            yield from _says_something(("expect", nth, subjects[0]), getattr(verdict, subjects[0]))


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


def _asked_numbers(scenario: Scenario) -> Iterator[Remark]:
    """Refuse numbers that no request could carry, or that are written otherwise than everywhere else."""
    people = cast_people(scenario) if _is_sound(scenario) else None
    for nth, verdict in enumerate(scenario.expect):
        for name, value in (verdict.request.parameters if verdict.request else {}).items():
            path: Path = ("expect", nth, "request", "with", name)
            text = str(value)
            if text.startswith("+") and not NUMBER.matches(text):
                yield Remark(path, f"{text!r} is not a phone number; write `+447700900310`")
            elif people is not None and NUMBER.matches(f"+{text}") and people.describes(E164(f"+{text}")):
                what = f'numbers are compared however they are sent; write it in full: "+{text}"'
                yield Remark(path, what)


def _is_sound(scenario: Scenario) -> bool:
    """Return whether everybody there is has a persona that there is."""
    return all(one.persona in (None, *scenario.personas) for one in scenario.people) and (
        scenario.strangers in (None, *scenario.personas)
    )


def _described(scenario: Scenario) -> Iterator[Remark]:
    """Refuse what is expected of people who are nobody: their calls could only end as invalid."""
    for nth, verdict in enumerate(scenario.expect):
        if verdict.calls is not None and verdict.calls.of == "people" and not scenario.people:
            yield Remark(
                ("expect", nth, "calls", "of"), "there are no `people` in this scenario; write `of: calls`"
            )
        if (
            verdict.call is not None
            and _expects_somebody(verdict.call)
            and _is_nobody(scenario, verdict.call)
        ):
            text = f"nobody describes {verdict.call.to}: it is not under `people`, not magic, and there are"
            yield Remark(
                ("expect", nth, "call", "to"), f"{text} no `strangers`, so a call to it can only be invalid"
            )


def _expects_somebody(call: ExpectedCall) -> bool:
    """Return whether a call is expected to end as only a call to somebody can."""
    return call.outcome not in (None, Disposition.INVALID) or bool(call.pressed or call.said)


def _is_nobody(scenario: Scenario, call: ExpectedCall) -> bool:
    """Return whether nobody answers the number; where a persona is missing, that is told instead."""
    unknown_to_us = (one.persona not in (None, *scenario.personas) for one in scenario.people)
    if scenario.strangers or any(unknown_to_us):
        return False
    return not cast_people(scenario).describes(call.to)


CHECKS: tuple[Callable[[Scenario], Iterator[Remark]], ...] = (_expectations, _asked_numbers, _described)
