"""A recorded world played again, and its answers compared byte by byte."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from simulator.app import Simulator
from simulator.engine.sandbox import Sandbox
from simulator.engine.settings import Settings
from simulator.engine.snapshots import callbacks_of, snapshot_of
from simulator.errors import SimulatorError, UnknownName, counted
from simulator.state.recorded import (
    AnswerRow,
    CallbackRow,
    InputRow,
    RecordedWorld,
    UnreadableRecord,
    read_recorded,
)
from simulator.version import VERSION

BETWEEN = re.compile(r"(,|[{\[])(?= ?[\"{\[])")
"""Where lines of JSON are broken, so that one value that differs is one line."""

SHOWN = 40
"""Lines of a difference."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One answer or callback of a recorded world: its number there, its line, and how it differs now."""

    number: str
    line: str
    difference: tuple[str, ...]


def recorded_beside(evidence: Path) -> Path:
    """Return where a run leaves its inputs, beside its evidence."""
    return evidence.with_name(f"{evidence.stem}.inputs.json")


def find_recorded(file: Path, case: str = "") -> list[RecordedWorld]:
    """Return the worlds of a file of inputs, or of that beside a file of evidence, or the one of a case.

    Raises UnreadableRecord and UnknownName.
    """
    beside = recorded_beside(file)
    try:
        worlds = read_recorded(file)
    except UnreadableRecord as error:
        if not beside.exists():
            raise UnreadableRecord(error.message, f"{beside}, which a run leaves, is not there") from None
        worlds = read_recorded(beside)
    if not case:
        return [*worlds]
    chosen = [world for world in worlds if case in (world.case, world.world)]
    if not chosen:
        raise UnknownName("case", case, [world.case or world.world for world in worlds])
    return chosen


@contextmanager
def played(recorded: RecordedWorld) -> Iterator[Sandbox]:
    """Yield a world as a recorded one went, in a simulator of its own.

    Raises BrokenScenario, and SimulatorError for inputs that cannot be read or played.
    """
    seed = recorded.seed if isinstance(recorded.seed, int) else None
    settings = Settings(vendors=recorded.vendors, seed=seed, clock=recorded.clock or None)
    with closing(Simulator(settings)) as simulator:
        try:
            snapshot = snapshot_of(recorded)
        except ValueError as error:
            what = f"the inputs of {recorded.case or recorded.world} cannot be read: {error}"
            raise SimulatorError(what, "record them anew") from None
        sandbox = simulator.worlds.open(snapshot.world, replace(snapshot, inputs=(), at=snapshot.start))
        sandbox.recorder.journal.body_kept = recorded.body_kept
        sandbox.rebuild(snapshot.inputs, snapshot.at)
        yield sandbox


def replay(recorded: RecordedWorld) -> Iterator[Replayed]:
    """Yield each answer and each callback of a world, with how it differs now; raises as `played` does."""
    with played(recorded) as sandbox:
        with sandbox.lock:
            sent = {row.id: row for row in callbacks_of(sandbox.world)}
        answers = {exchange.id: exchange.answer for exchange in sandbox.recorder.journal}
    for number, row in enumerate(recorded.inputs, 1):
        if row.answer is not None:
            now = answers.get(f"{recorded.world}-{number}")
            again = None if now is None else AnswerRow.of(now)
            difference = () if again == row.answer else _compared(_lines(row.answer), _lines(again))
            yield Replayed(str(number), _line(row), difference)
    for callback in recorded.callbacks:
        line = f"callback {callback.method} {callback.url} {callback.state}"
        now_sent = sent.get(callback.id)
        difference = () if now_sent == callback else _compared(_lines_sent(callback), _lines_sent(now_sent))
        yield Replayed(callback.id, line, difference)
    for callback in sent.values():
        if callback.id not in {row.id for row in recorded.callbacks}:
            yield Replayed(
                callback.id, f"callback {callback.url}", ("it was not sent when this was recorded",)
            )


def version_remark(recorded: RecordedWorld) -> str:
    """Return that another version recorded a world, which may answer otherwise; nothing if it is ours."""
    if recorded.version == VERSION:
        return ""
    return f"recorded by version {recorded.version}, played by {VERSION}: answers may differ for that"


def _line(row: InputRow) -> str:
    request = row.request
    if request is None or row.answer is None:
        return "a request that is no text"
    return f"{request.vendor} {request.method} {request.path} {row.answer.status}"


def _lines_sent(callback: CallbackRow | None) -> list[str]:
    if callback is None:
        return ["not sent"]
    head = [f"{callback.method} {callback.url}", callback.state]
    return _in_lines(head, callback)


def _compared(before: list[str], after: list[str]) -> tuple[str, ...]:
    """Return what differs, in lines: there is something, if only how lines end."""
    lines = [*difflib.unified_diff(before, after, "recorded", "replayed", lineterm="", n=2)]
    lines = lines or ["only the ends of lines differ, or a part of the body that is no text"]
    more = [f"... and {counted(len(lines) - SHOWN, 'more line')}"] if len(lines) > SHOWN else []
    return (*lines[:SHOWN], *more)


def _lines(answer: AnswerRow | None) -> list[str]:
    return ["no answer"] if answer is None else _in_lines([f"status {answer.status}"], answer)


def _in_lines(head: list[str], row: AnswerRow | CallbackRow) -> list[str]:
    """Return what was sent in lines that can be compared: a value of JSON a line."""
    headers = [f"{name}: {value}" for name, value in row.headers]
    return [*head, *headers, "", *BETWEEN.sub(r"\1\n", row.body.text or row.body.base64).splitlines()]
