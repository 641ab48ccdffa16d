"""A client that asks by its own calendar, in a world whose scenario began on another day, is told so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.engine.explaining import far_date
from simulator.exchange import Request
from simulator.testing.fixtures import VendorFixture

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
AHEAD = "clock: 2026-11-30 is 273 days ahead of this world, where it is 2026-03-02 10:00"


@pytest.mark.parametrize(
    ("query", "body", "text"),
    [
        ("fromdate=2026-11-30", b"", AHEAD),
        ("from_created_date=2026-11-30%2010%3A00", b"", AHEAD),
        ("", b"method=dial.c2cstatus&todate=2026-11-30", AHEAD),
        ("", b'{"dateFrom": "2026-11-30T00:00:00Z"}', AHEAD),
        ("from=2026-02-31&to=2026-11-30", b"", AHEAD),
        ("fromdate=2026-04-30", b"", ""),
        ("fromdate=2024-11-30", b"", ""),
        ("", b"text=see+you+on+2026-11-30", ""),
        ("from=2026-99-99", b"", ""),
    ],
)
def test_only_a_date_that_is_asked_by_and_far_ahead_is_told(query: str, body: bytes, text: str) -> None:
    assert far_date(Request("GET", "/", query=query, body=body), NOW) == text


def test_it_stands_in_the_header_and_in_the_journal(kaleyra: VendorFixture) -> None:
    form = {"method": "dial.c2cstatus", "format": "json", "fromdate": "2026-11-29", "todate": "2026-11-30"}
    with kaleyra.requests_session() as session:
        answer = session.post(f"{kaleyra.base_url}/v1/", data=form | {"api_key": kaleyra.key})

    kaleyra.allow_violations()
    assert "clock: 2026-11-29 is 272 days ahead of this world" in answer.headers["X-Simulator-Rule"]
    assert "clock: 2026-11-29" in str(kaleyra.exchanges[0].rule)
