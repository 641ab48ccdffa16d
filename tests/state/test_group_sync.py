"""One sync for all who wait for one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event

import pytest

from simulator.engine.settings import Settings
from simulator.errors import StateUnavailable
from simulator.serving.running import running
from simulator.state.group_sync import GroupSync, sync_descriptor
from tests.serving_process import ADD_CALL, call_form, converse
from tests.state.replica import wait_until

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


def test_sixteen_connections_share_two_syncs(tmp_path: Path) -> None:
    syncs: list[int] = []
    file = tmp_path / "worlds.sqlite"
    with running(Settings(vendors=("callo",), clock="virtual", state=file, state_full=True)) as place:
        survival = place.simulator.worlds.survival
        assert survival is not None
        group = survival.file.sync
        assert group is not None

        def sync(descriptor: int) -> None:
            """Sync in truth, the first time once all the others wait."""
            syncs.append(descriptor)
            if len(syncs) == 1:
                wait_until(lambda: len(group._turn._waiters) == WRITERS - 1)  # type: ignore[attr-defined]
            sync_descriptor(descriptor)

        group._sync = sync
        ready = place.ready_document()

        def add(number: int) -> bytes:
            form = call_form(ready, phone=f"+44770090{number:04}")
            head = f"POST {ADD_CALL} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(form)}\r\n"
            kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
            return converse(place.port, f"{head}{kind}{form}".encode())

        with ThreadPoolExecutor(WRITERS) as pool:
            answers = [*pool.map(add, range(WRITERS))]

    assert [answer.partition(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 200 OK"] * WRITERS
    assert len(syncs) == 2
