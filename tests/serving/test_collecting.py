"""What is thrown away while a simulator is served, and when."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from simulator.serving.collecting import QUIET_SECONDS, WORTH_WHILE, YOUNG, Collector


class Ring:
    """An object that only a garbage collector finds."""

    def __init__(self) -> None:
        self.itself = self


class Host:
    """A stopwatch that a test moves."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def host() -> Iterator[Host]:
    gc.collect(1)  # nothing is new
    yield Host()
    gc.freeze()  # as all that was collected had been before
    gc.enable()


def test_new_garbage_is_thrown_away_when_there_is_some(host: Host) -> None:
    collector = Collector(host)
    lost = ref(Ring())
    collector.work()
    assert lost() is not None

    filled: list[list[int]] = [[] for _ in range(2 * YOUNG)]  # Python counts none that it had in store
    collector.work()

    assert (lost(), len(filled)) == (None, 2 * YOUNG)


def test_what_was_put_aside_is_looked_at_when_nobody_has_asked_for_a_while(host: Host) -> None:
    collector, ring = Collector(host), Ring()
    kept: list[list[int]] = [[] for _ in range(WORTH_WHILE + YOUNG)]
    collector.work()
    lost = ref(ring)
    del ring

    collector.note_request()
    collector.work()
    assert lost() is not None

    host.seconds = QUIET_SECONDS + 1
    collector.work()
    assert (lost(), len(kept)) == (None, WORTH_WHILE + YOUNG)


def test_far_too_much_put_aside_is_looked_at_whoever_asks(host: Host) -> None:
    collector, ring = Collector(host, most=YOUNG), Ring()
    kept: list[list[int]] = [[] for _ in range(2 * YOUNG)]
    collector.work()
    lost = ref(ring)
    del ring

    collector.work()

    assert (lost(), len(kept)) == (None, 2 * YOUNG)
