"""Accounts, money, calls, faults and callbacks as the tester sees them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.telephony.outbox import SettledAttempt
from tests.admin.control_room import KEY, Room, open_room


@pytest.fixture
def room() -> Iterator[Room]:
    yield from open_room()


@pytest.fixture(scope="module")
def full_room() -> Iterator[Room]:
    """A room where it does not matter what others left in it."""
    yield from open_room()


def test_an_account_is_shown_with_its_money_and_without_its_key(room: Room) -> None:
    (account,) = room.get("/v1/accounts")["accounts"]

    assert (account["name"], account["credential"], account["vendor"]) == ("clinic", "0123***", "callo")
    assert float(account["balance"]) == 100
    assert [campaign["name"] for campaign in account["campaigns"]] == ["Reminders", "Codes"]


def test_an_account_that_a_mere_key_opened_is_not_named_by_it(room: Room) -> None:
    room.do("PUT", "/v1/scenario", {"name": "happy"})
    room.do("POST", "/v1/accounts/callo/top-up", {"credential": KEY, "amount": 1})

    assert KEY not in str(room.get("/v1/accounts"))
    assert KEY not in str(room.get("/v1/calls"))
    assert room.refused("POST", "/v1/accounts/callo/top-up", {"amount": 1})[0] == 422


@pytest.mark.parametrize(
    ("amount", "balance"), [("50.25", 150.25), (50.25, 150.25), (-3, 97), ("-0.5", 99.5)]
)
def test_money_comes_and_goes(room: Room, amount: Any, balance: float) -> None:
    assert float(room.do("POST", "/v1/accounts/callo/top-up", {"amount": amount})["balance"]) == balance


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("callo", {"amount": "much"}, 422),
        ("callo", {"amount": 1e30}, 422),
        ("callo", {"amount": True}, 422),
        ("callo", {}, 422),
        ("callo", {"amount": 1, "credential": "short"}, 422),
        ("callo", {"amount": 1, "credential": "f" * 32}, 422),
        ("nobody", {"amount": 1}, 404),
    ],
)
def test_a_top_up_that_cannot_be_meant_is_refused(room: Room, path: str, body: Any, status: int) -> None:
    refused, _ = room.refused("POST", f"/v1/accounts/{path}/top-up", body)

    assert refused == status
    assert float(room.get("/v1/accounts")["accounts"][0]["balance"]) == 100


def test_calls_are_listed_newest_first_with_their_timelines(room: Room) -> None:
    room.call("+447700900310")
    room.call("+79161234567")
    listed = room.get("/v1/calls")

    assert (listed["total"], len(room.get("/v1/calls?limit=1")["calls"])) == (2, 1)
    assert [call["callee"][:3] for call in listed["calls"]] == ["+99", "+44"]
    assert "9161234567" not in str(listed)
    assert [moment["what"] for moment in listed["calls"][0]["timeline"]][:2] == ["placed", "dialing"]
    assert [moment["happened"] for moment in listed["calls"][0]["timeline"]][-1] is False


def test_calls_are_found_by_account_and_campaign(room: Room) -> None:
    room.call()
    reminders, codes = room.campaign("Reminders"), room.campaign("Codes")

    assert len(room.get(f"/v1/calls?account=clinic&campaign={reminders}")["calls"]) == 1
    assert room.get(f"/v1/calls?campaign={codes}")["calls"] == []
    assert room.refused("GET", "/v1/calls?account=clinc")[0] == 404
    assert room.refused("GET", "/v1/calls?campaign=7")[0] == 404


def test_callbacks_are_listed_shown_and_sent_again(room: Room) -> None:
    room.call("+79161234567")
    room.do("POST", "/v1/clock/advance", {"by": "2m"})
    (delivery,) = room.get("/v1/deliveries")["deliveries"]
    tried = len(delivery["tries"])
    again = room.do("POST", f"/v1/deliveries/{delivery['id']}/resend")

    assert delivery["tries"][0]["status"] == 200
    assert delivery["request"]["url"].startswith("http://hooks.test/done?phone=")
    assert "9161234567" not in str(delivery)
    assert len(again["tries"]) == tried + 1
    assert room.get(f"/v1/deliveries/{delivery['id']}") == again


def test_a_callback_that_failed_says_why_in_the_api_and_on_the_page(room: Room) -> None:
    room.call(ivr_lvl_1_btn_1_webhook="http://169.254.7.7/?phone={ct_phone}")
    room.do("POST", "/v1/clock/advance", {"by": "2m"})
    deliveries = room.get("/v1/deliveries")["deliveries"]
    (failed,) = [one for one in deliveries if one["tries"][0]["error"]]
    reason = "link-local: 169.254.7.7 is never called, whatever is allowed"

    assert failed["tries"][0]["reason"] == reason
    assert next(one for one in deliveries if one is not failed)["tries"][0]["reason"] is None
    assert reason in room.ask("GET", f"/callbacks/{failed['id']}").text


def test_why_a_callback_failed_tells_no_key(room: Room) -> None:
    room.call("+79161234567")
    room.do("POST", "/v1/clock/advance", {"by": "2m"})
    (delivery,) = room.simulator.worlds.sandbox().world.outbox.deliveries.values()
    reason = "header Authorization: 'Bearer ключ12345678' has control or non-Latin characters"
    delivery.attempts.append(SettledAttempt(delivery.created, None, "bad_request", reason=reason))

    assert "ключ12345678" not in room.ask("GET", f"/callbacks/{delivery.id}").text
    assert "ключ12345678" not in str(room.get(f"/v1/deliveries/{delivery.id}"))


def test_callbacks_are_found_by_state_and_paged(room: Room) -> None:
    room.call()
    room.do("POST", "/v1/clock/advance", {"until": "idle"})

    assert room.get("/v1/deliveries?state=delivered")["total"] == 1
    assert room.get("/v1/deliveries?state=failed")["deliveries"] == []
    assert room.get("/v1/deliveries?after=delivery-1")["deliveries"] == []
    assert room.refused("GET", "/v1/deliveries?state=gone")[0] == 422
    assert room.refused("GET", "/v1/deliveries?after=delivery-9")[0] == 404
    assert room.refused("POST", "/v1/deliveries/delivery-9/resend")[0] == 404


def test_a_fault_is_armed_felt_and_disarmed(room: Room) -> None:
    armed = room.do("POST", "/v1/faults", {"where": "callo.add_call", "do": "status 503"})
    hit = room.call().status_code
    room.do("DELETE", f"/v1/faults/{armed['id']}")

    assert armed == {"id": "control:1", "where": "callo.add_call", "when": "always", "do": "status 503"}
    assert (hit, room.call().status_code) == (503, 200)


def test_words_of_an_answer_are_armed_felt_and_read_back(room: Room) -> None:
    words = {"status": 202, "headers": {"X-Queue": "7"}, "body": "later"}
    armed = room.do("POST", "/v1/faults", {"where": "callo.add_call", "do": "reply", "reply": words})
    answer = room.call()

    assert (armed["do"], armed["reply"]) == ("reply", words)
    assert (answer.status_code, answer.data, answer.headers["X-Queue"]) == (202, b"later", "7")
    assert room.get("/v1/calls")["calls"] == []


def test_faults_armed_at_the_same_moment_are_all_armed(room: Room) -> None:
    def arm(_: int) -> int:
        fault = {"where": "callo.balance", "when": "request 900", "do": "status 503"}
        return Room(room.simulator, Client(room.simulator)).ask("POST", "/v1/faults", fault).status_code

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that threads meet
    try:
        with ThreadPoolExecutor(8) as threads:
            statuses = [*threads.map(arm, range(64))]
    finally:
        sys.setswitchinterval(usual)

    ids = [fault["id"] for fault in room.get("/v1/faults")["faults"]]
    assert statuses == [201] * 64
    assert len({one for one in ids if one.startswith("control:")}) == 64


def test_a_fault_of_the_scenario_reads_as_written_and_can_be_disarmed(room: Room) -> None:
    (fault,) = room.get("/v1/faults")["faults"]
    room.do("DELETE", f"/v1/faults/{fault['id']}")

    assert (fault["when"], fault["do"]) == ("first 2 per number", "slow 2s..8s")
    assert fault["id"].startswith("clinic.yaml:")
    assert room.get("/v1/faults")["faults"] == []


@pytest.mark.parametrize(
    "when",
    [
        "always",
        "3%",
        "0.5%",
        "request 4",
        "requests 4..6",
        "first 2 per number",
        "from +10m",
        "from +10m for 1h30m",
    ],
)
@pytest.mark.parametrize(
    "do",
    [
        *("slow 250ms", "slow 2s..8s", "hang 35s", "reset", "status 503", "cut 40%", "garble"),
        *("accept then status 503", "accept then reset", "refuse phone_missing", "drip 10s"),
    ],
)
def test_every_fault_reads_back_as_it_was_said(full_room: Room, when: str, do: str) -> None:
    armed = full_room.do("POST", "/v1/faults", {"where": "*", "when": when, "do": do})

    assert (armed["when"], armed["do"]) == (when, do)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"where": "callo.add_cal", "do": "reset"}, "#/where"),
        ({"where": "nobody.*", "do": "reset"}, "#/where"),
        ({"where": "everywhere", "do": "reset"}, "#/where"),
        ({"where": "*", "do": "status 200"}, "#/do"),
        ({"where": "*", "do": "explode"}, "#/do"),
        ({"where": "callo.*", "do": "refuse phone_mising"}, "#/do"),
        ({"where": "callo.balance", "do": "refuse phone_missing"}, "#/do"),
        ({"where": "*", "do": "accept then garble"}, "#/do"),
        ({"where": "*", "do": "reset", "when": "never"}, "#/when"),
        ({"where": "*"}, "#/do"),
        ({"where": "*", "do": "reply"}, "#/do"),
        ({"where": "*", "do": "reset", "reply": {"status": 200}}, "#/reply"),
        ({"where": "*", "do": "reply", "reply": {"statos": 200}}, "#/reply"),
        ({"where": "*", "do": "reply", "reply": "{}"}, "#/reply"),
        ({"where": "*", "do": "reset", "wen": "3%"}, "#/wen"),
    ],
)
def test_a_fault_that_could_never_happen_is_not_armed(room: Room, body: Any, place: str) -> None:
    before = len(room.get("/v1/faults")["faults"])
    status, problem = room.refused("POST", "/v1/faults", body)

    assert (status, problem["findings"][0].partition(":")[0]) == (422, place)
    assert len(room.get("/v1/faults")["faults"]) == before
    assert room.refused("DELETE", "/v1/faults/control:9")[0] == 404
