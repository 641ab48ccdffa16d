"""What of a contract was exercised: operations, statuses, refusals, and the parameters that came."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from simulator.conformance.contract import Contract
from simulator.conformance.operations import Operation
from simulator.conformance.outline import outline
from simulator.conformance.refusals import find_errors, words_of
from simulator.exchange import Answer, Exchange, Request

Json = Any
DEEPEST = 8
MOST_ITEMS = 50
"""Items of a list that are looked into: the rest is like them."""

_NAME_OF_PART = re.compile(rb'[; ]name="?([^";\r\n]{1,100})')
_INDEX = re.compile(r"\[\d*\]")
_KEY = re.compile(r"\[([^\]]+)\]")


class Coverage:
    """Counts by operation, by status and by refusal; several vendors in one.

    Not safe for threads of its own: the caller holds whatever lock guards the journal.
    """

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str]] = Counter()
        self._statuses: Counter[tuple[str, str, int | str]] = Counter()
        self._errors: Counter[tuple[str, str, int | str]] = Counter()
        self._editions: dict[str, dict[str | None, None]] = {}

    def note(self, exchange: Exchange, contract: Contract | None = None) -> None:
        """Count an exchange that reached an operation; refusals are told apart by their contract's words.

        One that the account's edition lacks was not reached.
        """
        if exchange.account is not None:
            self.note_edition(exchange.vendor, exchange.edition)
        is_outside = any(one.code == "outside-edition" for one in exchange.violations)
        if exchange.operation is not None and not is_outside:
            self.note_answer((exchange.vendor, exchange.operation), exchange.answer, contract)

    def note_answer(self, key: tuple[str, str], answer: Answer, contract: Contract | None = None) -> None:
        """Count how an operation, by its vendor and name, was answered."""
        self._calls[key] += 1
        self._statuses[(*key, answer.status)] += 1
        if contract is not None and contract.may_refuse(answer.status):
            self._note_refusal(contract, answer, key)

    def note_edition(self, vendor: str, edition: str | None) -> None:
        """Count an account that uses this edition of a vendor's API, or None for one that has them all."""
        self._editions.setdefault(vendor, {})[edition] = None

    def _note_refusal(self, contract: Contract, answer: Answer, key: tuple[str, str]) -> None:
        operation = contract.by_id.get(key[1])
        if operation is None:  # a download, of which no document speaks as an operation
            return
        variant = operation.variants[0]
        if (text := words_of(contract, variant, answer).text) is not None:
            errors = find_errors(contract, variant, answer.status, text)
            self._errors.update((*key, error.text) for error in errors)

    def operations(self, contract: Contract) -> list[Operation]:
        """Return the operations of the editions that were used, else all, in the document's order.

        Of twins the one that nobody called is left out, and the second where nobody called either.
        """
        editions = self._editions.get(contract.vendor, {None: None})
        twins = {operation.id: operation.twin for operation in contract.operations if operation.twin}
        called = {name for name in (*twins, *twins.values()) if self._calls[contract.vendor, name]}
        spared = {twin if name in called else name for name, twin in twins.items()} - called
        known = [operation for operation in contract.operations if _is_in(operation, editions)]
        return [operation for operation in known if operation.id not in spared]

    def missing(self, contract: Contract) -> list[Operation]:
        """Return the operations never called of the editions that were used, in the document's order."""
        return [one for one in self.operations(contract) if not self.called(contract.vendor, one.id)]

    def unsent(self, contract: Contract) -> list[Operation]:
        """Return the events never sent, in the document's order."""
        return [event for event in contract.events if not self.called(contract.vendor, event.id)]

    def called(self, vendor: str, operation: str) -> int:
        """Return how often an operation was called, or an event sent."""
        return self._calls[vendor, operation]

    def seen(self, vendor: str, operation: str, answer: int | str) -> bool:
        """Tell whether an operation was answered with a status, or with the words of a refusal."""
        answers = self._statuses if isinstance(answer, int) else self._errors
        return answers[vendor, operation, answer] > 0

    def as_json(self) -> dict[str, Json]:
        """Return `{vendor: {operation: {"calls", "statuses", "errors"}}}` of what was called, sorted."""
        counts: dict[str, Json] = {}
        for (vendor, operation), calls in sorted(self._calls.items()):
            entry = {"calls": calls, "statuses": {}, "errors": {}}
            counts.setdefault(vendor, {})[operation] = entry
        for word, answers in (("statuses", self._statuses), ("errors", self._errors)):
            for (vendor, operation, answer), count in sorted(answers.items()):
                counts[vendor][operation][word][str(answer)] = count
        return counts


def _is_in(operation: Operation, editions: Iterable[str | None]) -> bool:
    """Return whether an operation is in one of the editions; None stands for a client that uses all."""
    forms = [form.editions for form in operation.variants]
    return any(not form or edition is None or edition in form for form in forms for edition in editions)


# -- parameters -------------------------------------------------------------------------------------------


@cache
def parameters_of(contract: Contract, operation: str) -> tuple[tuple[str, str], ...]:
    """Return name and place of each documented parameter of an operation, of its recommended form."""
    known = contract.by_id.get(operation)
    return tuple((row.name, row.place) for row in outline(contract, known.variants[0])) if known else ()


class ParametersMet:
    """Notes by vendor and operation which names came: in the query, in forms, in JSON however deep.

    Not safe for threads.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], set[str]] = {}

    def note(self, exchange: Exchange) -> None:
        """Note the names in a client's request."""
        if exchange.operation is not None and not exchange.callback:
            names = self._names.setdefault((exchange.vendor, exchange.operation), set())
            names.update(map(plain_name, _names_in(exchange.request)))

    def met(self, contract: Contract, operation: str) -> dict[str, bool]:
        """Return each documented parameter, and whether it came: those in the path always do."""
        names = self._names.get((contract.vendor, operation))
        return {
            name: names is not None and (place == "path" or plain_name(name) in names)
            for name, place in parameters_of(contract, operation)
        }


def plain_name(name: str) -> str:
    """Return a name however it is written: `filter[a]` and `filter.a`, `ids[]`, `ids[0]` and `ids`."""
    return _KEY.sub(r".\1", _INDEX.sub("", name)).casefold()


def _names_in(request: Request) -> Iterator[str]:
    yield from (name for name, _ in parse_qsl(request.query, keep_blank_values=True))
    yield from (name for name, _ in request.headers)
    kind = request.media_type
    if kind == "multipart/form-data":
        yield from (name.decode("utf-8", "replace") for name in _NAME_OF_PART.findall(request.body))
    elif kind == "application/x-www-form-urlencoded":
        text = request.body.decode("utf-8", "replace")
        yield from (name for name, _ in parse_qsl(text, keep_blank_values=True))
    elif request.body:
        try:
            yield from _names_deep(json.loads(request.body), "", 0)
        except (ValueError, RecursionError):
            return


def _names_deep(value: Json, prefix: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        yield f"{prefix}[]"
        for entry in value[:MOST_ITEMS]:
            yield from _names_deep(entry, prefix, depth + 1)
    elif isinstance(value, dict):
        for key, entry in value.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            yield name
            yield from _names_deep(entry, name, depth + 1)
