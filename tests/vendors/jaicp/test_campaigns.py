from __future__ import annotations

from typing import Any

import pytest

from simulator.telephony.calls import Call
from simulator.telephony.outcomes import Disposition, seconds
from simulator.vendors.jaicp import vendor
from tests.vendors.jaicp.desk import OTHER, PHONE, TOKEN, Desk, always, open_desk, read, refusal
from tests.vendors.jaicp.test_simulator import Customer


def moves(desk: Desk, *actions: str) -> list[int]:
    return [desk.post(f"control/{action}").status for action in actions]


def test_a_campaign_lives_from_start_to_stop_in_the_former_edition() -> None:
    desk = open_desk(profile="1.10.3")
    (job,) = desk.add(PHONE)
    desk.advance(hours=1)
    before = desk.account.call(job).attempts

    assert moves(desk, "start", "pause", "resume", "stop") == [200] * 4
    assert before == ()
    assert desk.account.call(job).attempts


@pytest.mark.parametrize("profile", ["current", "both"])
def test_where_none_has_to_start_it_a_campaign_dials_at_once(profile: str) -> None:
    desk = open_desk(profile=profile)
    (job,) = desk.add(PHONE)
    desk.advance(seconds=1)

    assert desk.account.call(job).attempts
    assert desk.get("/status") == "inProgress"


def test_where_both_editions_are_served_one_start_is_taken() -> None:
    assert moves(open_desk(), "start", "start") == [200, 400]


@pytest.mark.parametrize(
    ("before", "wrong"),
    [
        ((), "resume"),
        (("pause",), "pause"),
        (("pause", "resume"), "resume"),
        (("stop",), "stop"),
        (("stop",), "start"),
        (("stop",), "resume"),
        (("stop",), "pause"),
    ],
)
def test_an_action_in_a_wrong_state_is_refused_in_the_other_envelope(
    before: tuple[str, ...], wrong: str
) -> None:
    desk = open_desk()
    moves(desk, *before)

    envelope = refusal(desk.post(f"control/{wrong}"))

    assert set(envelope) == {"error", "message", "args"}
    assert envelope["args"]["state"].isupper()


def test_done_is_an_answer_without_a_body() -> None:
    answer = open_desk().post("control/pause")

    assert (answer.status, answer.body, answer.content_type) == (200, b"", "")


def test_an_action_with_a_key_is_done_once() -> None:
    desk = open_desk()

    answers = [desk.post("control/pause", key="k").status for _ in range(2)]

    assert answers == [200, 200]
    assert refusal(desk.post("control/pause", key="other"))["error"] == "campaign.state.invalid"


def test_a_paused_campaign_keeps_jobs_planned_and_takes_new_ones() -> None:
    desk = open_desk()
    read(desk.post("control/pause"))
    (job,) = desk.add(PHONE)
    desk.advance(hours=3)
    kept = desk.status(job)
    read(desk.post("control/resume"))
    desk.advance(hours=1)

    assert (kept, desk.status(job)) == ("planned", "longCallWithNoResult")


def test_states_have_their_words() -> None:
    desk = open_desk()
    words = [desk.get("/status")]
    for action in ("pause", "resume", "stop"):
        desk.post(f"control/{action}")
        words.append(desk.get("/status"))

    assert words == ["inProgress", "paused", "inProgress", "finished"]


def test_a_campaign_that_dials_may_be_in_process_as_help_pages_have_it() -> None:
    desk = open_desk(in_process_status=True)

    assert desk.get("/status") == desk.get()["status"] == "inProcess"


def test_a_campaign_not_started_is_new_and_with_numbers_planned() -> None:
    desk = open_desk(profile="1.10.3")
    desk.account.profile = {}
    before = desk.get("/status")
    desk.add(PHONE)

    assert (before, desk.get("/status")) == ("new", "planned")


def test_campaign_info_tells_how_far_it_has_come() -> None:
    desk = open_desk(always(Disposition.ANSWERED, talk=seconds(60), ring=seconds(1)))
    desk.add(PHONE)
    desk.advance(minutes=10)
    desk.campaign.lines = 1
    desk.add(79990000001, 79990000002)
    desk.advance(seconds=1)

    info = desk.get()

    assert info["shortReport"]["totalNumbers"] == 3
    assert info["shortReport"]["processedNumbers"] == info["shortReport"]["inProcessCalls"] == 1
    assert info["maxSimultaneousCalls"] == 1
    assert info["endTime"] is None


def test_no_more_calls_go_on_at_once_than_the_campaign_allows() -> None:
    desk = open_desk()
    desk.campaign.lines = 4
    jobs = desk.add(*(79160000000 + place for place in range(40)))
    calls: list[Call] = [desk.account.call(job) for job in jobs]
    most = 0
    for _ in range(200):
        desk.advance(seconds=5)
        most = max(most, sum(call.active is not None for call in calls))

    assert most == 4
    assert all(call.over for call in calls)


@pytest.mark.parametrize(
    ("profile", "operation"),
    [
        ("1.10.3", "callJob/getReport"),
        ("1.10.3", "callAttempt/getReport"),
        ("current", "getReport"),
        ("current", "control/start"),
    ],
)
def test_an_operation_of_the_other_edition_is_not_there_and_a_breach(profile: str, operation: str) -> None:
    desk = open_desk(profile=profile)

    envelope = refusal(desk.post(operation, None if "control" in operation else {}), 404)

    assert envelope["error"] == "not.found"
    assert desk.findings == ("outside-edition",)


def test_the_rule_behind_a_path_of_the_other_edition_names_both_editions() -> None:
    customer = Customer("current")

    answer = customer.post("control/start")

    assert "start is one of 1.10.3, and this account uses current" in answer.headers["X-Simulator-Rule"]


@pytest.mark.parametrize(("edition", "known"), [("1.10.3", 7), ("current", 16), ("both", 18)])
def test_coverage_counts_what_the_edition_has_and_no_call_to_another(edition: str, known: int) -> None:
    customer = Customer(edition)
    customer.add(1)
    customer.post("control/start")

    coverage = customer.client.get("/_simulator/v1/coverage").json
    assert coverage is not None
    jaicp = coverage["vendors"]["jaicp"]
    assert jaicp["known"] == known
    assert jaicp["called"] == (1 if edition == "current" else 2)


def test_the_same_operations_are_there_where_both_editions_are() -> None:
    desk = open_desk()

    for operation in ("callJob/getReport", "getReport"):
        assert desk.post(operation, {"ids": desk.add(OTHER)}).status == 200
        assert desk.findings == ()


@pytest.mark.parametrize("path", ["/", "/api", "/api/calls", f"/api/calls/campaign/{TOKEN}/nowhere"])
def test_an_unknown_path_is_not_found_in_the_vendors_words(path: str) -> None:
    assert refusal(open_desk().ask("GET", path), 404)["error"] == "not.found"


def test_a_wrong_verb_is_told_the_right_ones() -> None:
    answer = open_desk().ask("GET", f"/api/calls/campaign/{TOKEN}/addPhones")

    assert (answer.status, answer.header("Allow")) == (405, "POST")


@pytest.mark.parametrize("settings", [{"profile": "2.0"}, {"colour": "red"}, {"cyrillic_status": "maybe"}])
def test_settings_that_do_not_exist_are_told(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="jaicp"):
        vendor.check_profile(settings)
