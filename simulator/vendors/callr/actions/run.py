"""One run of a script: what it still has to do, its variables, its calls, and what it did so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import field

from simulator.telephony.accounts import Account
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.owners import Entity, Ref, Slot
from simulator.telephony.recordings import Recording
from simulator.telephony.script_runs import LineKind, RunState, ScriptRun
from simulator.telephony.world import World
from simulator.vendors.callr.actions.script import Script, Step
from simulator.vendors.callr.javascript.values import NotSimulated, Work, weigh

UNSIMULATED = "$notSimulated"
"""The variable under which a run tells what it could not do; ours, and only there when there is something."""

MOST_REASONS = 100
LONGEST_LINE = 2_000


class Run(Entity, kw_only=True):
    """One run; `pauses` counts how often it waited, so that nothing it no longer waits for wakes it.

    A run may set off others, which share its variables: what a party hears who was dialed, and what follows
    the end of its call. `ready` is what to do once a recording is ready, by its reference, or by that of the
    call that is recorded. `finished` is what happens when the last step is done or the run is stopped,
    `interrupted` what happens before when it is stopped in the middle of a step; `keyed` counts the keys
    that its caller has pressed, and `repertoire` are the actions it knows.
    """

    ref: str
    world: World
    account: Account
    sid: str
    script: Script
    variables: dict[str, Any]
    record: ScriptRun
    repertoire: Mapping[str, Any]
    call: LiveCall | None = None
    message: Message | None = None
    recording: Recording | None = None
    parent: Run | None = None
    ready: dict[Ref, tuple[Step, ...]] = field(default_factory=dict)
    state: RunState = RunState.RUNNING
    todo: list[Step] = field(default_factory=list)
    work: Work = field(default_factory=Work)
    steps: int = 0
    pauses: int = 0
    keyed: int = 0
    finished: Callable[[], None] | None = None
    interrupted: Callable[[], None] | None = None
    children: list[Run] = field(default_factory=list)
    legs: list[LiveCall] = field(default_factory=list)

    @property
    def root(self) -> Run:
        """The run that set off all the others."""
        run = self
        while run.parent is not None:
            run = run.parent
        return run

    @property
    def depth(self) -> int:
        """How many runs this one was set off by, one by the other."""
        return 0 if self.parent is None else self.parent.depth + 1

    @property
    def live(self) -> LiveCall | None:
        """Its call, while that goes on."""
        return self.call if self.call is not None and self.call.ended is None else None

    def follow(self, call: LiveCall | None) -> Run:
        """Return a run that this one sets off, with a call of its own."""
        child = Run(
            world=self.world,
            ref=self.ref,
            account=self.account,
            sid=self.sid,
            script=self.script,
            variables=self.variables,
            record=self.record,
            repertoire=self.repertoire,
            call=call,
            message=self.message,
            parent=self,
        )
        self.children.append(child)
        return child

    def note(self, what: str, kind: LineKind = LineKind.DID) -> None:
        """Write down what happened."""
        line = what if len(what) <= LONGEST_LINE else what[:LONGEST_LINE] + "…"
        self.record.tell(self.world.clock.now, kind, line)

    def note_unsimulated(self, what: str) -> None:
        """Write down what could not be done, where the owner of the run sees it."""
        self.note(what, LineKind.NOT_SIMULATED)
        reasons = self.variables.setdefault(UNSIMULATED, [])
        if isinstance(reasons, list) and len(reasons) < MOST_REASONS:
            reasons.append(what)

    def keep(self, step: Step, value: Any) -> None:
        """Give the result of a step to the variable that the step names."""
        if step.result is not None:
            self.put(step.result, value)

    def put(self, name: str, value: Any) -> None:
        """Give a variable its value, unless that is too much with all the others."""
        try:
            self.root.work.spend(weigh({**self.variables, name: value}))
        except NotSimulated as error:
            self.note_unsimulated(f"{name}: {error}")
            value = None
        self.variables[name] = value


RUNS: Slot[dict[str, Run]] = Slot("runs", dict)
"""The runs of an account by id."""

RUNS_BY_CALL: Slot[dict[Ref, Run]] = Slot("runs by call", dict)
"""The run that each recorded call of an account belongs to."""


def remark_on(unsimulated: Sequence[str]) -> str | None:
    """Return what a marker header says of things that are not simulated, in plain ASCII."""
    if not unsimulated:
        return None
    text = "; ".join(unsimulated).encode("ascii", "replace").decode()
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return "not simulated: " + (plain if len(plain) <= 300 else plain[:300] + "...")
