"""Twice the text is at most twice the work, whatever is repeated in it and wherever it comes in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest

from simulator import Simulator
from simulator.errors import SimulatorError
from simulator.exchange import Answer
from simulator.scenario.loading import load_text
from simulator.testing.transports import ask
from simulator.vendors import vendor_names
from simulator.vendors.callr.actions.steps import render_outcome
from simulator.vendors.callr.javascript.templates import expressions
from simulator.web.handover import ConnectionCut
from tests.acceptance.repeated_units import JSON, UNITS, Door, doors, repeated
from tests.admin.control_room import EXAMPLES
from tests.growth import grows_in_step, undisturbed

LENGTH = 5_000
EVERY_UNIT = bool(os.environ.get("EVERY_UNIT"))
"""SettledAttempt every unit at every door: some minutes instead of some seconds."""

SPREAD = 48
OPEN = """
sim: 1
title: Nobody is stopped by a limit
seed: 7
strangers: listens
personas: {listens: {attempts: [answered], ring: 8s, talk: 40s}}
accounts: {a: {vendors: [VENDOR], balance: 100.00}}
limits: [{where: VENDOR.*, allow: 1000000 per 1s}]
"""

Work = Callable[[str, int], object]


def is_linear(work: Work, unit: str, length: int = LENGTH) -> bool:
    """Tell whether `work` grows in step with how often `unit` is repeated, refused or not."""

    def once(length: int) -> None:
        with suppress(ConnectionCut, ValueError, SimulatorError):
            work(unit, length)

    return grows_in_step(once, length)


def through(door: Door, simulator: Simulator) -> Work:
    return lambda unit, length: ask(simulator, *door.request(unit, length))


def units_for(place: int, door: Door) -> tuple[str, ...]:
    """Return all units where bytes are read raw, and elsewhere a few, other ones at each door."""
    whole = EVERY_UNIT or "raw" in door.place
    return UNITS if whole else UNITS[place % SPREAD :: SPREAD]


@pytest.mark.parametrize("vendor", vendor_names())
@pytest.mark.thorough
def test_a_vendor_reads_twice_as_much_in_at_most_twice_the_time(vendor: str) -> None:
    slow, used = [], set[str]()
    with closing(Simulator(vendors=(vendor,))) as simulator, undisturbed():
        simulator.worlds.open("main", load_text(OPEN.replace("VENDOR", vendor).encode(), "open.yaml"))
        for place, door in enumerate(doors(simulator)):
            for unit in units_for(place, door):
                used.add(unit)
                if not is_linear(through(door, simulator), unit):
                    slow.append((door.place, unit))

    assert slow == []
    assert used == set(UNITS)


def control_routes(simulator: Simulator) -> Iterator[tuple[str, str]]:
    own = [rule for rule in simulator.url_map.iter_rules() if rule.endpoint.startswith("control.")]
    for rule in own:
        for verb in {"POST", "PUT"} & (rule.methods or set()):
            path = rule.rule.replace("path:", "")
            for name, example in EXAMPLES.items():
                path = path.replace(f"<{name}>", example)
            yield verb, f"http://localhost/_simulator{path.removeprefix('/_simulator')}"


def test_the_control_api_reads_twice_as_much_in_at_most_twice_the_time() -> None:
    slow = []
    with closing(Simulator(vendors=("callo",))) as simulator, undisturbed():
        for place, (verb, url) in enumerate(control_routes(simulator)):
            door = Door("", url, verb, url, (("Content-Type", JSON),), b'{"a": "'.__add__)
            units = UNITS if EVERY_UNIT else UNITS[place % SPREAD :: SPREAD]
            work = through(door, simulator)
            slow += [(url, unit) for unit in units if not is_linear(work, unit)]

    assert slow == []


def read_scenario(unit: str, length: int) -> None:
    load_text(b"sim: 1\ntitle: " + repeated(unit, length), "body.yaml")


def read_reply(unit: str, length: int) -> None:
    render_outcome(200, None, Answer(200, b'{"a":"' + repeated(unit, length)))


@pytest.mark.parametrize("read", [read_scenario, read_reply])
def test_scenarios_and_replies_are_read_in_step_with_their_length(read: Work) -> None:
    with undisturbed():
        assert [unit for unit in UNITS if not is_linear(read, unit, 2_000)] == []


def test_the_guard_of_this_file_sees_what_is_quadratic() -> None:
    def quadratic(unit: str, length: int) -> None:
        text = unit * length
        for place in range(len(text)):
            text[place:].split("b")

    assert not is_linear(quadratic, "abcd", 1_000)
    assert is_linear(lambda unit, length: [*expressions(unit * length)], "a")
