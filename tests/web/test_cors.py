"""Browsers that call a vendor: as the vendor has it, or let in by a setting."""

from __future__ import annotations

from typing import Literal

import pytest

from simulator import Simulator
from simulator.exchange import Headers, find_header
from simulator.testing.transports import WsgiAnswer, ask
from simulator.vendors import vendor_names

PAGE = ("Origin", "http://localhost:3000")
ASKS = (PAGE, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "x-api-key"))
PATHS = {"callo": "/x", "callr": "/v2.0/sms", "jaicp": "/x", "kaleyra": "/v1/"}


def asked(cors: Literal["vendor", "open"], verb: str, vendor: str, headers: Headers) -> WsgiAnswer:
    simulator = Simulator(cors=cors, loopback=True)
    return ask(simulator, verb, f"http://localhost:8070/{vendor}{PATHS[vendor]}", headers, b"")


@pytest.mark.parametrize("vendor", vendor_names())
def test_a_preflight_is_answered_where_pages_are_let_in(vendor: str) -> None:
    leave = asked("open", "OPTIONS", vendor, ASKS)

    assert leave.status == 204
    assert find_header(leave.headers, "Access-Control-Allow-Origin") == PAGE[1]
    assert find_header(leave.headers, "Access-Control-Allow-Methods") == "POST"
    assert find_header(leave.headers, "Access-Control-Allow-Headers") == "x-api-key"


@pytest.mark.parametrize("vendor", vendor_names())
def test_by_default_it_is_the_vendors_to_answer(vendor: str) -> None:
    answer = asked("vendor", "OPTIONS", vendor, ASKS)

    assert answer.status >= 400
    assert find_header(answer.headers, "Access-Control-Allow-Origin") is None


def test_the_page_may_read_what_comes_also_a_refusal() -> None:
    answer = asked("open", "POST", "callr", (PAGE,))

    assert answer.status >= 400
    assert find_header(answer.headers, "Access-Control-Allow-Origin") == PAGE[1]
    assert "X-Simulator-Rule" in (find_header(answer.headers, "Access-Control-Expose-Headers") or "")


def test_who_is_no_page_sees_nothing_of_it() -> None:
    answer = asked("open", "GET", "callr", ())

    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_page_of_a_foreign_site_is_refused_all_the_same() -> None:
    answer = asked("open", "OPTIONS", "callr", (("Origin", "https://evil.example"), *ASKS[1:]))

    assert answer.status == 403
    assert find_header(answer.headers, "Access-Control-Allow-Origin") is None
