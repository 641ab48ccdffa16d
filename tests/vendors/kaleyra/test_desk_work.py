"""Follow-ups, blocked numbers, the dialer's lists and the health of regions."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from simulator.telephony.campaigns import Campaign
from simulator.telephony.phone_numbers import E164
from tests.vendors.kaleyra.desk import ASHA, RAVI, Desk, open_desk

MEERA = "9000000003"
PLAN = {"phone": ASHA, "name": "Asha", "follower": RAVI, "ontime": "03-03-2026 11-30"}
INCIDENT = {"region": "New Delhi", "region_code": "ND-IN", "type": "critical", "numbers": ["+911100000005"]}


def follow(desk: Desk, **changes: str) -> str:
    return str(desk.data("followup", **{**PLAN, **changes})["id"])


def autodial_campaigns(desk: Desk) -> list[Campaign]:
    return [campaign for campaign in desk.account.campaigns.values() if campaign.kind == "autodial"]


def test_the_id_of_a_follow_up_never_comes_again() -> None:
    desk = open_desk()
    first = follow(desk)
    desk.ask("followup", id=first, action="delete")
    others = [follow(desk), follow(desk)]

    assert [int(ref) for ref in others] == [int(first) + 1, int(first) + 2]


def test_a_follow_up_with_autocall_connects_both_at_its_time() -> None:
    desk = open_desk()
    follow(desk, autocall="1")
    desk.advance(days=1)
    (row,) = desk.data("dial.c2cstatus")

    assert (row["callfrom"], row["callto"], row["start_time"]) == (RAVI, ASHA, "2026-03-03 11:30:00")


def test_without_autocall_nobody_is_called() -> None:
    desk = open_desk()
    follow(desk)
    desk.advance(days=1)

    assert desk.data("dial.c2cstatus") == []


def test_a_follow_up_is_told_in_the_form_of_the_sample() -> None:
    desk = open_desk()
    ref = follow(desk, notes="test call")

    assert desk.data("followup.reports") == [
        {
            "id": ref,
            "phone": ASHA,
            "name": "Asha",
            "follower": RAVI,
            "note": "test call",
            "ontime": "03-03-2026 11:30:00 AM",
        }
    ]


def test_a_follow_up_is_changed_and_deleted() -> None:
    desk = open_desk()
    ref = follow(desk, autocall="1")
    edited = desk.ask("followup", **{**PLAN, "id": ref, "ontime": "04-03-2026 19-00", "autocall": "1"})
    times = [row["ontime"] for row in desk.data("followup.reports")]
    deleted = desk.ask("followup", id=ref, action="delete")
    desk.advance(days=4)

    assert edited == {"status": "200", "message": "Follow-up updated successfully", "data": {"id": ref}}
    assert times == ["04-03-2026 07:00:00 PM"]
    assert deleted == {"status": "200", "message": "OK"}
    assert (desk.data("followup.reports"), desk.data("dial.c2cstatus")) == ([], [])


def test_deleting_without_an_id_makes_no_follow_up() -> None:
    desk = open_desk()

    assert desk.refusal("followup", **PLAN, action="delete") == ("E610", "Parameter id is missing")
    assert desk.data("followup.reports") == []
    assert [(violation.code, violation.where) for violation in desk.accused] == []


@pytest.mark.parametrize(("autocall", "remarked"), [("1", True), ("0", False)])
def test_a_call_at_a_time_that_has_passed_is_told_not_to_happen(autocall: str, remarked: bool) -> None:
    desk, past = open_desk(), {**PLAN, "ontime": "01-03-2026 11-30", "autocall": autocall}
    made, ref = desk.get("followup", **past), follow(desk, autocall="1")
    changed = desk.get("followup", **past, id=ref)
    desk.advance(days=2)

    remark = "clock: it is 2026-03-02 15:30:00 in India here, after ontime: nobody is called"
    assert [made.remark, changed.remark] == [remark if remarked else None] * 2
    assert desk.data("dial.c2cstatus") == []


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"follower": RAVI}, ["Asha"]),
        ({"number": MEERA}, ["Meera"]),
        ({"fromdate": "2026/03/04"}, ["Meera"]),
        ({"todate": "03/03/2026"}, ["Asha"]),
        ({"fromdate": "2026/03/03", "todate": "2026/03/05"}, ["Asha", "Meera"]),
    ],
)
def test_follow_ups_are_found_by_either_number_and_by_day(filters: dict[str, str], names: list[str]) -> None:
    desk = open_desk()
    follow(desk)
    follow(desk, name="Meera", phone=MEERA, follower=MEERA, ontime="05-03-2026 09-00")

    assert [row["name"] for row in desk.data("followup.reports", **filters)] == names


def test_numbers_of_a_list_are_dialed_one_after_another() -> None:
    desk = open_desk()
    body = {"data": [{"number": number, "customname": "x"} for number in (ASHA, RAVI, MEERA)]}
    envelope = json.loads(desk.post_json("autodial.import", body, name="spring", format="json").body)
    (campaign,) = autodial_campaigns(desk)
    desk.advance(minutes=10)
    spans = [(call.attempts[0].started, call.attempts[0].ended) for call in campaign.calls]

    assert envelope == {
        "status": "OK ",
        "message": "Number(s) added Successfully, Total Records(s) - 3, Processed Records(s) - 3",
    }
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("entries", "counted"),
    [
        ([{"number": ASHA}] * 1200, "Total Records(s) - 1200, Processed Records(s) - 1000"),
        ([{"number": ASHA}, {"number": "x"}, "y", {}], "Total Records(s) - 4, Processed Records(s) - 1"),
        ([{"number": 9876543210.0}, {"number": True}], "Total Records(s) - 2, Processed Records(s) - 1"),
        ([], "Total Records(s) - 0, Processed Records(s) - 0"),
    ],
)
@pytest.mark.parametrize("method", ["autodial.import", "autodial.add"])
def test_the_counter_tells_what_was_taken_of_a_list(method: str, entries: list[Any], counted: str) -> None:
    envelope = json.loads(open_desk().post_json(method, {"data": entries}, name="n", format="json").body)

    assert envelope["message"].endswith(counted)


def test_one_number_is_added_to_the_dialer() -> None:
    desk = open_desk()
    envelope = desk.ask("autodial.add", name="spring", number=ASHA, meta='{"profile":"custom1"}')
    desk.ask("autodial.add", name="spring", number=RAVI, meta="{}")

    assert envelope["status"] == "OK "
    assert envelope["message"].endswith("Total Records(s) - 1, Processed Records(s) - 1")
    assert [len(campaign.calls) for campaign in autodial_campaigns(desk)] == [2]


def test_incidents_are_those_of_the_scenario() -> None:
    desk = open_desk(profile={"incidents": [INCIDENT]})

    assert desk.data("monitor") == {"incidents": [{**INCIDENT, "service": "all"}]}
    assert b"<incidents><monitor><region>New Delhi</region>" in desk.get("monitor", format="xml").body
    assert b"<numbers><monitor>+911100000005</monitor></numbers>" in desk.get("monitor", format="xml").body


def test_a_newcomers_numbers_are_operational_by_region() -> None:
    desk = open_desk()
    desk.account.caller_ids = (*desk.account.caller_ids, E164("+911140000001"))
    incidents = desk.data("monitor")["incidents"]

    assert [(row["region"], row["region_code"], row["type"], row["service"]) for row in incidents] == [
        ("Karnataka", "KA-IN", "operational", "all"),
        ("New Delhi", "ND-IN", "operational", "all"),
    ]
    assert [row["numbers"] for row in incidents] == [["+918000000001", "+918000000002"], ["+911140000001"]]


@pytest.mark.parametrize(
    ("profile", "error"),
    [
        ({"incidents": []}, ("E701", "No incidents found")),
        ({"monitor": False}, ("E542", "User Plugin not found or inactive")),
    ],
)
def test_two_refusals_are_the_vendors_own_words(profile: dict[str, Any], error: tuple[str, str]) -> None:
    assert open_desk(profile=profile).refusal("monitor") == error
