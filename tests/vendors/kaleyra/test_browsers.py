"""Browsers of other sites: turned away as long as no setting lets them in."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.scenario.loading import load_text

OPEN = """
sim: 1
admit: anyone
profiles: {kaleyra: {cors_origin: "*"}}
"""
KEY = "A" + "0" * 32
PREFLIGHT = {
    "Origin": "https://shop.test",
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "x-api-key",
}
ALLOWED = "Access-Control-Allow-Origin"


def browser(scenario: str) -> Client:
    simulator = Simulator(vendors=("kaleyra",))
    simulator.worlds.open("main", load_text(scenario.encode(), "open.yaml"))
    return Client(simulator)


@pytest.mark.parametrize("path", ["/kaleyra/v1/", "/kaleyra/api/v1/"])
def test_a_page_of_another_site_gets_in_where_that_is_set(path: str) -> None:
    client = browser(OPEN)
    preflight = client.options(path, headers=PREFLIGHT)
    answer = client.post(path, data={"method": "dial"}, headers={"x-api-key": KEY})
    refused = client.post(path, data={"method": "nope"}, headers={"x-api-key": KEY})

    assert (preflight.status_code, preflight.data) == (204, b"")
    assert "x-api-key" in preflight.headers["Access-Control-Allow-Headers"]
    assert [one.headers[ALLOWED] for one in (preflight, answer, refused)] == ["*"] * 3
    assert "X-Simulator-Violations" not in preflight.headers


def test_nobody_is_told_of_origins_by_default() -> None:
    client = browser("sim: 1\nadmit: anyone\n")
    preflight = client.options("/kaleyra/v1/")
    answer = client.post("/kaleyra/v1/", data={"method": "dial"}, headers={"x-api-key": KEY})

    assert preflight.status_code == 405
    assert ALLOWED not in preflight.headers
    assert ALLOWED not in answer.headers
