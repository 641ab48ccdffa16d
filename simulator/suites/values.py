"""What a case writes in place of a value: names in braces, lists made by counting, and what is true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from simulator.errors import SimulatorError, counted
from simulator.exchange import Exchange

Json = Any
NAME = re.compile(r"\{([a-z_]+)\}")
REPEAT = "repeat"
TRUTHS = frozenset({"answer", "calls", "messages", "told"})
COUNTED = ("count", "sum", "ids", "id")
"""What may be asked of several things."""


class NoSuchValue(SimulatorError):
    """A value that a case asks for and that is not there."""


def fill(value: Json, names: Mapping[str, object], answers: Iterable[Json] = ()) -> Json:
    """Return a value with `{name}` replaced by what it stands for; other braces stay as they are.

    A map `{repeat: 60, each: X}` becomes a list, with `{n}` in X counted from 0 with four digits; with
    `join` a text. A map `{given: 0, at: /call_id}` is what was answered to what the suite asked before.
    """
    if isinstance(value, str):
        return NAME.sub(lambda match: str(names.get(match[1], match[0])), value)
    if isinstance(value, list):
        return [fill(entry, names, answers) for entry in value]
    if not isinstance(value, dict):
        return value
    if REPEAT in value:
        rows = [fill(value["each"], {**names, "n": f"{n:04}"}, answers) for n in range(value[REPEAT])]
        return value["join"].join(rows) if "join" in value else rows
    if "given" in value:
        return find([*answers][value["given"]], value["at"])
    return {key: fill(entry, names, answers) for key, entry in value.items()}


def read_answer(body: bytes) -> Json:
    """Return the JSON of an answer with every digit kept; raises NoSuchValue where it is none."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise NoSuchValue(f"the answer is no JSON: {error}") from None


def find_all(value: Json, pointer: str) -> list[Json]:
    """Return what stands at a JSON pointer in which `*` is every entry of a list."""
    places = [value]
    for step in pointer.split("/")[1:]:
        if step == "*":
            places = [entry for place in places if isinstance(place, list) for entry in place]
        else:
            places = [place[step] for place in places if isinstance(place, dict) and step in place]
    return places


def find(value: Json, pointer: str) -> Json:
    """Return what stands at a JSON pointer; raises NoSuchValue."""
    for step in pointer.split("/")[1:]:
        try:
            value = value[int(step) if isinstance(value, list) else step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise NoSuchValue(f"nothing stands at {pointer}") from None
    return value


def in_words(expected: Json) -> str:
    """Say what a case writes in place of a value that only the world knows."""
    if not isinstance(expected, dict) or not expected.keys() & TRUTHS:
        return json.dumps(expected, ensure_ascii=False, default=str)
    if "answer" in expected:
        return f"what {expected['answer']} answered at {expected['at']}"
    if "told" in expected:
        return f"the {expected['word']} of what {expected['told']} told at {expected['at']}"
    kind = "calls" if "calls" in expected else "messages"
    return f"the {expected[kind]} of the {kind} there are" + (
        f" to {expected['to']}" if "to" in expected else ""
    )


class Truth:
    """What is true in a world, for the values that a case expects its client to have concluded.

    `calls` and `messages` are the references of those that there are, oldest first, by whom they reach.
    """

    def __init__(
        self,
        exchanges: Iterable[Exchange],
        calls: Iterable[tuple[str, str]],
        messages: Iterable[tuple[str, str]],
        names: Mapping[str, object],
        answers: Iterable[Json],
    ) -> None:
        self._exchanges = [*exchanges]
        self._things = {"calls": [*calls], "messages": [*messages]}
        self._names, self._answers = names, [*answers]

    def of(self, expected: Json) -> Json:
        """Return the value that is expected; raises NoSuchValue where the world does not have it.

        `{answer: OPERATION, at: POINTER}` is what the vendor answered last there, with `before: "-"` the
        part of it before a hyphen. `{calls: id}` is the only
        call's reference (`{calls: count}`, `ids`, `sum`), likewise for `messages`; with `as: "c2c_{}"`
        as the vendor writes it, with `to: NUMBER` of those to one number. `{told: OPERATION, at: /*/id,
        word: sum, least: 5}` is about the different values in all answers there, of which there have to be
        so many.
        """
        if not isinstance(expected, dict) or not expected.keys() & TRUTHS:
            return fill(expected, self._names, self._answers)
        if "told" in expected:
            return self._told(expected)
        if "answer" in expected:
            answered = self._answered(expected["answer"], expected["at"])
            return str(answered).partition(expected["before"])[0] if "before" in expected else answered
        kind = "calls" if "calls" in expected else "messages"
        return self._counted(self._things[kind], expected[kind], expected)

    def _bodies(self, operation: str) -> list[bytes]:
        answers = [one.answer for one in self._exchanges if one.operation == operation and not one.lost]
        return [answer.body for answer in answers if 200 <= answer.status < 300]

    def _answered(self, operation: str, pointer: str) -> Json:
        bodies = self._bodies(operation)
        if not bodies:
            raise NoSuchValue(f"{operation} was never answered")
        return find(read_answer(bodies[-1]), pointer)

    def _told(self, expected: Mapping[str, Any]) -> Json:
        answers = [read_answer(body) for body in self._bodies(expected["told"])]
        values = dict.fromkeys(str(one) for answer in answers for one in find_all(answer, expected["at"]))
        if len(values) < expected.get("least", 0):
            rows = counted(expected["least"], "row")
            raise NoSuchValue(f"there are {rows} at least, and the client asked for {len(values)}")
        return self._counted([(value, "") for value in values], expected["word"], {})

    def _counted(self, things: list[tuple[str, str]], word: str, options: Mapping[str, Any]) -> Json:
        written = options.get("as", "{}")
        refs = [ref for ref, to in things if options.get("to") in (None, to)]
        match word:
            case "count":
                return len(refs)
            case "sum":
                return sum(map(int, refs))
            case "ids":
                return [written.format(ref) for ref in refs]
        if not refs:
            raise NoSuchValue("there is none in the world")
        return written.format(refs[-1])
