"""The tasks of a suite for people, and the JSON Schema of what their commands print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from simulator.suites.cases import OUTCOMES_OF_TASKS, Suite, Task

Json = Any

_INTEGER_OR_TEXT = {"type": ["string", "integer"]}
_AMOUNT = {"type": ["number", "string"]}
SHAPES: Mapping[str, Json] = MappingProxyType(
    {
        "id": _INTEGER_OR_TEXT,
        "ids": {"type": "array", "items": _INTEGER_OR_TEXT},
        "text": {"type": "string"},
        "count": _AMOUNT,
        "money": _AMOUNT,
        "instant": {"type": "string", "format": "date-time"},
        "flag": {"type": "boolean"},
    }
)
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
