"""A test that fakes its host's time, or its sleep, moves the simulator's clock by it."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import requests
from freezegun import freeze_time

from simulator.engine.real_time import HostTime, is_faked
from simulator.testing.fixtures import VendorFixture

BALANCE = "/manager/cabapi_external/api/v1/users/balance/"


def look(callo: VendorFixture, session: requests.Session) -> requests.Response:
    return session.get(f"{callo.base_url}{BALANCE}", params={"public_key": callo.key})


def look_until_refused(callo: VendorFixture, session: requests.Session) -> requests.Response:
    while (answer := look(callo, session)).status_code == 200:
        pass
    return answer


def test_a_clock_that_stands_still_follows_a_date_that_a_test_moves(callo: VendorFixture) -> None:
    start = callo.clock.now
    with freeze_time("2030-06-01 12:00:00") as frozen:
        assert callo.clock.now == start
        frozen.tick(timedelta(hours=1))
        assert callo.clock.now == start + timedelta(hours=1)
        frozen.move_to("2030-06-01 11:00:00")
        assert callo.clock.now == start + timedelta(hours=1)
        frozen.move_to("2030-06-01 11:30:00")

    assert callo.clock.now == start + timedelta(hours=1)


def test_a_client_whose_sleep_ticks_a_frozen_date_is_let_in_again(callo: VendorFixture) -> None:
    with freeze_time("2030-06-01 12:00:00") as frozen, callo.requests_session() as session:
        refused = look_until_refused(callo, session)
        frozen.tick(1)

        assert (refused.status_code, look(callo, session).status_code) == (429, 200)


def test_a_sleep_that_a_test_replaces_may_move_the_clock(
    callo: VendorFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = SimpleNamespace(sleep=None)
    monkeypatch.setattr(client, "sleep", callo.clock.sleep)
    before = callo.clock.now
    with callo.requests_session() as session:
        look_until_refused(callo, session)
        client.sleep(1)

        assert look(callo, session).status_code == 200
    assert callo.clock.now == before + timedelta(seconds=1)


def test_a_refusal_in_process_tells_that_time_stands_still(callo: VendorFixture) -> None:
    with callo.requests_session() as session:
        rule = look_until_refused(callo, session).headers["X-Simulator-Rule"]

    assert rule.startswith("limit: ")
    assert "time stands still here: really wait 1s, or POST /_simulator/v1/clock/advance" in rule


def test_moves_of_a_faked_date_are_inputs_of_the_world(callo: VendorFixture) -> None:
    with freeze_time("2030-06-01 12:00:00") as frozen:
        start = callo.clock.now
        frozen.tick(timedelta(minutes=5))
        callo.world.settle()
        (moved,) = callo.world.sandbox.inputs

    assert moved.at == start + timedelta(minutes=5)


def test_nothing_passes_where_a_fake_begins_or_ends() -> None:
    host = HostTime()
    with freeze_time(datetime(2050, 1, 1)) as frozen:  # noqa: DTZ001 - as tests write it
        assert is_faked()
        assert host.passed() < timedelta(minutes=1)
        frozen.tick(timedelta(hours=2))
        assert timedelta(hours=2) <= host.passed() < timedelta(hours=3)

    assert timedelta(hours=2) <= host.passed() < timedelta(hours=3)
    assert not is_faked()


@pytest.mark.parametrize("travels", [True, False])
def test_time_machine_is_asked_by_its_public_name(monkeypatch: pytest.MonkeyPatch, travels: bool) -> None:
    """Its inner names changed from version 2 to 3, and a clock that stood still did not tell."""
    hatch = SimpleNamespace(is_travelling=lambda: travels)
    monkeypatch.setitem(sys.modules, "time_machine", SimpleNamespace(escape_hatch=hatch))

    assert is_faked() is travels
