"""What scripts of clients did: run by run and line by line, for whoever wants to know."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.owners import Entity, Owner, Ref


class RunState(StrEnum):
    """Whether a run goes on."""

    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


class LineKind(StrEnum):
    """What a line tells: what the script wrote or spoke, what it did, or what could not be simulated."""

    LOGGED = "logged"
    SAID = "said"
    DID = "did"
    NOT_SIMULATED = "not simulated"


class Line(Struct, frozen=True, gc=False):
    """One thing that a script did."""

    at: datetime
    kind: LineKind
    text: str


class ScriptRun(Entity, kw_only=True):
    """One run of a script: `began_by` is what set it off, in the vendor's word, `born` that input's number.

    `calls` are those that it placed, `messages` those that it sent.
    """

    ref: Ref
    account: Owner
    script: str
    began_by: str
    started: datetime
    state: RunState = RunState.RUNNING
    ended: datetime | None = None
    born: int = 0
    lines: list[Line] = field(default_factory=list)
    calls: list[LiveCall] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def tell(self, at: datetime, kind: LineKind, text: str) -> None:
        """Write down what the script did."""
        self.lines.append(Line(at, kind, text))

    def end(self, at: datetime, state: RunState) -> None:
        """Write down that it is over."""
        self.state, self.ended = state, at

    def resume(self) -> None:
        """Write down that it goes on after all: with what follows the end of its call."""
        self.state, self.ended = RunState.RUNNING, None
