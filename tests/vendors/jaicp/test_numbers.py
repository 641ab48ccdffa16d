"""Tools read numbers as the vendor does: the Russian 8 before a number means 7."""

from __future__ import annotations

import pytest
import requests

from simulator.telephony.errors import AmbiguousNumber, MalformedNumber
from simulator.telephony.operators import read_number
from simulator.testing.fixtures import JaicpFixture
from simulator.vendors import load_vendor


@pytest.mark.parametrize("spelt", ["89161234567", "8 (916) 123-45-67", "79161234567", "+79161234567"])
def test_a_fixture_reads_numbers_as_the_vendor_does(jaicp: JaicpFixture, spelt: str) -> None:
    jaicp.people[spelt].next("busy")
    requests.post(f"{jaicp.base_url}/api/calls/campaign/{jaicp.key}/addPhones", json=[{"phone": spelt}])
    jaicp.clock.run_until_idle()

    attempt = jaicp.calls[0].attempts[0]
    assert (attempt.callee, attempt.disposition) == ("+79161234567", "busy")


def test_a_number_that_vendors_read_differently_is_refused_where_none_is_named() -> None:
    operators = {name: load_vendor(name) for name in ("callo", "jaicp")}

    with pytest.raises(AmbiguousNumber):
        read_number(operators, "89161234567")


def test_a_fixture_refuses_what_the_vendor_would(jaicp: JaicpFixture) -> None:
    with pytest.raises(MalformedNumber):
        jaicp.people["-79161234567"]
