"""Adding calls: four operations, their kinds of campaign, and what each refuses."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from simulator.telephony.campaign_settings import CampaignState, RepeatLimit
from simulator.telephony.limits import Limit
from tests.vendors.callo.desk import API, KEY, PHONE, Desk, open_desk, read, refusal

BOUND = "Ensure this value is"
REQUIRED = "This field is required."
BAD_PHONE = "Enter a valid phone number (e.g. +12125552368)."


def test_a_call_is_answered_with_the_keys_of_the_sample_and_no_envelope() -> None:
    desk = open_desk()

    call = desk.call(text="Your order is ready")

    assert list(call) == ["call_id", "phone", "balance", "audioclip_id", "created", "callerid"]
    assert call["phone"] == PHONE
    assert call["balance"] == "1000.000000"
    assert call["created"] == "2026-03-02T10:00:00.000Z"
    assert len(str(call["call_id"])) in (15, 16)
    assert str(call["call_id"]).startswith("260302")


def test_a_call_is_added_by_get_too() -> None:
    desk = open_desk()

    answer = desk.get("phones/call", campaign_id=desk.campaign().ref, phone=PHONE.removeprefix("+"))

    assert read(answer)["phone"] == PHONE


def test_parameters_may_stand_in_the_query_of_a_post_with_an_empty_body() -> None:
    desk = open_desk()
    query = f"public_key={KEY}&campaign_id={desk.campaign().ref}&phone=%2B447700900001"

    answer = desk.ask("POST", f"{API}/phones/call/", query, kind="")

    assert read(answer)["phone"] == PHONE


def test_multipart_is_read_and_unknown_parameters_are_ignored() -> None:
    desk = open_desk()

    answer = desk.upload("phones/call", {}, campaign_id=desk.campaign().ref, phone=PHONE, record=1, any=2)

    assert read(answer)["phone"] == PHONE


def test_a_call_without_text_of_its_own_has_no_clip() -> None:
    assert open_desk().call()["audioclip_id"] is None


def test_synthesised_text_becomes_a_clip_of_the_account() -> None:
    desk = open_desk()

    clip = desk.call(text="Your order is ready", speaker="Maxim")["audioclip_id"]
    info = read(desk.get("audio/info", audioclip_id=clip))

    assert (info["clip_type"], info["text"], info["speaker_name"]) == (
        "synth",
        "Your order is ready",
        "Maxim",
    )


@pytest.mark.parametrize(("voices", "voice"), [([], "Maxim"), (["Anna", "Oleg"], "Anna")])
def test_a_text_without_a_speaker_is_spoken_by_the_campaigns_voice(voices: list[str], voice: str) -> None:
    """The document: "by default, if not specified, is taken from the corresponding campaign"."""
    desk = open_desk()
    desk.account.profile = {"speakers": voices}

    clip = desk.call(text="Your order is ready")["audioclip_id"]

    assert read(desk.get("audio/info", audioclip_id=clip))["speaker_name"] == voice


def test_all_mistakes_of_a_form_are_told_together() -> None:
    desk = open_desk()

    message = refusal(desk.post("phones/call", label="a b", max_call_time="soon"))

    assert message == (
        f"Form isn't valid: * phone\n  * {REQUIRED}\n* label\n  * Enter a valid value.\n"
        f"* max_call_time\n  * Enter a whole number.\n* campaign_id\n  * {REQUIRED}"
    )


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"phone": ""}, f"* phone\n  * {REQUIRED}"),
        ({"phone": "call me"}, f"* phone\n  * {BAD_PHONE}"),
        ({"campaign_id": ""}, f"* campaign_id\n  * {REQUIRED}"),
        ({"campaign_id": "first"}, "* campaign_id\n  * Enter a whole number."),
        ({"label": "two words"}, "* label\n  * Enter a valid value."),
        ({"pincode": "12a4"}, "* pincode\n  * Enter a whole number."),
        ({"max_call_time": "0"}, f"* max_call_time\n  * {BOUND} greater than or equal to 1."),
        ({"max_call_time": "86401"}, f"* max_call_time\n  * {BOUND} less than or equal to 86400."),
        ({"text": '<audio id="5"/>'}, "* text\n  * Audio clip by id=5 not found"),
        ({"ivr_lvl_1_btn_1_to_phone": "home"}, f"* ivr_lvl_1_btn_1_to_phone\n  * {BAD_PHONE}"),
        (
            {"ivr_lvl_1_btn_yes,no_sms_text": "x"},
            "* ivr_lvl_1_btn_yes,no_sms_text\n  * Only one word is allowed",
        ),
    ],
)
def test_a_mistake_is_told_in_the_words_of_a_django_form(parameters: dict[str, str], words: str) -> None:
    desk = open_desk()
    sent = {"campaign_id": desk.campaign().ref, "phone": PHONE, **parameters}

    assert refusal(desk.post("phones/call", **sent)) == f"Form isn't valid: {words}"


def test_an_unknown_campaign_is_told_in_the_documented_words() -> None:
    message = refusal(open_desk().post("phones/call", campaign_id=123456789, phone=PHONE))

    assert message == "Campaign by id=123456789 don't found"


@pytest.mark.parametrize(
    ("operation", "kinds"),
    [
        ("phones/call", {"free_text", "pincode"}),
        ("phones/confirm", {"pincode", "pincode_short", "pincode_incoming"}),
        ("phones/tellcode", {"tellcode"}),
        ("phones/flashcall", {"flashcall"}),
        ("phones/append/calls", {"free_text", "pincode_incoming"}),
    ],
)
def test_an_operation_serves_its_own_kinds_of_campaign(operation: str, kinds: set[str]) -> None:
    desk = open_desk()
    served = set()

    for campaign in desk.account.campaigns.values():
        answer = desk.post(operation, campaign_id=campaign.ref, phone=PHONE, phones=PHONE)
        if answer.status == 200:
            served.add(campaign.kind)
        else:
            assert refusal(answer) == "Form isn't valid: * campaign_id\n  * Invalid campaign type"

    assert served == kinds


@pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.FINISHED, CampaignState.ARCHIVED])
def test_a_campaign_that_does_not_dial_takes_no_calls(state: CampaignState) -> None:
    desk = open_desk()
    desk.world.set_state(desk.campaign(), state)

    message = refusal(desk.post("phones/call", campaign_id=desk.campaign().ref, phone=PHONE))

    assert message == "Form isn't valid: * campaign_id\n  * Campaign is not active"


def test_a_label_is_unique_in_its_campaign() -> None:
    desk = open_desk()
    desk.call(label="order_17")

    message = refusal(
        desk.post("phones/call", campaign_id=desk.campaign().ref, phone=PHONE, label="order_17")
    )

    assert message == "Form isn't valid: * label\n  * Duplicate label"


def test_the_sixth_call_to_a_number_within_thirty_seconds_is_refused() -> None:
    desk = open_desk()
    for _ in range(5):
        desk.call()

    message = refusal(desk.post("phones/call", campaign_id=desk.campaign().ref, phone=PHONE))

    assert message == f"Calls count to camp_id:{desk.campaign().ref}, {PHONE} is excess (limit 5/30sec)"


def test_the_words_for_too_many_calls_follow_the_campaigns_own_limit() -> None:
    desk = open_desk()
    desk.campaign().repeat = RepeatLimit(1, timedelta(seconds=60))
    desk.call()

    message = refusal(desk.post("phones/call", campaign_id=desk.campaign().ref, phone=PHONE))

    assert message.endswith("(limit 1/60sec)")


def test_a_rule_that_counts_by_number_is_told_in_the_campaigns_words() -> None:
    rule = Limit(
        name="flaky.yaml:7",
        where="callo.add_call",
        allow=1,
        per=timedelta(seconds=5),
        by=("campaign_id", "phone"),
    )
    desk = open_desk(limits=(rule,))
    desk.call()

    message = refusal(desk.post("phones/call", campaign_id=desk.campaign().ref, phone=PHONE))

    assert message == f"Calls count to camp_id:{desk.campaign().ref}, {PHONE} is excess (limit 1/5sec)"


def test_an_account_that_refuses_credit_says_so() -> None:
    desk = open_desk()
    desk.account.balance, desk.account.refuses_on_credit = Decimal(-1), True

    message = refusal(desk.post("phones/call", campaign_id=desk.campaign().ref, phone=PHONE))

    assert message == "Form isn't valid: * __all__\n  * Not enough money on balance"


@pytest.mark.parametrize("operation", ["confirm", "tellcode", "flashcall"])
def test_a_verification_answers_in_an_envelope_with_a_code_of_four_digits(operation: str) -> None:
    desk = open_desk()
    kind = "pincode" if operation == "confirm" else operation

    body = read(desk.post(f"phones/{operation}", campaign_id=desk.campaign(kind).ref, phone=PHONE))

    assert body["status"] == "ok"
    assert list(body["data"]) == ["balance", "call_id", "created", "phone", "pincode"]
    assert len(body["data"]["pincode"]) == 4
    assert body["data"]["pincode"].isdigit()


@pytest.mark.parametrize("pincode", ["0042", "123456"])
def test_a_code_of_ones_own_keeps_its_leading_zeros(pincode: str) -> None:
    desk = open_desk()
    sent = {"campaign_id": desk.campaign("tellcode").ref, "phone": PHONE, "pincode": pincode}

    assert read(desk.post("phones/tellcode", **sent))["data"]["pincode"] == pincode


def test_a_call_in_a_pincode_campaign_tells_its_code() -> None:
    desk = open_desk()

    assert desk.call(campaign_id=desk.campaign("pincode").ref, pincode="0042")["pincode"] == "0042"


def test_the_incoming_type_tells_which_numbers_may_be_called() -> None:
    desk = open_desk()
    sent = {"campaign_id": desk.campaign("pincode_incoming").ref, "phone": PHONE}

    call = read(desk.post("phones/confirm", **sent))["data"]

    assert call["pincode"] == ""
    assert call["allowed_phones_for_call"] == list(desk.account.caller_ids)


def test_the_suffix_of_a_flash_call_ends_the_callers_number() -> None:
    desk = open_desk()
    sent = {"campaign_id": desk.campaign("flashcall").ref, "phone": PHONE, "phone_suffix": "0042"}

    call = read(desk.post("phones/flashcall", **sent))["data"]

    assert call["pincode"] == "0042"
    assert str(desk.account.calls[call["call_id"]].caller_id).endswith("0042")


def test_a_suffix_has_four_digits() -> None:
    desk = open_desk()
    sent = {"campaign_id": desk.campaign("flashcall").ref, "phone": PHONE, "phone_suffix": "42"}

    message = refusal(desk.post("phones/flashcall", **sent))

    assert message == "Form isn't valid: * phone_suffix\n  * Enter a valid value."


def test_a_dictated_code_is_said_digit_by_digit() -> None:
    desk = open_desk()
    sent = {"campaign_id": desk.campaign("tellcode").ref, "phone": PHONE, "pincode": "0042"}
    call = read(desk.post("phones/tellcode", **sent))["data"]["call_id"]

    desk.advance(minutes=2)

    assert "0 0 4 2" in desk.result(call)["transcribing"][0]["normal_text"]


def test_codes_are_the_same_in_two_worlds_of_the_same_seed() -> None:
    codes = [_code(open_desk()) for _ in range(2)]

    assert codes[0] == codes[1]


def _code(desk: Desk) -> str:
    sent = {"campaign_id": desk.campaign("tellcode").ref, "phone": PHONE}
    return str(read(desk.post("phones/tellcode", **sent))["data"]["pincode"])


def test_voices_and_emotions_are_taken_as_they_come_unless_the_account_lists_them() -> None:
    desk = open_desk()
    desk.call(speaker="Anybody", emotion="glad")
    desk.account.profile = {"speakers": ["Maxim"], "emotions": ["neutral"]}

    sent = {"campaign_id": desk.campaign().ref, "phone": PHONE, "speaker": "Anybody", "emotion": "glad"}
    message = refusal(desk.post("phones/call", **sent))

    assert "* speaker\n  * Select a valid choice. Anybody is not one of the available choices." in message
    assert "* emotion\n  * Select a valid choice. glad is not one of the available choices." in message
