"""Expectations that say nothing, or speak of people whom nobody describes: told before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from simulator.scenario.document import Path
from simulator.scenario.expectations import ExpectedCall
from simulator.scenario.personas import cast_people
from simulator.scenario.schema import Scenario
from simulator.telephony.outcomes import Disposition

Remark = tuple[Path, str]

_SUBJECTS = {"calls": ("of",), "hook": ("event",), "client": ("where",)}
"""The words of an expectation that say what it is about, and expect nothing of it."""


def _verdicts(scenario: Scenario) -> Iterator[Remark]:
    for nth, verdict in enumerate(scenario.expect):
        words = [word for word in verdict.__struct_fields__ if word != "id"]
        subjects = [word for word in words if getattr(verdict, word) is not None]
        if len(subjects) != 1:
            shown = ", ".join(subjects) or "nothing"
            yield ("expect", nth), f"one subject an entry, not {len(subjects)}: {shown}"
        else:
            yield from _says_something(("expect", nth, subjects[0]), getattr(verdict, subjects[0]))


def _says_something(path: Path, expected: object) -> Iterator[Remark]:
    """Refuse an entry in which nothing could ever be broken."""
    if isinstance(expected, dict) and not expected:
        yield path, "nothing is expected here; name a vendor, `errors` or `callbacks`, with a share"
    if not isinstance(expected, msgspec.Struct):
        return
    about = _SUBJECTS.get(str(path[-1]), ())
    words = [field.encode_name for field in msgspec.structs.fields(expected) if field.name not in about]
    if words and all(getattr(expected, word) is None for word in words):
        yield path, f"nothing is expected here; add one of {', '.join(words)}"


def _people(scenario: Scenario) -> Iterator[Remark]:
    """Refuse what is expected of people who are nobody: their calls could only end as invalid."""
    for nth, verdict in enumerate(scenario.expect):
        if verdict.calls is not None and verdict.calls.of == "people" and not scenario.people:
            yield ("expect", nth, "calls", "of"), "there are no `people` in this scenario; write `of: calls`"
        if (
            verdict.call is not None
            and _expects_somebody(verdict.call)
            and _is_nobody(scenario, verdict.call)
        ):
            told = f"nobody describes {verdict.call.to}: it is not under `people`, not magic, and there are"
            yield ("expect", nth, "call", "to"), f"{told} no `strangers`, so a call to it can only be invalid"


def _expects_somebody(call: ExpectedCall) -> bool:
    """Tell whether a call is expected to end as only a call to somebody can."""
    return call.outcome not in (None, Disposition.INVALID) or bool(call.pressed or call.said)


def _is_nobody(scenario: Scenario, call: ExpectedCall) -> bool:
    """Tell whether nobody answers the number; where a persona is missing, that is told instead."""
    if scenario.strangers or any(person.persona not in scenario.personas for person in scenario.people):
        return False
    return not cast_people(scenario).describes(call.to)


EXPECTATION_CHECKS: tuple[Callable[[Scenario], Iterator[Remark]], ...] = (_verdicts, _people)
