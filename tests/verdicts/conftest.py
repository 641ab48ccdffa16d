"""One server for the worlds of all tests of verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest

from simulator.scenario.loading import load_text
from simulator.testing.contract_judge import ContractJudge
from simulator.testing.worlds import SharedServer
from tests.verdicts.bench import Bench, Open

WORLD = """
sim: 1
title: Everybody answers
seed: 7
clock: {{at: {at}, zone: Europe/London, mode: {clock}}}
admit: anyone
strangers: answers
personas:
  answers: {{attempts: [answered], ring: 5s, talk: 30s}}
  away: {{attempts: [busy]}}
  talks: {{attempts: [answered], ring: 5s, talk: 90s}}
{more}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[SharedServer]:
    """Serve until the module is done."""
    with closing(SharedServer()) as shared:
        yield shared


@pytest.fixture
def bench(server: SharedServer, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open worlds for clients, each on a clock and with more words of a scenario."""
    opened: list[Bench] = []
    numbers = count(1)

    def open_bench(more: str = "", clock: str = "virtual", at: str = "2026-03-02T10:00") -> Bench:
        text = WORLD.format(more=more, clock=clock, at=at)
        name = f"{request.node.name.partition('[')[0][:30]}-{next(numbers)}".replace("_", "-")
        scenario = load_text(text.encode(), "bench.yaml")
        opened.append(Bench(server.open_world(name, scenario, ContractJudge(True, ()))))
        return opened[-1]

    yield open_bench
    for client in opened:
        client.world.close()
