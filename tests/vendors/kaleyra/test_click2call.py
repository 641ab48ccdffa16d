"""dial.click2call and what becomes of both legs."""

from __future__ import annotations

import pytest

from simulator.telephony.outcomes import Disposition, seconds
from tests.vendors.kaleyra.desk import ASHA, HOOK, RAVI, introduce, open_desk

MEERA = "9000000003"
EVERYTHING = (
    "caller receiver starttime endtime duration billsec status status1 status2 recordpath callerid id"
)


@pytest.mark.parametrize("sent", [{}, {"return": "0"}])
def test_the_id_is_told_only_when_it_is_asked_for(sent: dict[str, str]) -> None:
    assert open_desk().ask("dial.click2call", caller=ASHA, receiver=RAVI, **sent) == {
        "status": "200",
        "message": "OK",
    }


@pytest.mark.parametrize(
    ("outcome", "status", "whole"),
    [
        (Disposition.NO_ANSWER, "NOANSWER", "NOANSWER_LEG1"),
        (Disposition.BUSY, "BUSY", "BUSY"),
        (Disposition.INVALID, "FAILED", "FAILED_LEG1"),
        (Disposition.CONGESTION, "CONGESTION", "CONGESTION"),
    ],
)
def test_a_caller_who_does_not_answer_ends_the_call(outcome: Disposition, status: str, whole: str) -> None:
    desk = open_desk()
    introduce(desk, ASHA, outcome)
    ref = desk.connect(callback=f"{HOOK}?status={{status}}&one={{status1}}&two={{status2}}")
    callbacks = desk.advance(minutes=2)

    assert (desk.row(ref)["status"], desk.row(ref)["status2"]) == (status, "CANCEL")
    assert callbacks == [{"status": whole, "one": status, "two": "CANCEL"}]


@pytest.mark.parametrize(
    ("outcome", "status", "whole"),
    [
        (Disposition.NO_ANSWER, "NOANSWER", "NOANSWER_LEG2"),
        (Disposition.BUSY, "BUSY", "BUSY_LEG2"),
        (Disposition.FAILED, "FAILED", "FAILED_LEG2"),
        (Disposition.CANCELLED, "CANCEL", "CANCEL"),
        (Disposition.CONGESTION, "CONGESTION", "CONGESTION"),
    ],
)
def test_a_receiver_who_does_not_answer_is_told_apart(outcome: Disposition, status: str, whole: str) -> None:
    desk = open_desk()
    introduce(desk, RAVI, outcome)
    ref = desk.connect(callback=f"{HOOK}?status={{status}}&two={{status2}}")
    callbacks = desk.advance(minutes=2)

    assert (desk.row(ref)["status"], desk.row(ref)["status2"]) == ("ANSWER", status)
    assert callbacks[-1] == {"status": whole, "two": status}


@pytest.mark.parametrize(
    ("blocked", "statuses"), [(ASHA, ("BLOCKED", "CANCEL")), (RAVI, ("ANSWER", "BLOCKED"))]
)
def test_a_call_of_somebody_blocked_ends_blocked(blocked: str, statuses: tuple[str, str]) -> None:
    desk = open_desk()
    desk.ask("block", number=blocked)
    ref = desk.connect(callback=f"{HOOK}?status={{status}}")
    callbacks = desk.advance(minutes=2)

    assert (desk.row(ref)["status"], desk.row(ref)["status2"]) == statuses
    assert callbacks[-1] == {"status": "BLOCKED"}


def test_several_callers_ring_and_the_first_to_answer_is_connected() -> None:
    desk = open_desk()
    introduce(desk, ASHA, Disposition.ANSWERED, ring=seconds(20))
    introduce(desk, MEERA, Disposition.ANSWERED, ring=seconds(2))
    ref = desk.connect(f"{ASHA}-{MEERA}", f"{RAVI}^9111111111")
    desk.advance(minutes=3)

    assert desk.row(ref)["callfrom"] == MEERA
    assert desk.row(ref)["callto"] in (RAVI, "9111111111")


@pytest.mark.parametrize("receiver", ["ivr:1234", "1234.ivr"])
def test_a_caller_may_be_connected_to_an_ivr(receiver: str) -> None:
    desk = open_desk()
    ref = desk.connect(receiver=receiver, callback=f"{HOOK}?status={{status}}&to={{receiver}}")
    callbacks = desk.advance(minutes=3)

    assert desk.row(ref)["callto"] == "ivr:1234"
    assert callbacks == [{"status": "", "to": "ivr:1234"}, {"status": "ANSWER", "to": "ivr:1234"}]


def test_retries_are_for_the_first_leg() -> None:
    desk = open_desk()
    introduce(desk, ASHA, Disposition.NO_ANSWER, Disposition.NO_ANSWER, Disposition.ANSWERED)
    patient, hasty = desk.connect(retry="2"), desk.connect("9222222222")
    desk.advance(minutes=10)

    assert desk.row(patient)["status"] == "ANSWER"
    assert len(desk.account.calls[patient.removeprefix("c2c_")].attempts) == 3
    assert desk.row(hasty)["status"] == "ANSWER"


def test_a_delayed_call_is_not_logged_before_it_is_dialed() -> None:
    desk = open_desk()
    ref = desk.connect(delay="600")
    before = desk.data("dial.c2cstatus", id=ref)
    desk.advance(minutes=11)

    assert before == []
    assert desk.row(ref)["start_time"] == "2026-03-02 15:40:00"


@pytest.mark.parametrize(
    ("sent", "number"), [({}, "8000000001"), ({"caller_id": "8000000002"}, "8000000002")]
)
def test_the_caller_id_is_one_of_the_accounts_and_the_first_by_default(
    sent: dict[str, str], number: str
) -> None:
    desk = open_desk()
    desk.connect(callback=f"{HOOK}?from={{callerid}}", **sent)

    assert {callback["from"] for callback in desk.advance(minutes=2)} == {number}


def test_every_variable_is_filled_in_at_the_end_and_what_is_known_before() -> None:
    desk = open_desk()
    names = [*EVERYTHING.split(), "location", "provider", "unheard"]
    ref = desk.connect(callback=f"{HOOK}?" + "&".join(f"{name}={{{name}}}" for name in names))
    first, last = desk.advance(minutes=2)

    assert first == {
        **dict.fromkeys(["endtime", "status", "status2", "recordpath"], ""),
        **dict.fromkeys(["duration", "billsec"], "0"),
        **{
            name: last[name]
            for name in ("caller", "receiver", "callerid", "starttime", "location", "provider")
        },
        "id": ref,
        "status1": "ANSWER",
        "unheard": "{unheard}",
    }
    assert (last["starttime"], last["endtime"]) == ("1772445600", "1772445640")
    assert last["recordpath"].startswith("//127.0.0.1:8070/kaleyra/play/?id=")
    assert (last["duration"], last["billsec"], last["status"]) == ("35", "30", "ANSWER")


def test_calling_a_number_with_itself_fails_in_silence() -> None:
    desk = open_desk()
    ref = desk.connect(ASHA, ASHA)
    desk.advance(minutes=2)

    assert (desk.row(ref)["status"], desk.row(ref)["status2"]) == ("ANSWER", "FAILED")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("09876543210", "9876543210"),
        ("919876543210", "9876543210"),
        ("+919876543210", "9876543210"),
        ("447700900001", "447700900001"),
    ],
)
def test_numbers_are_taken_as_clients_write_them(number: str, shown: str) -> None:
    desk = open_desk()
    ref = desk.connect(number)

    assert desk.row(ref)["callfrom"] == shown
