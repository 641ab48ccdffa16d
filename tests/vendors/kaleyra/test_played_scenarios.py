"""Each shipped scenario of Kaleyra, played to the end that its people are described with, under `check`."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from simulator.scenario.files import list_scenarios
from tests.command_line import run
from tests.vendors.kaleyra.players import PLAYERS

CHECK = ("check", "--strict", "--clock", "virtual", "--vendor", "kaleyra", "--scenario")
ENDS: dict[str, dict[str, Any]] = {
    "call_centre": {
        "never_there": "NOANSWER",
        "busy": "BUSY",
        "busy_twice": ["COMPLETED"],
        "ivr": "ANSWER",
        "rows": 44,
        "over": True,
        "ended": 43,
        "incoming": ["ANSWER", "BLOCKED", "ANSWER", "ANSWER"],
        "regions": ["warning"],
    },
    "obd_campaign": {
        "rows": 504,
        "sent": 0,
        "registered": ["DNDNUMB"],
        "doubled": True,
        "lost": True,
        "same": True,
    },
}


def test_every_shipped_scenario_has_a_player() -> None:
    shipped = {name.partition("/")[2] for name in list_scenarios() if name.startswith("kaleyra/")}

    assert shipped == set(ENDS) == set(PLAYERS)


@pytest.mark.parametrize("name", ENDS)
def test_a_scenario_ends_as_its_people_are_described(name: str) -> None:
    client = (sys.executable, "-m", "tests.vendors.kaleyra.players", name)
    done = run(*CHECK, f"kaleyra/{name}", "--", *client)

    assert done.returncode == 0, done.stdout
    assert "kept: no violation" in done.stdout
    assert json.loads(done.stdout.splitlines()[0]) == ENDS[name]
