"""What a client's requests brought, against what its task asks them to bring."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl

from simulator.conformance.recordings import nearest
from simulator.exchange import Exchange, Request
from simulator.reports.evidence import Finding
from simulator.suites.cases import Asked, Case, Sent
from simulator.suites.conclusions import show
from simulator.suites.values import NoSuchValue, find

Json = Any
ABSENT = "nothing"
PLENTY = 1_000_000


def judge_requests(case: Case, exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    """Yield where a request did not bring what its task asks for, or was made too often or too seldom."""
    for rule in case.expect.sent:
        yield from _judge_sent(case, rule, [one for one in exchanges if one.operation == rule.operation])
    for limit in case.expect.asked:
        count = sum(one.operation == limit.operation for one in exchanges)
        if not limit.least <= count <= limit.most:
            yield _finding(case, f"requests of {limit.operation}", _between(limit), str(count), None)


def _judge_sent(case: Case, rule: Sent, exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    subject = f"{rule.operation}: {rule.field}" + (f" in the {rule.place}" if rule.place else "")
    asked = ABSENT if rule.value is None else show(rule.value)
    if not exchanges:
        yield _finding(case, subject, asked, f"{rule.operation} was never asked for", None)
        return
    arrived = _value(exchanges[-1].request, rule)
    if arrived != rule.value:
        shown = ABSENT if arrived is None else show(arrived)
        yield _finding(case, subject, asked, shown, exchanges[-1])


def _value(request: Request, rule: Sent) -> Json:
    """Return what a request brings in a field, None where nothing."""
    field = rule.field
    if field.startswith("/"):
        try:
            return find(json.loads(request.body), field)
        except (ValueError, RecursionError, NoSuchValue):
            return None
    texts = {"query": request.query, "body": request.body.decode("utf-8", "replace")}
    searched = [texts[rule.place]] if rule.place else [*texts.values()]
    pairs = [pair for text in searched for pair in parse_qsl(text, keep_blank_values=True)]
    return next((value for name, value in pairs if name == field), None)


def _between(limit: Asked) -> str:
    if limit.least == limit.most:
        return str(limit.least)
    return f"at least {limit.least}" if limit.most >= PLENTY else f"{limit.least} to {limit.most}"


def _finding(case: Case, subject: str, asked: str, arrived: str, exchange: Exchange | None) -> Finding:
    return Finding(
        about="wire",
        subject=subject,
        asked=asked,
        arrived=arrived,
        fix=case.advice,
        example=nearest(exchange) if exchange is not None else "",
        exchanges=(exchange.id,) if exchange is not None else (),
    )
