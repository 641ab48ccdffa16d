"""The vendors' real addresses in a test's process: sessions, applications that have them, the guard."""

from __future__ import annotations

import asyncio
import re
import socket
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


@pytest.mark.usefixtures("simulator_hosts")
def test_a_client_that_looks_names_up_and_connects_in_older_ways_is_led_as_well(callr: VendorFixture) -> None:
    _, _, (address,) = socket.gethostbyname_ex("api.callr.com")
    with socket.socket() as sock:
        assert sock.connect_ex((socket.gethostbyname("api.callr.com"), 80)) == 0
        sock.sendall(
            f"GET /v2.0/ping HTTP/1.0\r\nHost: api.callr.com\r\nx-api-key: {callr.key}\r\n\r\n".encode()
        )
        answer = sock.recv(100)

    assert answer.startswith(b"HTTP/1.0 200")
    assert address == socket.gethostbyname("API.callr.com.")


@pytest.mark.parametrize("code", EXAMPLES, ids=range(len(EXAMPLES)))
def test_what_the_page_shows_passes(pytester: pytest.Pytester, code: str) -> None:
    pytester.makepyfile(test_shown=code)

    outcome = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--simulator-guard")

    outcome.assert_outcomes(passed=1)


MADE_BEFORE = """
import gc, http.client, ssl, urllib.request
import aiohttp, httpx, httpx2, pytest, urllib3

POOL = urllib3.PoolManager(ssl_context=ssl.create_default_context())
HTTPX = httpx.Client()
HTTPX2 = httpx2.Client()
PLAIN = http.client.HTTPSConnection("api.callr.com")
OPENER = urllib.request.build_opener()
gc.freeze()

def teardown_module():
    for client in (HTTPX, HTTPX2, PLAIN):
        client.close()
    POOL.clear()

def by_http_client(url, headers):
    PLAIN.request("GET", url, headers=headers)
    return PLAIN.getresponse().status

def by_opener(url, headers):
    with OPENER.open(urllib.request.Request(url, headers=headers)) as answer:
        return answer.status

@pytest.mark.parametrize("ask", [
    lambda url, headers: POOL.request("GET", url, headers=headers, retries=False).status,
    lambda url, headers: HTTPX.get(url, headers=headers).status_code,
    lambda url, headers: HTTPX2.get(url, headers=headers).status_code,
    by_http_client,
    by_opener,
])
def test_a_balance(ask, callr, simulator_hosts):
    assert ask("https://api.callr.com/v2.0/billing/credit", {"x-api-key": callr.key}) == 200
"""


def test_a_client_that_was_made_at_import_is_led_as_well(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_made_before=MADE_BEFORE)

    outcome = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    outcome.assert_outcomes(passed=5)


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
