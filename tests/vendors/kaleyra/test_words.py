"""Which word tells a call, in which report, and when."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.telephony.outcomes import Disposition
from simulator.telephony.policies import AllowedHours
from simulator.vendors.kaleyra.provisioning import CLICK2CALL, campaign_of
from tests.vendors.kaleyra.desk import ASHA, HOOK, RAVI, Desk, introduce, open_desk

SIX_WORDS = {"ANSWER", "BUSY", "CANCEL", "FAILED", "CONGESTION", "NOANSWER"}
BOTH = f"{HOOK}?one={{status1}}&two={{status2}}&all={{status}}"
UNANSWERED = [outcome for outcome in Disposition if outcome not in ("answered", "voicemail", "too_short")]


def over(outcome: Disposition, number: str = RAVI, receiver: str = RAVI, **profile: Any) -> tuple[Desk, str]:
    """Return a desk after a call in which one number has this outcome, and the call's id."""
    desk = open_desk(profile=profile)
    introduce(desk, number, outcome)
    ref = desk.connect(receiver=receiver)
    desk.advance(minutes=3)
    return desk, ref


def status_told(desk: Desk, **sent: str) -> str:
    desk.connect(callback=BOTH, **sent)
    return desk.advance(minutes=3)[-1]["all"]


def test_a_call_has_no_report_before_it_is_over() -> None:
    desk = open_desk()
    ref = desk.connect()
    at_once = desk.data("dial.callreports", id=ref)
    desk.advance(seconds=20)
    meanwhile, row = desk.data("dial.callreports", id=ref), desk.row(ref)
    desk.advance(minutes=2)

    assert (at_once, meanwhile) == ([], [])
    assert (row["status"], row["status2"]) == (None, None)
    assert None not in desk.data("dial.callreports", id=ref)[0].values()


def test_a_call_that_comes_in_has_no_report_before_it_is_over_either() -> None:
    desk = open_desk()
    desk.world.handsets.call_in(desk.account.groups["4477"].numbers[0])
    ref = desk.data("dial")[0]["id"]
    before = desk.data("dial.callreports", id=ref)
    desk.advance(minutes=2)

    assert before == []
    assert desk.data("dial.callreports", id=ref)[0]["callerstate"] == "ANSWER"


@pytest.mark.parametrize(
    ("outcome", "number", "word"),
    [
        (Disposition.NO_ANSWER, RAVI, "NOANSWER_LEG2"),
        (Disposition.BUSY, RAVI, "BUSY_LEG2"),
        (Disposition.FAILED, RAVI, "FAILED_LEG2"),
        (Disposition.CONGESTION, RAVI, "CONGESTION"),
        (Disposition.NO_ANSWER, ASHA, "NOANSWER_LEG1"),
        (Disposition.BUSY, ASHA, "BUSY"),
        (Disposition.ANSWERED, ASHA, "ANSWER"),
    ],
)
def test_a_report_and_a_callback_have_one_word_for_the_whole_call(
    outcome: Disposition, number: str, word: str
) -> None:
    desk, ref = over(outcome, number)
    (row,) = desk.data("dial.callreports", id=ref)

    assert (row["callerstate"], row["calleestate"]) == (word, word)
    assert status_told(desk) == word


def test_an_ivr_that_answered_is_told_otherwise_by_reports_than_by_callbacks() -> None:
    desk, ref = over(Disposition.ANSWERED, ASHA, "ivr:1234")

    assert desk.data("dial.callreports", id=ref)[0]["callerstate"] == "IVR-ANSWER"
    assert status_told(desk, receiver="ivr:1234") == "ANSWER"
    desk.account.profile = {"ivr_answer": True}
    assert status_told(desk, receiver="ivr:1234") == "IVR-ANSWER"


@pytest.mark.parametrize("outcome", Disposition)
@pytest.mark.parametrize("number", [ASHA, RAVI])
def test_a_setting_has_no_words_but_the_six_of_the_table(outcome: Disposition, number: str) -> None:
    desk, _ = over(outcome, number, status_words="plain")

    assert status_told(desk) in SIX_WORDS


@pytest.mark.parametrize("outcome", UNANSWERED)
@pytest.mark.parametrize("number", [ASHA, RAVI])
def test_who_talked_with_nobody_is_neither_recorded_nor_charged(outcome: Disposition, number: str) -> None:
    desk, ref = over(outcome, number)
    row, (report,) = desk.row(ref), desk.data("dial.callreports", id=ref)

    assert (row["recording"], row["credits"], row["billsec"]) == ("", "0.000", "0")
    assert report["recording"] == ""
    assert desk.account.balance == 1000


def test_who_hangs_up_before_the_second_phone_rings_is_not_recorded_either() -> None:
    desk, ref = over(Disposition.TOO_SHORT, ASHA)

    assert (desk.row(ref)["recording"], desk.row(ref)["credits"]) == ("", "0.000")
    assert (desk.row(ref)["status"], desk.row(ref)["status2"]) == ("ANSWER", "CANCEL")


def test_a_report_may_come_late_and_some_never_come() -> None:
    desk, ref = over(Disposition.ANSWERED, reports_after=600)
    late = desk.data("dial.callreports", id=ref)
    desk.advance(minutes=10)
    reported = desk.data("dial.callreports", id=ref)
    desk.account.profile = {"unreported": 100}

    assert (late, len(reported), desk.data("dial.callreports", id=ref)) == ([], 1, [])


def test_the_share_of_calls_without_a_report_is_about_what_is_set() -> None:
    desk = open_desk(profile={"unreported": 12})
    refs = [desk.connect(f"98000{place:05}") for place in range(200)]
    desk.advance(minutes=3)
    missing = sum(not desk.data("dial.callreports", id=ref) for ref in refs)

    assert 10 < missing < 40


def turned_away(desk: Desk) -> tuple[str, Any]:
    """Return the word that a callback tells of a call that nobody is dialed for, and its report."""
    ref = desk.connect(callback=BOTH)
    (callback,) = desk.advance(minutes=3)
    assert (callback["one"], callback["two"]) == ("FAILED", "CANCEL")
    assert desk.data("dial.c2cstatus", id=ref) == []
    return callback["all"], desk.data("dial.callreports", id=ref)[0]


def test_a_call_out_of_hours_ends_at_once_and_says_so() -> None:
    desk = open_desk()
    campaign_of(desk.world, desk.account, CLICK2CALL).hours = AllowedHours({})

    word, report = turned_away(desk)

    assert (word, report["callerstate"], report["billsec"]) == ("OFF-HOUR", "OFF-HOUR", "0")
    desk.account.profile = {"status_words": "plain"}
    assert status_told(desk) == "FAILED"
    desk.account.profile = {"off_hours": "wait"}
    assert desk.data("dial.callreports", id=desk.connect()) == []


def test_a_call_beyond_the_lines_waits_or_ends_as_is_set() -> None:
    desk = open_desk(profile={"lines_full": "end"})
    campaign = campaign_of(desk.world, desk.account, CLICK2CALL)
    campaign.lines = 1
    first = desk.connect()

    word, report = turned_away(desk)

    assert (word, report["callerstate"]) == ("MAX-USE", "MAX-USE")
    assert desk.row(first)["status"] == "ANSWER"
    desk.account.profile = {}
    campaign.lines = 0
    assert desk.data("dial.callreports", id=desk.connect()) == []


def test_an_id_of_obd_is_told_where_it_belongs() -> None:
    desk = open_desk()
    group = desk.data("voice.call", numbers=ASHA, play="1.sound", **{"return": "1"})["id"]

    assert desk.refusal("dial.c2cstatus", id=group) == ("E620", f"Call ID {group} not found")
    assert desk.refusal("dial.callreports", id=group) == ("E620", f"Call ID {group} not found")
