"""What actions of a script do; names of parameters are observed where guides show them, else inferred."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from simulator.telephony.live_calls import Party
from simulator.telephony.outbox import Delivery, Webhook
from simulator.telephony.script_runs import LineKind
from simulator.telephony.world import World
from simulator.vendors.callr.actions.fetching import read_fetch, render_outcome
from simulator.vendors.callr.actions.run import Run
from simulator.vendors.callr.actions.script import ACTIONS, UNSIMULATED, Step
from simulator.vendors.callr.actions.values import NotSimulated, to_text
from simulator.vendors.callr.actions.variables import interpreter_of

GoOn = Callable[[], None]
Pause = Callable[[GoOn], None]
"""What a run waits for: given how to go on, it sees to it that this happens."""

Params = Mapping[str, Any]
Action = Callable[[World, Run, Step, Params], Pause | None]

LONGEST_RING = 600


def skip(world: World, run: Run, step: Step, _params: Params) -> Pause | None:
    """Note an action that is not simulated, or makes no sense without a call."""
    unknown = step.action in UNSIMULATED or step.action not in ACTIONS
    why = "" if unknown or run.live else " without a call"
    run.note_unsimulated(world.clock.now, f"{step.action}@v{step.version}{why}")
    return None


def _log(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    run.note(world.clock.now, to_text(params["message"]), LineKind.LOGGED)
    run.keep(step, params["message"])
    return None


def _answer(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    if run.live is None:
        return skip(world, run, step, params)
    run.note(world.clock.now, "answer")
    world.switchboard.answer(run.live)
    return None


def _ringing(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    if run.live is None:
        return skip(world, run, step, params)
    run.note(world.clock.now, "ringing")
    length = params.get("duration")
    if isinstance(length, int) and 0 < length <= LONGEST_RING:
        return partial(world.clock.after, timedelta(seconds=length))
    return None


def _hang_up(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    if run.live is None:
        return skip(world, run, step, params)
    run.note(world.clock.now, "hangup")
    world.switchboard.hang_up(run.live, Party.NETWORK)
    return None


def _javascript(world: World, run: Run, _step: Step, params: Params) -> Pause | None:
    """Do the code; `$variables` have the values then that it gave them, or none."""
    try:
        variables = interpreter_of(world, run).run(to_text(params["code"]))
    except NotSimulated as error:
        run.note_unsimulated(world.clock.now, f"javascript: {error}")
        return None
    old = run.variables
    changed = [name for name, value in variables.items() if name not in old or old[name] != value]
    run.note(world.clock.now, f"javascript: {', '.join(changed)}")
    for name in [name for name in old if name not in variables]:
        del old[name]
    for name in changed:
        run.put(name, variables[name])
    return None


def _fetch(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Send a request through the one way out, and go on when it is known what became of it."""
    fetch = read_fetch(params)
    if isinstance(fetch, str):
        run.note_unsimulated(world.clock.now, f"fetch: {fetch}")
        return None
    run.note(world.clock.now, f"fetch: {fetch.method} {fetch.url}")

    def pause(go_on: GoOn) -> None:
        waits = run.pauses
        webhook = Webhook(
            f"{run.ref}.{run.root.steps}",
            lambda _: fetch if run.pauses == waits else None,
            (),
            partial(_fetched, world, run, step, go_on),
        )
        world.outbox.submit(run.account.vendor, "script.fetch", webhook, world.clock.cause)

    return pause


def _fetched(world: World, run: Run, step: Step, go_on: GoOn, delivery: Delivery) -> None:
    last = delivery.attempts[-1]
    run.note(world.clock.now, f"fetched: {last.status or last.error}")
    run.keep(step, render_outcome(last.status, last.error, last.reply))
    go_on()


PLAIN: Mapping[str, Action] = MappingProxyType(
    {
        "log": _log,
        "answer": _answer,
        "ringing": _ringing,
        "hangup": _hang_up,
        "fetch": _fetch,
        "javascript": _javascript,
    }
)
"""Actions that neither speak nor call anybody."""
