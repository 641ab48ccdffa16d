"""What of a contract was exercised: operations, statuses, refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from simulator.conformance.contract import Contract
from simulator.conformance.operations import Operation
from simulator.conformance.refusals import find_errors, refusal_of
from simulator.exchange import Answer, Exchange

Json = Any


class Coverage:
    """Counts by operation, by status and by refusal; several vendors in one.

    Not safe for threads of its own: the caller holds whatever lock guards the journal.
    """

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str]] = Counter()
        self._statuses: Counter[tuple[str, str, int]] = Counter()
        self._errors: Counter[tuple[str, str, str]] = Counter()
        self._editions: dict[str, dict[str | None, None]] = {}

    def note(self, exchange: Exchange, contract: Contract | None = None) -> None:
        """Count an exchange that reached an operation; refusals are told apart by their contract's words.

        One that the account's edition lacks was not reached.
        """
        if exchange.account is not None:
            self.note_edition(exchange.vendor, exchange.edition)
        strayed = any(violation.code == "outside-edition" for violation in exchange.violations)
        if exchange.operation is None or strayed:
            return
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
        text = refusal_of(contract, variant, answer)
        errors = find_errors(contract, variant, answer.status, text) if text is not None else None
        for error in errors or ():
            self._errors[(*key, error.text)] += 1

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
        calls, vendor = self._calls, contract.vendor
        return [operation for operation in self.operations(contract) if not calls[vendor, operation.id]]

    def unsent(self, contract: Contract) -> list[Operation]:
        """Return the events never sent, in the document's order."""
        return [event for event in contract.events if not self._calls[contract.vendor, event.id]]

    def called(self, vendor: str, operation: str) -> int:
        """Return how often an operation was called, or an event sent."""
        return self._calls[vendor, operation]

    def seen(self, vendor: str, operation: str, answer: int | str) -> bool:
        """Tell whether an operation was answered with a status, or with the words of a refusal."""
        if isinstance(answer, int):
            return self._statuses[vendor, operation, answer] > 0
        return self._errors[vendor, operation, answer] > 0

    def as_json(self) -> dict[str, Json]:
        """Return `{vendor: {operation: {"calls", "statuses", "errors"}}}` of what was called, sorted."""
        counts: dict[str, Json] = {}
        for (vendor, operation), calls in sorted(self._calls.items()):
            entry = {"calls": calls, "statuses": {}, "errors": {}}
            counts.setdefault(vendor, {})[operation] = entry
        for (vendor, operation, status), count in sorted(self._statuses.items()):
            counts[vendor][operation]["statuses"][str(status)] = count
        for (vendor, operation, text), count in sorted(self._errors.items()):
            counts[vendor][operation]["errors"][text] = count
        return counts


def _is_in(operation: Operation, editions: Iterable[str | None]) -> bool:
    """Return whether an operation is in one of the editions; None stands for a client that uses all."""
    forms = [form.editions for form in operation.variants]
    return any(not form or edition is None or edition in form for form in forms for edition in editions)
