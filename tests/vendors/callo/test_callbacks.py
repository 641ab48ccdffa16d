"""Postbacks: which event fills which template, and how exactly values are escaped."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from simulator.exchange import CallbackRequest, find_header
from simulator.telephony.campaign_settings import CampaignState, Postback
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import Persona
from simulator.vendors.callo.callbacks import PLACEHOLDERS, render_postback
from tests.vendors.callo.desk import PHONE, open_desk

HOOK = "http://127.0.0.1:9000/hook"
PRESSES = Persona(name="presses", presses=("1",), says="Да, конечно")
BUSY = Persona(name="busy", attempts=(Disposition.BUSY,))


def postbacks_of(persona: Persona, hooks: dict[str, Postback], **parameters: object) -> list[CallbackRequest]:
    desk = open_desk({PHONE: persona})
    desk.campaign().postbacks = hooks
    desk.call(**parameters)
    return desk.advance(hours=1)


def filled(template: str, values: dict[str, str]) -> str:
    return render_postback(Postback(template), values).url


@pytest.mark.parametrize(
    ("persona", "paths"), [(PRESSES, ["/finished", "/any"]), (BUSY, ["/no_answer", "/any"])]
)
def test_an_end_is_told_to_its_slot_and_to_the_one_for_all(persona: Persona, paths: list[str]) -> None:
    hooks = {
        "finished": Postback(f"{HOOK}/finished"),
        "no_answer": Postback(f"{HOOK}/no_answer"),
        "any": Postback(f"{HOOK}/any"),
    }

    sent = postbacks_of(persona, hooks)

    assert [request.url.removeprefix(HOOK) for request in sent] == paths


def test_nobody_hears_of_a_campaign_without_postbacks() -> None:
    assert postbacks_of(PRESSES, {}) == []


def test_placeholders_tell_the_call() -> None:
    names = [
        "campaign_id",
        "call_id",
        "phone",
        "phone9",
        "status",
        "user_choice",
        "button_num",
        "dial_status",
    ]
    template = f"{HOOK}?" + "&".join(f"{name}={{ct_{name}}}" for name in names)

    request = postbacks_of(PRESSES, {"finished": Postback(template)})[0]
    parameters = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}

    assert request.method == "GET"
    assert parameters["phone"] == PHONE
    assert parameters["phone9"] == "7700900001"
    assert (parameters["status"], parameters["button_num"], parameters["user_choice"]) == ("user", "1", "One")
    assert parameters["dial_status"] == "5"


def test_times_lengths_and_recordings_are_told_too() -> None:
    names = ["completed", "completed_ts", "duration", "record_url", "recognized_speech", "caller", "data"]
    template = f"{HOOK}?" + "&".join(f"{name}={{ct_{name}}}" for name in names)

    request = postbacks_of(PRESSES, {"finished": Postback(template)}, label="order_17")[0]
    parameters = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}

    assert parameters["completed"].startswith("2026-03-02 10:00:")
    assert parameters["completed_ts"].startswith("17724456")
    assert float(parameters["duration"]) > 1
    assert "/cdr/record/" in parameters["record_url"]
    assert (parameters["recognized_speech"], parameters["data"]) == ("Да, конечно", "order_17")
    assert parameters["caller"] == "+442079460287"


def test_values_are_percent_encoded_to_the_last_sign() -> None:
    url = filled("http://h/?a={ct_phone}&b={ct_user_choice}", {"ct_phone": "+7", "ct_user_choice": "да & /?"})

    assert url == "http://h/?a=%2B7&b=%D0%B4%D0%B0%20%26%20%2F%3F"


def test_unknown_placeholders_stay_as_they_are() -> None:
    assert filled("http://h/?x={ct_unheard_of}&y={z}", {}) == "http://h/?x={ct_unheard_of}&y={z}"


def test_a_value_never_adds_a_line_to_a_request() -> None:
    assert filled("http://h/?x={ct_data}\r\nX: 1", {"ct_data": "\r\n"}) == "http://h/?x=%0D%0A%0D%0AX:%201"


def test_post_repeats_the_values_as_a_form_and_leaves_the_url_alone() -> None:
    request = postbacks_of(PRESSES, {"finished": Postback(f"{HOOK}?id={{ct_call_id}}", "POST")})[0]

    form = parse_qs(request.body.decode())
    assert request.method == "POST"
    assert request.headers == (("Content-Type", "application/x-www-form-urlencoded"),)
    assert request.url == f"{HOOK}?id={form['ct_call_id'][0]}"
    assert form["ct_phone"] == [PHONE]


def test_a_button_has_a_webhook_of_its_own() -> None:
    sent = postbacks_of(PRESSES, {}, ivr_lvl_1_btn_1_webhook=f"{HOOK}?call={{ct_call_id}}")

    assert [request.method for request in sent] == ["GET"]
    assert sent[0].url.startswith(f"{HOOK}?call=2603")


@pytest.mark.parametrize("webhook", ["not a url", "ftp://h/", "http://", "http://[::1", ""])
def test_a_webhook_that_is_no_url_is_never_called(webhook: str) -> None:
    assert postbacks_of(PRESSES, {}, ivr_lvl_1_btn_1_webhook=webhook) == []


def test_a_removed_call_is_told_only_to_the_slot_for_all() -> None:
    desk = open_desk()
    desk.campaign().postbacks = {"finished": Postback(HOOK), "any": Postback(f"{HOOK}?s={{ct_status}}")}
    call = desk.call()["call_id"]

    desk.post("phones/remove_call", campaign_id=desk.campaign().ref, call_id=call)

    assert [request.url for request in desk.advance(seconds=1)] == [f"{HOOK}?s=deleted"]


EVERY_VALUE = f"{HOOK}?" + "&".join(f"{name}={{{name}}}" for name in PLACEHOLDERS)
GOES_AWAY = Persona(name="goes away", presses=("7",))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("persona", [PRESSES, BUSY, GOES_AWAY, Persona(name="listens")])
def test_every_value_of_every_end_keeps_the_contract(persona: Persona, method: str) -> None:
    sent = postbacks_of(persona, {"any": Postback(EVERY_VALUE, method)})

    assert len(sent) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("change", ["remove", "stop", "stop_list", "no_money"])
def test_a_call_that_ended_before_anybody_was_reached_keeps_it_too(change: str, method: str) -> None:
    desk = open_desk()
    desk.campaign().delay = timedelta(seconds=5)
    desk.campaign().postbacks = {"any": Postback(EVERY_VALUE, method)}
    call = desk.call()["call_id"]
    match change:
        case "remove":
            desk.post("phones/remove_call", campaign_id=desk.campaign().ref, call_id=call)
        case "stop":
            desk.world.set_state(desk.campaign(), CampaignState.ARCHIVED)
        case "stop_list":
            desk.post("phones/stoplist", phone=PHONE)
        case "no_money":
            desk.account.balance = Decimal(-1)

    assert len(desk.advance(hours=1)) == 1


def test_an_end_is_told_in_the_zone_of_the_account_and_as_an_instant() -> None:
    desk = open_desk({PHONE: PRESSES})
    desk.account.zone = "Europe/Moscow"
    desk.campaign().postbacks = {"any": Postback(f"{HOOK}?at={{ct_completed}}&ts={{ct_completed_ts}}")}
    desk.call()

    (request,) = desk.advance(hours=1)
    parameters = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}

    ended = datetime.fromtimestamp(int(parameters["ts"]), UTC)
    assert parameters["at"] == f"{ended + timedelta(hours=3):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_credentials_in_the_address_of_a_postback_become_a_header(method: str) -> None:
    template = "http://me:p%40ss@127.0.0.1:9000/hook?at=a@b&call={ct_button_num}"
    (request,) = postbacks_of(PRESSES, {"any": Postback(template, method)})

    assert request.url == f"{HOOK}?at=a@b&call=1"
    assert find_header(request.headers, "Authorization") == "Basic " + b64encode(b"me:p@ss").decode()


def test_credentials_in_the_webhook_of_a_button_become_a_header() -> None:
    (request,) = postbacks_of(PRESSES, {}, ivr_lvl_1_btn_1_webhook="http://me:pass@127.0.0.1:9000/hook")

    assert request.url == HOOK
    assert find_header(request.headers, "Authorization") == "Basic " + b64encode(b"me:pass").decode()
