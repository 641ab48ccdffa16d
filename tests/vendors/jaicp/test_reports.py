from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.ivr import Choice, Menu, Redial, Script
from simulator.telephony.outcomes import Disposition, seconds
from tests.vendors.customers import START
from tests.vendors.jaicp.desk import OTHER, PHONE, always, open_desk, read, refusal

ANSWERED, BUSY, INVALID = Disposition.ANSWERED, Disposition.BUSY, Disposition.INVALID
START_MS = round(START.timestamp() * 1000)


def test_a_fresh_job_has_eleven_keys_and_nulls() -> None:
    desk = open_desk()
    desk.world.set_state(desk.campaign, CampaignState.PAUSED)
    (job,) = desk.add(PHONE)

    assert desk.job(job) == {
        "callJobId": job,
        "phone": PHONE,
        "createdAt": START_MS,
        "finishedAt": None,
        "attemptsCount": 0,
        "jobStatus": "planned",
        "callDuration": 0,
        "redialNumber": None,
        "reportData": None,
        "tagName": None,
        "tagPayload": None,
    }


def test_a_job_just_added_is_planned_for_a_second_though_lines_are_free() -> None:
    desk = open_desk()
    (job,) = desk.add(PHONE)
    fresh = desk.job(job)
    desk.advance(seconds=1)

    assert (fresh["jobStatus"], fresh["attemptsCount"], len(fresh)) == ("planned", 0, 11)
    assert (desk.status(job), desk.job(job)["attemptsCount"]) == ("inProcess", 1)


def test_a_talk_is_reported_with_what_the_script_made_of_it() -> None:
    person = always(ANSWERED, ring=seconds(5), talk=seconds(30), conclusion="Agreed", notes={"Mood": "good"})
    desk = open_desk(person)
    (job,) = desk.add(PHONE)
    desk.advance(hours=1)

    report = desk.job(job)

    assert (report["jobStatus"], report["callResult"], report["reportData"]) == (
        "longCallWithResult",
        "Agreed",
        {"Mood": "good"},
    )
    assert (report["startedAt"], report["finishedAt"]) == (START_MS + 1000, START_MS + 36_000)
    assert report["callDuration"] == 30
    assert (report["attemptsCount"], report["redialNumber"]) == (1, None)


def test_a_branch_of_the_script_tells_tag_payload_and_result() -> None:
    desk = open_desk(always(ANSWERED, presses=("1",)))
    choice = Choice(label="Agreed", action="order", detail={"to": "shop"}, notes={"Size": "XL"})
    desk.campaign.script = Script(menu=Menu(choices={"1": choice}))
    (job,) = desk.add(PHONE)
    desk.advance(hours=1)

    report = desk.job(job)

    assert (report["tagName"], report["tagPayload"]) == ("order", {"to": "shop"})
    assert (report["callResult"], report["reportData"]) == ("Agreed", {"Size": "XL"})


@pytest.mark.parametrize(
    ("dispositions", "status", "attempts"),
    [
        ((ANSWERED,), "longCallWithNoResult", 1),
        ((BUSY, ANSWERED), "longCallWithNoResult", 2),
        ((Disposition.NO_ANSWER,), "noAnswer", 3),
        ((Disposition.VOICEMAIL,), "noAnswer", 3),
        ((INVALID,), "nonexistentNumber", 1),
        ((Disposition.STOP_LISTED,), "technicalError", 1),
    ],
)
def test_every_way_to_end_has_its_status(dispositions: Any, status: str, attempts: int) -> None:
    desk = open_desk(always(*dispositions))
    (job,) = desk.add(PHONE)
    desk.advance(hours=1)

    report = desk.job(job)

    assert (report["jobStatus"], report["attemptsCount"]) == (status, attempts)


def test_a_job_goes_from_process_to_retry_and_on() -> None:
    desk = open_desk(always(Disposition.NO_ANSWER, ring=seconds(30)))
    (job,) = desk.add(PHONE, maxAttempts=2, retryIntervalInMinutes=10)
    seen = []
    for _ in range(4):
        desk.advance(seconds=20)
        seen.append(desk.status(job))
    desk.advance(minutes=11)

    assert seen == ["inProcess", "onRetry", "onRetry", "onRetry"]
    assert desk.status(job) == "noAnswer"


@pytest.mark.parametrize("status", ["noAnswer", "notDone"])
def test_what_a_stop_cuts_short_is_named_as_the_account_wishes(status: str) -> None:
    desk = open_desk(always(BUSY), stopped_status=status)
    (tried,) = desk.add(PHONE, retryIntervalInMinutes=60)
    desk.advance(minutes=1)
    assert desk.status(tried) == "onRetry"

    read(desk.post("control/stop"))

    assert desk.status(tried) == status


def test_jobs_not_done_when_the_campaign_stops_say_so() -> None:
    desk = open_desk(always(BUSY))
    (tried,) = desk.add(PHONE, retryIntervalInMinutes=60)
    desk.advance(minutes=1)
    desk.world.set_state(desk.campaign, CampaignState.PAUSED)
    (untried,) = desk.add(OTHER)

    read(desk.post("control/stop"))

    assert (desk.status(tried), desk.status(untried)) == ("noAnswer", "notDone")


def test_ids_may_be_numbers_and_mixed_with_phones_and_each_job_comes_once() -> None:
    desk = open_desk()
    first, second = desk.add(PHONE, OTHER)

    asked = {"ids": [int(second), second], "phones": [int(PHONE), OTHER, "8" + PHONE[1:]]}
    rows = read(desk.post("callJob/getReport", asked))

    assert [row["callJobId"] for row in rows] == [second, first]
    assert desk.findings == ()


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": None, "phones": []}])
def test_whoever_asks_for_nothing_gets_nothing(body: dict[str, Any]) -> None:
    assert read(open_desk().post("callJob/getReport", body)) == []


@pytest.mark.parametrize(
    "operation", ["callJob/getReport", "callAttempt/getReport", "getReport", "callJob/cancel"]
)
@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"ids": ["1"]}, "id.not.found"),
        ({"phones": [79990000000]}, "phone.not.found"),
        ({"phones": ["x"]}, "phone.not.found"),
        ({"ids": [10**60]}, "id.not.found"),
    ],
)
def test_one_unknown_job_refuses_the_whole_question(operation: str, asked: dict[str, Any], kind: str) -> None:
    desk = open_desk()
    (job,) = desk.add(PHONE)

    envelope = refusal(
        desk.post(operation, {"ids": [job, *asked.get("ids", [])], "phones": asked.get("phones", [])})
    )

    assert envelope["type"] == kind


def test_an_id_among_phones_and_a_phone_among_ids_are_told_apart() -> None:
    first, second = "8231.7056.1b131df1", "8231.7057.2c242ef2"
    client = Client(Simulator(vendors=("jaicp",), scenario="jaicp/two_campaigns"))
    root = "/jaicp/api/calls/campaign"
    (job,) = client.post(f"{root}/{first}/addPhones", json=[{"phone": PHONE}]).json or []
    asked = [(first, {"phones": [job]}), (first, {"ids": [PHONE]}), (second, {"ids": [job]})]
    rules = [
        client.post(f"{root}/{token}/callJob/getReport", json=body).headers["X-Simulator-Rule"]
        for token, body in asked
    ]

    assert rules == [
        "refusal: phone_unknown [observed], it is the id of a job: ask for it by `ids`",
        "refusal: id_unknown [observed], it is a phone: ask for it by `phones`",
        "refusal: id_unknown [observed], "
        "it is a job of another campaign of the account: use the token of that one",
    ]


@pytest.mark.parametrize(
    "body", [[], {"ids": "1"}, {"ids": [None]}, {"ids": [True]}, {"phones": [1.5]}, {"ids": [[]]}]
)
def test_a_question_of_a_wrong_shape_is_refused(body: object) -> None:
    desk = open_desk()

    assert refusal(desk.post("callJob/getReport", body))["error"] == "request.invalid"
    assert desk.findings


def test_attempts_are_told_one_by_one() -> None:
    desk = open_desk(always(BUSY, ANSWERED, talk=seconds(30), conclusion="Agreed"))
    (job,) = desk.add(PHONE, retryIntervalInMinutes=1)
    desk.advance(minutes=10)

    first, second = desk.attempts(job)

    assert (first["attemptNumber"], first["jobStatus"], first["callDuration"]) == (1, "onRetry", 0)
    assert (second["attemptNumber"], second["jobStatus"], second["callResult"]) == (
        2,
        "longCallWithResult",
        "Agreed",
    )
    assert second["startedAt"] == first["finishedAt"] + 60_000


def test_a_redial_is_a_new_job_with_the_next_number() -> None:
    desk = open_desk(always(BUSY, ANSWERED, presses=("9",)))
    redial = Redial(timedelta(minutes=5))
    desk.campaign.script = Script(menu=Menu(choices={"9": Choice(label="Later", redial=redial)}))
    (job,) = desk.add(PHONE)
    desk.advance(hours=1)

    newest, first = read(desk.post("callJob/getReport", {"phones": [PHONE]}))[::-1]

    assert (first["callJobId"], first["redialNumber"], first["jobStatus"]) == (
        job,
        None,
        "longCallWithResult",
    )
    assert (newest["redialNumber"], newest["attemptsCount"]) == (1, 2)
    assert [row["attemptNumber"] for row in desk.attempts(newest["callJobId"])] == [1, 2]
    assert {row["redialNumber"] for row in desk.attempts(newest["callJobId"])} == {1}


def test_the_next_job_that_a_script_asked_for_can_be_cancelled_by_its_number() -> None:
    desk = open_desk(always(ANSWERED, presses=("9",)))
    redial = Redial(timedelta(hours=2))
    desk.campaign.script = Script(menu=Menu(choices={"9": Choice(label="Later", redial=redial)}))
    desk.add(PHONE)
    desk.advance(hours=1)

    last = read(desk.post("callJob/getReport", {"phones": [PHONE]}))[-1]
    cancelled = read(desk.post("callJob/cancel", {"ids": [last["callJobId"]]}))

    assert (last["jobStatus"], last["createdAt"] > START_MS) == ("planned", True)
    assert cancelled == [last["callJobId"]]


def test_each_further_job_of_a_number_counts_one_more() -> None:
    desk = open_desk()
    jobs = [job for _ in range(3) for job in desk.add(PHONE)]

    assert [desk.job(job)["redialNumber"] for job in jobs] == [None, 1, 2]


def test_the_duration_of_a_job_is_that_of_all_its_talks_and_never_falls() -> None:
    desk = open_desk(always(Disposition.VOICEMAIL, Disposition.VOICEMAIL, ANSWERED, talk=seconds(30)))
    (job,) = desk.add(PHONE, retryIntervalInMinutes=1)
    durations = []
    for _ in range(30):
        desk.advance(seconds=20)
        durations.append(desk.job(job)["callDuration"])

    assert durations == sorted(durations)
    assert durations[-1] == sum(row["callDuration"] for row in desk.attempts(job)) > 30


def test_the_campaigns_talking_time_is_that_of_its_jobs() -> None:
    desk = open_desk(always(ANSWERED, talk=seconds(30.6)))
    jobs = desk.add(PHONE, OTHER)
    times = []
    for _ in range(2):
        desk.advance(minutes=2)
        times.append(desk.get()["shortReport"]["usedTalkingTime"])
        jobs += desk.add(PHONE)

    assert [desk.job(job)["callDuration"] for job in jobs[:3]] == [30, 30, 30]
    assert times == [60, 90]


def test_jobs_tried_again_are_counted_also_when_all_is_over() -> None:
    desk = open_desk(always(Disposition.NO_ANSWER))
    desk.add(PHONE, OTHER, 79990000001)
    desk.advance(days=1)

    figures = desk.get()["shortReport"]

    assert (figures["retryCalls"], figures["processedNumbers"], figures["inProcessCalls"]) == (2, 3, 0)


def test_a_job_cancelled_while_it_waits_is_cancelled() -> None:
    desk = open_desk(always(BUSY))
    (job,) = desk.add(PHONE)
    desk.advance(minutes=1)

    cancelled = read(desk.post("callJob/cancel", {"phones": [PHONE]}))

    assert cancelled == [job]
    assert desk.status(job) == "cancelledByUser"
    assert read(desk.post("getReport", {"ids": [job]}))[0]["jobStatus"] == "canceled"
    assert read(desk.post("callJob/cancel", {"ids": [job]})) == []


def test_a_running_call_is_finished_after_its_cancelling_and_counts() -> None:
    desk = open_desk(always(ANSWERED, ring=seconds(5), talk=seconds(60)))
    (job,) = desk.add(PHONE)
    desk.advance(seconds=10)

    read(desk.post("callJob/cancel", {"ids": [job]}))
    running = desk.job(job)
    desk.advance(minutes=5)

    assert (running["jobStatus"], running["finishedAt"]) == ("inProcess", None)
    assert desk.status(job) == "longCallWithNoResult"
    assert desk.job(job)["finishedAt"] == desk.attempts(job)[0]["finishedAt"]


def test_a_running_call_that_fails_after_its_cancelling_is_not_tried_again() -> None:
    desk = open_desk(always(Disposition.NO_ANSWER, ring=seconds(30)))
    (job,) = desk.add(PHONE)
    desk.advance(seconds=10)
    read(desk.post("callJob/cancel", {"ids": [job]}))
    desk.advance(hours=1)

    assert (desk.status(job), desk.job(job)["attemptsCount"]) == ("cancelledByUser", 1)


def test_the_cyrillic_spelling_is_a_setting_and_called_by_name() -> None:
    desk = open_desk(always(ANSWERED, conclusion="Agreed"), cyrillic_status=True)
    (job,) = desk.add(PHONE)
    desk.advance(hours=1)

    with pytest.raises(
        AssertionError, match=r"U\+0421 CYRILLIC CAPITAL LETTER ES, not U\+0043 LATIN CAPITAL"
    ):
        desk.job(job)
