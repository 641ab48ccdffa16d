"""`camp_stats`: two tables with totals and percents."""

from __future__ import annotations

from typing import Any

from tests.vendors.callo.desk import Desk, open_desk, read, refusal

ANSWERED, BUSY, PRESSES_ONE = "+44770090000{}", "+44770090004{}", "+44770090031{}"


def sample_desk() -> Desk:
    """Return a desk with eight calls: three pressed 1, four only listened, one was busy."""
    desk = open_desk()
    for template, count in ((PRESSES_ONE, 3), (ANSWERED, 4), (BUSY, 1)):
        for place in range(count):
            desk.call(template.format(place))
    desk.advance(hours=1)
    return desk


def stats(desk: Desk, **parameters: object) -> Any:
    body = read(desk.get("phones/camp_stats", campaign_id=desk.campaign().ref, **parameters))
    assert body["status"] == "ok"
    return body["data"]


def test_the_tables_are_those_of_the_sample() -> None:
    tables = stats(sample_desk())

    assert tables["dial_statuses"] == [
        {"status": 4, "name": "Subscriber is busy / Unavailable", "count": 1, "percent": 12.5},
        {"status": 5, "name": "The subscriber answered", "count": 3, "percent": 37.5},
        {"status": 10, "name": "Completed without client action", "count": 4, "percent": 50},
        {"status": "all", "count": 8, "name": "Total", "percent": 100},
    ]
    assert tables["call_statuses"] == [
        {"status": "1", "count": 3, "name": "One", "percent": 37.5},
        {"status": "attempts_exc", "count": 1, "name": "Attempts ended", "percent": 12.5},
        {"status": "compl_finished", "count": 4, "name": "Finished successfully", "percent": 50},
        {"status": "all", "count": 8, "name": "Total", "percent": 100},
    ]


def test_whole_percents_stay_whole_numbers() -> None:
    shares = [row["percent"] for row in stats(sample_desk())["call_statuses"]]

    assert [type(share) for share in shares] == [float, float, int, int]


def test_a_status_name_of_the_calls_own_is_counted_by_itself() -> None:
    desk = open_desk()
    desk.call("+447700900310", ivr_lvl_1_btn_1_status_name="Paid")
    desk.call("+447700900311")
    desk.advance(hours=1)

    rows = [(row["status"], row["name"]) for row in stats(desk)["call_statuses"]]

    assert rows == [("1", "One"), ("1", "Paid"), ("all", "Total")]


def test_dates_choose_calls_by_their_creation() -> None:
    desk = sample_desk()
    desk.call("+447700900005")

    assert stats(desk, from_date="2026-03-02 11:00:00")["call_statuses"][0]["status"] == "in_process"
    assert stats(desk, to_date="2026-03-02 10:00:00")["call_statuses"][-1]["count"] == 8


def test_an_empty_campaign_has_only_totals() -> None:
    row = {"status": "all", "name": "Total", "count": 0, "percent": 0}

    assert stats(open_desk()) == {"dial_statuses": [row], "call_statuses": [row]}


def test_names_are_russian_for_an_account_that_reads_russian() -> None:
    desk = sample_desk()
    desk.account.language = "ru"

    assert [row["name"] for row in stats(desk)["dial_statuses"]] == [
        "Абонент занят",
        "Абонент ответил",
        "Завершен без действия клиента",
        "Всего",
    ]


def test_a_bad_date_is_refused() -> None:
    desk = open_desk()

    message = refusal(desk.get("phones/camp_stats", campaign_id=desk.campaign().ref, from_date="now"))

    assert message == "Form isn't valid: * from_date\n  * Enter a valid date/time."
