"""100,000 jobs in one request, plain and with hours and zones of their own, and pages of reports on them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from statistics import median
from time import process_time
from typing import Any

from simulator.app import Simulator
from tests.benchmarks.figures import Figure, peak_gigabytes, report, seconds
from tests.benchmarks.visitor import visit

JOBS = 100_000
FEW = 1_000
ROUNDS = 15
JSON = "application/json"
DAYS = ("mon", "wed", "sat")
ZONES = ("+3", "UTC+05:30", "Europe/Moscow", "Asia/Tokyo", "America/New_York")
PAGE = {"pageSize": 200}


class Client:
    """Whoever has the token of a fresh world's campaign, in which everybody answers."""

    def __init__(self) -> None:
        self._simulator = Simulator(scenario="happy", vendors=("jaicp",))
        self._root = f"/jaicp/api/calls/campaign/{self._simulator.worlds.credentials('jaicp')['token']}"

    def post(self, name: str, body: bytes) -> Any:
        return json.loads(visit(self._simulator, "POST", f"{self._root}/{name}", body=body, kind=JSON))

    def page(self, name: str, number: int) -> list[Any]:
        pagination = {**PAGE, "page": number}
        body = pagination if name.endswith("Unfinished") else {"pagination": pagination}
        items: list[Any] = self.post(name, json.dumps(body).encode())["items"]
        return items


def measure() -> Iterator[Figure]:
    """Add both lists, each to a world of its own; then read pages of the second one."""
    few = Client()
    few.post("addPhones", plain(FEW))
    for name, body, bound in (("plain", plain(JOBS), 10), ("with hours and zones", rich(JOBS), 10)):
        many = Client()
        worked = process_time()
        took = seconds(partial(many.post, "addPhones", body))
        note = f"one request of {len(body) / 1e6:.1f} MB, {process_time() - worked:.1f} s of a processor"
        assert len(many.page("callJob/getReportByDate", 199)) == PAGE["pageSize"]
        yield Figure(f"100,000 jobs, {name}", took, bound, "s", note)
    yield Figure("their peak memory", peak_gigabytes(), 1.5, "GB", "both worlds and requests")
    for report_name in ("callJob/getReportByDate", "callJob/getUnfinished"):
        yield compare(report_name, many, few)


def plain(count: int) -> bytes:
    return _written({"phone": _phone(place)} for place in range(count))


def rich(count: int) -> bytes:
    """Return jobs with the hours of three days, and one of five zones each."""
    return _written({"phone": _phone(place), **_terms(place)} for place in range(count))


def compare(name: str, many: Client, few: Client) -> Figure:
    """Compare the last page of many jobs with the first of few, in turns."""
    deep, first = partial(many.page, name, 199), partial(few.page, name, 0)
    rounds = [(seconds(deep), seconds(first)) for _ in range(ROUNDS)]
    took = [median(column) * 1e3 for column in zip(*rounds, strict=True)]
    ratio = median(late / early for late, early in rounds)
    return Figure(f"{name} page 199 : of few", ratio, 3, "x", f"{took[0]:.1f} ms against {took[1]:.1f} ms")


def _terms(place: int) -> dict[str, Any]:
    return {
        "allowedDays": DAYS,
        "allowedTime": {"mon": [_interval("09:00", "12:30")], "default": [_interval("13:30", "18:00")]},
        "gmtZone": ZONES[place % len(ZONES)],
        "maxAttempts": 3,
        "dialerPriority": place % 5 + 1,
    }


def _interval(opens: str, closes: str) -> dict[str, str]:
    return {"localTimeFrom": opens, "localTimeTo": closes}


def _phone(place: int) -> str:
    return str(79160000000 + place)


def _written(jobs: Iterator[dict[str, Any]]) -> bytes:
    return json.dumps(list(jobs), separators=(",", ":")).encode()


if __name__ == "__main__":
    report(measure())
