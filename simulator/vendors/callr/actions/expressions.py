"""Expressions of scripts, of the plain kinds: names, members, literals, comparisons, logic, sums, methods.

The vendor runs them in a JavaScript engine. Here they are parsed and computed by the rules of that language,
as far as these kinds go; anything else is told as not simulated, and never run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from math import fmod, isfinite
from operator import add, mul, sub, truediv
from typing import Any, NamedTuple, NoReturn

from simulator.vendors.callr.actions.methods import (
    FUNCTIONS,
    LONGEST_TEXT,
    Function,
    MalformedExpression,
    get,
    read_pattern,
    refuse,
    sized,
    to_number,
    to_text,
)
from simulator.vendors.callr.actions.names import Names

Expression = Callable[[Names], Any]
"""An expression read once and computed for the names of a run."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[$A-Za-z_][$\w]*)"
    r"|(?P<mark>===|!==|==|!=|<=|>=|&&|\|\||\?\?|\?\.|[-+*/%<>!().,\[\]?:]))",
    re.ASCII,
)
_PATTERN = re.compile(r"\s*(/(?:[^/\\\n]|\\.)+/[a-z]*)", re.ASCII)
_OPEN, _CLOSE = "${{", "}}"
_LITERALS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||", "??"), ("&&",), ("===", "!==", "==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"),
)  # fmt: skip
_SUMS: Mapping[str, Callable[[float, float], float]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "%": fmod,
}  # fmt: skip
LONGEST, DEEPEST = 2_000, 40


def parse_condition(value: Any) -> Expression:
    """Read what stands behind `if`: an expression, in `${{ }}` or bare; a plain value is itself."""
    if not isinstance(value, str):
        return lambda _: value
    alone = _alone(value)
    return parse_expression(value if alone is None else alone)


def fill(value: Any, names: Names) -> Any:
    """Return a parameter with every `${{ }}` in it computed; alone in a text, it keeps its type.

    Raises MalformedExpression.
    """
    if isinstance(value, dict):
        return {name: fill(entry, names) for name, entry in value.items()}
    if isinstance(value, list):
        return [fill(entry, names) for entry in value]
    if not isinstance(value, str):
        return value
    if (alone := _alone(value)) is not None:
        value = _compute_now(alone, names)
        return refuse("a function as a value") if isinstance(value, Function) else value
    return _fill_text(value, names)


def _fill_text(text: str, names: Names) -> str:
    parts, length, place = [], 0, 0
    for start, end in _places(text):
        inner = text[start + len(_OPEN) : end - len(_CLOSE)]
        value = _compute_now(inner, names)
        names.handle(value)
        parts += [text[place:start], to_text(value)]
        place, length = end, length + len(parts[-1])
        if length > LONGEST_TEXT:
            refuse(f"a text of more than {LONGEST_TEXT} characters")
    return "".join(parts) + text[place:]


def _compute_now(text: str, names: Names) -> Any:
    names.read(text)
    return parse_expression(text)(names)


def check_places(value: Any) -> Iterator[str]:
    """Yield why expressions in a parameter are not simulated, as far as that can be seen beforehand."""
    if isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from check_places(entry)
    for start, end in _places(value) if isinstance(value, str) else ():
        try:
            parse_expression(value[start + len(_OPEN) : end - len(_CLOSE)])
        except MalformedExpression as error:
            yield str(error)


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each `${{ }}` begins and ends; in one pass, also where many open and none closes."""
    start = text.find(_OPEN)
    while start >= 0 and (close := text.find(_CLOSE, start + len(_OPEN))) >= 0:
        yield start, close + len(_CLOSE)
        start = text.find(_OPEN, close + len(_CLOSE))


def _alone(text: str) -> str | None:
    """Return what stands inside the only `${{ }}` of a text that is nothing else, or None."""
    text = text.strip()
    if text.startswith(_OPEN) and text.find(_CLOSE, len(_OPEN)) == len(text) - len(_CLOSE) >= len(_OPEN):
        return text[len(_OPEN) : -len(_CLOSE)]
    return None


def parse_expression(text: str) -> Expression:
    """Read one expression; raises MalformedExpression."""
    if len(text) > LONGEST:
        refuse(f"an expression of more than {LONGEST} characters")
    parser = _Parser(list(_tokens(text)), text)
    expression = parser.ternary()
    if parser.peek() is not None:
        parser.fail()
    return expression


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place, before = 0, ""
    text = text.rstrip()
    while place < len(text):
        starts = before in _BEFORE_A_PATTERN
        if starts and (pattern := _PATTERN.match(text, place)) is not None:
            yield "pattern", pattern[1]
            place, before = pattern.end(), "/"
            continue
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            refuse(repr(text[place : place + 40].strip()))
        yield match.lastgroup, match[match.lastgroup]
        place = match.end()
        before = match[match.lastgroup] if match.lastgroup == "mark" else "a value"


_BEFORE_A_PATTERN = frozenset({"", "(", ",", "[", "!", "&&", "||", "??", "?", ":", "==", "===", "!=", "!=="})


class Link(NamedTuple):
    """One step from a value to a member of it, or a call: `optional` ends the walk at what is undefined."""

    key: Expression | None
    given: tuple[Expression, ...] = ()
    optional: bool = False


class _Parser:
    """A parser by descent; every method returns what computes its part."""

    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._place = 0
        self._depth = 0

    def peek(self) -> str | None:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else None

    def take(self, *marks: str) -> str | None:
        """Take the next token if it is one of these marks."""
        if self._place < len(self._tokens):
            kind, value = self._tokens[self._place]
            if kind == "mark" and value in marks:
                self._place += 1
                return value
        return None

    def fail(self) -> NoReturn:
        refuse(repr(self._text.strip()[:80]))

    def expect(self, mark: str) -> None:
        if self.take(mark) is None:
            self.fail()

    def ternary(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            self.fail()
        test = self.binary(0)
        if self.take("?"):
            yes = self.ternary()
            self.expect(":")
            no = self.ternary()
            self._depth -= 1
            return lambda names: yes(names) if truthy(test(names)) else no(names)
        self._depth -= 1
        return test

    def binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self.unary()
        first, rest = self.binary(level + 1), list[tuple[str, Expression]]()
        while (mark := self.take(*_LEVELS[level])) is not None:
            rest.append((mark, self.binary(level + 1)))
        return _chain(first, rest) if rest else first

    def unary(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            self.fail()
        mark = self.take("!", "-")
        operand = self.unary() if mark else self.access()
        self._depth -= 1
        if mark == "!":
            return lambda names: not truthy(operand(names))
        return _chain(_constant(0), [("-", operand)]) if mark else operand

    def access(self) -> Expression:
        value, links = self.primary(), list[Link]()
        while (mark := self.take(".", "?.", "[", "(")) is not None:
            optional = mark == "?."
            if optional:
                mark = self.take("[", "(") or "."
            if mark == ".":
                links.append(Link(_constant(self.name()), optional=optional))
            elif mark == "[":
                links.append(Link(self.ternary(), optional=optional))
                self.expect("]")
            else:
                links.append(Link(None, self.items(")"), optional))
        return _walk(value, links) if links else value

    def items(self, end: str) -> tuple[Expression, ...]:
        given: list[Expression] = []
        while self.take(end) is None:
            if given:
                self.expect(",")
            given.append(self.ternary())
        return tuple(given)

    def name(self) -> str:
        kind, value = self._tokens[self._place] if self._place < len(self._tokens) else ("", "")
        if kind != "name":
            self.fail()
        self._place += 1
        return value

    def primary(self) -> Expression:
        if self.take("("):
            inner = self.ternary()
            self.expect(")")
            return inner
        if self.take("["):
            entries = self.items("]")
            return lambda names: [entry(names) for entry in entries]
        kind, value = self._tokens[self._place] if self._place < len(self._tokens) else ("", "")
        self._place += 1
        if kind in _READERS:
            return _constant(_READERS[kind](value))
        if kind != "name":
            self.fail()
        if value in _LITERALS:
            return _constant(_LITERALS[value])
        return lambda names: names.get(value, FUNCTIONS.get(value))


def truthy(value: Any) -> bool:
    """Tell what JavaScript takes for true: also empty lists and maps."""
    return bool(value) or isinstance(value, dict | list)


def _chain(first: Expression, rest: list[tuple[str, Expression]]) -> Expression:
    """Compute from left to right, in a loop: a long sum must not nest."""

    def compute(names: Names) -> Any:
        value = first(names)
        for mark, operand in rest:
            if mark in _KEEPS:
                value = value if _KEEPS[mark](value) else operand(names)
            else:
                other = operand(names)
                names.handle(value, other)
                value = _compute(mark, value, other)
        return value

    return compute


_KEEPS: Mapping[str, Callable[[Any], bool]] = {
    "&&": lambda value: not truthy(value),
    "||": truthy,
    "??": lambda value: value is not None,
}
"""When what stands to the left is the result, so that the right is not looked at."""


def _compute(mark: str, left: Any, right: Any) -> Any:
    if mark in ("===", "==", "!==", "!="):
        same = _equal(left, right, strict=len(mark) == 3)
        return same if mark[0] == "=" else not same
    if mark == "+" and (isinstance(left, str) or isinstance(right, str)):
        return sized(to_text(left) + to_text(right))
    if mark in ("<", ">", "<=", ">="):
        return _compare(mark, left, right)
    return _sum(mark, to_number(left), to_number(right))


def _equal(left: Any, right: Any, *, strict: bool) -> bool:
    alike = isinstance(left, bool) == isinstance(right, bool)
    if strict or type(left) is type(right) or left is None or right is None:
        return bool(left == right) and alike
    try:
        return to_number(left) == to_number(right)
    except MalformedExpression:
        return False


def _compare(mark: str, left: Any, right: Any) -> bool:
    if not (isinstance(left, str) and isinstance(right, str)):
        left, right = to_number(left), to_number(right)
    below, same = left < right, left == right
    return bool({"<": below, ">": not below and not same, "<=": below or same, ">=": not below}[mark])


def _sum(mark: str, left: float, right: float) -> float:
    with suppress(ZeroDivisionError, OverflowError):
        result = _SUMS[mark](left, right)
        if isfinite(result):
            return result
    return refuse("a sum without a finite result")


def _constant(value: Any) -> Expression:
    return lambda _: value


_READERS: Mapping[str, Callable[[str], Any]] = {
    "number": lambda text: float(text) if "." in text else int(text),
    "text": lambda text: re.sub(r"\\(.)", _unescape, text[1:-1]),
    "pattern": read_pattern,
}


def _unescape(match: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(match[1], match[1])


def _walk(value: Expression, links: list[Link]) -> Expression:
    def walk(names: Names) -> Any:
        here = owner = value(names)
        for link in links:
            if link.optional and here is None:
                return None
            if link.key is not None:
                key = link.key(names)
                names.handle(key)
                owner, here = here, get(here, key)
            elif isinstance(here, Function):
                given = [argument(names) for argument in link.given]
                names.handle(owner, *given)
                here = _call(here, given)
                names.handle(here)
            else:
                refuse("a call of what is no plain function")
        return here

    return walk


def _call(function: Function, given: list[Any]) -> Any:
    try:
        return function.call(*given)
    except MalformedExpression:
        raise
    except (TypeError, ValueError, OverflowError, IndexError):
        refuse(f"a call with {to_text(given)[:80]}")
