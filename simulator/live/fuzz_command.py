"""Whom a fuzzer asks: a simulated vendor, the control API, or a real vendor at an address."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib.resources import files
from itertools import count
from typing import Any

import msgspec.structs
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.conformance.contract import Contract, load_contract, read_contract
from simulator.engine.bugs import BUG
from simulator.exchange import Answer, Exchange, Request, Violation
from simulator.live.fuzzing import FuzzFinding, FuzzPlan, FuzzResult, Judge, fuzz
from simulator.live.targets import Ask, hide, judged, operation_of
from simulator.scenario.loading import load_text

CONTROL = "control"
PATIENT = "sim: 1\nextends: happy\nlimits: [{{where: {vendor}.*, allow: 1000000 per 1s}}]\n"
"""A world in which nobody comes too often: else one refusal would hide all others."""


def fuzz_simulated(vendor: str, plan: FuzzPlan) -> FuzzResult:
    """Try a simulated vendor, or the control API, in a world of its own; raises UnknownName."""
    with _control() if vendor == CONTROL else _simulated(vendor) as (contract, judge, known):
        return fuzz(contract, judge, replace(plan, known={**known, **plan.known}))


def fuzz_target(contract: Contract, target: Ask, plan: FuzzPlan) -> FuzzResult:
    """Try a real vendor by the plan's operations, and send nothing that is or might be another one."""
    numbers = count(1)

    def judge(request: Request) -> Exchange | None:
        if operation_of(contract, request) not in plan.operations:
            return None
        return judged(contract, request, target(request), next(numbers))

    return fuzz(contract, judge, plan)


@contextmanager
def _simulated(vendor: str) -> Iterator[tuple[Contract, Judge, Mapping[str, Any]]]:
    contract = load_contract(vendor)
    with closing(Simulator(vendors=(vendor,))) as simulator:
        scenario = load_text(PATIENT.format(vendor=vendor).encode(), "fuzzed.yaml")
        sandbox = simulator.worlds.open("main", scenario)

        def judge(request: Request) -> Exchange:
            reply = sandbox.answer(vendor, request)
            sandbox.written(reply.number)
            exchange = msgspec.structs.replace(reply.exchange, answer=reply.answer)
            if not (rule := exchange.rule or "").startswith(BUG):
                return exchange
            name = rule.partition(",")[0]  # a failure is one, also where the document has a status for it
            bugs = (line for line in simulator.worlds.bugs if line.startswith(f"{name} "))
            failure = _failure(next(bugs, name), contract.source)
            return msgspec.structs.replace(exchange, violations=(*exchange.violations, failure))

        yield contract, judge, simulator.worlds.credentials(vendor)


def _failure(bug: str, source: str) -> Violation:
    return Violation(
        code="failed",
        where="the handler",
        asked="an answer or a refusal, whatever is asked",
        arrived=bug,
        fix="mend the handler",
        source=source,
        provenance="inferred",
        blame="simulator",
    )


@contextmanager
def _control() -> Iterator[tuple[Contract, Judge, Mapping[str, Any]]]:
    text = (files("simulator.admin") / "openapi.yaml").read_bytes()
    contract = read_contract(CONTROL, text, "control")
    with closing(Simulator()) as simulator, _quiet():
        numbers, client = count(1), Client(simulator)

        def judge(request: Request) -> Exchange:
            headers = [pair for pair in request.headers if pair[0].lower() not in ("accept", "host")]
            response = client.open(
                request.path,
                method=request.method,
                query_string=request.query,
                headers=headers,
                data=request.body,
                buffered=True,
            )
            answer = Answer(response.status_code, response.data, tuple(response.headers.items()))
            return judged(contract, request, answer, next(numbers))

        yield contract, judge, {"world": "main"}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to ourselves what each wrong request would write to the log: it is meant to be wrong."""
    log = logging.getLogger("simulator")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


def describe_finding(finding: FuzzFinding, secrets: Mapping[str, Any]) -> list[str]:
    """Return a finding in lines for people: what is wrong by what rule, how often, and after what request.

    The values of `secrets` are not shown.
    """
    exchange, violation = finding.exchange, finding.violation
    request = exchange.request
    query = f"?{request.query}" if request.query else ""
    body = request.body[:300].decode("utf-8", "replace")
    lines = [
        f"{exchange.operation or 'no operation'}: {violation.code} at {violation.where}, {finding.times} x",
        f"  {violation.asked}; arrived: {violation.arrived}  [{violation.provenance}] {violation.source}",
        f"  > {request.method} {request.path}{query}"[:600],
        *([f"  > {body}"] if body else []),
        f"  < {exchange.answer.status} {exchange.answer.body[:300].decode('utf-8', 'replace')}",
    ]
    return [hide("".join(one if one.isprintable() else "?" for one in line), secrets) for line in lines]
