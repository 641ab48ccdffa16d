"""Calling somebody: for the caller who waits, or because the API said so.

`targets` with `number` and `timeout`, `answerOnBranch` and the result's `ok` are observed; that targets are
tried one after the other, and the rest of the result, is inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from msgspec import Struct

from simulator.telephony.calls import Direction
from simulator.telephony.errors import MalformedNumber
from simulator.telephony.live_calls import LiveCall, Party
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164, parse_number
from simulator.telephony.script_runs import RunState
from simulator.vendors.callr.actions.run import Run
from simulator.vendors.callr.actions.running import start_steps, stop_run
from simulator.vendors.callr.actions.script import Step
from simulator.vendors.callr.actions.steps import Action, GoOn, Params, Pause, read_number
from simulator.vendors.callr.actions.talking import LONGEST_RING
from simulator.vendors.callr.javascript.values import to_text

DEEPEST = 10
BEGUN_BY_API = "api"
UNANSWERED = Disposition.NO_ANSWER.cause


class Target(Struct, frozen=True):
    """Somebody to call, and for how long to let it ring; None is as long as they let it."""

    number: E164
    timeout: timedelta | None = None


class Attempt(Struct, frozen=True, eq=False, kw_only=True):
    """One action that dials: the run and step it belongs to, who is left to call, and how to go on.

    `caller` is the call that waits for it; without one, as in the branch `hangup`, nobody does.
    """

    run: Run
    step: Step
    caller: LiveCall | None
    branch: str | None
    shown: E164 | None
    targets: Iterator[Target]
    go_on: GoOn

    def try_next(self) -> bool:
        """Call the next target, if there is one and nothing has ended meanwhile."""
        target = next(self.targets, None)
        if target is None or self.given_up or self.run.account.suspended:
            return False
        children: list[Run] = []
        watch = partial(self.hear, children)
        board, run = self.run.world.switchboard, self.run
        leg = board.dial(run.account, target.number, self.shown, watch, origin=self.caller, route=run.sid)
        run.root.legs.append(leg)
        run.record.calls.append(leg)
        if target.timeout is not None:
            self.run.world.clock.after(target.timeout, partial(self.stop_ringing, leg))
        return True

    def stop_ringing(self, leg: LiveCall) -> None:
        """Give up on somebody who lets it ring too long."""
        if leg.answered is None and leg.ended is None:
            self.run.world.switchboard.hang_up(leg, Party.CALLER, UNANSWERED)

    def hear(self, children: list[Run], leg: LiveCall) -> None:
        """Learn that somebody answered, or that a call is over."""
        if leg.ended is None:
            self.connect(children, leg)
            return
        for child in children:
            stop_run(child, RunState.ENDED)
        if leg.answered is None and self.try_next():
            return
        self.tell(leg)
        self.begin(leg, self.step.events.get("ended", ()))
        if not (self.given_up and self.begun_by_call):
            self.go_on()

    @property
    def given_up(self) -> bool:
        """Whether who waited has hung up."""
        return self.caller is not None and self.caller.ended is not None

    @property
    def begun_by_call(self) -> bool:
        """Whether the run is stopped when the call that it is for ends."""
        return self.run.parent is not None or self.run.record.began_by != BEGUN_BY_API

    def connect(self, children: list[Run], leg: LiveCall) -> None:
        """Connect who answered with the caller, or with the steps that are for them."""
        run = self.run
        run.note(f"{self.step.action}: {leg.callee} answered")
        if run.live is not None and run.live.direction is Direction.INCOMING:
            self.run.world.switchboard.answer(run.live)
        self.tell(leg)
        if (child := self.begin(leg, self.step.events.get("answered", ()))) is not None:
            children.append(child)
        if self.branch is not None:
            children.append(self.begin_branch(leg, self.branch))
        elif self.caller is None:
            run.call = leg
            self.go_on()

    def begin(self, leg: LiveCall, steps: tuple[Step, ...]) -> Run | None:
        """Do the steps of an event beside everything else."""
        if not steps:
            return None
        child = self.run.follow(leg)
        start_steps(child, steps)
        return child

    def begin_branch(self, leg: LiveCall, branch: str) -> Run:
        """Do the branch for who answered; with nobody waiting for them, they are hung up on at its end."""
        child = self.run.follow(leg)
        if self.caller is None:
            child.finished = partial(self.let_go, leg)
        start_steps(child, self.run.script.branches[branch])
        return child

    def let_go(self, leg: LiveCall) -> None:
        """End a call that a branch was all there was to."""
        if leg.ended is None:
            self.run.world.switchboard.hang_up(leg, Party.NETWORK)

    def tell(self, leg: LiveCall) -> None:
        """Give the step's variable what is known by now."""
        result = {
            "ok": leg.answered is not None,
            "number": leg.callee,
            "callid": leg.ref,
            "hangupCause": leg.cause,
            "durationAnswered": round(leg.talk.total_seconds()),
        }
        self.run.keep(self.step, result)


def _dial(run: Run, step: Step, params: Params) -> Pause | None:
    """Connect the caller to the first target who answers; without a caller, do a branch for who answers."""
    targets = list(_targets(run, step, params))
    branch = params.get("answerOnBranch")
    if branch is not None and branch not in run.script.branches:
        run.note_unsimulated(f"{step.action}: there is no branch {str(branch)[:80]!r}")
        branch = None
    if run.depth >= DEEPEST:
        run.note_unsimulated(f"{step.action}: more than {DEEPEST} calls out of each other")
        return None
    if not targets:
        run.note_unsimulated(f"{step.action}: no target has a number")
        run.keep(step, {"ok": False})
        return None
    run.note(f"{step.action}: {', '.join(target.number for target in targets)}")

    def pause(go_on: GoOn) -> None:
        attempt = Attempt(
            run=run,
            step=step,
            caller=run.live,
            branch=branch,
            shown=_shown(run, step, params),
            targets=iter(targets),
            go_on=go_on,
        )
        if not attempt.try_next():
            run.note(f"{step.action}: the account may call nobody")
            run.keep(step, {"ok": False})
            run.world.clock.after(timedelta(0), go_on)  # and not here, where a loop of steps would nest

    return pause


def _bridge(run: Run, step: Step, params: Params) -> Pause | None:
    """Connect who was dialed with the caller, until either hangs up; with targets, dial them first."""
    if any(params.get(name) for name in WHOM):
        return _dial(run, step, params)
    if run.live is None or run.live.origin is None:
        run.note_unsimulated("bridge: there is nobody to connect with")
        return None
    run.note("bridge")
    return lambda _go_on: None


def _shown(run: Run, step: Step, params: Params) -> E164 | None:
    """Return the number that who is called sees: the one asked for, the one called, or the first owned."""
    asked = [params[name] for name in ("from", "callerId") if params.get(name)]
    if shown := next(_numbers(run, step, asked[:1]), None):
        return shown
    if run.call is not None:
        return run.call.callee if run.call.direction is Direction.INCOMING else run.call.caller
    return next(iter(run.account.numbers), None)


WHOM = ("targets", "to", "number")
"""The parameters that may name whom to call; the first is observed, the others are inferred."""


def _targets(run: Run, step: Step, params: Params) -> Iterator[Target]:
    """Yield whom to call: one target or several, each a number or a map that has one."""
    named: Any = next((params[name] for name in WHOM if params.get(name)), [])
    for entry in named if isinstance(named, list) else [named]:
        own = entry if isinstance(entry, dict) else {"number": entry}
        target = {"timeout": params.get("timeout"), **own}
        for number in _numbers(run, step, [target.get("number")]):
            wait = read_number(run, step, target, "timeout", LONGEST_RING)
            yield Target(number, None if wait is None else timedelta(seconds=wait))


def _numbers(run: Run, step: Step, texts: Iterable[Any]) -> Iterator[E164]:
    """Yield the telephone numbers in some values; what is none is told."""
    for text in texts:
        if text is None:
            continue
        try:
            yield parse_number(str(text))
        except MalformedNumber:
            run.note_unsimulated(f"{step.action}: {to_text(text)[:80]!r} is no number to call, + and digits")


DIALING: Mapping[str, Action] = {"dial": _dial, "bridge": _bridge}
