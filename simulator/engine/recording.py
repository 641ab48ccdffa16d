"""A world as it went, to be kept in a file, and a world's beginning out of such a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from simulator.engine.snapshots import Snapshot, take_snapshot
from simulator.exchange import CallbackRequest
from simulator.scenario.loading import remake, rule_ids
from simulator.state.encoding import instant, microseconds
from simulator.state.recorded import CallbackRow, RecordedWorld, inputs_of, rows_of
from simulator.telephony.world import World
from simulator.version import VERSION

if TYPE_CHECKING:
    from simulator.engine.sandbox import Sandbox


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
