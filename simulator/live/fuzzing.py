"""Requests made from a contract by Schemathesis, right and wrong, alone and in chains; the answers judged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from simulator.conformance.contract import Contract
from simulator.conformance.examples import plain_name
from simulator.errors import SimulatorError
from simulator.exchange import Answer, Exchange, Request, Violation
from simulator.live.targets import key_headers, plain_values
from simulator.web.guard import Refused, SizeLimits, path_of, read_request

PHASES = ("examples", "coverage", "fuzzing", "stateful")
MOST_LEARNED, MOST_ENTRIES = 200, 3
LIMITS = SizeLimits()
WELL_FORMED = re.compile(r"[\w+-]+")
Judge = Callable[[Request], Exchange | None]
"""Sends a request and returns what came of it, judged; None for one that must not be sent."""


@dataclass(frozen=True, kw_only=True)
class FuzzPlan:
    """What is tried: so many examples an operation, at most so many seconds, in these phases.

    `known` are credentials and the like by name, which stand in for invented ones; `operations` are the
    only ones that are tried, all if empty.
    """

    examples: int = 10
    seconds: float = 60.0
    phases: tuple[str, ...] = PHASES
    seed: int = 0
    known: Mapping[str, Any] = field(default_factory=dict)
    operations: frozenset[str] = frozenset()


@dataclass
class FuzzFinding:
    """One breach of the answering side, with the shortest request that brought it about."""

    exchange: Exchange
    violation: Violation
    times: int = 1


@dataclass
class FuzzResult:
    """What was sent in each phase, how it was answered, and what was wrong."""

    requests: dict[str, int] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    operations: set[str] = field(default_factory=set)
    findings: dict[tuple[str, ...], FuzzFinding] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    def note(self, phase: str, exchange: Exchange) -> None:
        """Note an exchange: only what the answering side did counts, and a failure of its server always."""
        status = exchange.answer.status
        self.requests[phase] = self.requests.get(phase, 0) + 1
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if exchange.operation and status < 400:
            self.operations.add(exchange.operation)
        for violation in exchange.violations:
            if violation.blame != "client":
                self._note(exchange, violation)

    def _note(self, exchange: Exchange, violation: Violation) -> None:
        key = (exchange.operation or "", violation.code, violation.where, violation.asked)
        known = self.findings.get(key)
        if known is None:
            self.findings[key] = FuzzFinding(exchange, violation)
            return
        known.times += 1
        if _size(exchange) < _size(known.exchange):
            known.exchange, known.violation = exchange, violation


def _size(exchange: Exchange) -> int:
    return len(exchange.request.query) + len(exchange.request.body)


class Door:
    """A WSGI application between Schemathesis and whoever answers; it learns the ids that answers give."""

    def __init__(self, judge: Judge, result: FuzzResult) -> None:
        self._judge = judge
        self.result = result
        self.phase = ""
        self.learned: dict[str, Any] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass a request on, unless no vendor would ever see it, and return the answer."""
        try:
            request = read_request(environ, path_of(environ), LIMITS)
        except Refused as refused:
            return Answer(refused.status)(environ, start_response)
        exchange = self._judge(request)
        if exchange is None:
            return Answer(403, b"not allowed to be sent")(environ, start_response)
        self.result.note(self.phase, exchange)
        if exchange.answer.status < 300 and len(self.learned) < MOST_LEARNED:
            with suppress(ValueError, RecursionError):
                self.learned.update(plain_values(json.loads(exchange.answer.body), MOST_ENTRIES))
        return exchange.answer(environ, start_response)


def fuzz(contract: Contract, judge: Judge, plan: FuzzPlan) -> FuzzResult:
    """Try a vendor by what its document allows and forbids; raises SimulatorError without Schemathesis."""
    schemathesis = _schemathesis()
    result = FuzzResult()
    door = Door(judge, result)
    schema = schemathesis.openapi.from_dict(_document(contract), config=_config(schemathesis, plan))
    if plan.operations:
        schema = schema.include(operation_id=[*_names(contract, plan.operations)])
    schema.app = door
    keys = key_headers(contract, plan.known)

    def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
        if case.operation.schema.app is door:  # hooks are those of all schemas of a process
            _fill(case, plan.known, door.learned)
            _keep_path(case)
            _show_keys(case, keys)

    hooks = import_module("schemathesis.hooks").GLOBAL_HOOK_DISPATCHER
    hooks.hook(before_call)
    try:
        _run(import_module("schemathesis.engine").from_schema(schema).execute(), door, plan)
    finally:
        hooks.unregister(before_call)
    return result


def _run(events: Any, door: Door, plan: FuzzPlan) -> None:
    """Let all phases happen, once."""
    for event in events:
        kind = type(event).__name__
        if kind == "PhaseStarted":
            door.phase = event.phase.name.value
        elif kind in ("NonFatalError", "FatalError"):
            what = getattr(event, "info", None) or getattr(event, "exception", event)
            door.result.troubles.append(str(what)[:400])
        elif kind == "Interrupted":
            door.result.troubles.append("it was ended before all was tried")
            events.stop()
            return
        elif kind == "PhaseFinished" and event.phase.name.value == plan.phases[-1]:
            events.stop()
            return


def _schemathesis() -> Any:
    try:
        return import_module("schemathesis")
    except ImportError:
        raise SimulatorError(
            "fuzzing needs Schemathesis, the extra `contract`", "pip install 'vendor-simulator[contract]'"
        ) from None


def _config(schemathesis: Any, plan: FuzzPlan) -> Any:
    phases = {phase: {"enabled": phase in plan.phases} for phase in PHASES}
    config = schemathesis.Config.from_dict(
        {
            "generation": {"max-examples": plan.examples, "deterministic": not plan.seed, "allow-x00": False},
            "phases": phases,
            "workers": 1,
            "continue-on-failure": True,
            "checks": {"enabled": False},  # the contract judges, which knows more than its schemas say
            **({"seed": plan.seed} if plan.seed else {}),
        }
    )
    config.max_time = plan.seconds
    return config


def _document(contract: Contract) -> Any:
    """Return the document as Schemathesis takes it: one server, its path kept, and our word for required."""
    document = json.loads(json.dumps(contract.document).replace('"x-required"', '"required"'))
    servers = document.get("servers") or [{"url": ""}]
    document["servers"] = [{"url": f"http://localhost{urlsplit(servers[0]['url']).path}"}]
    return document


def _names(contract: Contract, operations: Iterable[str]) -> Iterable[str]:
    """Yield the ids that the document gives the forms of operations."""
    chosen = frozenset(operations)
    for path in contract.document["paths"].values():
        for form in path.values():
            name = form.get("operationId") if isinstance(form, dict) else None
            if name is not None and form.get("x-operation", name) in chosen:
                yield name


def _fill(case: Any, known: Mapping[str, Any], learned: Mapping[str, Any]) -> None:
    """Put what exists in the place of well-formed names that nobody has: else only refusals were tested.

    Credentials always, ids that answers gave every second time.
    """
    may_learn = crc32(repr((case.query, case.body, case.path_parameters)).encode()) % 2
    values = {**(learned if may_learn else {}), **known}
    by_name = {plain_name(name): value for name, value in values.items() if isinstance(value, str | int)}
    for place in (
        case.query,
        case.body,
        case.headers,
        case.path_parameters,
        (case.query or {}).get("fields"),
    ):
        if place is None or not hasattr(place, "update"):
            continue
        for name in [*place]:
            if plain_name(name) in by_name and _is_well_formed(place[name]):
                value = by_name[plain_name(name)]
                place[name] = value if isinstance(place[name], int) else str(value)


def _keep_path(case: Any) -> None:
    """Write in a path's names what would end the path, which Schemathesis leaves as it stands."""
    for name, value in (case.path_parameters or {}).items():
        if isinstance(value, str):
            case.path_parameters[name] = value.replace("?", "%3F").replace("#", "%23")


def _show_keys(case: Any, keys: Mapping[str, str]) -> None:
    """Put the right keys into the headers, but for every eighth request: else only refusals were tested."""
    if not keys or crc32(repr((case.path, case.query, case.body)).encode()) % 8 == 0:
        return
    for name in [name for name in case.headers if name.lower() in ("authorization", *map(str.lower, keys))]:
        del case.headers[name]
    case.headers.update(keys)


def _is_well_formed(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and WELL_FORMED.fullmatch(value) is not None)
