from datetime import timedelta
from typing import Any

import pytest

from simulator.telephony.ivr import Choice, Conduct, Menu, Prompt, Result, Script, converse, interject

MINUTE = timedelta(minutes=1)
OPENING = Prompt("Good morning, this is your clinic.")
YES = Choice(label="confirmed", action="sms_to_owner")
MENU = Menu(
    Prompt("Press 1 to confirm, 2 for more."),
    {"1": YES, "2": Choice(label="more", follow=Menu(choices={"9": YES}))},
)


def patient(*presses: str, **conduct: Any) -> Conduct:
    return Conduct(patience=MINUTE, presses=presses, **conduct)


def test_a_message_is_heard_to_its_end() -> None:
    conversation = converse(Script(OPENING), patient())

    assert (conversation.result, conversation.length) == (Result.HEARD, OPENING.length)


def test_who_loses_patience_at_once_was_not_reached() -> None:
    conversation = converse(Script(OPENING), Conduct(patience=timedelta(milliseconds=500)))

    assert (conversation.result, conversation.length) == (Result.HUNG_UP, timedelta(milliseconds=500))


def test_a_key_takes_its_branch() -> None:
    conversation = converse(Script(OPENING, MENU), patient("1"))

    assert conversation.result is Result.CHOSEN
    assert conversation.chosen is not None
    assert conversation.chosen.choice is YES
    assert conversation.presses[0].after > OPENING.length + MENU.prompt.length


def test_a_branch_leads_into_the_next_menu() -> None:
    conversation = converse(Script(OPENING, MENU), patient("2", "9"))

    assert [(press.key, press.level) for press in conversation.presses] == [("2", 1), ("9", 2)]
    assert conversation.chosen is not None
    assert conversation.chosen.choice is YES


def test_a_key_without_a_branch_ends_the_talk() -> None:
    assert converse(Script(OPENING, MENU), patient("7")).result is Result.INVALID_KEY


def test_silence_in_a_menu_is_no_input() -> None:
    assert converse(Script(OPENING, MENU), patient()).result is Result.NO_INPUT


def test_a_code_is_right_wrong_or_never_keyed() -> None:
    script = Script(OPENING, code="0042")
    results = [converse(script, patient(code=code)).result for code in ("right", "wrong", "none")]

    assert results == [Result.CODE_RIGHT, Result.CODE_WRONG, Result.NO_INPUT]


PRESSES = [("right", ("7",)), ("wrong", ("1",)), ("none", ("1",)), ("", ("1",)), ("", ("7",)), ("", ())]


@pytest.mark.parametrize(
    ("code", "results"),
    [
        ("0042", ["right", "wrong", None, "right", "right", "right"]),
        ("1", ["right", "wrong", None, "right", "wrong", "right"]),
    ],
)
def test_a_press_answers_for_a_code_only_where_one_key_is_asked_for(
    code: str, results: list[str | None]
) -> None:
    ends = {"right": Result.CODE_RIGHT, "wrong": Result.CODE_WRONG, None: Result.NO_INPUT}
    script = Script(OPENING, code=code)

    talks = [converse(script, patient(*presses, code=pin)).result for pin, presses in PRESSES]

    assert talks == [ends[result] for result in results]


def test_the_line_is_cut_after_the_longest_time_allowed() -> None:
    conversation = converse(Script(OPENING, MENU), patient("1"), most=timedelta(seconds=3))

    assert (conversation.result, conversation.length, conversation.presses) == (
        Result.CUT_OFF,
        timedelta(seconds=3),
        (),
    )


def test_what_the_callee_says_is_kept() -> None:
    assert converse(Script(OPENING), patient(says="yes, please")).says == "yes, please"


def test_a_press_from_outside_replaces_what_was_laid_out() -> None:
    conversation = converse(Script(OPENING, MENU), patient())
    changed = interject(Script(OPENING, MENU), conversation, "1", timedelta(seconds=4))

    assert (changed.result, changed.presses[-1].after) == (Result.CHOSEN, timedelta(seconds=4))


def test_a_press_in_a_plain_message_changes_nothing_but_the_record() -> None:
    conversation = converse(Script(OPENING), patient())
    changed = interject(Script(OPENING), conversation, "5", timedelta(seconds=1))

    assert (changed.result, changed.length, changed.presses[0].key) == (
        conversation.result,
        conversation.length,
        "5",
    )
