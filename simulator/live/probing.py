"""A live vendor asked what its document shows, one request an operation, and each answer judged by that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Event
from typing import Any
from urllib.parse import parse_qsl, quote

import yaml
from msgspec.structs import replace

from simulator.conformance.contract import Contract
from simulator.conformance.drift import Drift, find_drift
from simulator.conformance.examples import example_request, plain_name
from simulator.conformance.operations import Operation
from simulator.engine.real_time import host_now
from simulator.exchange import Exchange, Request
from simulator.live.targets import Ask, UnreachableTarget, hide, judged, key_headers, plain_values

Json = Any
LIST_FIRST = 1
NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{5,20}[0-9]")
"""What may be somebody's number."""


LONGEST_WAIT = timedelta(minutes=1)


def pause(length: timedelta) -> None:
    """Wait as long as a vendor asks for."""
    Event().wait(length.total_seconds())


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What came of one operation: the exchange, or why there is none, and the drift in it."""

    operation: str
    exchange: Exchange | None = None
    skipped: str = ""
    drift: tuple[Drift, ...] = ()


@dataclass
class Prober:
    """Asks one vendor; `known` are credentials and ids by name, others are taken from earlier answers."""

    contract: Contract
    ask: Ask
    known: Mapping[str, Any]
    pause: Callable[[timedelta], object] = pause
    _met: dict[str, dict[str, Any]] = field(default_factory=dict)

    def probe(self, operations: list[str]) -> Iterator[Probe]:
        """Ask for each operation, those first whose path has no variable; yield what came of each."""
        chosen = [one for one in self.contract.operations if one.id in operations]
        for number, operation in enumerate(sorted(chosen, key=lambda one: one.path.count("{")), 1):
            yield self._probe(operation, number)

    def _probe(self, operation: Operation, number: int) -> Probe:
        variant = operation.variants[0]
        request = example_request(self.contract, variant, self._values(variant.path))
        if request is None:
            return Probe(operation=operation.id, skipped="the document has no example of it")
        if strangers := self._strangers(operation, request):
            given = f"`{strangers[0]}` is the document's: give your own by --key {strangers[0]}=..."
            return Probe(operation=operation.id, skipped=given)
        request = replace(
            request, headers=(*request.headers, *key_headers(self.contract, self.known).items())
        )
        try:
            exchange = self._ask(request, number)
        except UnreachableTarget as error:
            return Probe(operation=operation.id, skipped=error.message)
        if exchange.answer.status < 300:
            with suppress(ValueError, RecursionError):
                met = self._met.setdefault(request.path, {})
                for name, value in plain_values(json.loads(exchange.answer.body), LIST_FIRST):
                    met.setdefault(name, value)
        drift = find_drift(self.contract, exchange, host_now().date())
        return Probe(operation=operation.id, exchange=exchange, drift=tuple(drift))

    def _ask(self, request: Request, number: int) -> Exchange:
        """Ask, and once more after the wait that the vendor asks for, if that is short."""
        exchange = judged(self.contract, request, self.ask(request), number)
        if exchange.wait is None or exchange.wait > LONGEST_WAIT:
            return exchange
        self.pause(exchange.wait)
        return judged(self.contract, request, self.ask(request), number)

    def _strangers(self, operation: Operation, request: Request) -> list[str]:
        """Return the names whose values may be a number that nobody gave, where it would be called."""
        if self.contract.effect_of(operation.id) not in ("calls", "messages"):
            return []
        own = {str(value) for value in self.known.values()}
        return [name for name, value in _leaves(request) if NUMBER.fullmatch(value) and value not in own]

    def _values(self, path: str) -> dict[str, Any]:
        """Return what is known by name: ids of an answer count for paths below the one that gave them."""
        values: dict[str, Any] = {}
        for place, met in self._met.items():
            if path.startswith(f"{place}/"):
                values |= met
        return {plain_name(name): value for name, value in {**values, **self.known}.items()}


def _leaves(request: Request) -> Iterator[tuple[str, str]]:
    """Yield the values of a request by their names, however deep."""
    yield from parse_qsl(request.query)
    body = request.body.decode("utf-8", "replace")
    if request.media_type != "application/json":
        yield from parse_qsl(body)
        return
    with suppress(ValueError, RecursionError):
        yield from _named_leaves("body", json.loads(body))


def _named_leaves(name: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for inner, entry in value.items():
            yield from _named_leaves(inner, entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _named_leaves(name, entry)
    else:
        yield name, str(value)


def line_of(probe: Probe) -> str:
    """Return what came of one operation in a line."""
    if probe.exchange is None:
        return f"{probe.operation:<28} not asked: {probe.skipped}"
    state = "DRIFT" if probe.drift else "as documented"
    return f"{probe.operation:<28} {probe.exchange.answer.status}  {state}"


def describe_drift(drift: Drift, secrets: Mapping[str, Any]) -> list[str]:
    """Return a drift in lines for people; the values of `secrets` are not shown."""
    violation, request = drift.violation, drift.exchange.request
    asked = f"{request.method} {quote(request.path)}{'?' if request.query else ''}{request.query}"
    lines = [
        f"  {drift.operation}, {violation.where}: {drift.summary}",
        f"    document  [{violation.provenance}] {violation.source}",
        f"    arrived   {violation.arrived}",
        f"    to        {asked}",
    ]
    return [hide(line, secrets) for line in lines]


def write_proposal(drifts: list[Drift], contract: Contract, target: str, on: date) -> str:
    """Return drifts as a proposal to change the document, in YAML: patches, each with why."""
    changes = [
        {
            "operation": drift.operation,
            "why": drift.summary,
            "document": drift.violation.source,
            "was": drift.violation.provenance,
            "patch": [{"op": one.op, "path": one.path, "value": one.value} for one in drift.patches],
        }
        for drift in {drift.key: drift for drift in drifts}.values()
    ]
    proposal = {
        "proposal": 1,
        "vendor": contract.vendor,
        "seen_at": target,
        "on": f"{on:%F}",
        "changes": changes,
    }
    return yaml.safe_dump(proposal, sort_keys=False, allow_unicode=True, width=110)
