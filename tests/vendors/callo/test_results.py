"""Results of calls: keys and types of the samples, and who gets what when asking."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from simulator.telephony.people import Persona
from tests.vendors.callo.desk import PHONE, Desk, open_desk, read, refusal

OTHER = "+447700900002"
COMMON = {
    "phone", "status_display", "recorded_audio", "status", "dial_status_display", "dial_status", "call_id",
    "user_choice", "updated", "user_choice_display", "action_type", "created", "button_num", "completed",
    "duration", "transcribing",
}  # fmt: skip
ATTEMPT = {
    "created", "call_type", "attempt_num", "status", "dial_status", "billsec", "cost", "currency",
    "recorded_audio",
}  # fmt: skip


def settled_desk() -> tuple[Desk, int]:
    """Return a desk and the id of a call that pressed button 1."""
    desk = open_desk({PHONE: Persona(name="confirms", presses=("1",), says="Hello, yes.")})
    call = desk.call(text="Good afternoon. If you are interested in the offer, press 1.", label="order_17")
    desk.advance(minutes=2)
    return desk, call["call_id"]


def test_a_result_by_id_has_the_keys_of_the_sample() -> None:
    desk, call = settled_desk()

    result = desk.result(call, expand=1)

    assert set(result) == COMMON | {"audioclip_id", "ivr_data", "cost", "currency", "attempts"}
    assert set(result["attempts"][0]) == ATTEMPT
    assert set(result["transcribing"][0]) == {"normal_text", "channel", "start_time", "end_time"}


def test_a_pressed_button_is_told_in_every_way() -> None:
    desk, call = settled_desk()

    result = desk.result(call)

    assert (result["status"], result["status_display"]) == ("user", "Custom IVR")
    assert (result["button_num"], result["user_choice"], result["action_type"]) == (1, "One", "sms_to_owner")
    assert result["user_choice_display"] == f"SMS to the customer at {PHONE}"
    assert isinstance(result["duration"], float)
    assert result["cost"] == "0.17"


def test_an_attempt_is_told_as_in_the_sample() -> None:
    desk, call = settled_desk()

    attempt = desk.result(call, expand=1)["attempts"][0]

    assert (attempt["call_type"], attempt["attempt_num"], attempt["status"]) == ("outgoing", 1, "user")
    assert attempt["cost"] == 0.17
    assert attempt["recorded_audio"].endswith(f"/{call}/{call}.1.mp3")


def test_a_transcript_has_both_sides_in_order() -> None:
    desk, call = settled_desk()

    transcript = desk.result(call)["transcribing"]

    assert [(phrase["channel"], phrase["normal_text"]) for phrase in transcript] == [
        (0, "Good afternoon. If you are interested in the offer, press 1."),
        (1, "Hello, yes."),
    ]
    assert all(phrase["start_time"] < phrase["end_time"] for phrase in transcript)


def test_a_call_under_way_has_no_result_yet() -> None:
    desk = open_desk()

    result = desk.result(desk.call()["call_id"])

    assert (result["status"], result["dial_status"], result["completed"]) == ("in_process", None, None)
    assert (result["recorded_audio"], result["duration"], result["transcribing"]) == (None, None, None)
    assert "attempts" not in result


def test_several_ids_are_asked_for_at_once_and_unknown_ones_are_left_out() -> None:
    desk = open_desk()
    first, second = desk.call()["call_id"], desk.call(OTHER)["call_id"]

    results = read(desk.get("phones/call_by_id", call_ids=f"{second},1, {first},{first}"))

    assert [call["call_id"] for call in results] == [second, first]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"call_id": 1, "call_ids": "1,2"}, "* __all__\n  * Only one of call_id, call_ids is allowed"),
        ({}, "* __all__\n  * One of call_id, call_ids is required"),
        ({"call_id": "x"}, "* call_id\n  * Enter a whole number."),
        (
            {"call_ids": "1,x"},
            "* call_ids\n  * Item 2 in the array did not validate: Enter a whole number.",
        ),
        (
            {"call_ids": ",".join(["1"] * 201)},
            "* call_ids\n  * List contains 201 items, it should contain no more than 200.",
        ),
        (
            {"call_id": 1, "expand": "yes"},
            "* expand\n  * Select a valid choice. yes is not one of the available choices.",
        ),
    ],
)
def test_a_wrong_question_by_id_is_told_so(parameters: dict[str, object], words: str) -> None:
    assert refusal(open_desk().get("phones/call_by_id", **parameters)) == f"Form isn't valid: {words}"


@pytest.mark.parametrize("name", ["call_id", "call_ids"])
def test_an_unknown_call_is_told_in_the_documented_words(name: str) -> None:
    message = refusal(open_desk().get("phones/call_by_id", **{name: 123456789}))

    assert message == "Call by ats_call_id=123456789 dnot found"


def test_nobody_sees_the_calls_of_another_account() -> None:
    desk = open_desk()
    call = desk.call()["call_id"]

    answer = desk.get("phones/call_by_id", call_id=call, public_key="f" * 32)

    assert refusal(answer) == f"Call by ats_call_id={call} dnot found"


def by_phone(desk: Desk, **parameters: object) -> Any:
    return desk.get("phones/calls_by_phone", **{"campaign_id": desk.campaign().ref, **parameters})


def test_calls_to_a_number_come_newest_first_with_the_keys_of_the_sample() -> None:
    desk = open_desk()
    calls = [_call_later(desk, PHONE) for _ in range(3)]

    results = read(by_phone(desk, phone=PHONE))

    assert [call["call_id"] for call in results] == calls[::-1]
    assert set(results[0]) == COMMON


def _call_later(desk: Desk, phone: str) -> int:
    desk.advance(minutes=1)
    return int(desk.call(phone)["call_id"])


def test_a_number_never_called_is_told_in_the_documented_words() -> None:
    assert refusal(by_phone(open_desk(), phone="380123456789")) == "Phone by val=+380123456789 not found"


def test_several_numbers_are_asked_for_at_once() -> None:
    desk = open_desk()
    desk.call(PHONE)
    desk.call(OTHER)

    results = read(by_phone(desk, phones=f"{OTHER},+380123456789,{PHONE}"))

    assert [call["phone"] for call in results] == [OTHER, PHONE]


def test_both_forms_of_numbers_at_once_are_refused() -> None:
    message = refusal(by_phone(open_desk(), phone=PHONE, phones=f"{PHONE},{OTHER}"))

    assert message == "Form isn't valid: * __all__\n  * Only one of phone, phones is allowed"


def test_a_bad_number_in_a_list_is_told_by_its_place() -> None:
    message = refusal(by_phone(open_desk(), phones=f"{PHONE},x"))

    assert message.startswith(
        "Form isn't valid: * phones\n  * Item 2 in the array did not validate: Enter a valid"
    )


@pytest.mark.parametrize(
    ("bounds", "count"),
    [
        ({"from_created_date": "2026-03-02 10:00:00"}, 1),
        ({"from_created_date": "2026-03-02 10:00:01"}, 0),
        ({"to_created_date": "2026-03-02 10:00:00"}, 1),
        ({"to_created_date": "2026-03-02"}, 0),
        ({"from_updated_date": "2026-03-02 10:00:01"}, 1),
        ({"to_updated_date": "2026-03-02 10:00:00"}, 0),
    ],
)
def test_dates_filter_calls_and_their_bounds_belong_to_them(bounds: dict[str, str], count: int) -> None:
    desk = open_desk()
    desk.call()
    desk.advance(minutes=2)

    assert len(read(by_phone(desk, phone=PHONE, **bounds))) == count


def test_dates_are_read_in_the_zone_of_the_account() -> None:
    desk = open_desk()
    desk.account.zone = "Europe/Moscow"
    desk.call()

    results = read(by_phone(desk, phone=PHONE, from_created_date="2026-03-02 13:00:00"))

    assert len(results) == 1


@pytest.mark.parametrize(
    ("language", "date"),
    [
        *[("en", date) for date in ("2026-03-02T10:00:00Z", "2026-3-2 10:0:0", "2026-03-02 10:00")],
        *[("en", date) for date in ("03/02/2026 10:00", "03/02/26 10:00", "2026-03-02 10:00:00.0")],
        *[("ru", date) for date in ("02.03.2026 10:00:00", "02.03.26 10:00", "2026-03-02 12:00+02:00")],
    ],
)
def test_a_date_is_read_in_the_spellings_that_django_knows(language: str, date: str) -> None:
    desk = open_desk()
    desk.account.language = language
    desk.call()

    assert len(read(by_phone(desk, phone=PHONE, from_created_date=date, to_created_date=date))) == 1


@pytest.mark.parametrize("date", ["yesterday", "2026-02-30", "02.03.2026", "1514073599", "2026-03-02 10h"])
def test_a_bad_date_is_refused(date: str) -> None:
    message = refusal(by_phone(open_desk(), phone=PHONE, to_updated_date=date))

    assert message == "Form isn't valid: * to_updated_date\n  * Enter a valid date/time."


def test_a_call_is_found_by_its_label_and_tells_it() -> None:
    desk, call = settled_desk()

    results = read(desk.get("phones/calls_by_label", campaign_id=desk.campaign().ref, label="order_17"))

    assert set(results[0]) == COMMON | {"label"}
    assert (results[0]["call_id"], results[0]["label"]) == (call, "order_17")


def test_several_labels_may_have_spaces_after_their_commas() -> None:
    desk, call = settled_desk()

    answer = desk.get("phones/calls_by_label", campaign_id=desk.campaign().ref, labels="none, order_17")

    assert [result["call_id"] for result in read(answer)] == [call]


def test_an_unknown_label_is_told() -> None:
    desk = open_desk()

    message = refusal(desk.get("phones/calls_by_label", campaign_id=desk.campaign().ref, label="none"))

    assert message == "Label by val=none not found"


def test_a_bad_label_in_a_list_is_told_by_its_place() -> None:
    desk = open_desk()

    message = refusal(desk.get("phones/calls_by_label", campaign_id=desk.campaign().ref, labels="a,b c"))

    assert (
        message
        == "Form isn't valid: * labels\n  * Item 2 in the array did not validate: Enter a valid value."
    )


def test_displays_are_russian_for_an_account_that_reads_russian() -> None:
    desk, call = settled_desk()
    desk.account.language = "ru"

    answer = desk.get("phones/call_by_id", call_id=call)
    result = json.loads(answer.body)[0]

    assert answer.header("Content-Language") == "ru"
    assert result["status_display"] == "Пользовательский IVR"
    assert result["dial_status_display"] == "Абонент ответил"
    assert result["user_choice_display"] == f"Смс заказчику на номер {PHONE}"


def test_a_call_that_is_cut_off_by_its_longest_time_says_so() -> None:
    desk = open_desk({PHONE: Persona(name="talker")})
    desk.campaign().script = desk.campaign("flashcall").script
    call = desk.call(max_call_time=10)["call_id"]
    desk.advance(minutes=5)

    result = desk.result(call)

    assert (result["status"], result["dial_status"], result["duration"]) == ("interrupted", 17, 10.0)
    assert desk.account.calls[call].talk == timedelta(seconds=10)


def test_a_second_that_has_begun_counts() -> None:
    desk = open_desk({PHONE: Persona(name="listens")})
    call = desk.call(text="A long text. " * 40)["call_id"]
    desk.advance(minutes=5)

    assert desk.account.calls[call].talk == timedelta(milliseconds=39_600)
    assert desk.result(call)["duration"] == 40.0
