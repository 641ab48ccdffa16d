"""A world in a moment: kept as its inputs, begun again from them, and as it is written to a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import CallbackRequest
from simulator.scenario.loading import remake, rule_ids
from simulator.scenario.schema import Scenario
from simulator.state.encoding import instant, microseconds
from simulator.state.inputs import Input, size_of
from simulator.state.recorded import CallbackRow, RecordedWorld, inputs_of, rows_of
from simulator.telephony.world import World
from simulator.version import VERSION

if TYPE_CHECKING:
    from simulator.engine.sandbox import Sandbox


MOST_SNAPSHOTS = 100
MOST_BYTES = 64_000_000
"""Of all snapshots of a process, by estimate."""


class Snapshot(Struct, frozen=True, kw_only=True):
    """A world at the instant `at`: its scenario, when it began, and all that came in until then."""

    world: str
    scenario: Scenario
    start: datetime
    at: datetime
    inputs: tuple[Input, ...]

    @property
    def bytes(self) -> int:
        """How much it takes, by estimate."""
        return sum(size_of(entry.cause) for entry in self.inputs)


Beginning = str | Path | Scenario | Snapshot | None
"""What a world may begin as: a scenario, by its name, its file or loaded, or as it was; or as usual."""


def take_snapshot(sandbox: Sandbox, at: datetime | None = None) -> Snapshot:
    """Return a world as it is now, or as it was at an instant between its beginning and now.

    Raises SimulatorError for another instant, and IncompleteLog where the inputs are not all there.
    """
    with sandbox.lock:
        start, now = sandbox.world.clock.start, sandbox.now()
        moment = now if at is None else at
        if not start <= moment <= now:
            when = "has not come yet" if moment > now else "is before it began"
            raise SimulatorError(
                f"world {sandbox.world.name} cannot be had as at {moment.isoformat()}, which {when}",
                f"name an instant from {start.isoformat()} to {now.isoformat()}",
            )
        if sandbox.shared is not None:
            raise SimulatorError(
                "a world that several processes share is not to be had as it was",
                "use a simulator that keeps its worlds in memory or in a file",
            )
        inputs = tuple(entry for entry in sandbox.inputs if entry.at <= moment)
    return Snapshot(
        world=sandbox.world.name, scenario=sandbox.scenario, start=start, at=moment, inputs=inputs
    )


def read_past(text: str, sandbox: Sandbox) -> datetime:
    """Read an instant of a world's past: an ISO one, in its zone if it has no offset, or the last `20:00`.

    Raises ValueError.
    """
    now, zone = sandbox.now(), sandbox.scenario.clock.zone
    moment = read_moment(text, zone)
    if isinstance(moment, datetime):
        return moment.astimezone(now.tzinfo)
    today = datetime.combine(now.astimezone(zone).date(), moment, zone)
    return (today if today <= now else today - timedelta(days=1)).astimezone(now.tzinfo)


def read_moment(text: str, zone: tzinfo) -> datetime | time:
    """Read an ISO instant, in `zone` if it has no offset, or a time of day; raises ValueError."""
    try:
        if len(text) == len("20:00"):
            return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - of no day yet
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is no instant; write 2026-03-02T10:30, or 20:00") from None


class Snapshots:
    """The snapshots that a process keeps, by name; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, Snapshot] = {}

    def __iter__(self) -> Iterator[tuple[str, Snapshot]]:
        """Iterate over names and snapshots, the oldest first."""
        with self._lock:
            return iter([*self._kept.items()])

    def find(self, name: str) -> Snapshot:
        """Return one by its name; raises UnknownName."""
        with self._lock:
            if name not in self._kept:
                raise UnknownName("snapshot", name, [*self._kept])
            return self._kept[name]

    def keep(self, name: str, snapshot: Snapshot) -> None:
        """Keep one, instead of the one of this name; raises SimulatorError where there is no room."""
        with self._lock:
            others = [one for other, one in self._kept.items() if other != name]
            size = sum(one.bytes for one in others) + snapshot.bytes
            if len(others) >= MOST_SNAPSHOTS or size > MOST_BYTES:
                raise SimulatorError(
                    f"{len(others)} snapshots are kept, and there is no room for another one",
                    f"drop some: {MOST_SNAPSHOTS} and {MOST_BYTES // 1_000_000} MB are kept at most",
                )
            self._kept.pop(name, None)
            self._kept[name] = snapshot

    def drop(self, name: str) -> None:
        """Forget one; raises UnknownName."""
        self.find(name)
        with self._lock:
            self._kept.pop(name, None)


def record_world(sandbox: Sandbox, clock: str | None = None, case: str = "") -> RecordedWorld:
    """Return a world as it went, with the answers that its journal has still; raises IncompleteLog.

    `clock` is what overrides the scenario's, `case` what the world was for.
    """
    with sandbox.lock:
        snapshot, world = take_snapshot(sandbox), sandbox.world
        journal = sandbox.recorder.journal
        answers = {
            int(exchange.id.rpartition("-")[2]): exchange.answer
            for exchange in journal
            if exchange.id.removeprefix(f"{world.name}-").isdecimal()
        }
        callbacks = callbacks_of(world)
    document = snapshot.scenario.document
    return RecordedWorld(
        case=case,
        world=snapshot.world,
        version=VERSION,
        scenario=document.source.name,
        words=_plain({word: value for word, value in document.value.items() if word != "extends"}),
        ids=rule_ids(snapshot.scenario),
        vendors=tuple(sandbox.vendors),
        seed=world.random.seed,
        clock=clock or "",
        start=microseconds(snapshot.start),
        at=microseconds(snapshot.at),
        body_kept=journal.body_kept,
        inputs=rows_of(snapshot.inputs, answers),
        callbacks=callbacks,
    )


def callbacks_of(world: World) -> tuple[CallbackRow, ...]:
    """Return the callbacks of a world that have a request, the oldest first; hold its lock."""
    posted = world.outbox.deliveries.values()
    return tuple(CallbackRow.of(one) for one in posted if isinstance(one.request, CallbackRequest))


def snapshot_of(recorded: RecordedWorld) -> Snapshot:
    """Return a recorded world as a snapshot; raises BrokenScenario, and ValueError for a broken input."""
    return Snapshot(
        world=recorded.world,
        scenario=remake(recorded.words, recorded.ids, recorded.scenario),
        start=instant(recorded.start),
        at=instant(recorded.at),
        inputs=inputs_of(recorded.inputs),
    )


def _plain(words: Any) -> Any:
    """Return words as JSON has them, numbers that are exact as text."""
    return json.loads(json.dumps(words, default=str, ensure_ascii=False))
