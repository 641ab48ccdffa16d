"""A filter that ends before it begins finds nothing at any vendor: the client is told so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import Client

from simulator import Simulator

SOON, LATE = "2026-03-01", "2026-03-03"
CALLO, CALLR = "/callo/manager/cabapi_external/api/v1", "/callr/v2.0"
JAICP = "/jaicp/api/calls/campaign/{token}/callJob/getReportByDate"


def ranges(first: str, last: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return requests for the rows between two days: vendor, path, and what werkzeug's client takes."""
    noon = {"createdAtFrom": f"{first}T12:00:00Z", "createdAtTo": f"{last}T12:00:00Z"}
    days = {"from_created_date": first, "to_created_date": last}
    instants = {"createdAfter": f"{first}T12:00:00Z", "createdBefore": f"{last}T12:00:00Z"}
    read = {"readAfter": f"{first}T12:00:00Z", "readBefore": f"{last}T12:00:00Z"}
    table = {
        "method": "dial.c2cstatus",
        "fromdate": first.replace("-", "/"),
        "todate": last.replace("-", "/"),
    }
    return [
        ("callo", f"{CALLO}/phones/all_calls/", {"query_string": days}),
        ("callo", f"{CALLO}/phones/camp_stats/", {"query_string": {"from_date": first, "to_date": last}}),
        ("kaleyra", "/kaleyra/v1/", {"method": "POST", "data": table}),
        ("jaicp", JAICP, {"method": "POST", "json": {"filter": noon}}),
        ("callr", f"{CALLR}/sms", {"query_string": instants}),
        ("callr", f"{CALLR}/recordings", {"query_string": read}),
    ]


@pytest.mark.parametrize(("first", "last", "count"), [(LATE, SOON, 1), (SOON, LATE, 0), (SOON, SOON, 0)])
@pytest.mark.parametrize("place", range(6))
def test_a_filter_that_ends_before_it_begins_is_told(first: str, last: str, count: int, place: int) -> None:
    vendor, path, options = ranges(first, last)[place]
    simulator = Simulator(vendors=(vendor,))
    known = simulator.worlds.credentials(vendor)
    key = {"public_key": known.get("public_key"), "campaign_id": known.get("campaign_id")}
    if vendor == "callo":
        options = {"query_string": key | options["query_string"]}
    headers = {"x-api-key": str(known.get("api_key"))}
    answer = Client(simulator).open(path.format(token=known.get("token")), headers=headers, **options)

    (exchange,) = simulator.worlds.sandbox().recorder.journal
    places = [one.where for one in exchange.violations]
    assert (answer.status_code, len(places)) == (200, count), places
