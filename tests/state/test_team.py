"""Servers of a team behind nginx: each world is asked of one, and all know what became of it."""

from __future__ import annotations

from shutil import which

import pytest

from tests.state.team import team

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(not which("nginx"), reason="no nginx here: apt-get install nginx-light"),
]


def test_nginx_sends_what_asks_for_a_world_to_one_server_and_all_are_equal() -> None:
    worlds = [f"w{number}" for number in range(9)]
    with team() as servers:
        given = servers.clients(worlds, 2)
        asked = servers.routes()
        for world, refs in zip(worlds, given, strict=True):
            endings = [one.ending(world)[0] for one in servers.replicas]

            assert [ref for ref, _ in endings[0].calls] == refs
            assert len({ending.digest for ending in endings}) == 1
            assert len(asked[world]) == 1
    assert len(set().union(*asked.values())) > 1
