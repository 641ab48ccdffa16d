"""Expressions of scripts, of the plain kinds: names, dotted access, literals, comparisons, logic, sums.

The vendor runs them in a JavaScript engine. Here they are parsed and computed by the rules of that language,
as far as these kinds go; anything else is told as not simulated, and never run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import fmod, isfinite
from operator import add, mul, sub, truediv
from typing import Any, NoReturn

Expression = Callable[[Mapping[str, Any]], Any]
"""An expression read once and computed for the variables of a run."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[$A-Za-z_][$\w]*)|(?P<mark>===|!==|==|!=|<=|>=|&&|\|\||\?\?|[-+*/%<>!().,\[\]?:]))",
    re.ASCII,
)
_PLACE = re.compile(r"\$\{\{((?:(?!\}\}).)*)\}\}", re.DOTALL)
_LITERALS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||", "??"), ("&&",), ("===", "!==", "==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"),
)  # fmt: skip
_SUMS: Mapping[str, Callable[[float, float], float]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "%": fmod,
}  # fmt: skip
LONGEST, DEEPEST = 2_000, 40


class MalformedExpression(ValueError):
    """An expression of a kind that is not simulated."""


@dataclass(frozen=True, slots=True)
class Function:
    """One of the few functions there are."""

    call: Callable[..., Any]


FUNCTIONS: Mapping[str, Mapping[str, Function]] = {
    "JSON": {"stringify": Function(lambda value=None, *_: to_json(value))},
}
"""Reachable by name; observed in public scripts."""


def parse_condition(value: Any) -> Expression:
    """Read what stands behind `if`: an expression, in `${{ }}` or bare; a plain value is itself."""
    if not isinstance(value, str):
        return lambda _: value
    match = _PLACE.fullmatch(value.strip())
    return parse_expression(match[1] if match else value)


def fill(value: Any, variables: Mapping[str, Any]) -> Any:
    """Return a parameter with every `${{ }}` in it computed; alone in a text, it keeps its type.

    Raises MalformedExpression.
    """
    if isinstance(value, dict):
        return {name: fill(entry, variables) for name, entry in value.items()}
    if isinstance(value, list):
        return [fill(entry, variables) for entry in value]
    if not isinstance(value, str):
        return value
    if (match := _PLACE.fullmatch(value.strip())) is not None:
        return parse_expression(match[1])(variables)
    return _PLACE.sub(lambda match: to_text(parse_expression(match[1])(variables)), value)


def parse_expression(text: str) -> Expression:
    """Read one expression; raises MalformedExpression."""
    if len(text) > LONGEST:
        raise MalformedExpression(f"an expression of more than {LONGEST} characters is not simulated")
    parser = _Parser(list(_tokens(text)), text)
    expression = parser.ternary()
    if parser.peek() is not None:
        parser.fail()
    return expression


def to_text(value: Any) -> str:
    """Return a value as JavaScript shows it inside a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "undefined" if value is None else to_json(value)


def to_json(value: Any) -> str:
    """Return a value as JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise MalformedExpression(f"{text[place : place + 40].strip()!r} is not simulated")
        yield match.lastgroup, match[match.lastgroup]
        place = match.end()


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
        raise MalformedExpression(f"{self._text.strip()[:80]!r} is not simulated")

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
        left = self.binary(level + 1)
        while (mark := self.take(*_LEVELS[level])) is not None:
            left = _combine(mark, left, self.binary(level + 1))
        return left

    def unary(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            self.fail()
        mark = self.take("!", "-")
        operand = self.unary() if mark else self.access()
        self._depth -= 1
        if mark == "!":
            return lambda names: not truthy(operand(names))
        return (lambda names: -_number(operand(names))) if mark else operand

    def access(self) -> Expression:
        value = self.primary()
        while (mark := self.take(".", "[", "(")) is not None:
            if mark == ".":
                value = _member(value, self.name())
            elif mark == "[":
                value = _item(value, self.ternary())
                self.expect("]")
            else:
                value = _called(value, self.arguments())
        return value

    def arguments(self) -> list[Expression]:
        given: list[Expression] = []
        while self.take(")") is None:
            if given:
                self.expect(",")
            given.append(self.ternary())
        return given

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
        kind, value = self._tokens[self._place] if self._place < len(self._tokens) else ("", "")
        self._place += 1
        if kind == "number":
            number = float(value) if "." in value else int(value)
            return lambda _: number
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", value[1:-1])
            return lambda _: text
        if kind != "name":
            self.fail()
        if value in _LITERALS:
            return lambda _: _LITERALS[value]
        return lambda names: names.get(value, FUNCTIONS.get(value))


def truthy(value: Any) -> bool:
    """Tell what JavaScript takes for true: also empty lists and maps."""
    return bool(value) or isinstance(value, dict | list)


def _combine(mark: str, left: Expression, right: Expression) -> Expression:
    if mark == "&&":
        return lambda names: right(names) if truthy(left(names)) else left(names)
    if mark == "||":
        return lambda names: left(names) if truthy(left(names)) else right(names)
    if mark == "??":
        return lambda names: right(names) if left(names) is None else left(names)
    return lambda names: _compute(mark, left(names), right(names))


def _compute(mark: str, left: Any, right: Any) -> Any:
    if mark in ("===", "==", "!==", "!="):
        same = _equal(left, right, strict=len(mark) == 3)
        return same if mark[0] == "=" else not same
    if mark == "+" and (isinstance(left, str) or isinstance(right, str)):
        return to_text(left) + to_text(right)
    if mark in ("<", ">", "<=", ">="):
        return _compare(mark, left, right)
    return _sum(mark, _number(left), _number(right))


def _equal(left: Any, right: Any, *, strict: bool) -> bool:
    alike = isinstance(left, bool) == isinstance(right, bool)
    if strict or type(left) is type(right) or left is None or right is None:
        return bool(left == right) and alike
    try:
        return _number(left) == _number(right)
    except MalformedExpression:
        return False


def _compare(mark: str, left: Any, right: Any) -> bool:
    if not (isinstance(left, str) and isinstance(right, str)):
        left, right = _number(left), _number(right)
    below, same = left < right, left == right
    return bool({"<": below, ">": not below and not same, "<=": below or same, ">=": not below}[mark])


def _sum(mark: str, left: float, right: float) -> float:
    try:
        result = _SUMS[mark](left, right)
    except (ZeroDivisionError, OverflowError):
        raise MalformedExpression("a sum without a finite result is not simulated") from None
    if not isfinite(result):
        raise MalformedExpression("a sum without a finite result is not simulated")
    return result


def _number(value: Any) -> float:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise MalformedExpression(f"{value!r} as a number is not simulated") from None


def _member(value: Expression, name: str) -> Expression:
    return lambda names: _get(value(names), name)


def _item(value: Expression, key: Expression) -> Expression:
    return lambda names: _get(value(names), key(names))


def _get(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get(key if isinstance(key, str) else to_text(key))
    if key == "length" and isinstance(value, str | list):
        return len(value)
    if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
        return value[key]
    if value is None:
        raise MalformedExpression(f"{to_text(key)} of undefined")
    return None


def _called(function: Expression, given: list[Expression]) -> Expression:
    def call(names: Mapping[str, Any]) -> Any:
        called = function(names)
        if not isinstance(called, Function):
            raise MalformedExpression("a call of anything but JSON.stringify is not simulated")
        return called.call(*(argument(names) for argument in given))

    return call
