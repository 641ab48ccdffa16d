from __future__ import annotations

import pytest

from simulator.exchange import Headers, Request
from simulator.web.guard import Refused, check_admin_access

TOKEN = "correct horse battery"
OWN: Headers = (("Host", "localhost:8070"),)


def refusal(method: str, headers: Headers, token: str | None = None, query: str = "") -> int | None:
    try:
        check_admin_access(Request(method, "/reset", query, headers), ("sim.example",), token)
    except Refused as refused:
        return refused.status
    return None


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:8070", "[::1]:8070", "[::1]", "SIM.example:8070"]
)
def test_known_hosts_reach_the_control_api(host: str) -> None:
    assert refusal("POST", (("Host", host),)) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil",
        "127.0.0.1.nip.io",
        "localhost.evil",
        "0.0.0.0",
        "",
        "a, localhost",
        "localhost:1@evil",
        "127.1",
        "localhost.",
        "[::]",
        "sim.example.evil",
        "localhost\t",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_foreign_hosts_reach_nothing(host: str, method: str) -> None:
    assert refusal(method, (("Host", host),)) in (400, 403)


def test_two_hosts_or_a_forwarded_host_reach_nothing() -> None:
    assert refusal("GET", (("Host", "localhost"), ("Host", "evil"))) == 403
    assert refusal("GET", (("Host", "evil"), ("X-Forwarded-Host", "localhost"))) == 403
    assert refusal("GET", ()) == 403


FOREIGN: list[Headers] = [
    (("Origin", "https://evil"),),
    (("Origin", "null"),),
    (("Origin", "http://localhost:3000"),),
    (("Origin", "http://localhost:8070.evil"),),
    (("Sec-Fetch-Site", "cross-site"),),
    (("Sec-Fetch-Site", "same-site"),),
]


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_foreign_page_changes_nothing(foreign: Headers, kind: str | None, method: str) -> None:
    typed = (("Content-Type", kind),) if kind else ()

    assert refusal(method, OWN + foreign + typed) == 403


def test_the_own_page_and_plain_clients_may_change_things() -> None:
    page = (("Origin", "http://localhost:8070"), ("Sec-Fetch-Site", "same-origin"))

    assert refusal("POST", OWN + page) is None
    assert refusal("POST", OWN) is None


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN} ",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer " + "x" * 10000,
        "Bearer é",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_token_is_refused(given: str, method: str) -> None:
    assert refusal(method, (*OWN, ("Authorization", given)), TOKEN) == 401


def test_the_token_opens_by_header_and_never_by_query() -> None:
    assert refusal("POST", (*OWN, ("Authorization", f"Bearer {TOKEN}")), TOKEN) is None
    assert refusal("POST", OWN, TOKEN, query=f"token={TOKEN}&admin_token={TOKEN}") == 401


def test_an_empty_configured_token_opens_to_nobody() -> None:
    assert refusal("GET", (*OWN, ("Authorization", "Bearer ")), "") == 401
