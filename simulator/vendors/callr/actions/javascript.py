"""The action javascript, as far as it is plain: values given to variables, as the guides show it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from simulator.vendors.callr.actions.expressions import Expression, parse_expression
from simulator.vendors.callr.actions.methods import refuse
from simulator.vendors.callr.actions.names import Names

_GIVEN = re.compile(r"(\$[a-zA-Z][a-zA-Z0-9_]{0,254})\s*(=|\+=|-=)(?!=)(.+)", re.ASCII)
_COUNTED = re.compile(r"(\$[a-zA-Z][a-zA-Z0-9_]{0,254})(\+\+|--)", re.ASCII)
_COMMENT = re.compile(r"\s*//.*")


class Assignment(NamedTuple):
    """A variable that takes a value."""

    name: str
    value: Expression


def read_code(code: Any) -> tuple[Assignment, ...]:
    """Read code that only gives values to variables; raises MalformedExpression for any other."""
    if not isinstance(code, str):
        refuse("code that is no text")
    return tuple(_read(statement) for statement in _statements(code))


def assign(assignments: tuple[Assignment, ...], names: Names) -> dict[str, Any]:
    """Return the values that variables take, one after the other; they stand among the names then."""
    given: dict[str, Any] = {}
    for name, value in assignments:
        names[name] = given[name] = value(names)
    return given


def _statements(code: str) -> Iterator[str]:
    for line in code.splitlines():
        if not _COMMENT.fullmatch(line):
            yield from (part.strip() for part in line.split(";") if part.strip())


def _read(statement: str) -> Assignment:
    if match := _COUNTED.fullmatch(statement):
        return Assignment(match[1], parse_expression(f"{match[1]} {match[2][0]} 1"))
    if match := _GIVEN.fullmatch(statement):
        name, mark, value = match.groups()
        text = value if mark == "=" else f"{name} {mark[0]} ({value})"
        return Assignment(name, parse_expression(text))
    return refuse(repr(statement[:80]))
