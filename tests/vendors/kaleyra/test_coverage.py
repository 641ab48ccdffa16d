"""What counts as covered: OBD answers at two addresses, and a client needs only one of them."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator

OBD, OBD_API = "start_obd_call", "obd_api_start_call"


def coverage_after(*paths: str) -> Any:
    """Return what is covered after a voice.call at each of some paths."""
    simulator = Simulator(vendors=("kaleyra",))
    key = {"x-api-key": simulator.worlds.credentials("kaleyra")["api_key"]}
    form = {"method": "voice.call", "numbers": "6010000001", "play": "1.sound"}
    for path in paths:
        Client(simulator).post(f"/kaleyra{path}", data=form, headers=key).close()
    answer = Client(simulator).get("/_simulator/v1/coverage").json
    assert answer
    return answer["vendors"]["kaleyra"]


@pytest.mark.parametrize(
    ("paths", "counted", "known"),
    [
        ((), {OBD}, 17),
        (("/v1/",), {OBD}, 17),
        (("/api/v1/",), {OBD_API}, 17),
        (("/v1/", "/api/v1/"), {OBD, OBD_API}, 18),
    ],
)
def test_of_two_addresses_of_one_operation_one_is_enough(
    paths: tuple[str, ...], counted: set[str], known: int
) -> None:
    covered = coverage_after(*paths)
    names = {operation["operation"] for operation in covered["operations"]}

    assert names & {OBD, OBD_API} == counted
    assert (covered["known"], covered["called"]) == (known, len(paths))
