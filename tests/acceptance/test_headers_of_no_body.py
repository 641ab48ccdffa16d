"""What headers say of a body changes nothing where there is none, or where no vendor reads one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from simulator import Simulator
from simulator.scenario.loading import load_text
from simulator.testing.transports import ask
from simulator.vendors import vendor_names
from tests.acceptance.repeated_units import FORM, Door, doors

OPEN = "sim: 1\ntitle: No limits\nlimits: [{where: VENDOR.*, allow: 1000000 per 1s}]\nextends: happy\n"
KINDS = (
    "multipart/form-data",
    "multipart/form-data; boundary=b",
    FORM,
    "application/json",
    "text/plain",
    "\u00e9",
)


@pytest.fixture(scope="module", params=vendor_names())
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    with closing(Simulator(vendors=(request.param,))) as simulator:
        scenario = OPEN.replace("VENDOR", request.param).encode()
        simulator.worlds.open("main", load_text(scenario, "open.yaml"))
        yield simulator


def outcome(simulator: Simulator, door: Door, kind: str | None) -> tuple[int, str | None, tuple[str, ...]]:
    """Return what a request without a body is answered in a fresh world, and what its judge says."""
    sandbox = simulator.worlds.open("main", simulator.worlds.sandbox().scenario)
    headers = tuple(pair for pair in door.headers if pair[0] != "Content-Type")
    answer = ask(
        simulator, door.method, door.url, (*headers, *((("Content-Type", kind),) if kind else ())), b""
    )
    (exchange,) = sandbox.recorder.journal
    return answer.status, exchange.rule, tuple(violation.code for violation in exchange.violations)


def needs_body(simulator: Simulator, door: Door) -> bool:
    operation = simulator.worlds.setup.contract(door.vendor).find(door.place.partition(":")[0])
    return any(variant.body_required for variant in operation.variants)


def test_a_body_that_is_not_there_is_not_read(simulator: Simulator) -> None:
    without = [door for door in doors(simulator) if door.in_query and not needs_body(simulator, door)]
    kinds = [KINDS[place % len(KINDS)] for place, _ in enumerate(without)]
    differing = [
        (door.place, kind)
        for door, kind in zip(without, kinds, strict=True)
        if outcome(simulator, door, kind) != outcome(simulator, door, None)
    ]

    assert without
    assert differing == []


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE", "PUT"])
@pytest.mark.parametrize("kind", KINDS[:2])
def test_a_path_of_nobody_is_unknown_however_bad_the_form(simulator: Simulator, verb: str, kind: str) -> None:
    (vendor,) = simulator.vendors
    url = f"http://localhost/{vendor}/nobody/lives/here/?a=%ff"

    assert ask(simulator, verb, url, (("Content-Type", kind),), b"--c").status == 404
