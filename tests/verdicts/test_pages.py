"""Walks through pages that miss rows or read them again are remarked, and nobody is accused of one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.verdicts.bench import Bench, Open


def advice_on(client: Bench) -> list[str]:
    assert client.broken() == []
    return [line for line in client.conduct().advice if line.startswith("pages: ")]


@pytest.mark.parametrize(
    ("offsets", "limit", "words"),
    [
        ((0, 1, 2), 3, "was read by offset 0, 1, 2 with 3 rows each: the same rows come again"),
        (
            (0, 4, 8, 12, 16),
            2,
            "was read by offset 0, 4, 8, 12 with 2 rows each: what lies between is not read",
        ),
        ((2, 4), 2, "was read from offset=2 on, and offset=0, the first, never"),
    ],
)
def test_offsets_that_do_not_fit_the_rows_are_remarked(
    bench: Open, offsets: Sequence[int], limit: int, words: str
) -> None:
    client = bench()
    for offset in offsets:
        client.callr("GET", "/sms", offset=offset, limit=limit)

    assert advice_on(client) == [f"pages: callr.search_sms {words}"]


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ((1, 2), "was read from page=1 on, and page=0, the first, never"),
        ((0, 2, 4), "was read by page 0, 2, 4: what lies between is not read"),
    ],
)
def test_pages_counted_otherwise_than_the_vendor_does_are_remarked(
    bench: Open, pages: Sequence[int], words: str
) -> None:
    client = bench()
    for page in pages:
        client.jaicp("callJob/getReportByDate", {"filter": {}, "pagination": {"page": page, "pageSize": 5}})

    assert advice_on(client) == [f"pages: jaicp.call_job_report_by_date {words}"]


def test_whoever_begins_behind_the_first_page_of_another_vendor_is_remarked_too(bench: Open) -> None:
    client = bench()
    for page in (2, 3):
        client.callo(
            "phones/all_calls",
            "GET",
            campaign_id=client.vendors["callo"].credentials["campaign_id"],
            page=page,
        )
        client.kaleyra("dial.c2cstatus", page=page, limit=5)

    assert [line.partition(" was")[0] for line in advice_on(client)] == [
        "pages: callo.all_calls",
        "pages: kaleyra.click_to_call_status",
    ]


@pytest.mark.parametrize(
    "asked",
    [
        [(0, 3), (3, 3), (6, 3)],
        [(6, 3), (3, 3), (0, 3)],
        [(0, 3), (6, 3), (12, 3), (3, 3), (9, 3)],
        [(4, 3)],
        [(0, 5), (1, 2), (2, 2)],
        [(0, 1), (1, 1), (2, 1)],
        [(0, 2), (4, 2)],
    ],
    ids=str,
)
def test_pages_in_any_order_or_alone_are_not(bench: Open, asked: Sequence[tuple[int, int]]) -> None:
    client = bench()
    for offset, limit in asked:
        client.callr("GET", "/sms", offset=offset, limit=limit)

    assert advice_on(client) == []


def test_other_questions_are_walks_of_their_own(bench: Open) -> None:
    client = bench()
    for page, day in ((1, "2026-03-01"), (2, "2026-03-02"), (3, "2026-03-03")):
        client.callo(
            "phones/all_calls",
            "GET",
            page=page,
            campaign_id=client.vendors["callo"].credentials["campaign_id"],
            from_created_date=f"{day} 00:00:00",
        )

    assert advice_on(client) == []
