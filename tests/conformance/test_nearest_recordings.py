"""A finding shows the recorded request that comes nearest to the wrong one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from simulator.conformance.recordings import nearest
from simulator.vendors import vendor_names
from tests.contracts.recorded import read_recordings, recorded_exchange


@pytest.mark.parametrize("vendor", vendor_names())
def test_the_nearest_to_a_recorded_request_brings_all_that_it_brings(vendor: str) -> None:
    taken = [recording for recording in read_recordings(vendor) if recording["answer"]["status"] < 300]
    for recording in taken:
        line = nearest(recorded_exchange(vendor, recording))

        assert line.split(" ")[1].startswith("/")
        assert len(line) > 400 or all(f"{name}=" in line for name in recording["request"].get("query", ()))

    assert taken


def test_an_operation_that_nobody_recorded_has_none() -> None:
    exchange = recorded_exchange("callo", read_recordings("callo")[0])

    assert nearest(replace(exchange, operation="no_such")) == ""
