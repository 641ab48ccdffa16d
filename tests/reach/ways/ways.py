"""Asks the vendor's own address in every way that Python knows, and prints what came of each."""

import asyncio
import http.client
import os
import sys
import urllib.request
from collections.abc import Callable

import aiohttp
import httpx
import httpx2
import requests
import urllib3

HOST, PATH = "api.callr.com", "/v2.0/billing/credit"
URL = f"https://{HOST}{PATH}"
KEY = {"x-api-key": os.environ["CALLR_API_KEY"]}


def ask_plainly() -> int:
    connection = http.client.HTTPSConnection(HOST)
    connection.request("GET", PATH, headers=KEY)
    with connection.getresponse() as answer:
        status = answer.status
    connection.close()
    return status


def ask_by_session_of_its_own() -> int:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(URL, headers=KEY, timeout=60).status_code


def ask_by_aiohttp(trust_env: bool) -> int:
    async def ask() -> int:
        async with (
            aiohttp.ClientSession(trust_env=trust_env) as session,
            session.get(URL, headers=KEY) as answer,
        ):
            return answer.status

    return asyncio.run(ask())


WAYS: dict[str, Callable[[], int]] = {
    "requests": lambda: requests.get(URL, headers=KEY, timeout=60).status_code,
    "requests, `trust_env=False`": ask_by_session_of_its_own,
    "httpx": lambda: httpx.get(URL, headers=KEY).status_code,
    "httpx2": lambda: httpx2.get(URL, headers=KEY).status_code,
    "urllib": lambda: int(urllib.request.urlopen(urllib.request.Request(URL, headers=KEY)).status),
    "urllib3": lambda: urllib3.PoolManager().request("GET", URL, headers=KEY).status,
    "http.client": ask_plainly,
    "aiohttp, `trust_env=True`": lambda: ask_by_aiohttp(True),
    "aiohttp": lambda: ask_by_aiohttp(False),
}

for name, way in WAYS.items():
    sys.stdout.write(f"{name}: {way()}\n")
