"""Individual IVR: parameters for one callee over the campaign's menus."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.telephony.ivr import Choice, Menu, Prompt, Script
from simulator.telephony.people import Persona
from tests.vendors.callo.desk import PHONE, open_desk, refusal

DEEP = Menu(
    choices={
        "1": Choice(label="One", action="sms_to_owner", follow=Menu(choices={"2": Choice(label="Two")})),
        "yes": Choice(label="Yes"),
        "no": Choice(label="No"),
        "Назад": Choice(label="Back"),
        "с": Choice(label="Next"),  # Cyrillic, as the vendor spells it
        "not now": Choice(label="Later"),
    }
)


def result_of(*presses: str, **parameters: object) -> Any:
    """Return the result of a call to somebody who presses or says `presses`."""
    desk = open_desk({PHONE: Persona(name="busy fingers", presses=presses)})
    desk.campaign().script = Script(Prompt("Good afternoon"), DEEP)
    call = desk.call(**parameters)["call_id"]
    desk.advance(minutes=3)
    return desk.result(call)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("1", "ivr_lvl_1_btn_1_sms_text"),
        ("yes", "ivr_lvl_1_btn_yes_sms_text"),
        ("с", "ivr_lvl_1_btn_с_sms_text"),
        ("not now", "ivr_lvl_1_btn_not now_sms_text"),
        ("not now", "ivr_lvl_1_btn_not_sms_text"),
        ("yes", "ivr_lvl_1_btn_a_sms_text"),  # the document: "Individual SMS by word "Yes""
        ("no", "ivr_lvl_1_btn_b_sms_text"),
        ("Назад", "ivr_lvl_1_btn_d_sms_text"),
        ("Назад", "ivr_lvl_1_btn_назад_sms_text"),  # "Your word is transmitted in lowercase only"
    ],
)
def test_a_text_for_a_button_or_word_reaches_this_call_alone(key: str, name: str) -> None:
    result = result_of(key, **{name: "Just for you"})

    assert result["status"] == "user"
    assert result["ivr_data"][0]["sms_text"] == "Just for you"


@pytest.mark.parametrize("letter", ["c", "с"])  # the second is Cyrillic, as the vendor's sample spells it
def test_either_letter_c_stands_for_the_word_next(letter: str) -> None:
    desk = open_desk({PHONE: Persona(name="says next", presses=("next",))})
    desk.campaign().script = Script(Prompt("Good afternoon"), Menu(choices={"next": Choice(label="Next")}))
    call = desk.call(**{f"ivr_lvl_1_btn_{letter}_sms_text": "Just for you"})["call_id"]
    desk.advance(minutes=3)

    assert desk.result(call)["ivr_data"][0]["sms_text"] == "Just for you"


def test_a_second_level_is_reached_by_its_number() -> None:
    result = result_of("1", "2", ivr_lvl_2_btn_2_webhook="http://127.0.0.1/x", ivr_lvl_1_btn_2_sms_text="no")

    assert [step["button_num"] for step in result["ivr_data"]] == [1, 2]
    assert [step["webhook"] for step in result["ivr_data"]] == [None, "http://127.0.0.1/x"]
    assert result["ivr_data"][1]["sms_text"] is None


def test_a_status_name_renames_the_pressed_key() -> None:
    assert result_of("1", ivr_lvl_1_btn_1_status_name="Paid by card")["user_choice"] == "Paid by card"


def test_a_text_to_synthesise_is_said_after_the_press() -> None:
    result = result_of("yes", ivr_lvl_1_btn_yes_audioclip_text="See you then")

    assert result["transcribing"][-1]["normal_text"] == "See you then"


def test_forwarding_is_told_in_the_steps() -> None:
    result = result_of("1", ivr_lvl_1_btn_1_to_phone="+380123456789", ivr_lvl_1_btn_1_to_sipname="desk")

    assert result["ivr_data"][0]["to_phone"] == "+380123456789"
    assert result["ivr_data"][0]["to_sipname"] == "desk"
    assert result["user_choice_display"] == "SMS to the customer at +380123456789"


def test_a_word_itself_counts_more_than_the_letter_that_stands_for_it() -> None:
    result = result_of("yes", ivr_lvl_1_btn_yes_sms_text="word", ivr_lvl_1_btn_a_sms_text="letter")

    assert result["ivr_data"][0]["sms_text"] == "word"


def test_a_word_the_campaign_lacks_changes_nothing() -> None:
    assert result_of("yes", ivr_lvl_1_btn_never_sms_text="x")["ivr_data"][0]["sms_text"] is None


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        # the document: "the word must already be configured in the IVR"
        ("ivr_lvl_1_btn_never_sms_text", "word_unknown"),
        ("ivr_lvl_1_btn_c_sms_text", "word_unknown"),
        ("ivr_lvl_1_btn_9_sms_text", "button_unknown"),
        ("ivr_lvl_2_btn_1_webhook", "button_unknown"),
        ("ivr_lvl_0_btn_1_sms_text", "button_unknown"),
    ],
)
def test_a_reaction_the_campaign_lacks_is_told_as_lost(name: str, rule: str) -> None:
    desk = open_desk()
    desk.campaign().script = Script(Prompt("Good afternoon"), DEEP)

    sent = {"campaign_id": desk.campaign().ref, "phone": PHONE, name: "http://127.0.0.1/x"}
    answer = desk.post("phones/call", **sent)

    assert [(loss.name, loss.place) for loss in answer.losses] == [(rule, name)]
    assert desk.accusations() == [("silent-loss", name)]


def test_an_empty_parameter_is_none() -> None:
    result = result_of("1", ivr_lvl_1_btn_1_to_phone="", ivr_lvl_1_btn_1_status_name="")

    assert (result["user_choice"], result["ivr_data"][0]["to_phone"]) == ("One", None)


def test_several_words_in_one_parameter_are_refused() -> None:
    desk = open_desk()
    sent = {"campaign_id": desk.campaign().ref, "phone": PHONE, "ivr_lvl_1_btn_yes no_sms_text": "x"}

    message = refusal(desk.post("phones/call", **sent))

    assert message == "Form isn't valid: * ivr_lvl_1_btn_yes no_sms_text\n  * Only one word is allowed"
