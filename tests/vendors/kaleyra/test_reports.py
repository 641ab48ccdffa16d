"""dial.c2cstatus, dial and dial.callreports: rows, filters, pages."""

from __future__ import annotations

import pytest

from simulator.telephony.phone_numbers import E164
from tests.vendors.kaleyra.desk import ASHA, RAVI, Desk, open_desk

CUSTOMER = E164("+919555555555")


def busy_desk(calls: int = 5) -> tuple[Desk, list[str]]:
    """Return a desk and the ids of calls to two receivers in turn, one a minute."""
    desk, refs = open_desk(), []
    for place in range(calls):
        refs.append(desk.connect(f"98000000{place:02}", (ASHA, RAVI)[place % 2]))
        desk.advance(minutes=1)
    return desk, refs


def ids(desk: Desk, method: str = "dial.c2cstatus", **filters: str) -> list[str]:
    return [row["id"] for row in desk.data(method, **filters)]


def test_rows_come_newest_first() -> None:
    desk, refs = busy_desk()

    assert ids(desk) == refs[::-1]


def test_a_page_has_fifty_rows_unless_told_otherwise() -> None:
    desk, refs = busy_desk(53)

    assert (len(ids(desk)), len(ids(desk, page="2"))) == (50, 3)
    assert ids(desk, limit="20", page="3") == refs[::-1][40:53]
    assert ids(desk, page="9") == []


@pytest.mark.parametrize("name", ["call to", "callto"])
@pytest.mark.parametrize("number", [ASHA, f"91{ASHA}"])
def test_calls_to_one_number_are_found_with_and_without_the_space(name: str, number: str) -> None:
    desk, refs = busy_desk()

    assert ids(desk, **{name: number}) == [refs[4], refs[2], refs[0]]
    assert ids(desk, **{name: number}, limit="1", page="2") == [refs[2]]


@pytest.mark.parametrize(
    ("filters", "listed"),
    [
        ({"fromdate": "2026/03/02"}, True),
        ({"fromdate": "02/03/2026", "todate": "02/03/2026"}, True),
        ({"fromdate": "2026/03/03"}, False),
        ({"todate": "01/03/2026"}, False),
    ],
)
def test_days_are_told_in_two_forms_and_count_whole(filters: dict[str, str], listed: bool) -> None:
    desk, refs = busy_desk(1)

    assert ids(desk, **filters) == (refs if listed else [])


def test_only_the_last_three_days_are_told() -> None:
    desk, (ref,) = busy_desk(1)
    desk.advance(days=2, hours=23)
    before = ids(desk), ids(desk, id=ref)
    desk.advance(hours=2)

    assert before == ([ref], [ref])
    assert (ids(desk), ids(desk, id=ref)) == ([], [])


def test_an_incoming_call_is_told_with_its_agent() -> None:
    desk = open_desk()
    desk.world.handsets.call_in(CUSTOMER)
    desk.advance(minutes=2)
    row, _ = desk.data("dial")

    assert (row["callfrom"], row["status"], row["recording"][:2]) == (CUSTOMER[3:], "ANSWER", "//")
    assert 0 < int(row["billsec"]) < int(row["duration"])
    assert row["callto"].startswith("601000000")
    assert row["date"] == "2026-03-02 03:30 PM"
    assert ids(desk, "dial", id=row["id"]) == [row["id"]]
    assert ids(desk) == []


def test_who_is_blocked_calls_in_vain() -> None:
    desk = open_desk()
    desk.ask("block", number=CUSTOMER)
    desk.world.handsets.call_in(CUSTOMER)
    desk.advance(minutes=2)

    assert desk.data("dial")[0]["status"] == "BLOCKED"


def test_the_method_no_document_knows_tells_of_one_call() -> None:
    desk, (ref,) = busy_desk(1)
    (row,) = desk.data("dial.callreports", id=ref)

    assert (row["status"], row["billsec"], row["callstart"]) == ("ANSWER", "30", "2026-03-02 15:30:00")


def test_the_price_has_three_decimals() -> None:
    desk, (ref,) = busy_desk(1)

    assert desk.row(ref)["credits"] == "0.170"


def test_an_agent_is_named_where_the_account_names_them() -> None:
    desk = open_desk(profile={"agent_names": {f"+91{ASHA}": "Asha Rao"}})

    assert desk.row(desk.connect())["agent"] == "Asha Rao"


def test_a_call_of_more_than_three_days_ago_is_told_to_be_cut_off() -> None:
    desk = open_desk()
    ref = desk.connect()
    desk.advance(days=3)
    in_time = desk.get("dial.c2cstatus", id=ref)
    desk.advance(seconds=1)
    late = desk.get("dial.c2cstatus", id=ref, format="json")

    assert in_time.losses == ()
    assert [(loss.name, loss.place) for loss in late.losses] == [("days_cut", "id")]
    assert late.body == b'{"status":"200","message":"OK","data":[]}'


def test_days_that_are_all_too_long_ago_are_told_once() -> None:
    answer = open_desk().get("dial.c2cstatus", fromdate="2026/02/19", todate="2026/02/20")

    assert [(loss.name, loss.place) for loss in answer.losses] == [("days_cut", "fromdate")]
