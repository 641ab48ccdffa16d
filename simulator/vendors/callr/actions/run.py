"""One run of a script: what it still has to do, its variables, and what it did so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from simulator.telephony.accounts import Account
from simulator.telephony.line_calls import LineCall
from simulator.telephony.messages import Message
from simulator.telephony.recordings import Recording
from simulator.telephony.world import World
from simulator.vendors.callr.actions.script import Script, Step
from simulator.vendors.callr.answers import render_instant
from simulator.vendors.callr.rendering import render_call

UNSIMULATED = "$notSimulated"
"""The variable under which a run tells what it could not do; ours, and only there when there is something."""

MOST_TOLD = 100


class RunState(StrEnum):
    """Whether a run goes on."""

    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(slots=True, eq=False)
class Run:
    """One run; `pauses` counts how often it waited, so that nothing it no longer waits for wakes it.

    `recorded` is what to do once the recording of its call is ready.
    """

    ref: str
    kind: str
    account: Account = field(repr=False)
    sid: str
    name: str
    script: Script = field(repr=False)
    variables: dict[str, Any]
    call: LineCall | None = None
    message: Message | None = None
    recording: Recording | None = None
    recorded: tuple[Step, ...] = ()
    state: RunState = RunState.RUNNING
    todo: list[Step] = field(default_factory=list, repr=False)
    steps: int = 0
    pauses: int = 0
    trace: list[tuple[datetime, str]] = field(default_factory=list)

    def note(self, at: datetime, what: str) -> None:
        """Write down what happened."""
        self.trace.append((at, what))

    def note_unsimulated(self, at: datetime, what: str) -> None:
        """Write down what could not be done, where the owner of the run sees it."""
        self.note(at, f"not simulated: {what}")
        told = self.variables.setdefault(UNSIMULATED, [])
        if isinstance(told, list) and len(told) < MOST_TOLD:
            told.append(what)

    def keep(self, step: Step, value: Any) -> None:
        """Give the result of a step to the variable that the step names."""
        if step.result is not None:
            self.variables[step.result] = value


def runs_of(account: Account) -> dict[str, Run]:
    """Return the runs of an account by id."""
    kept: dict[str, Run] = account.memory.setdefault("runs", {})
    return kept


def names_of(world: World, run: Run) -> dict[str, Any]:
    """Return what expressions may name: the run's variables, and what the vendor sets (observed)."""
    names: dict[str, Any] = {
        **run.variables,
        "now": render_instant(world.clock.now),
        "run": {"id": run.ref, "type": run.kind},
        "scenario": {"sid": run.sid, "name": run.name},
        "integrations": {},
    }
    if (call := run.call) is not None:
        names["call"] = {
            "id": call.ref,
            "fromNumber": call.caller or "",
            "toNumber": call.callee,
            "cdr": render_call(call),
        }
    if (recording := run.recording) is not None:
        length = round(recording.length.total_seconds())
        names["recording"] = {"sid": recording.ref, "duration": length, "transcription": recording.said}
    if run.message is not None:
        letter = run.message.letter
        names["sms"] = {"from": letter.sender, "to": letter.recipient, "text": letter.text}
    return names
