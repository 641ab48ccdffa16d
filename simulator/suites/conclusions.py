"""What a client says it concluded: read from what its command printed, and compared with what is true.

The vocabulary of conclusions is told to people, and to programs as a JSON Schema.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from simulator.suites.cases import OUTCOMES_OF_TASKS, Kind, Suite, Task

Json = Any
UNSUPPORTED = "unsupported"
MOST_SHOWN = 200


class Conclusion(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome in a word of the task, and the fields that came with it; `mistake` where it is unusable.

    It is `spoken` where the client gave more than an exit code.
    """

    outcome: str
    fields: dict[str, Any] = {}
    mistake: str = ""
    spoken: bool = True


def read_conclusion(task: Task, printed: str, code: int) -> Conclusion:
    """Read the last line that a command printed, which is one JSON object, or else its exit code."""
    lines = [line for line in printed.splitlines() if line.strip()]
    last = lines[-1].strip() if lines else ""
    if last.startswith("{"):
        try:
            return take_conclusion(task, json.loads(last, parse_float=Decimal, parse_constant=str))
        except (ValueError, RecursionError) as error:
            return Conclusion(outcome="", mistake=f"the last line it printed is no JSON: {error}")
    if last.startswith("["):
        with suppress(ValueError, RecursionError):
            json.loads(last)
            return Conclusion(outcome="", mistake="a conclusion is an object with an `outcome`, not a list")
    if code in OUTCOMES_OF_TASKS:
        return Conclusion(outcome=_in_the_tasks_words(task, OUTCOMES_OF_TASKS[code]), spoken=False)
    return Conclusion(outcome="", mistake=f"it ended with code {code} and printed no conclusion")


def take_conclusion(task: Task, value: Json) -> Conclusion:
    """Take a conclusion from a JSON object with an `outcome` and the fields of its task."""
    if not isinstance(value, dict) or not isinstance(value.get("outcome"), str):
        return Conclusion(outcome="", mistake="a conclusion is an object with an `outcome`")
    outcome = _in_the_tasks_words(task, value["outcome"])
    if outcome != UNSUPPORTED and outcome not in task.outcomes:
        known = ", ".join(task.outcomes)
        return Conclusion(outcome="", mistake=f"`outcome` is {outcome!r}, and the task knows {known}")
    return Conclusion(outcome=outcome, fields={key: value[key] for key in value if key != "outcome"})


def _in_the_tasks_words(task: Task, outcome: str) -> str:
    return task.outcomes[0] if outcome == "done" else outcome


class Mismatch(msgspec.Struct, frozen=True):
    """What a client concluded and what is true."""

    field: str
    asked: str
    arrived: str


def compare_outcomes(conclusion: Conclusion, expected: Json) -> Mismatch | None:
    """Compare the outcome with the one, or those, that are right."""
    right = expected if isinstance(expected, list) else [expected]
    if conclusion.outcome in right:
        return None
    return Mismatch("outcome", " or ".join(right), conclusion.outcome or "nothing that can be read")


def compare_field(name: str, kind: Kind, expected: Json, conclusion: Conclusion) -> Mismatch | None:
    """Compare a field with what is true, as its kind is compared; it has to be there."""
    if name not in conclusion.fields:
        return Mismatch(name, show(expected), "it is not said")
    given = conclusion.fields[name]
    if expected is None:
        return None if given is None else Mismatch(name, "nothing (null)", show(given))
    try:
        same = given is not None and EQUAL[kind](expected, given)
    except (ValueError, TypeError, InvalidOperation, ArithmeticError):
        same = False
    return None if same else Mismatch(name, show(expected), show(given))


def show(value: Json) -> str:
    """Return a value on one short line."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _plain(value: Json) -> str:
    if isinstance(value, bool | float | Decimal | dict | list) or value is None:
        raise TypeError("an id is text or a whole number")
    return str(value)


def _amount(value: Json) -> Decimal:
    if isinstance(value, bool):
        raise TypeError("no amount")
    return Decimal(str(value))


def _instant(value: Json) -> datetime:
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at


EQUAL: Mapping[Kind, Callable[[Json, Json], bool]] = {
    "id": lambda true, given: _plain(true) == _plain(given),
    "ids": lambda true, given: sorted(map(_plain, true)) == sorted(map(_plain, given)),
    "text": lambda true, given: isinstance(given, str) and str(true) == given,
    "count": lambda true, given: _amount(true) == _amount(given),
    "money": lambda true, given: _amount(true) == _amount(given),
    "instant": lambda true, given: _instant(true) == _instant(given),
    "flag": lambda true, given: isinstance(given, bool) and true is given,
}
"""How a field of each kind is compared: ids and codes to the letter, amounts by value, times by instant."""


# -- the vocabulary ---------------------------------------------------------------------------------------

_INTEGER_OR_TEXT = {"type": ["string", "integer"]}
_AMOUNT = {"type": ["number", "string"]}
SHAPES: Mapping[str, Json] = {
    "id": _INTEGER_OR_TEXT,
    "ids": {"type": "array", "items": _INTEGER_OR_TEXT},
    "text": {"type": "string"},
    "count": _AMOUNT,
    "money": _AMOUNT,
    "instant": {"type": "string", "format": "date-time"},
    "flag": {"type": "boolean"},
}
"""What each kind of field is in JSON; money and counts may be text, which loses nothing."""


def schema_of(suite: Suite) -> Json:
    """Return the JSON Schema (2020-12) of conclusions, one definition a task."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:vendor-simulator:conclusions:{suite.vendor}:{suite.file.version}",
        "title": f"What a client of {suite.vendor} concludes",
        "$defs": {name: _conclusion(name, task) for name, task in suite.file.tasks.items()},
    }


def _conclusion(name: str, task: Task) -> Json:
    fields = {
        field: {**SHAPES[entry.kind], "type": _or_null(SHAPES[entry.kind]), "description": entry.about}
        for field, entry in task.conclusion.items()
    }
    outcome = {"enum": [*dict.fromkeys((*task.outcomes, "done", "unsupported"))]}
    return {
        "title": name,
        "description": task.about,
        "type": "object",
        "required": ["outcome"],
        "properties": {"outcome": outcome, **fields},
    }


def _or_null(shape: Json) -> list[str]:
    kind = shape["type"]
    return [*(kind if isinstance(kind, list) else [kind]), "null"]


def describe(suite: Suite) -> Iterator[str]:
    """Yield the vocabulary in lines for people."""
    codes = ", ".join(f"{code} {word}" for code, word in OUTCOMES_OF_TASKS.items())
    yield f"A command prints one JSON object in its last line, or ends with a code: {codes}."
    for name, task in suite.file.tasks.items():
        yield f"\n{name}: {task.about}"
        for word, argument in task.arguments.items():
            yield f"  {{{word}}}  {argument.about}"
        yield f"  outcome  {', '.join(task.outcomes)}"
        for word, entry in task.conclusion.items():
            yield f"  {word}  {entry.about} [{entry.kind}]"
