"""All worlds of a process remember no more than they may together, and what is closed is counted and told."""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest

from simulator import Simulator
from simulator.engine.usage import MemoryUse
from simulator.errors import UnknownName
from simulator.exchange import Headers
from simulator.formats.sound import tone
from simulator.scenario.loading import load_text
from simulator.testing.transports import WsgiAnswer, ask
from simulator.web.guard import SizeLimits
from tests.source_tree import ROOT

ANYONE = "sim: 1\ntitle: Anyone\nadmit: anyone\nlimits: [{where: callo.*, allow: 1000000 per 1s}]\n"
CALLO = "/callo/manager/cabapi_external/api/v1"
HOUR = timedelta(hours=1).total_seconds()


def upload(simulator: Simulator, clip: bytes, number: int, world: str = "main") -> WsgiAnswer:
    """Upload a clip under a key that nobody has used yet."""
    parts = {"public_key": f"{number:032x}".encode(), "clip_name": b"a", 'clip_file"; filename="a.wav': clip}
    head = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = b"".join(head % (name.encode(), value) for name, value in parts.items()) + b"--b--\r\n"
    kind: Headers = (("Content-Type", "multipart/form-data; boundary=b"),)
    return ask(simulator, "POST", f"http://localhost/@{world}{CALLO}/audio/upload/", kind, body)


def anyone(simulator: Simulator, *worlds: str) -> None:
    for world in worlds:
        simulator.worlds.open(world, load_text(ANYONE.encode(), "anyone.yaml"))


def fill(simulator: Simulator) -> list[WsgiAnswer]:
    """Upload sixteen clips of 20 MB, each under a key of its own."""
    anyone(simulator, "main")
    clip = tone(1_250, 0)
    assert len(clip) > 19_000_000
    return [upload(simulator, clip, number) for number in range(16)]


def kilobytes_of_filling() -> int:
    """Return by how much the peak of this process grew while a simulator was filled."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with closing(Simulator(vendors=("callo",))) as simulator:
        fill(simulator)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


@pytest.mark.thorough
def test_uploads_of_20_mb_with_fresh_keys_are_taken_until_a_world_is_full() -> None:
    with closing(Simulator(vendors=("callo",))) as simulator:
        answers = fill(simulator)
        kept = simulator.worlds.sandbox().world.clips.size
        health = json.loads(ask(simulator, "GET", "http://localhost/_simulator/v1/health", (), b"").body)

    assert {answer.status for answer in answers} == {200, 413}
    assert b"413 Request Entity Too Large" in answers[-1].body
    assert "keeps 100 MB of uploads a world" in dict(answers[-1].headers)["X-Simulator-Rule"]
    assert kept <= 100_000_000 < health["memory"] + 20_000_000


@pytest.mark.thorough
def test_uploads_of_20_mb_with_fresh_keys_take_less_than_300_mb() -> None:
    script = "from tests.engine.test_usage import kilobytes_of_filling as count; print(count())"
    command = [sys.executable, "-c", script]  # no other test has left its heap to this process
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert int(done.stdout) < 300_000


def test_the_world_where_nobody_asked_for_longest_makes_room_and_that_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clip = tone(600, 0)
    with closing(Simulator(vendors=("callo",), memory=64)) as simulator, caplog.at_level(logging.WARNING):
        anyone(simulator, "main", "a", "b")
        for number, world in enumerate(("main", "a", "b", "a", "c")):
            anyone(simulator, *("c" if world == "c" else ""))
            upload(simulator, clip, number, world)

        assert [sandbox.world.name for sandbox in simulator.worlds] == ["main", "c"]
        assert simulator.worlds.memory.counts()["worlds_closed_memory"] == 2
        assert simulator.worlds.memory.total < 64_000_000
        with pytest.raises(UnknownName):
            simulator.worlds.sandbox("b")
    assert [record.getMessage()[:17] for record in caplog.records] == [
        "world b is closed",
        "world a is closed",
    ]


def test_worlds_that_are_opened_at_once_are_no_more_than_may_be_open() -> None:
    with closing(Simulator(vendors=("callo",), limits=SizeLimits(worlds=2))) as simulator:
        worlds, logger = simulator.worlds, logging.getLogger("simulator")

        def open_another(_record: logging.LogRecord) -> bool:
            logger.removeFilter(open_another)
            with ThreadPoolExecutor() as another:
                another.submit(anyone, simulator, "c").result(timeout=60)
            return False

        anyone(simulator, "a")
        logger.addFilter(open_another)
        anyone(simulator, "b")

        assert [sandbox.world.name for sandbox in worlds] == ["main", "c"]


def test_a_world_is_idle_after_an_hour_without_a_request() -> None:
    memory = MemoryUse(1)
    for asked, world in enumerate(("main", "a", "b", "a")):
        memory.note(world, 0, float(asked))

    assert memory.idle(HOUR + 2, {"main"}) == []
    assert memory.idle(HOUR + 2.5, {"main"}) == ["b"]
    assert memory.idle(HOUR + 4, {"main"}) == ["b", "a"]


def test_what_is_forgotten_no_longer_counts() -> None:
    memory = MemoryUse(1)
    memory.note("a", 5_000_000, 0.0)
    memory.note("a", 1_000_000, 1.0)
    memory.forget("a")
    memory.forget("a")

    assert memory.total == 0


def test_an_idle_world_is_closed_and_the_main_one_never(caplog: pytest.LogCaptureFixture) -> None:
    with closing(Simulator(vendors=("callo",))) as simulator, caplog.at_level(logging.WARNING):
        anyone(simulator, "a")
        for world in ("main", "a"):
            simulator.worlds.memory.note(world, 0, -2 * HOUR)
        simulator.worlds.close_idle()

        assert [sandbox.world.name for sandbox in simulator.worlds] == ["main"]
        assert simulator.worlds.memory.counts()["worlds_closed_idle"] == 1
    assert "nobody has asked there for an hour" in caplog.text
