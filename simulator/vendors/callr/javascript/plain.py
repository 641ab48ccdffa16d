"""The part of JavaScript that is computed where no engine is installed, or an account's profile wants it so.

Names, members, literals, lists, comparisons, logic, sums and the methods of `operators`; of statements those
that give values to variables. All else is refused when it is read: nothing here guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NoReturn

from simulator.telephony.policies import find_zone
from simulator.vendors.callr.javascript.operators import (
    FUNCTIONS,
    LEVELS,
    METHOD_NAMES,
    call,
    member,
    operate,
    settles,
    to_number,
    truthy,
)
from simulator.vendors.callr.javascript.values import (
    PREDEFINED,
    READING,
    NotSimulated,
    Scope,
    refuse,
    to_text,
    weigh,
)

LONGEST, MOST_PARTS = 2_000, 100
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[$A-Za-z_][$\w]*)|(?P<mark>===|!==|==|!=|<=|>=|&&|\|\||\?\?|\?\.|[-+*/%<>!().,\[\]?:]))",
    re.ASCII,
)
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_GIVEN = re.compile(r"(\$[a-zA-Z]\w{0,254})\s*(=|\+=|-=)(?!=)(.+)", re.ASCII)
_COUNTED = re.compile(r"(\$[a-zA-Z]\w{0,254})(\+\+|--)", re.ASCII)


class Plain:
    """An Interpreter of that part."""

    def __init__(self, scope: Scope) -> None:
        self._work = scope.work
        self._names = {**scope.values, "now": scope.at.astimezone(find_zone(scope.zone))}

    def value(self, source: str) -> Any:
        """Return what an expression is; `now` as text in ISO 8601."""
        value = self._compute(source)
        return call("toISOString", [value]) if isinstance(value, datetime) else value

    def truth(self, source: str) -> bool:
        """Tell whether an expression is taken for true."""
        return truthy(self._compute(source))

    def text(self, source: str) -> str:
        """Return an expression as a text, but `now` itself, which JavaScript spells out."""
        value = self._compute(source)
        return refuse("a date as a text") if isinstance(value, datetime) else to_text(value)

    def run(self, code: str) -> dict[str, Any]:
        """Give variables their values, one after the other, and return all that there are."""
        for name, source in _assignments(code):
            self._names[name] = self.value(source)
        return {name: value for name, value in self._names.items() if name.startswith("$")}

    def check(self, source: str, *, code: bool = False) -> None:
        """Tell what of an expression, or statements, is not simulated."""
        for part in (value for _, value in _assignments(source)) if code else (source,):
            _Reading(part, {}, self._work, live=False).result()

    def _compute(self, source: str) -> Any:
        self._work.spend(READING * len(source))
        reading = _Reading(source, self._names, self._work, live=True)
        value = reading.result()
        reading.look(value)
        return value


def _assignments(code: str) -> Iterator[tuple[str, str]]:
    """Yield each variable that takes a value, and the expression of it."""
    lines = (line for line in code.splitlines() if not line.lstrip().startswith("//"))
    for statement in (part.strip() for line in lines for part in line.split(";") if part.strip()):
        if match := _COUNTED.fullmatch(statement):
            yield match[1], f"{match[1]} {match[2][0]} 1"
        elif match := _GIVEN.fullmatch(statement):
            yield match[1], match[3] if match[2] == "=" else f"{match[1]} {match[2][0]} ({match[3]})"
        else:
            _fail(statement)


def _fail(source: str) -> NoReturn:
    raise NotSimulated(f"{source.strip()[:80]!r} is not simulated without vendor-simulator[js]")


class _Reading:
    """Reads one expression and computes it meanwhile; what is not `live` is read only."""

    def __init__(self, source: str, names: Mapping[str, Any], work: Any, *, live: bool) -> None:
        self._source, self._names, self._work, self._live = source, names, work, live
        self._tokens = [*_tokens(source)] if len(source) <= LONGEST else _fail(source)
        self._place = self._parts = 0

    def result(self) -> Any:
        """Return the value of all of it."""
        value = self._expression()
        return value if self._place == len(self._tokens) else _fail(self._source)

    def look(self, *values: Any) -> None:
        """Spend what it costs to look at values once."""
        self._work.spend(sum(weigh(value) for value in values if not isinstance(value, datetime)))

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def _take(self, *marks: str) -> str:
        """Take the next token if it is one of these marks, else nothing."""
        kind, text = self._peek()
        if kind != "mark" or text not in marks:
            return ""
        self._place += 1
        return text

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            _fail(self._source)

    def _part(self, *, live: bool, floor: int = 0) -> Any:
        """Read a part that is computed only if it is `live`."""
        before, self._live = self._live, self._live and live
        value = self._expression(floor)
        self._live = before
        return value

    def _expression(self, floor: int = 0) -> Any:
        """Read operators that bind closer than `floor`, from left to right."""
        value = self._unary()
        while mark := self._take(*(mark for mark, level in LEVELS.items() if level > floor)):
            if mark in ("&&", "||", "??"):
                settled = settles(mark, value)
                right = self._part(live=not settled, floor=LEVELS[mark])
                value = value if settled else right
                continue
            right = self._part(live=True, floor=LEVELS[mark])
            if self._live:
                self.look(value, right)
                value = operate(mark, value, right)
        if floor == 0 and self._take("?"):
            yes = self._part(live=truthy(value))
            self._expect(":")
            no = self._part(live=not truthy(value))
            return yes if truthy(value) else no
        return value

    def _unary(self) -> Any:
        self._parts += 1
        if self._parts > MOST_PARTS:
            _fail(self._source)
        mark = self._take("!", "-")
        if not mark:
            return self._members(self._operand())
        value = self._unary()
        if mark == "!":
            return not truthy(value)
        return -to_number(value) if self._live else None

    def _operand(self) -> Any:
        if self._take("("):
            value = self._expression()
            self._expect(")")
            return value
        if self._take("["):
            return self._items("]")
        kind, text = self._peek()
        self._place += 1
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "text":
            return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text[1:-1])
        return self._named(text) if kind == "name" else _fail(self._source)

    def _named(self, name: str) -> Any:
        if name == "JSON" and self._take("."):
            name = f"JSON.{self._name()}"
        if name in FUNCTIONS:
            self._expect("(")
            return self._call(name, self._items(")"))
        if name in _WORDS:
            return _WORDS[name]
        if name not in PREDEFINED and name[0] != "$":
            _fail(name)
        return self._names.get(name)

    def _name(self) -> str:
        kind, text = self._peek()
        self._place += 1
        return text if kind == "name" else _fail(self._source)

    def _items(self, end: str) -> list[Any]:
        items: list[Any] = []
        while not self._take(end):
            if items:
                self._expect(",")
            items.append(self._expression())
        return items

    def _members(self, value: Any) -> Any:
        while mark := self._take(".", "?.", "["):
            if mark == "[" or (mark == "?." and self._take("[")):
                name = self._expression()
                self._expect("]")
            else:
                name = self._name()
                if self._take("("):
                    value = self._call(
                        name if name in METHOD_NAMES else _fail(f".{name}"), [value, *self._items(")")]
                    )
                    continue
            if self._live and not (value is None and mark == "?."):
                value = member(value, name)
        return value

    def _call(self, name: str, arguments: list[Any]) -> Any:
        if not self._live:
            return None
        self.look(*arguments)
        return call(name, arguments)


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    place, source = 0, source.rstrip()
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None or match.lastgroup is None:
            _fail(source[place : place + 40])
        yield match.lastgroup, match[match.lastgroup]
        place = match.end()
