"""How long 100,000 jobs take to be added, and what a page of reports costs among them."""

from __future__ import annotations

from time import perf_counter

import pytest

from tests.vendors.jaicp.test_simulator import Customer

JOBS = 100_000
PORTION = 10_000
TERMS = {"maxAttempts": 3, "dialerPriority": 2, "gmtZone": "+3", "allowedDays": ["mon", "tue"]}


def add_all(customer: Customer, portion: int, **terms: object) -> float:
    begun = perf_counter()
    for first in range(0, JOBS, portion):
        assert len(customer.add(portion, 79160000000 + first, **terms)) == portion
    return perf_counter() - begun


def seconds_of_page(customer: Customer, name: str, number: int) -> float:
    """Return the shortest of five readings of one page of 200."""
    body = {"page": number, "pageSize": 200}
    taken = []
    for _ in range(5):
        begun = perf_counter()
        customer.read(name, body if name.endswith("Unfinished") else {"pagination": body})
        taken.append(perf_counter() - begun)
    return min(taken)


@pytest.mark.parametrize(("portion", "terms"), [(PORTION, {}), (2_000, TERMS)], ids=["plain", "with terms"])
def test_a_hundred_thousand_jobs_are_added_in_ten_seconds(portion: int, terms: dict[str, object]) -> None:
    customer = Customer()

    taken = add_all(customer, portion, **terms)
    print(f"\n{JOBS:,} jobs added in {taken:.2f} s")  # noqa: T201 - what a benchmark is for

    assert taken <= 10


@pytest.mark.parametrize("name", ["callJob/getReportByDate", "callJob/getUnfinished"])
def test_the_last_page_costs_what_the_first_does(name: str) -> None:
    small, large = Customer(), Customer()
    small.add(1_000)
    add_all(large, PORTION)

    alone = seconds_of_page(small, name, 0)
    among = [seconds_of_page(large, name, number) for number in (0, 199)]
    print(f"\n{name}: {alone:.4f} s of 1,000 jobs, {among} s of {JOBS:,}")  # noqa: T201

    assert max(among) <= 3 * alone
