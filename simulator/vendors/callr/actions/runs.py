"""Running scripts step by step on the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from simulator.telephony.world import World
from simulator.vendors.callr.actions.expressions import MalformedExpression, fill, truthy
from simulator.vendors.callr.actions.run import Run, RunState, names_of, runs_of
from simulator.vendors.callr.actions.script import API_INITIATED, Step
from simulator.vendors.callr.actions.steps import ACTIONS, READY, Pause, skip

START = timedelta(milliseconds=100)
MOST_STEPS = 1_000


def start_run(world: World, run: Run, branch: str) -> None:
    """Begin a run at a branch: one over the API a moment later, one for a call or message at once."""
    if branch != API_INITIATED:
        start_steps(world, run, run.script.branches[branch])
        return
    runs_of(run.account)[run.ref] = run
    run.todo = list(run.script.branches[branch])
    world.clock.after(START, partial(_resume, world, run, run.pauses))


def start_steps(world: World, run: Run, steps: Sequence[Step]) -> None:
    """Begin a run at once, with these steps."""
    runs_of(run.account)[run.ref] = run
    run.todo = list(steps)
    _proceed(world, run)


def stop_run(run: Run, state: RunState) -> None:
    """End a run before its last step; what it waits for no longer matters."""
    if run.state is RunState.RUNNING:
        run.state = state
        run.pauses += 1


def _resume(world: World, run: Run, pause: int) -> None:
    if run.state is RunState.RUNNING and run.pauses == pause:
        run.pauses += 1
        _proceed(world, run)


def _proceed(world: World, run: Run) -> None:
    """Do steps until one has to wait, or none is left."""
    while run.todo and run.state is RunState.RUNNING:
        run.steps += 1
        if run.steps > MOST_STEPS:
            run.note_unsimulated(world.clock.now, f"more than {MOST_STEPS} steps; the run was ended")
            break
        if (pause := _do(world, run, run.todo.pop(0))) is not None:
            pause(partial(_resume, world, run, run.pauses))
            return
    stop_run(run, RunState.ENDED)


def _do(world: World, run: Run, step: Step) -> Pause | None:
    """Do one step and return what it waits for, if anything."""
    try:
        names = names_of(world, run)
        if step.condition is not None:
            _choose(run, step, names)
            return None
        params = fill(dict(step.params), names)
    except MalformedExpression as error:
        run.note_unsimulated(world.clock.now, f"{step.action or 'if'}: {error}")
        return None
    for event in step.events:
        if (step.action, event) == ("startRecording", READY):
            continue
        run.note_unsimulated(world.clock.now, f"{step.action}: the event {event}")
    pause = ACTIONS.get(step.action, skip)(world, run, step, params) if step.action else None
    if step.goto is not None:
        run.todo = list(run.script.branches[step.goto])
    return pause


def _choose(run: Run, step: Step, names: Mapping[str, Any]) -> None:
    if step.condition is None or not truthy(step.condition(names)):
        run.todo = [*step.otherwise, *run.todo]
    elif step.goto is not None:
        run.todo = [*step.then, Step(goto=step.goto)]
    else:
        run.todo = [*step.then, *run.todo]
