from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from datetime import timedelta
from hashlib import sha256, sha512
from itertools import pairwise
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.exchange import CallbackRequest
from simulator.scenario.loading import load_text
from simulator.telephony.outbox import HookRule, Signing
from tests.vendors.callr.desk import HOOK, Desk, open_desk, read, refusal
from tests.web.receiver import OK, answering, receiving

SENT = "v2.sms.outbound.updated"


def header(request: CallbackRequest, name: str) -> str:
    return next(value for key, value in request.headers if key == name)


def fail(desk: Desk, tries: int) -> list[tuple[timedelta, Any]]:
    """Let a receiver fail, and return when each try came and what it said."""
    since = desk.world.clock.now
    seen: list[tuple[timedelta, Any]] = []
    while len(seen) < tries and (due := desk.world.clock.next_due):
        desk.world.clock.advance_to(due)
        for delivery in desk.world.outbox.take_ready():
            seen.append((desk.world.clock.now - since, json.loads(delivery.request.body)))
            desk.world.outbox.settle(delivery.id, 500, None)
    return seen


def test_a_webhook_is_registered_found_switched_off_and_forgotten() -> None:
    desk = open_desk()
    sid = desk.hook(SENT)

    assert desk.get("/webhooks", type=SENT, status="enabled", sid=sid)["total"] == 1
    assert read(desk.ask("PATCH", f"/webhooks/{sid}", {"status": "disabled"}))["status"] == "disabled"
    assert desk.get("/webhooks", status="enabled")["total"] == 0
    assert desk.ask("DELETE", f"/webhooks/{sid}").status == 204
    assert refusal(desk.ask("GET", f"/webhooks/{sid}"))[2] == f"There is no webhook {sid}."


def test_an_event_comes_in_its_envelope_with_its_id_in_a_header() -> None:
    desk = open_desk()
    sid = desk.hook(SENT)
    desk.text()

    (request,) = desk.advance(seconds=0.6)
    event = json.loads(request.body)

    assert list(event) == ["id", "at", "sid", "type", "try", "payload"]
    assert (event["sid"], event["type"], event["try"]) == (sid, SENT, 0)
    assert event["payload"]["status"] == "pending"
    assert header(request, "X-CALLR-EventId") == event["id"]
    assert request.patience == timedelta(seconds=5)


def test_credentials_in_the_address_of_a_receiver_become_a_header() -> None:
    desk = open_desk(endpoints="relaxed")
    endpoint = "http://me:p%40ss@127.0.0.1:9000/hook?at=a@b"
    hook = desk.make("/webhooks", {"endpoint": endpoint}, type=SENT)
    desk.text()

    (request,) = desk.advance(seconds=0.6)

    assert hook["endpoint"] == endpoint
    assert request.url == "http://127.0.0.1:9000/hook?at=a@b"
    assert header(request, "Authorization") == "Basic " + b64encode(b"me:p@ss").decode()


@pytest.mark.parametrize("name", ["hmacSecret", "hmacAlgo"])
def test_an_option_that_is_null_is_none(name: str) -> None:
    desk = open_desk()
    sid = desk.hook(SENT, {name: None, "note": None})

    assert desk.get(f"/webhooks/{sid}")["options"] == {"note": None}


@pytest.mark.parametrize(("options", "digest"), [({}, sha256), ({"hmacAlgo": "sha512"}, sha512)])
def test_a_secret_signs_the_raw_body(options: dict[str, str], digest: Any) -> None:
    desk = open_desk()
    desk.hook(SENT, {"hmacSecret": "s3cret", **options})
    desk.text()

    (request,) = desk.advance(seconds=0.6)

    signature = b64decode(header(request, "X-CALLR-HmacSignature"))
    assert signature == hmac.new(b"s3cret", request.body, digest).digest()


@pytest.mark.parametrize(("signing", "signatures"), [(Signing.WRONG, 1), (Signing.NONE, 0)])
def test_a_scenario_may_have_webhooks_signed_wrongly_or_not_at_all(signing: Signing, signatures: int) -> None:
    desk = open_desk()
    desk.world.outbox.rules = (HookRule(where="callr.*", signing=signing),)
    desk.hook(SENT, {"hmacSecret": "s3cret"})
    desk.text()

    (request,) = desk.advance(seconds=0.6)

    digests = [b64decode(value) for name, value in request.headers if name == "X-CALLR-HmacSignature"]
    assert [len(signature) for signature in digests] == [sha256().digest_size] * signatures
    assert hmac.new(b"s3cret", request.body, sha256).digest() not in digests
    assert header(request, "X-CALLR-EventId") == json.loads(request.body)["id"]


def test_the_events_of_one_message_come_out_of_order_where_a_scenario_shuffles_them() -> None:
    steps = {}
    for shuffle in (0, 4):
        desk = open_desk()
        desk.world.outbox.rules = (HookRule(where="callr.*", shuffle=shuffle),)
        desk.hook(SENT)
        desk.text()
        steps[shuffle] = [event["payload"]["status"] for event in desk.events(minutes=1)]

    assert steps[0] == ["pending", "sent", "remote-queued", "delivered"]
    assert sorted(steps[4]) == sorted(steps[0])
    assert steps[4] != steps[0]


def test_a_failing_receiver_is_tried_eleven_times_each_wait_twice_the_last() -> None:
    desk = open_desk()
    sid = desk.hook("v2.number.unassigned")
    desk.ask("DELETE", "/numbers/+33199001234")

    seen = fail(desk, 11)

    assert [event["try"] for _, event in seen] == list(range(11))
    assert len({event["id"] for _, event in seen}) == 1
    waits = [at.total_seconds() for at, _ in seen]
    assert [after - before for before, after in pairwise(waits)] == [2**n for n in range(10)]
    hook = desk.get(f"/webhooks/{sid}")
    assert (hook["failed"], hook["status"]) == (1, "enabled")
    assert hook["lastfailed"]


def test_a_receiver_that_fails_event_after_event_is_switched_off() -> None:
    desk = open_desk(disable_after=2)
    sid = desk.hook("v2.number.unassigned")
    for number in ("+33199001234", "+33639984242"):
        desk.ask("DELETE", f"/numbers/{number}")

    fail(desk, 22)

    assert desk.get(f"/webhooks/{sid}")["status"] == "disabled-system"
    again = read(desk.ask("PATCH", f"/webhooks/{sid}", {"status": "enabled"}))
    assert (again["status"], again["failed"]) == ("enabled", 2)


def test_each_enabled_subscriber_hears_of_an_event_under_one_id() -> None:
    desk = open_desk()
    for _ in range(2):
        desk.hook(SENT)
    off = desk.hook(SENT)
    desk.ask("PATCH", f"/webhooks/{off}", {"status": "disabled"})
    desk.text()

    first, second = desk.events(seconds=0.6)

    assert first["id"] == second["id"]
    assert first["sid"] != second["sid"]


def test_what_is_switched_off_is_not_tried_again() -> None:
    desk = open_desk()
    sid = desk.hook("v2.number.unassigned")
    desk.ask("DELETE", "/numbers/+33199001234")
    fail(desk, 2)

    desk.ask("PATCH", f"/webhooks/{sid}", {"status": "disabled"})

    assert fail(desk, 1) == []


def test_the_log_tells_every_try_and_is_filtered() -> None:
    desk = open_desk()
    sid = desk.hook("v2.number.unassigned")
    desk.ask("DELETE", "/numbers/+33199001234")
    fail(desk, 3)
    desk.advance(minutes=1)
    (last,) = desk.get("/webhooks/logs", httpcode=200)["hits"]

    assert (last["try"], last["sid"], last["endpoint"]) == (3, sid, HOOK)
    assert desk.get("/webhooks/logs")["total"] == 4
    for query in ({"try": 3}, {"at": last["at"]}):
        assert desk.get("/webhooks/logs", **query)["hits"] == [last]
    for query in ({"sid": sid}, {"endpoint": HOOK}, {"id": last["id"]}, {"type": "v2.number.unassigned"}):
        assert desk.get("/webhooks/logs", **query)["total"] == 4
    assert desk.get("/webhooks/logs", sid="nobody00")["total"] == 0


@pytest.mark.parametrize(
    "endpoint",
    ["ftp://example.com", "example.com", "http://", "http://a b.com", "http://x.com:99999/", 5, ""],
)
def test_an_endpoint_is_a_url(endpoint: object) -> None:
    answer = open_desk().ask("POST", "/webhooks", {"endpoint": endpoint}, type=SENT)

    assert refusal(answer)[:2] == (400, "validation-error")


LOCAL = "http://127.0.0.1:9000/x"


@pytest.mark.parametrize("endpoint", [LOCAL, "http://localhost/", "https://hook/", "ftp://example.com"])
def test_a_receiver_without_a_dotted_name_is_refused_as_at_the_vendor(endpoint: str) -> None:
    answer = open_desk().ask("POST", "/webhooks", {"endpoint": endpoint}, type=SENT)

    assert refusal(answer)[:2] == (400, "validation-error")
    assert refusal(answer)[2].startswith("endpoint must match ^https?://")


@pytest.mark.parametrize(("rule", "status", "blamed"), [("strict", 400, True), ("relaxed", 201, False)])
def test_the_judge_blames_what_the_account_refuses_and_nothing_else(
    rule: str, status: int, blamed: bool
) -> None:
    simulator = Simulator(vendors=("callr",))
    text = f"sim: 1\naccounts: {{a: {{vendors: [callr], profile: {{callr: {{endpoints: {rule}}}}}}}}}"
    sandbox = simulator.worlds.open("main", load_text(text.encode(), "mine.yaml"))
    key = {"x-api-key": simulator.worlds.credentials("callr")["api_key"]}
    client = Client(simulator)

    made = client.post(f"/callr/v2.0/webhooks?type={SENT}", json={"endpoint": LOCAL}, headers=key)
    client.get("/callr/v2.0/webhooks/logs", query_string={"endpoint": LOCAL}, headers=key)

    assert made.status_code == status
    assert ("hook.localhost" in made.headers.get("X-Simulator-Rule", "")) is blamed
    violations = [violation for _, violation in sandbox.recorder.journal.violations()]
    assert [violation.where for violation in violations] == ["/endpoint", "endpoint"] * blamed
    assert all("http://hook.localhost:PORT" in violation.fix for violation in violations)


@pytest.mark.parametrize("endpoint", ["http://localhost:9000/", "https://[::1]:9000/x", LOCAL])
def test_a_profile_relaxes_endpoints_for_whoever_is_admitted(endpoint: str) -> None:
    simulator = Simulator(vendors=("callr",))
    text = b"{sim: 1, admit: anyone, profiles: {callr: {endpoints: relaxed, payment: postpaid}}}"
    simulator.worlds.open("main", load_text(text, "mine.yaml"))
    client, key = Client(simulator), {"x-api-key": "somebody-new-0123456789"}

    made = client.post(f"/callr/v2.0/webhooks?type={SENT}", json={"endpoint": endpoint}, headers=key)

    assert made.status_code == 201
    assert client.get("/callr/v2.0/billing/credit", headers=key).status_code == 403


def test_a_hook_at_a_local_name_without_dns_is_really_called() -> None:
    simulator = Simulator(vendors=("callr",), profile="local")
    key = {"x-api-key": simulator.worlds.credentials("callr")["api_key"]}
    with receiving(answering(OK)) as receiver:
        endpoint = {"endpoint": f"http://hook.localhost:{receiver.port}/sms"}
        made = Client(simulator).post(f"/callr/v2.0/webhooks?type={SENT}", json=endpoint, headers=key)
        query = "to=%2B33639980001"
        Client(simulator).post(f"/callr/v2.0/sms?{query}", json={"text": "Hi"}, headers=key, buffered=True)
        Client(simulator).post("/_simulator/v1/clock/advance", json={"by": "1s"})

        assert made.status_code == 201
        assert f"Host: hook.localhost:{receiver.port}".encode() in receiver.requests[0]


def test_what_an_administrator_switched_off_stays_off_until_they_lift_it() -> None:
    desk = open_desk(webhooks=[{"type": SENT, "endpoint": HOOK, "status": "disabled-admin"}])
    (sid,) = desk.account.subscriptions

    refused = refusal(desk.ask("PATCH", f"/webhooks/{sid}", {"status": "enabled"}))
    desk.text()
    silent = desk.advance(minutes=1)
    desk.world.bar_subscriptions(desk.account, SENT, barred=False)
    desk.text()

    assert refused == (403, "forbidden", f"The webhook {sid} was disabled by an administrator.")
    assert silent == []
    assert desk.advance(minutes=1)
    assert desk.get("/webhooks", status="disabled-admin")["total"] == 0


def test_a_tester_switches_webhooks_off_by_the_control_api() -> None:
    simulator = Simulator(vendors=("callr",))
    client, key = Client(simulator), {"x-api-key": simulator.worlds.credentials("callr")["api_key"]}
    hook = client.post(f"/callr/v2.0/webhooks?type={SENT}", json={"endpoint": HOOK}, headers=key).json

    path = "/_simulator/v1/accounts/callr/subscriptions"
    (subscription,) = client.post(path, json={"barred": True, "event": SENT}).get_json()["subscriptions"]

    assert hook
    webhook = client.get(f"/callr/v2.0/webhooks/{hook['sid']}", headers=key).get_json()
    assert (subscription["ref"], subscription["state"]) == (hook["sid"], "disabled by operator")
    assert webhook["status"] == "disabled-admin"
    assert client.post(path, json={"barred": True, "event": "v2.fax"}).status_code == 404


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({}, {"endpoint": HOOK}),
        ({"type": "v2.fax"}, {"endpoint": HOOK}),
        ({"type": SENT}, {}),
        ({"type": SENT}, {"endpoint": HOOK, "options": []}),
        ({"type": SENT}, {"endpoint": HOOK, "options": {"hmacAlgo": "md4"}}),
    ],
)
def test_a_webhook_with_a_mistake_is_refused(query: dict[str, str], body: object) -> None:
    assert refusal(open_desk().ask("POST", "/webhooks", body, **query))[:2] == (400, "validation-error")
