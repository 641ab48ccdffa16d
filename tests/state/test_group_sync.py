"""One sync for all who wait for one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event

import pytest

from simulator.errors import StateUnavailable
from simulator.state.group_sync import GroupSync

WRITERS = 16


def test_those_who_come_during_a_sync_share_the_next(tmp_path: Path) -> None:
    syncs: list[int] = []
    under_way, go_on, all_there = Event(), Event(), Barrier(WRITERS + 1)

    def sync(descriptor: int) -> None:
        syncs.append(descriptor)
        under_way.set()
        go_on.wait()

    (tmp_path / "log").touch()
    with closing(GroupSync(tmp_path / "log", sync)) as group, ThreadPoolExecutor(WRITERS + 1) as pool:

        def come() -> None:
            all_there.wait()
            group()

        first = pool.submit(group)
        under_way.wait()
        others = [pool.submit(come) for _ in range(WRITERS)]
        all_there.wait()
        while len(group._turn._waiters) < WRITERS:  # type: ignore[attr-defined]
            Event().wait(0.001)
        go_on.set()
        for waiting in (first, *others):
            waiting.result()

    assert len(syncs) == 2


def test_after_a_failure_nobody_is_told_that_anything_is_safe(tmp_path: Path) -> None:
    failures = [OSError(5, "Input/output error")]

    def sync(_descriptor: int) -> None:
        if failures:
            raise failures.pop()

    (tmp_path / "log").touch()
    with closing(GroupSync(tmp_path / "log", sync)) as group:
        for _ in range(2):
            with pytest.raises(StateUnavailable, match="could not be synced: Input/output error"):
                group()
