"""A page far behind costs what the first page costs, also of rows that a filter picks, at every vendor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from simulator.telephony.campaign_settings import Contact
from simulator.telephony.phone_numbers import E164
from simulator.vendors.callo import paging
from tests.growth import calls_made
from tests.vendors.callo import desk as callo
from tests.vendors.callr import desk as callr
from tests.vendors.customers import START
from tests.vendors.jaicp import desk as jaicp
from tests.vendors.kaleyra import desk as kaleyra

ROWS, SIZE = 120, 5

Page = Callable[[int], Sequence[object]]
"""Asks for a page, counted from 0."""

Change = Callable[[], object]
"""Changes one row of those that are walked through."""


def callo_calls(rows: int) -> tuple[Page, Change]:
    desk = callo.open_desk()
    campaign = desk.campaign()
    campaign.lines = 0
    desk.world.imports.take(campaign, [Contact(E164(f"+44791000{place:04}")) for place in range(rows)])
    desk.advance(seconds=10)

    def page(nth: int) -> Any:
        asked = {"page": nth + 1, "call_status": "in_process", "from_updated_date": "2026-03-01 00:00:00"}
        return callo.read(desk.get("phones/all_calls", campaign_id=campaign.ref, **asked))

    return page, lambda: desk.world.remove_call(campaign.calls[-1])


def jaicp_unfinished(rows: int) -> tuple[Page, Change]:
    desk = jaicp.open_desk()
    desk.campaign.lines = 0
    jobs = desk.add(*range(79160000000, 79160000000 + rows))

    def page(nth: int) -> Any:
        return jaicp.read(desk.post("callJob/getUnfinished", {"page": nth, "pageSize": SIZE}))["items"]

    return page, lambda: desk.post("callJob/cancel", {"ids": [jobs[0]]})


def jaicp_jobs(rows: int) -> tuple[Page, Change]:
    desk = jaicp.open_desk()
    desk.campaign.lines = rows
    desk.add(*range(79160000000, 79160000000 + rows))
    desk.advance(hours=5)
    since = (START - timedelta(days=1)).isoformat()

    def page(nth: int) -> Any:
        dates = {"createdAtFrom": since, "finishedAtFrom": since}
        asked = {"filter": dates, "pagination": {"page": nth, "pageSize": SIZE}}
        return jaicp.read(desk.post("callJob/getReportByDate", asked))["items"]

    def change() -> None:
        desk.add(jaicp.PHONE)
        desk.advance(hours=5)

    return page, change


def kaleyra_calls(rows: int) -> tuple[Page, Change]:
    desk = kaleyra.open_desk()

    def connect() -> None:
        desk.connect()
        desk.advance(minutes=5)

    for _ in range(rows // 2):
        connect()

    def page(nth: int) -> Any:
        asked = {"call to": kaleyra.RAVI, "limit": str(SIZE), "page": str(nth // 2 + 1)}
        return desk.data("dial.c2cstatus", **asked)

    return page, connect


def callr_messages(rows: int) -> tuple[Page, Change]:
    desk = callr.open_desk()
    for _ in range(rows):
        desk.text()
    desk.advance(minutes=5)

    def page(nth: int) -> Any:
        return desk.get("/sms", status="delivered", limit=SIZE, offset=nth * SIZE)["hits"]

    def change() -> None:
        desk.text()
        desk.advance(minutes=5)

    return page, change


def callr_webhook_logs(rows: int) -> tuple[Page, Change]:
    desk = callr.open_desk()
    desk.hook("v2.sms.outbound.updated")
    desk.text()
    for _ in range(rows // 4):
        desk.text()
        desk.advance(minutes=5)

    def page(nth: int) -> Any:
        return desk.get("/webhooks/logs", httpcode=200, limit=SIZE, offset=nth * SIZE)["hits"]

    return page, lambda: (desk.text(), desk.advance(seconds=0.6))


@pytest.mark.parametrize(
    "walk", [callo_calls, jaicp_unfinished, jaicp_jobs, kaleyra_calls, callr_messages, callr_webhook_logs]
)
def test_a_page_costs_the_same_however_far_behind_it_is_and_however_many_rows_there_are(
    walk: Callable[[int], tuple[Page, Change]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", SIZE)
    costs = []
    for rows in (ROWS, 2 * ROWS):
        page, change = walk(rows)
        assert len(page(0)) == SIZE  # finds what fits, once
        change()
        costs += [calls_made(partial(page, nth)) for nth in (0, rows // SIZE - 2)]
        assert len(page(rows // SIZE - 2)) == SIZE

    assert max(costs) < min(costs) + ROWS // 2
