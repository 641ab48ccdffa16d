"""However clients send it: verbs, places, content types, keys, paths."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import pytest

from simulator.exchange import Answer, Headers, Request
from tests.vendors.customers import BOUNDARY, FORM, multipart
from tests.vendors.kaleyra.desk import ASHA, HOOK, KEY, RAVI, Desk, decoded, open_desk

CALLED = {"caller": ASHA, "receiver": RAVI, "return": "1"}
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def by_query(desk: Desk, fields: Mapping[str, object]) -> Answer:
    return desk.send(Request("GET", "/v1/", urlencode(fields)))


def by_empty_post(desk: Desk, fields: Mapping[str, object]) -> Answer:
    return desk.send(Request("POST", "/v1/", urlencode(fields), (("Content-Type", FORM),)))


def by_form(desk: Desk, fields: Mapping[str, object]) -> Answer:
    return desk.send(Request("POST", "/v1/", "", (("Content-Type", FORM),), urlencode(fields).encode()))


def by_parts_and_query(desk: Desk, fields: Mapping[str, object]) -> Answer:
    """Send the callback in the query with its braces raw, the rest in parts, as one client does."""
    others = {name: value for name, value in fields.items() if name != "callback"}
    query = f"callback={fields['callback']}" if "callback" in fields else ""
    return desk.send(Request("POST", "/v1/", query, (("Content-Type", MULTIPART),), multipart(others)))


CLIENTS = [by_query, by_empty_post, by_form, by_parts_and_query]


@pytest.mark.parametrize("form", ["json", "xml", "text"])
@pytest.mark.parametrize("send", CLIENTS)
def test_every_client_calls_polls_to_the_end_and_receives_both_callbacks(
    send: Callable[[Desk, Mapping[str, object]], Answer], form: str
) -> None:
    desk = open_desk()
    own = {"api_key": KEY, "format": form}
    callback = f"{HOOK}?status={{status}}"
    answer = send(desk, {**own, "method": "dial.click2call", **CALLED, "callback": callback})
    ref = decoded(answer, method="dial.click2call")["data"]["id"]

    poll = {**own, "method": "dial.c2cstatus", "id": ref}
    before = decoded(send(desk, poll), method="dial.c2cstatus")["data"][0]
    callbacks = desk.advance(minutes=2)
    after = decoded(send(desk, poll), method="dial.c2cstatus")["data"][0]

    assert (before["status"], before["status2"]) == (None, None)
    assert (after["status"], after["status2"], after["duration"], after["billsec"]) == (
        "ANSWER",
        "ANSWER",
        "35",
        "30",
    )
    assert callbacks == [{"status": ""}, {"status": "ANSWER"}]


@pytest.mark.parametrize(
    "headers", [(("X-Api-Key", KEY),), (("Api-Key", KEY),), (("x-api-key", f" {KEY} "),)]
)
def test_the_key_may_come_in_a_header(headers: Headers) -> None:
    body = urlencode({"method": "dial", "format": "json"}).encode()

    answer = open_desk().send(Request("POST", "/v1/", "", (*headers, ("Content-Type", FORM)), body))

    assert json.loads(answer.body)["status"] == "200"


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/api/v1", "/api/v1/", "/api/v1/index.php", "//v1//"])
def test_every_spelling_of_the_address_answers(path: str) -> None:
    assert json.loads(open_desk().get("dial", path=path, format="json").body)["status"] == "200"


@pytest.mark.parametrize("method", ["DIAL.C2CSTATUS", "Dial.C2cStatus", "dial.c2cstatus"])
def test_the_case_of_a_method_does_not_matter(method: str) -> None:
    assert open_desk().ask(method) == {"status": "200", "message": "OK", "data": []}


@pytest.mark.parametrize("kind", ["application/json", FORM, "text/plain", ""])
@pytest.mark.parametrize("encode", [bytes, lambda body: urlencode({"": body.decode()})[1:].encode()])
def test_a_json_body_is_known_by_its_look(kind: str, encode: Callable[[bytes], bytes]) -> None:
    body = json.dumps({"play": "1.sound", "call": [{"to": f"{ASHA},{RAVI}"}]}).encode()

    envelope = json.loads(open_desk().post_json("voice.json", encode(body), kind, format="json").body)

    assert [envelope["data"][key]["mobile"] for key in ("0", "1")] == [ASHA, RAVI]


def test_the_body_wins_over_the_query_and_strange_parameters_are_ignored() -> None:
    desk = open_desk()
    body = urlencode({"receiver": RAVI, "colour": "red"}).encode()
    query = urlencode({"method": "dial.click2call", "api_key": KEY, "caller": ASHA, "receiver": "x"})

    answer = desk.send(Request("POST", "/v1/", query, (("Content-Type", FORM),), body))

    assert answer.body == b"status=200\nmessage=OK\n"


@pytest.mark.parametrize(
    ("bound", "status"),
    [(["127.0.0.1"], "200"), (["127.0.0.0/8"], "200"), (["10.1.2.3"], "E604"), (["10.0.0.1/8"], "E604")],
)
def test_a_key_may_be_bound_to_addresses(bound: list[str], status: str) -> None:
    assert open_desk(profile={"addresses": bound}).ask("dial")["status"] == status


@pytest.mark.parametrize(("verb", "status"), [("HEAD", 200), ("DELETE", 405), ("PUT", 405), ("OPTIONS", 405)])
def test_other_verbs_are_refused_by_http(verb: str, status: int) -> None:
    answer = open_desk().send(Request(verb, "/v1/", urlencode({"method": "dial", "api_key": KEY})))

    assert answer.status == status


def test_an_unknown_address_answers_in_the_envelope() -> None:
    answer = open_desk().send(Request("GET", "/v2/", "format=json"))

    assert (answer.status, json.loads(answer.body)["status"]) == (404, "E650")
