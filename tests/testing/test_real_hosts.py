"""The vendors' real addresses in a test's process: sessions, applications that have them, the guard."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections.abc import Callable
from typing import Any

import django.test  # noqa: F401 - these are imported once here, and not again in every session below
import fastapi.testclient  # noqa: F401
import flask  # noqa: F401
import pytest
import trustme  # noqa: F401

from simulator.testing.fixtures import VendorFixture
from tests.source_tree import PACKAGE

URL = "https://api.callr.com/v2.0/billing/credit"
STRANGER = "https://www.callr.com/"
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```$", (PACKAGE / "testing/README.md").read_text(), re.MULTILINE | re.DOTALL
)


async def by_aiohttp(callr: VendorFixture, url: str) -> int:
    async with callr.aiohttp_session() as session, session.get(url, headers=keyed(callr)) as answer:
        return answer.status


async def by_httpx(callr: VendorFixture, url: str) -> int:
    async with callr.httpx_async_client("httpx") as client:
        return (await client.get(url, headers=keyed(callr))).status_code


async def by_httpx2(callr: VendorFixture, url: str) -> int:
    async with callr.httpx_async_client("httpx2") as client:
        return (await client.get(url, headers=keyed(callr))).status_code


async def by_urllib3(callr: VendorFixture, url: str) -> int:
    with callr.urllib3_pool() as pool:
        return pool.request("GET", url, headers=keyed(callr), retries=False).status


def keyed(callr: VendorFixture) -> dict[str, str]:
    return {"x-api-key": callr.key}


WAYS = [by_aiohttp, by_httpx, by_httpx2, by_urllib3]
Way = Callable[[VendorFixture, str], Any]


@pytest.mark.parametrize("way", WAYS)
def test_a_session_gets_to_the_world_of_its_test_at_the_real_host(callr: VendorFixture, way: Way) -> None:
    assert asyncio.run(way(callr, URL)) == 200

    (exchange,) = callr.exchanges
    assert (exchange.request.path, exchange.violations) == ("/v2.0/billing/credit", ())


@pytest.mark.parametrize("way", WAYS)
def test_a_session_reaches_no_real_vendor(callr: VendorFixture, way: Way) -> None:
    with pytest.raises(Exception, match="a real vendor's, and nobody stands in for it"):
        asyncio.run(way(callr, STRANGER))


@pytest.mark.parametrize("code", EXAMPLES, ids=range(len(EXAMPLES)))
def test_what_the_page_shows_passes(pytester: pytest.Pytester, code: str) -> None:
    pytester.makepyfile(test_shown=code)

    outcome = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--simulator-guard")

    outcome.assert_outcomes(passed=1)


USED_BEFORE = """
import urllib.request, pytest

@pytest.fixture(autouse=True)
def asked_before():
    urllib.request.urlopen("data:,").close()

def test_a_balance(asked_before, callr, simulator_hosts):
    credit = urllib.request.Request("https://api.callr.com/v2.0/billing/credit")
    credit.add_header("x-api-key", callr.key)
    with urllib.request.urlopen(credit) as answer:
        assert answer.status == 200
"""


def test_a_library_that_was_used_before_is_led_as_well(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urllib.request, "_opener", None)
    pytester.makepyfile(test_used_before=USED_BEFORE)

    outcome = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    outcome.assert_outcomes(passed=1)


GUARDED = """
import socket, urllib.request, pytest

def quietly(act, *given):
    try:
        act(*given)
    except OSError as error:
        return error

def test_looks_up():
    quietly(socket.getaddrinfo, "api.callr.com", 443)

def test_asks():
    quietly(urllib.request.urlopen, "https://zvonok.com/")

def test_by_a_session(callr):
    session = callr.requests_session()
    assert "a real vendor's" in str(quietly(session.get, "https://www.callr.com/"))

@pytest.fixture
def late():
    yield
    quietly(socket.getaddrinfo, "callo.com", 443)

def test_in_a_teardown(late):
    pass

def test_no_vendor(callr):
    quietly(socket.getaddrinfo, "localhost", 443)
    callr.requests_session().get(callr.base_url + "/v2.0/billing/credit", headers={"x-api-key": callr.key})
"""


def test_the_guard_fails_each_test_that_tries_a_real_vendor(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(GUARDED)

    outcome = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--simulator-guard")

    outcome.assert_outcomes(passed=2, failed=3, errors=1)
    output = outcome.stdout.str()
    for line in (
        r"  api\.callr\.com:443 by socket\.getaddrinfo, at \S+py:5$",
        r"  zvonok\.com:443 by socket\.getaddrinfo, at \S+py:5$",
        r"  www\.callr\.com:443 by requests, at \S+py:5$",
        r"  callo\.com:443 by socket\.getaddrinfo, at \S+py:5$",
    ):
        assert re.search(line, output, re.MULTILINE), output


def test_without_the_guard_nobody_listens(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(pytestconfig): assert not pytestconfig.pluginmanager.hasplugin('guard')")

    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
