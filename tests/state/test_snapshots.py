"""Worlds as they were: made again from their inputs, equal to the last digit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from simulator import Simulator
from simulator.engine.sandbox import Sandbox
from simulator.engine.snapshots import Snapshots, take_snapshot
from simulator.errors import SimulatorError
from simulator.state.inputs import IncompleteLog, InputLog
from tests.acceptance.stage_hands import Stranger, numbers
from tests.acceptance.test_replay import go_through_everything, moody
from tests.state.digest import digest

CUTS = 12


@pytest.fixture(scope="module")
def busy() -> Iterator[Stranger]:
    """A stranger whose world has seen everything."""
    with closing(Simulator(vendors=("callo",))) as simulator:
        stranger = Stranger(simulator)
        go_through_everything(stranger)
        yield stranger


def test_a_restored_world_is_the_same_and_goes_on_the_same(busy: Stranger) -> None:
    worlds = busy.simulator.worlds
    snapshot, before = take_snapshot(busy.sandbox), digest(busy.sandbox.world)

    def go_on(sandbox: Sandbox) -> str:
        sandbox._outbound._send = moody
        busy.call(numbers(1, first=500)[0])
        busy.advance(days=1)
        return digest(sandbox.world)

    later = go_on(busy.sandbox)
    restored = worlds.open("main", snapshot)

    assert digest(restored.world) == before != later
    assert go_on(restored) == later
    worlds.open("main", snapshot)


def test_a_fork_at_any_instant_knows_what_had_happened_by_then_and_comes_to_the_same_end(
    busy: Stranger,
) -> None:
    worlds, whole = busy.simulator.worlds, take_snapshot(busy.sandbox)
    before, length = digest(busy.sandbox.world), whole.at - whole.start
    ends, sizes = set(), []
    for cut in range(CUTS + 1):
        moment = whole.start + length * cut / CUTS
        snapshot = take_snapshot(busy.sandbox, moment)
        with closing(Simulator(vendors=("callo",))) as elsewhere:
            fork = elsewhere.worlds.open("main", snapshot)
            assert fork.world.clock.now == moment
            sizes.append(len(snapshot.inputs))
            rest = whole.inputs[len(snapshot.inputs) :]
            fork.world.inputs = len(snapshot.inputs)  # a fork notes the instant it begins at as an input more
            fork.replay(rest)
            ends.add(digest(fork.world))
    assert ends == {before}
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] == len(whole.inputs)
    assert worlds.sandbox() is busy.sandbox


def test_a_fork_is_a_world_of_its_own(busy: Stranger) -> None:
    worlds, before = busy.simulator.worlds, digest(busy.sandbox.world)
    worlds.open("other", take_snapshot(busy.sandbox))
    other = Stranger(busy.simulator, world="other", base="/@other/callo")

    other.call(numbers(1, first=600)[0])
    other.advance(hours=1)

    assert len(other.sandbox.world.calls) == len(busy.sandbox.world.calls) + 1
    assert digest(busy.sandbox.world) == before
    worlds.close("other")


def test_a_world_in_a_file_is_restored_and_survives_so(tmp_path: Path) -> None:
    place = tmp_path / "worlds.db"
    with closing(Simulator(vendors=("callo",), state=place)) as simulator:
        stranger = Stranger(simulator)
        phone = numbers(1)[0]
        stranger.call(phone)
        stranger.advance(minutes=1)
        snapshot, before = take_snapshot(stranger.sandbox), digest(stranger.sandbox.world)
        stranger.call(numbers(1, first=7)[0])
        simulator.worlds.open("main", snapshot)
        assert digest(stranger.sandbox.world) == before
    with closing(Simulator(vendors=("callo",), state=place)) as simulator:
        assert digest(simulator.worlds.sandbox().world) == before


def test_an_instant_outside_the_life_of_a_world_is_refused_with_the_ones_there_are(busy: Stranger) -> None:
    clock = busy.sandbox.world.clock
    for moment, why in (
        (clock.now + timedelta(seconds=1), "not come"),
        (clock.start - timedelta(1), "before"),
    ):
        with pytest.raises(SimulatorError, match=why):
            take_snapshot(busy.sandbox, moment)


def test_a_world_whose_inputs_are_gone_says_so(busy: Stranger) -> None:
    fresh = busy.simulator.worlds.open("short")
    fresh.inputs = InputLog(max_bytes=10)
    fresh.advance(fresh.now() + timedelta(seconds=1))

    with pytest.raises(IncompleteLog):
        take_snapshot(fresh)
    busy.simulator.worlds.close("short")


def test_snapshots_have_a_bound(busy: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, snapshot = Snapshots(), take_snapshot(busy.sandbox)
    monkeypatch.setattr("simulator.engine.snapshots.MOST_BYTES", snapshot.bytes * 2)
    kept.keep("a", snapshot)
    kept.keep("b", snapshot)
    kept.keep("b", snapshot)

    with pytest.raises(SimulatorError, match="no room"):
        kept.keep("c", snapshot)
    kept.drop("a")
    assert [name for name, _ in kept] == ["b"]
