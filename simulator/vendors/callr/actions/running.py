"""Running scripts step by step on the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from simulator.telephony.live_calls import Party
from simulator.telephony.script_runs import RunState
from simulator.vendors.callr.actions.run import RUNS, RUNS_BY_CALL, Run
from simulator.vendors.callr.actions.script import Step
from simulator.vendors.callr.actions.steps import Pause, skip
from simulator.vendors.callr.actions.variables import interpreter_of
from simulator.vendors.callr.actions.vocabulary import API_INITIATED, words_of
from simulator.vendors.callr.javascript.templates import expressions, fill
from simulator.vendors.callr.javascript.values import NotSimulated, weigh

START = timedelta(milliseconds=100)
MOST_STEPS = 1_000
MOST_RUNS = 1_000
"""Runs of an account that are remembered, besides those that go on (a bound of the simulator's)."""
RAW = ("javascript",)
"""Actions whose parameters are no texts with places to fill."""


def start_run(run: Run, branch: str) -> None:
    """Begin a run at a branch: one over the API a moment later, one for a call or message at once."""
    if branch != API_INITIATED:
        start_steps(run, run.script.branches[branch])
        return
    _register(run)
    run.todo = list(run.script.branches[branch])
    run.world.clock.after(START, partial(_resume, run, run.pauses))


def start_steps(run: Run, steps: Sequence[Step]) -> None:
    """Begin a run at once, with these steps; the one that others set off is the one that is known."""
    if run.parent is None:
        _register(run)
    elif run.root.state is not RunState.RUNNING:
        run.record.resume()
    run.todo = list(steps)
    _proceed(run)


def stop_run(run: Run, state: RunState) -> None:
    """End a run and those it set off; what they wait for no longer matters."""
    if run.state is RunState.RUNNING:
        run.state = state
        run.pauses += 1
        if run.root.state is not RunState.RUNNING:
            run.record.end(run.world.clock.now, state)
        for act in (run.interrupted, run.finished):
            if act is not None:
                act()
    for child in run.children:
        stop_run(child, state)


def cancel(run: Run) -> None:
    """Stop a run for good, and hang up whom it called."""
    stop_run(run, RunState.CANCELLED)
    for leg in run.root.legs:
        if leg.ended is None:
            run.world.switchboard.hang_up(leg, Party.NETWORK)


def _register(run: Run) -> None:
    """Remember a run; of too many, the one that is over and began first is forgotten."""
    runs = RUNS.of(run.account)
    runs[run.ref] = run
    run.account.script_runs[run.ref] = run.record
    over = (known for known in runs.values() if known.state is not RunState.RUNNING)
    if len(runs) > MOST_RUNS and (forgotten := next(over, None)) is not None:
        del runs[forgotten.ref], run.account.script_runs[forgotten.ref]
        by_call = RUNS_BY_CALL.of(run.account)
        for ref in [ref for ref, known in by_call.items() if known is forgotten]:
            del by_call[ref]


def _resume(run: Run, pause: int) -> None:
    if run.state is RunState.RUNNING and run.pauses == pause:
        run.pauses += 1
        _proceed(run)


def _proceed(run: Run) -> None:
    """Do steps until one has to wait, or none is left."""
    while run.todo and run.state is RunState.RUNNING:
        run.root.steps += 1
        if run.root.steps > MOST_STEPS:
            run.note_unsimulated(f"more than {MOST_STEPS} steps; the run was ended")
            break
        if (pause := _do(run, run.todo.pop(0))) is not None:
            pause(partial(_resume, run, run.pauses))
            return
        if run.root.work.used_up:
            run.note_unsimulated("so much work; the run was ended")
            break
    stop_run(run, RunState.ENDED)


def _do(run: Run, step: Step) -> Pause | None:
    """Do one step and return what it waits for, if anything."""
    try:
        if step.condition is not None:
            _choose(run, step, met=interpreter_of(run).truth(step.condition))
            return None
        params = _params(run, step)
    except NotSimulated as error:
        _pass_over(run, step, error)
        return None
    for event in step.events:
        if event not in words_of(step.action).events:
            run.note_unsimulated(f"{step.action}: the event {event}")
    pause: Pause | None = None
    if step.action:
        pause = run.repertoire.get(step.action, skip)(run, step, params)
    if step.goto is not None:
        run.todo = list(run.script.branches[step.goto])
    return pause


def _params(run: Run, step: Step) -> dict[str, Any]:
    """Return the parameters of a step with all `${{ }}` in them computed; raises NotSimulated."""
    params: dict[str, Any] = dict(step.params)
    if step.action in RAW or next(expressions(params), None) is None:
        return params
    params = fill(params, interpreter_of(run))
    run.root.work.spend(weigh(params))
    return params


def _pass_over(run: Run, step: Step, error: NotSimulated) -> None:
    """Note an expression that could not be computed; a condition counts as not met."""
    if step.condition is None:
        run.note_unsimulated(f"{step.action}: {error}")
    else:
        run.note_unsimulated(f"if: {error}; taken as not met")
        _choose(run, step, met=False)


def _choose(run: Run, step: Step, *, met: bool) -> None:
    if not met:
        run.todo = [*step.otherwise, *run.todo]
    elif step.goto is not None:
        run.todo = [*step.then, Step(goto=step.goto)]
    else:
        run.todo = [*step.then, *run.todo]
