"""No key and no number that was planted anywhere in a request comes out of the process by any way."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.conformance.report import RunReport
from simulator.scenario.loading import load_text
from simulator.telephony.accounts import Account
from simulator.testing.contract_judge import ContractJudge

pytestmark = pytest.mark.thorough

KEY = "c0ffee00c0ffee00c0ffee00c0ffee01"
TOKEN = "1000001.1000002.canaryToken77"
SECRET = "canary-hmac-5ecret"
DIGITS = "79161230077"
PLUS = "+7 (916) 123-00-77"
SCENARIO = f"""
sim: 1
title: Canaries
seed: 7
admit: anyone
strangers: listens
personas: {{listens: {{attempts: [answered], ring: 8s, talk: 40s}}}}
limits: [{{where: "*", allow: 1000000 per 1s}}]
accounts:
  callo: {{vendors: [callo], key: {KEY}, campaigns: [{{name: R, type: free_text, text: Hello}}]}}
  kaleyra: {{vendors: [kaleyra], key: A{KEY}, balance: 100.00}}
  jaicp: {{vendors: [jaicp], campaigns: [{{name: J, type: broadcast, key: {TOKEN}}}]}}
  callr: {{vendors: [callr], key: {KEY}canary, balance: 100.00}}
expect:
  - call: {{to: "+{DIGITS}", outcome: busy}}
  - calls: {{per_number: 0}}
"""
PLACES = {
    "callo": "/callo/manager/cabapi_external/api/v1/phones/call/",
    "kaleyra": "/kaleyra/v1/",
    "jaicp": f"/jaicp/api/calls/campaign/{TOKEN}/addPhones",
    "jaicp, a wrong token": "/jaicp/api/calls/campaign/1.2.canaryWrong/addPhones",
    "callr": "/callr/v2.0/sms",
    "callr, scripts": "/callr/v2.0/actions",
    "callr, webhooks": "/callr/v2.0/webhooks",
    "nowhere": f"/callo/nowhere/{KEY}/{DIGITS}/",
    "unread": f"/callo/%00/{KEY}/{DIGITS}",
}
KEYS = (
    KEY,
    f"A{KEY}",
    KEY.upper(),
    TOKEN,
    f"{KEY}canary",
    quote(quote(KEY + "/+")),
    b64encode(f"u:{KEY}".encode()).decode(),
)
NUMBERS = (DIGITS, PLUS, "+" + DIGITS, "8 916 123-00-77", quote(PLUS), "７９１６１２３００７７")
NAMES = (
    *("public_key", "api_key", "key", "token", "secret", "password", "label"),
    *("phone", "to", "caller", "play", "text", "x"),
)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PART = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
HOOK = f"http://u:{SECRET}@127.0.0.1:9/h?key={KEY}&to=%2B{DIGITS}&x={{caller}}"
SCRIPT = (
    f'branches: {{main: {{actions: [{{action: fetch, params: {{url: "{HOOK}", '
    f'headers: {{X-Api-Key: "{KEY}"}}, body: "token={SECRET}"}}}}]}}}}'
)
OPTIONS = {"hmacSecret": SECRET, "hmacAlgo": "SHA256"}
FORBIDDEN = (
    "c0ffee",
    "C0FFEE",
    "canary",
    "1230077",
    "123-00-77",
    "１２３００７７",
    KEYS[-1][:12],
    "6161230077",
)


def requests() -> Iterator[Mapping[str, Any]]:
    """Yield ways to plant them all: by content type, and where nothing says what a value is."""
    for value in (*KEYS, *NUMBERS, HOOK, f"text={DIGITS},{KEY}", f"play=text:{DIGITS}"):
        form = "&".join(f"{name}={quote(value)}" for name in NAMES)
        parts = "".join(map(PART.format, NAMES, [value] * len(NAMES))) + "--b--\r\n"
        rows = "".join(f"{value};{name}\n" for name in NAMES)
        file = PART.format('phones_file"; filename="a.csv', rows) + "--b--\r\n"
        pairs = [dict.fromkeys(NAMES, value), value, {value: [value]}, {"name": "X-Api-Key", "value": value}]
        heads = dict.fromkeys(("X-Api-Key", "Authorization", "Cookie", "X-Custom"), value)
        heads |= {"Authorization": f"Basic {value}", "Referer": f"http://x/?key={value}"}
        yield {"query_string": form}
        yield {"data": form, "content_type": FORM}
        yield {"data": parts, "content_type": "text/plain"}
        yield {"data": parts, "content_type": "multipart/form-data; boundary=b"}
        yield {"data": parts, "content_type": "multipart/form-data"}
        yield {"data": file, "content_type": "multipart/form-data; boundary=b"}
        yield {"data": value.encode("utf-16"), "content_type": "text/csv"}
        yield {"data": json.dumps(pairs), "content_type": JSON}
        yield {"headers": {name: text.encode("ascii", "ignore").decode() for name, text in heads.items()}}
    for body in ({"name": KEY, "script": SCRIPT}, {"type": "sms.mt", "endpoint": HOOK, "options": OPTIONS}):
        yield {"data": json.dumps(body), "content_type": JSON}


@pytest.fixture(scope="module")
def planted() -> Iterator[tuple[Simulator, RunReport, list[str]]]:
    """Plant everything at every vendor, and collect what was logged."""
    verdict, lines = RunReport(), list[str]()
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    access = logging.getLogger("simulator.access")
    access.addHandler(handler)
    access.setLevel(logging.INFO)
    with closing(Simulator(witness=verdict.note)) as simulator:
        simulator.worlds.open("main", load_text(SCENARIO.encode(), "canaries.yaml"))
        client = Client(simulator)
        for path in PLACES.values():
            for more in requests():
                client.open(path, method="GET" if "query_string" in more else "POST", buffered=True, **more)
        place_calls(simulator, client)
        simulator.worlds.sandbox().advance(simulator.worlds.sandbox().world.clock.now.replace(hour=23))
        yield simulator, verdict, lines
    access.removeHandler(handler)
    access.setLevel(logging.NOTSET)


def place_calls(simulator: Simulator, client: Client) -> None:
    """Let calls and callbacks come about whose labels, texts and addresses hold canaries."""
    form = {
        "public_key": KEY,
        "campaign_id": simulator.worlds.credentials("callo")["campaign_id"],
        "phone": "+" + DIGITS,
    }
    client.post(PLACES["callo"], data={**form, "label": DIGITS}, buffered=True)
    voice = {
        "method": "dial.click2call",
        "format": "json",
        "caller": DIGITS[1:],
        "receiver": DIGITS[1:],
        "callback": HOOK,
    }
    client.post("/kaleyra/v1/", data={**voice, "api_key": f"A{KEY}"}, buffered=True)
    row = [{"phone": DIGITS, "externalCheck": {"externalCheckUrl": HOOK}}]
    client.post(PLACES["jaicp"], json=row, buffered=True)


def assert_clean(text: str) -> None:
    leaks = [canary for canary in FORBIDDEN if canary in text]
    assert not leaks, [text[max(0, (at := text.find(one)) - 200) : at + 60] for one in leaks]


@pytest.mark.parametrize(
    "path",
    [
        "exchanges",
        "calls",
        "deliveries",
        "violations",
        "verdicts",
        "coverage",
        "accounts",
        "script-runs",
        "messages",
        "scenario",
        f"people/+{DIGITS}",
    ],
)
def test_the_control_api_shows_none(planted: tuple[Simulator, RunReport, list[str]], path: str) -> None:
    client, after, pages = Client(planted[0]), "", 0
    limit = "?limit=1000" if path in ("exchanges", "calls", "deliveries", "script-runs", "messages") else ""
    while True:
        page = client.get(f"/_simulator/v1/{path}{limit}{after}")
        assert page.status_code == 200, page.text[:300]
        assert_clean(page.text)
        pages += 1
        if path != "exchanges" or not (mark := (page.json or {}).get("next")):
            break
        after = f"&after={mark}"
    assert pages > (path == "exchanges")


@pytest.mark.parametrize(
    "path",
    [f"people/{DIGITS}/press", "accounts/callo/top-up", "reset", "scenario", "worlds", f"exchanges/{KEY}"],
)
def test_errors_of_the_control_api_show_none(
    planted: tuple[Simulator, RunReport, list[str]], path: str
) -> None:
    body = {"credential": KEY, "amount": "x" + DIGITS, "key": KEY, "name": f"{KEY}{DIGITS}", KEY: DIGITS}
    for verb in ("GET", "POST", "PUT"):
        assert_clean(Client(planted[0]).open(f"/_simulator/v1/{path}", method=verb, json=body).text)


def test_log_report_and_pytest_show_none(planted: tuple[Simulator, RunReport, list[str]]) -> None:
    simulator, verdict, lines = planted
    recorder = simulator.worlds.sandbox().recorder
    contracts = [simulator.worlds.setup.contract(vendor) for vendor in simulator.vendors]

    assert len(lines) > 500
    assert_clean("\n".join(lines))
    assert verdict.blamed["client"] > 500
    assert_clean(simulator.worlds.masker.text(verdict.write(contracts)))
    assert_clean(ContractJudge(True, ()).verdict(recorder.journal, recorder.masker))
    assert simulator.worlds.bugs == []


def test_the_accounts_opened_by_a_key_alone_are_among_the_known(
    planted: tuple[Simulator, RunReport, list[str]],
) -> None:
    world = planted[0].worlds.sandbox().world
    opened = Account(name="x", vendor="callo", credential="f" * 31 + "e", opened=world.clock.now)
    world.open_account(opened)

    assert planted[0].worlds.masker.text(f"see {opened.credential}!") == "see ***!"
