"""What is thrown away while a simulator is served, and when."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
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


def test_a_look_at_everything_disturbs_nobody_who_builds_something_meanwhile(host: Host) -> None:
    collector, over = Collector(host), Event()

    def build() -> None:
        while not over.is_set():
            assert tuple(place for place in range(40))  # its length is not known before

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that threads meet
    with ThreadPoolExecutor(2) as threads:
        building = [threads.submit(build) for _ in range(2)]
        try:
            for _ in range(60):
                kept: list[list[int]] = [[] for _ in range(WORTH_WHILE + YOUNG)]
                collector.work()
                host.seconds += QUIET_SECONDS + 1
                collector.work()
                assert len(kept) > WORTH_WHILE
        finally:
            over.set()
            sys.setswitchinterval(usual)
        for one in building:
            one.result()
