"""Callbacks are judged by the vendor's own names for what it tells, whatever the client calls it."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from datetime import datetime

import pytest
from msgspec.structs import replace

from simulator.engine.delivery_attempts import judge_callback
from simulator.exchange import CallbackRequest, DeliveryAttempt, Exchange, find_header
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.policies import AllowedHours
from simulator.vendors.kaleyra.provisioning import CLICK2CALL, campaign_of
from simulator.vendors.kaleyra.times import IST
from tests.vendors.customers import START
from tests.vendors.kaleyra.desk import ASHA, CONTRACT, HOOK, RAVI, Desk, introduce, open_desk

TEMPLATE = f"{HOOK}?status=mine&when={{starttime}}&duration=forever"
EVENTS = ("click_to_call_answered", "click_to_call_ended", "obd_callback")
SHOWN = {"references_in_rows": True}
OUTCOMES = [outcome for outcome in Disposition if outcome is not Disposition.ANSWERED]


def exchange_of(sent: CallbackRequest) -> Exchange:
    return judge_callback(CONTRACT, "delivery-1.1", sent, DeliveryAttempt(200), world="main", at=START)


def sent_by(desk: Desk) -> list[CallbackRequest]:
    """Return the callbacks of a click2call, of an OBD call, and of calls whose phones are not answered."""
    desk.connect(callback=TEMPLATE)
    desk.connect("9000000003", "1234.ivr", callback=TEMPLATE, custom="a", meta="{}")
    desk.ask("voice.call", numbers=f"{ASHA},{RAVI}", play="1.sound", callback=TEMPLATE)
    desk.advance(minutes=10)
    return [delivery.request for delivery in desk.world.outbox.deliveries.values()]


def test_all_three_callbacks_are_known_and_right() -> None:
    judged = [exchange_of(sent) for sent in sent_by(open_desk())]

    assert Counter(exchange.operation for exchange in judged) == dict.fromkeys(EVENTS, 2)
    assert [exchange.violations for exchange in judged] == [()] * 6


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("number", [ASHA, RAVI])
def test_callbacks_are_right_however_a_call_ends(outcome: Disposition, number: str) -> None:
    desk = open_desk()
    introduce(desk, number, outcome)

    judged = [exchange_of(sent) for sent in sent_by(desk)]

    assert [exchange.violations for exchange in judged] == [()] * len(desk.world.outbox.deliveries)


@pytest.mark.parametrize(
    ("event", "name", "value"),
    [
        ("click_to_call_answered", "endtime", "1772445600"),
        ("click_to_call_answered", "caller", "+919876543210"),
        ("click_to_call_ended", "status", "ANSWERED"),
        ("click_to_call_ended", "duration", "35.5"),
        ("click_to_call_ended", "recordpath", "http://127.0.0.1/"),
        ("click_to_call_ended", "starttime", "2026-03-02 15:30:00"),
        ("obd_callback", "obdstatus", "ANSWER"),
        ("obd_callback", "obdid", "7"),
    ],
)
def test_a_wrong_value_is_the_simulators_breach(event: str, name: str, value: str) -> None:
    sent = next(callback for callback in sent_by(open_desk()) if exchange_of(callback).operation == event)
    wrong = replace(sent, filled=tuple({**dict(sent.filled), name: value}.items()))

    assert [(violation.where, violation.blame) for violation in exchange_of(wrong).violations] == [
        (name, "simulator")
    ]


def test_a_callback_by_another_verb_is_none_of_the_vendors() -> None:
    sent = replace(sent_by(open_desk())[0], method="POST")

    assert [violation.code for violation in exchange_of(sent).violations] == ["unknown-event"]


def test_a_client_finds_its_own_words_in_rows_and_callbacks() -> None:
    desk = open_desk(profile=SHOWN)
    own = {"custom": "order-7", "meta": '{"a":1}'}
    ref = desk.connect(**own, callback=f"{HOOK}?custom={{custom}}&meta={{meta}}")
    callbacks = desk.advance(minutes=2)

    assert callbacks == [own, own]
    assert {name: desk.row(ref)[name] for name in own} == own


def test_each_number_of_a_campaign_has_its_own_reference() -> None:
    desk = open_desk(profile=SHOWN)
    sent = {"numbers": f"{ASHA},{RAVI}", "play": "1.sound", "custom": "a,b", "return": "1"}
    ref = desk.data("voice.call", **sent, callback=f"{HOOK}?id={{obdid}}&custom={{custom}}")["id"]
    group = ref.partition("-")[0]
    callbacks = desk.advance(minutes=2)
    rows = desk.data("voice.groupstatus", groupid=group)

    assert [(row["mobile"], row["custom"], "meta" in row) for row in rows.values()] == [
        (ASHA, "a", False),
        (RAVI, "b", False),
    ]
    assert {(callback["id"], callback["custom"]) for callback in callbacks} == {
        (f"{group}-1", "a"),
        (f"{group}-2", "b"),
    }


@pytest.mark.parametrize(
    ("caller", "receiver", "lost"),
    [
        (ASHA, ASHA, True),
        (ASHA, f"+91{ASHA}", True),
        (f"{RAVI}-{ASHA}", f"0{ASHA}", True),
        (ASHA, RAVI, False),
    ],
)
def test_a_number_that_is_connected_with_itself_is_told(caller: str, receiver: str, lost: bool) -> None:
    answer = open_desk().post("dial.click2call", caller=caller, receiver=receiver)

    assert [one.name for one in answer.losses] == ["connected_with_itself"] * lost


@pytest.mark.parametrize(
    ("address", "lost"),
    [
        ("?s={status}&d={duration}", None),
        ("?s={{status}}", "{{status}}"),
        ("?s=${status}", "${status}"),
        ("?s=%7Bstatus%7D", "%7Bstatus%7D"),
        ("?s=%status%&d=%duration%20", "%status%, %duration%"),
        ("?s={Status}", "{Status}"),
        ("?s=50%25&note=a%20status%20b", None),
    ],
)
def test_a_variable_that_is_written_otherwise_is_told_to_stay_as_it_is(
    address: str, lost: str | None
) -> None:
    answer = open_desk().post("dial.click2call", caller=ASHA, receiver=RAVI, callback=HOOK + address)

    assert [one.arrived for one in answer.losses] == ([lost] if lost else [])


@pytest.mark.parametrize(
    ("numbers", "custom", "lost"),
    [
        (ASHA, "a,b", None),
        (f"{ASHA},{RAVI}", "a,b,c", "3 references for 2 numbers"),
        (f"{ASHA},{RAVI}", "a,b", None),
        (f"{ASHA},{RAVI}", "a", None),
    ],
)
def test_references_beyond_the_last_number_are_told_to_be_dropped(
    numbers: str, custom: str, lost: str | None
) -> None:
    desk = open_desk(profile=SHOWN)
    answer = desk.post("voice.call", numbers=numbers, play="1.sound", custom=custom)

    assert [one.arrived for one in answer.losses] == ([lost] if lost else [])


def test_the_reference_of_a_single_number_keeps_its_commas() -> None:
    desk = open_desk(profile=SHOWN)
    ref = desk.data("voice.call", numbers=ASHA, play="1.sound", custom="a,b", **{"return": "1"})["id"]

    assert b"custom=a,b\n" in desk.get("voice.status", id=ref).body


@pytest.mark.parametrize("form", ["text", "json", "jsonp", "xml", "php"])
def test_own_words_come_back_in_every_format(form: str) -> None:
    desk = open_desk(profile=SHOWN)
    ref = desk.data("voice.call", numbers=ASHA, play="1.sound", custom="order-7", **{"return": "1"})["id"]

    assert b"order-7" in desk.get("voice.status", id=ref, format=form).body


def test_a_value_with_an_ampersand_or_a_plus_breaks_no_address() -> None:
    desk = open_desk()
    desk.connect(custom="5 + 3 & more=1", callback=f"{HOOK}?custom={{custom}}&end={{endtime}}")

    callbacks = desk.advance(minutes=5)

    assert [callback["custom"] for callback in callbacks] == ["5 + 3 & more=1"] * 2
    assert [bool(callback.get("end")) for callback in callbacks] == [False, True]


@pytest.mark.parametrize("ring", [5.4, 5.6])
def test_a_callback_tells_the_second_that_the_row_tells(ring: float) -> None:
    desk = open_desk()
    introduce(desk, RAVI, Disposition.ANSWERED, ring=seconds(ring))
    ref = desk.connect(callback=f"{HOOK}?end={{endtime}}")
    ended = desk.advance(minutes=5)[-1]["end"]

    assert f"{datetime.fromtimestamp(int(ended), IST):%Y-%m-%d %H:%M:%S}" == desk.row(ref)["end_time"]


def test_a_call_that_nobody_was_dialed_for_began_when_its_report_says() -> None:
    desk = open_desk()
    campaign_of(desk.world, desk.account, CLICK2CALL).hours = AllowedHours({})
    ref = desk.connect(callback=f"{HOOK}?start={{starttime}}")
    ((callback,), (report,)) = desk.advance(minutes=3), desk.data("dial.callreports", id=ref)
    (sent,) = (delivery.request for delivery in desk.world.outbox.deliveries.values())

    assert exchange_of(sent).violations == ()
    began = datetime.fromtimestamp(int(callback["start"]), IST)
    assert f"{began:%Y-%m-%d %H:%M:%S}" == report["callstart"]


def test_credentials_in_the_address_become_a_header() -> None:
    desk = open_desk()
    desk.connect(callback="http://me:p%40ss@127.0.0.1:9000/hook?from={caller}&at=a@b")
    desk.advance(minutes=5)
    sent = [delivery.request for delivery in desk.world.outbox.deliveries.values()]

    assert {request.url for request in sent} == {f"{HOOK}?from={ASHA}&at=a@b"}
    token = "Basic " + b64encode(b"me:p@ss").decode()
    assert [find_header(request.headers, "Authorization") for request in sent] == [token] * 2
