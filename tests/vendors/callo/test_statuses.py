"""Status codes: what each outcome on the network is called, and that every code can be met."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import Persona
from simulator.vendors.callo.statuses import CALL_STATUSES, DIAL_BY_DISPOSITION, DIAL_STATUSES
from tests.vendors.callo.desk import PHONE, Desk, open_desk, read


def result_of(persona: Persona, **parameters: object) -> Any:
    desk = open_desk({PHONE: persona})
    call = desk.call(**parameters)["call_id"]
    desk.advance(hours=1)
    return desk.result(call)


def confirmed(desk: Desk, kind: str = "pincode") -> Any:
    sent = {"campaign_id": desk.campaign(kind).ref, "phone": PHONE}
    call = read(desk.post("phones/confirm", **sent))["data"]["call_id"]
    desk.advance(hours=2)
    return desk.result(call)


@pytest.mark.parametrize(
    ("disposition", "status", "dial"),
    [
        (Disposition.ANSWERED, "compl_finished", 10),
        (Disposition.VOICEMAIL, "attempts_exc", 7),
        (Disposition.TOO_SHORT, "attempts_exc", 13),
        (Disposition.NO_ANSWER, "attempts_exc", 3),
        (Disposition.BUSY, "attempts_exc", 4),
        (Disposition.REJECTED, "attempts_exc", 2),
        (Disposition.CONGESTION, "attempts_exc", 1),
        (Disposition.STOP_LISTED, "interrupted", 11),
        (Disposition.GLOBAL_STOP_LISTED, "interrupted", 12),
        (Disposition.BLOCKED_DESTINATION, "no_provider", 26),
        (Disposition.NO_ROUTE, "no_provider", 24),
        (Disposition.NO_PROVIDER, "no_provider", 29),
        (Disposition.NO_CALLER_ID, "no_provider", 25),
        (Disposition.SAME_AS_CALLER_ID, "interrupted", 14),
        (Disposition.SYNTHESIS_FAILED, "synth_error", 27),
        (Disposition.CLIP_TOO_SHORT, "synth_error", 28),
        (Disposition.MENU_FAILED, "attempts_exc", 20),
        (Disposition.DUPLICATE, "interrupted", 35),
    ],
)
def test_an_outcome_has_a_status_and_a_dial_status(disposition: Disposition, status: str, dial: int) -> None:
    result = result_of(Persona(name="always", attempts=(disposition,)))

    assert (result["status"], result["dial_status"]) == (status, dial)


@pytest.mark.parametrize(
    ("presses", "status", "dial"),
    [
        (("1",), "user", 5),
        (("yes",), "user", 16),
        ((), "compl_finished", 10),
        (("9",), "novalid_button", 8),
        (("maybe",), "compl_nofinished", 8),
    ],
)
def test_what_the_callee_does_decides_the_status(presses: tuple[str, ...], status: str, dial: int) -> None:
    result = result_of(Persona(name="doer", presses=presses))

    assert (result["status"], result["dial_status"]) == (status, dial)


@pytest.mark.parametrize(
    ("code", "status", "dial"),
    [("right", "pincode_ok", 5), ("wrong", "pincode_nook", 5), ("none", "compl_nofinished", 19)],
)
@pytest.mark.parametrize("kind", ["pincode", "pincode_short"])
def test_a_code_is_right_wrong_or_missing(kind: str, code: str, status: str, dial: int) -> None:
    result = confirmed(open_desk({PHONE: Persona(name="codes", code=code)}), kind)

    assert (result["status"], result["dial_status"]) == (status, dial)
    assert result["button_num"] is None


def test_who_calls_in_is_verified_and_who_does_not_expires() -> None:
    desk = open_desk()
    sleeper = open_desk({PHONE: Persona(name="sleeper", calls_in=None)})

    assert confirmed(desk, "pincode_incoming")["status"] == "pincode_ok"
    assert confirmed(sleeper, "pincode_incoming")["status"] == "expires"
    assert confirmed(sleeper, "pincode_incoming")["dial_status"] == 30


def test_a_longest_time_shorter_than_the_clip_is_an_error_of_duration() -> None:
    result = result_of(Persona(name="listener"), text="x" * 300, max_call_time=3)

    assert (result["status"], result["dial_status"]) == ("duration_error", 17)


def test_a_removed_call_is_deleted() -> None:
    desk = open_desk()
    call = desk.call()["call_id"]
    desk.post("phones/remove_call", campaign_id=desk.campaign().ref, call_id=call)

    result = desk.result(call)

    assert (result["status"], result["dial_status"]) == ("deleted", 15)


def test_a_finished_campaign_interrupts_its_calls() -> None:
    desk = open_desk({PHONE: Persona(name="busy", attempts=(Disposition.BUSY,))})
    call = desk.call()["call_id"]
    desk.world.set_state(desk.campaign(), CampaignState.FINISHED)

    assert desk.result(call)["status"] == "interrupted"


def test_a_stop_listed_number_and_a_negative_balance_are_results_not_errors() -> None:
    desk = open_desk()
    desk.post("phones/stoplist", phone=PHONE)
    stopped = desk.call()["call_id"]
    desk.account.balance = Decimal(-1)
    broke = desk.call("+447700900002")["call_id"]
    desk.advance(hours=1)

    assert desk.result(stopped)["dial_status"] == 11
    assert desk.result(broke)["dial_status"] == 23


def test_a_call_retries_by_the_campaigns_policy() -> None:
    result = result_of(
        Persona(name="late", attempts=(Disposition.NO_ANSWER, Disposition.BUSY, Disposition.ANSWERED))
    )
    desk = open_desk({PHONE: Persona(name="late", attempts=(Disposition.NO_ANSWER, Disposition.ANSWERED))})
    call = desk.call()["call_id"]
    desk.advance(hours=1)

    attempts = desk.result(call, expand=1)["attempts"]

    assert result["status"] == "compl_finished"
    assert [attempt["dial_status"] for attempt in attempts] == [3, 10]
    assert [attempt["status"] for attempt in attempts] == ["in_process", "compl_finished"]


def test_every_disposition_of_the_network_has_a_dial_status_with_a_display() -> None:
    assert set(DIAL_BY_DISPOSITION) == set(Disposition)
    assert set(DIAL_BY_DISPOSITION.values()) <= set(DIAL_STATUSES)
    assert len(CALL_STATUSES) == 14


def test_a_plain_message_that_is_heard_is_an_answer() -> None:
    desk = open_desk()
    desk.campaign().script = Script(Prompt("Good afternoon"))
    call = desk.call()["call_id"]
    desk.advance(minutes=2)

    result = desk.result(call)

    assert (result["status"], result["dial_status"]) == ("compl_finished", 5)
