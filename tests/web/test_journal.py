from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest

from simulator.errors import SimulatorError
from simulator.exchange import Answer, Exchange, Request, Violation
from simulator.web.journal import TRUNCATED, EvictedExchanges, Journal, log_line, shorten

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
MISSPELT = Violation(
    code="unknown-parameter",
    where="query/fone",
    asked="phone",
    arrived="fone",
    fix="write phone",
    source="openapi.yaml#/x",
)


def exchange(
    number: int, vendor: str = "callo", operation: str = "add_call", body: bytes = b"", violations: int = 0
) -> Exchange:
    request = Request("POST", "/phones/call/", body=body)
    slips = (MISSPELT,) * violations
    return Exchange(
        id=f"x{number}",
        at=START,
        world="main",
        vendor=vendor,
        operation=operation,
        request=request,
        answer=Answer(),
        violations=slips,
    )


def filled(count: int, **limits: int) -> Journal:
    journal = Journal(**limits)
    for number in range(count):
        journal.add(exchange(number))
    return journal


def test_the_oldest_exchanges_go_first_and_are_counted() -> None:
    journal = filled(25, max_entries=10)

    assert [kept.id for kept in journal] == [f"x{number}" for number in range(15, 25)]
    assert (journal.recorded, journal.dropped, journal.complete) == (25, 15, False)


def test_ten_thousand_exchanges_are_kept_where_nobody_says_how_many() -> None:
    journal = filled(10_001)

    assert (len(journal), journal.dropped) == (10_000, 1)


def test_bytes_bound_the_journal_where_the_count_does_not() -> None:
    journal = Journal(max_bytes=1_000_000)
    for number in range(200):
        journal.add(exchange(number, body=b"x" * 60_000))

    assert journal.bytes <= 1_000_000
    assert 10 <= len(journal) <= 16
    assert journal.dropped == 200 - len(journal)


def test_long_bodies_are_cut_and_their_hash_is_kept() -> None:
    journal, body = Journal(body_kept=1_000), b"0123456789" * 500

    journal.add(exchange(1, body=body))

    kept = journal.get("x1").request
    assert kept.body == body[:1_000]
    assert kept.header(TRUNCATED) == f"bytes=5000; sha256={hashlib.sha256(body).hexdigest()}"


def test_cutting_twice_keeps_the_first_hash() -> None:
    body = b"0123456789" * 500

    twice = shorten(shorten(exchange(1, body=body), 2_000), 1_000)

    assert twice == shorten(exchange(1, body=body), 1_000)


def test_exchanges_are_found_by_vendor_operation_and_violation() -> None:
    journal = Journal()
    for made in (
        exchange(1),
        exchange(2, "callr"),
        exchange(3, operation="balance"),
        exchange(4, violations=1),
    ):
        journal.add(made)

    assert [made.id for made in journal.find(vendor="callr")] == ["x2"]
    assert [made.id for made in journal.find(vendor="callo", operation="balance")] == ["x3"]
    assert [made.id for made in journal.find(violation="unknown-parameter")] == ["x4"]
    assert journal.violations() == [(journal.get("x4"), MISSPELT)]


def test_a_reader_pages_through_by_the_last_id_seen() -> None:
    journal = filled(25)

    first = journal.find(limit=10)
    rest = journal.find(after=first[-1].id)

    assert [made.id for made in first + rest] == [f"x{number}" for number in range(25)]


def test_evicted_data_is_never_mistaken_for_nothing() -> None:
    journal = filled(25, max_entries=10)

    with pytest.raises(EvictedExchanges, match="15 were dropped"):
        journal.require_complete("verify called")
    with pytest.raises(EvictedExchanges):
        journal.get("x3")
    with pytest.raises(EvictedExchanges):
        journal.find(after="x3")


def test_an_id_that_never_was_is_named() -> None:
    with pytest.raises(SimulatorError, match="no exchange 'x99'"):
        filled(3).get("x99")


def test_one_exchange_is_one_line_whatever_it_holds() -> None:
    nasty = Request("GET", "/a\r\n\x1b[31m\u202e\u2028b", headers=(("User-Agent", "x\ny"),))
    made = Exchange(
        id="x1", at=START, world="main", vendor="callo", operation=None, request=nasty, answer=Answer(404)
    )

    line = log_line(made)

    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["path"] == nasty.path
