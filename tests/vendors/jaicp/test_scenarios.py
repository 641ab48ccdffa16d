"""The scenarios that ship for this vendor, each played by a client."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from tests.vendors.jaicp.test_simulator import Customer

DAY = 86_400


def test_three_days_of_retries_keep_to_each_callees_hours_over_a_change_of_the_clock() -> None:
    customer = Customer(scenario="jaicp/clock_change")
    jobs = customer.add(100, 447700900100) + customer.add(100, 493012345600) + customer.add(10, 12125550100)

    customer.advance(3 * DAY)

    world, days = customer.sandbox.world, Counter[int]()
    for call in world.calls:
        zone = ZoneInfo(world.people.find(call.callee).zone or "")
        for attempt in call.attempts:
            local = attempt.started.astimezone(zone)
            days[local.day] += 1
            assert time(9) <= local.time() < time(20), (call.callee, local)
    assert set(days) == {27, 28, 29}
    assert max(len(call.attempts) for call in world.calls) == 6
    assert set(customer.statuses(jobs)) == {"longCallWithResult", "noAnswer"}


def test_a_zone_named_for_a_number_wins_over_the_callees_own() -> None:
    customer = Customer(scenario="jaicp/clock_change")
    (job,) = customer.add(1, 447700900100, gmtZone="America/Los_Angeles")

    customer.advance(DAY)

    started = customer.read("callAttempt/getReport", {"ids": [job]})[0]["startedAt"]
    assert started == datetime(2026, 3, 27, 16, tzinfo=UTC).timestamp() * 1000


def test_a_stop_in_the_middle_leaves_some_undone_and_takes_no_more() -> None:
    customer = Customer(scenario="jaicp/stopped_midway")
    jobs = customer.add(150)
    assert customer.statuses(jobs, "getReport") == ["planned"] * 150
    assert customer.post("control/start").status_code == 200

    customer.advance(600)
    paused = Counter(customer.statuses(jobs, "getReport"))
    customer.advance(590)
    still = Counter(customer.statuses(jobs, "getReport"))
    customer.advance(3600)
    stopped = Counter(customer.statuses(jobs, "getReport"))

    assert paused["planned"] == still["planned"] > stopped["notDone"] > 0
    assert stopped["longCallWithResult"] > paused["longCallWithResult"] > 0
    assert set(stopped) <= {"longCallWithResult", "noAnswer", "notDone", "nonexistentNumber"}
    assert b"invalid.call.task.state" in customer.post("addPhones", [{"phone": "79161234567"}]).data
    assert customer.findings() == []


def test_a_crm_that_fires_twice_dials_once() -> None:
    customer = Customer(scenario="jaicp/crm_duplicates")

    first = hook(customer, phone="79161234567", deal="1")
    lost = hook(customer, phone="79161234568", deal="2")
    repeated = [hook(customer, phone="79161234567", deal="1"), hook(customer, phone="79161234568", deal="2")]
    customer.advance(25 * 3600)
    next_day = hook(customer, phone="79161234567", deal="1")

    assert (first[0], next_day[0]) == (200, 200)
    assert lost == (200, b"")
    assert all(status == 400 and b"phone.duplicated" in body for status, body in repeated)
    assert len(customer.sandbox.world.calls) == 3


def test_a_key_finds_the_answer_that_was_lost() -> None:
    customer = Customer(scenario="jaicp/crm_duplicates")
    hook(customer, phone="79161234567")

    answers = [hook(customer, phone="79161234568", **{"Idempotence-Key": "k"}) for _ in range(2)]

    assert answers[0] == (200, b"")
    assert answers[1][1].strip(b'"').decode() == customer.sandbox.world.calls[1].ref


def test_two_tokens_report_each_on_its_own_campaign() -> None:
    customer = Customer(scenario="jaicp/two_campaigns")
    jobs: dict[str, list[str]] = {}
    for token in customer.simulator.worlds.credentials("jaicp")["tokens"].values():
        customer.token = token
        jobs[token] = customer.add(30)
    customer.advance(7200)

    for token, own in jobs.items():
        customer.token = token
        page = customer.read("callJob/getReportByDate", {"pagination": {"pageSize": 200}})
        assert [row["callJobId"] for row in page["items"]] == own
        assert set(customer.statuses(own)) <= {"longCallWithResult", "noAnswer"}
    assert customer.findings() == []


def hook(customer: Customer, **fields: str) -> tuple[int, bytes]:
    """Add a number as a CRM does; an answer that is cut short comes to nothing."""
    path = f"/jaicp/api/crmCalls/campaign/{customer.token}/addPhone"
    try:
        answer = customer.client.get(path, query_string=fields, buffered=True)
    except ConnectionError:
        return 200, b""
    return answer.status_code, answer.data
