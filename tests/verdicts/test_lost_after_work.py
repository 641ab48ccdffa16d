"""A 5xx that comes after the work is a lost answer at every vendor: whoever repeats it does so twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from simulator.faults import Status
from tests.verdicts.bench import Bench, Open

Client = Callable[[Bench], requests.Response | None]
JOBS = [{"phone": "79160000000"}]
WISHES: list[tuple[str, Client]] = [
    ("callo.add_call", Bench.call),
    ("kaleyra.click_to_call", Bench.connect),
    ("jaicp.add_phones", lambda client: client.jaicp("addPhones", JOBS)),
    ("callr.send_sms", Bench.text),
]


@pytest.mark.parametrize(("where", "wish"), WISHES, ids=[where for where, _ in WISHES])
@pytest.mark.parametrize(("accepted", "broken"), [(True, ["double_dials"]), (False, [])])
def test_who_repeats_what_was_accepted_before_a_503_calls_or_writes_twice(
    bench: Open, where: str, wish: Client, accepted: bool, broken: list[str]
) -> None:
    client = bench()
    with client.fault(where, Status(503, accepted=accepted)):
        answer = wish(client)
    wish(client)

    assert answer is not None
    assert answer.status_code == 503
    assert client.broken() == broken
