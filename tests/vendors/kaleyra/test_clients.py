"""Clients of every kind over a socket: they call, poll to the end, and hear both callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from simulator.conformance.answer_checks import decode_answer
from simulator.conformance.contract import match
from simulator.exchange import Exchange
from simulator.testing.fixtures import VendorFixture
from tests.vendors.customers import BOUNDARY, FORM, multipart
from tests.vendors.kaleyra.desk import ASHA, CONTRACT, RAVI
from tests.web.receiver import OK, Receiver, answering, receiving

PARTS = f"multipart/form-data; boundary={BOUNDARY}"
JSON = "application/json"
ANSWERING = ("447700900001", "447700900002")
CALL = {"method": "dial.click2call", "return": "1", "custom": "order-7"}
TEMPLATE = "/hook?id={id}&one={status1}&two={status2}&all={status}&custom={custom}"

Fields = Mapping[str, str]
Sent = tuple[str, str, bytes, str]
"""Verb, query, body and content type."""


def get(fields: Fields) -> Sent:
    return "GET", urlencode(fields), b"", ""


def empty_post(fields: Fields) -> Sent:
    return "POST", urlencode(fields, quote_via=quote), b"", FORM


def form(fields: Fields) -> Sent:
    return "POST", "", urlencode(fields).encode(), FORM


def parts_and_query(fields: Fields) -> Sent:
    """Put the callback into the query, braces raw but `&` escaped, and all else into parts."""
    callback = fields.get("callback", "").replace("&", "%26")
    others = {name: value for name, value in fields.items() if name != "callback"}
    return "POST", f"callback={callback}" if callback else "", multipart(others), PARTS


CLIENTS: list[Callable[[Fields], Sent]] = [get, empty_post, form, parts_and_query]


def ask(kaleyra: VendorFixture, sent: Sent, path: str = "/v1/") -> tuple[str, bytes]:
    """Return the content type and the body of an answer, byte by byte over a socket."""
    verb, query, body, kind = sent
    place = urlsplit(kaleyra.base_url)
    with closing(HTTPConnection(place.netloc)) as connection:
        headers = {"Content-Type": kind} if kind else {}
        connection.request(verb, f"{place.path}{path}?{query}", body, headers)
        answer = connection.getresponse()
        return str(answer.headers["Content-Type"]).partition(";")[0], answer.read()


def data_of(kaleyra: VendorFixture, sent: Sent, method: str, path: str = "/v1/") -> Any:
    """Return the data of an answer, as the contract reads its format."""
    kind, body = ask(kaleyra, sent, path)
    variant = match(CONTRACT, "POST", path, {"method": method})
    assert variant
    return decode_answer(CONTRACT.document, variant.replies["200"].bodies[kind], kind, body)["data"]


def heard_by(receiver: Receiver) -> list[dict[str, str]]:
    targets = [raw.split(b" ")[1].decode() for raw in receiver.requests]
    return [dict(parse_qsl(urlsplit(target).query, keep_blank_values=True)) for target in targets]


def judged(kaleyra: VendorFixture) -> list[Exchange]:
    """Return what was exchanged and called back, after a look at what the judge found in it."""
    exchanges = [*kaleyra.exchanges, *kaleyra.world.sandbox.recorder.callbacks]
    assert [violation for exchange in exchanges for violation in exchange.violations] == []
    return exchanges


@pytest.mark.parametrize("written", ["json", "xml", "text"])
@pytest.mark.parametrize("send", CLIENTS)
def test_every_client_calls_polls_to_the_end_and_hears_both_callbacks(
    kaleyra: VendorFixture, send: Callable[[Fields], Sent], written: str
) -> None:
    own = {"api_key": kaleyra.key, "format": written}
    kaleyra.allow_conduct("secrets_in_url")  # some of these clients do send all of it in the query of a POST
    with receiving(answering(OK)) as receiver:
        both = dict(zip(("caller", "receiver"), ANSWERING, strict=True))
        order = {**own, **CALL, **both, "callback": receiver.url(TEMPLATE)}
        ref = data_of(kaleyra, send(order), "dial.click2call")["id"]
        poll = {**own, "method": "dial.c2cstatus", "id": ref}
        rows = [data_of(kaleyra, send(poll), "dial.c2cstatus")[0]]
        while rows[-1]["status2"] is None:
            kaleyra.clock.advance("10s")
            rows += data_of(kaleyra, send(poll), "dial.c2cstatus")

    assert (rows[-1]["status"], rows[-1]["status2"]) == ("ANSWER", "ANSWER")
    ended = dict.fromkeys(("one", "two", "all"), "ANSWER")
    first = {**ended, "two": "", "all": ""}
    assert heard_by(receiver) == [{"id": ref, **words, "custom": "order-7"} for words in (first, ended)]
    assert {exchange.operation for exchange in judged(kaleyra)} == {
        *("click_to_call", "click_to_call_status", "click_to_call_answered", "click_to_call_ended")
    }


@pytest.mark.parametrize("path", ["/api/v1/", "/v1/"])
@pytest.mark.parametrize("written", ["text", "json", "jsonp", "xml", "php"])
def test_the_obd_flow_runs_in_every_format(kaleyra: VendorFixture, path: str, written: str) -> None:
    own = {"api_key": kaleyra.key, "format": written}
    with receiving(answering(OK)) as receiver:
        hook = receiver.url("/hook?id={obdid}&how={obdstatus}")
        started = {"numbers": f"{ASHA},{RAVI}", "play": "1.sound", "return": "1", "callback": hook}
        ref = data_of(kaleyra, form({**own, **started, "method": "voice.call"}), "voice.call", path)["id"]
        group = {**own, "method": "voice.groupStatus", "groupid": ref.partition("-")[0]}
        before = data_of(kaleyra, form(group), "voice.groupstatus", path)
        kaleyra.clock.run_until_idle()
        after = data_of(kaleyra, form(group), "voice.groupstatus", path)
        one = data_of(kaleyra, form({**own, "method": "voice.status", "id": ref}), "voice.status", path)

    assert [row["status"] for row in before.values()] == ["SENT", "SENT"]
    assert one == {"0": after["0"]}
    statuses = {callback["id"]: callback["how"] for callback in heard_by(receiver)}
    assert statuses == {row["id"]: row["status"] for row in after.values()}
    assert [row["mobile"] for row in after.values()] == [ASHA, RAVI]
    judged(kaleyra)


@pytest.mark.parametrize("written", ["text", "json", "jsonp", "xml", "php"])
def test_json_starts_a_group_in_every_format(kaleyra: VendorFixture, written: str) -> None:
    query = urlencode({"api_key": kaleyra.key, "format": written, "method": "voice.json"})
    body = b'{"play": "1.sound", "call": [{"to": "%s"}, {"to": "%s"}]}' % (ASHA.encode(), RAVI.encode())
    data = data_of(kaleyra, ("POST", query, body, JSON), "voice.json")

    assert [data[key]["mobile"] for key in ("0", "1")] == [ASHA, RAVI]
    assert data["0"]["id"] == f"{data['group_id']}-1"
    judged(kaleyra)
