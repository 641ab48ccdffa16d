"""What each action of a script does; the shapes of parameters and results are observed or inferred."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from simulator.telephony.errors import MalformedNumber
from simulator.telephony.line_calls import LineCall, Party
from simulator.telephony.outbox import Delivery, Notice
from simulator.telephony.phone_numbers import E164, parse_number
from simulator.telephony.world import World
from simulator.vendors.callr.actions.expressions import to_text
from simulator.vendors.callr.actions.fetching import read_fetch, render_outcome
from simulator.vendors.callr.actions.run import Run
from simulator.vendors.callr.actions.script import Step

GoOn = Callable[[], None]
Pause = Callable[[GoOn], None]
"""What a run waits for: given how to go on, it sees to it that this happens."""

Params = Mapping[str, Any]
Action = Callable[[World, Run, Step, Params], Pause | None]

READY = "ready"
"""The event of a recording that scripts wait for (observed)."""

A_LETTER = timedelta(milliseconds=70)
KEYING = timedelta(seconds=3)
LONGEST_RING = 600


def skip(world: World, run: Run, step: Step, _params: Params) -> Pause | None:
    """Note an action that is not simulated, or makes no sense without a call."""
    why = "" if run.call or step.action == "javascript" else " without a call"
    run.note_unsimulated(world.clock.now, f"{step.action}@v{step.version}{why}")
    return None


def _log(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    run.note(world.clock.now, f"log: {to_text(params['message'])}")
    run.keep(step, params["message"])
    return None


def _say(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Speak, which takes a while."""
    if run.call is None:
        return skip(world, run, step, params)
    text = to_text(params.get("text") or params.get("message") or "")
    run.note(world.clock.now, f"say: {text}")
    world.switchboard.answer(run.call)
    return partial(world.clock.after, A_LETTER * len(text))


def _answer(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    if run.call is None:
        return skip(world, run, step, params)
    run.note(world.clock.now, "answer")
    world.switchboard.answer(run.call)
    return None


def _ringing(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    if run.call is None:
        return skip(world, run, step, params)
    run.note(world.clock.now, "ringing")
    length = params.get("duration")
    if isinstance(length, int) and 0 < length <= LONGEST_RING:
        return partial(world.clock.after, timedelta(seconds=length))
    return None


def _hang_up(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    if run.call is None:
        return skip(world, run, step, params)
    run.note(world.clock.now, "hangup")
    if run.call.ended is None:
        world.switchboard.hang_up(run.call, Party.NETWORK)
    return None


def _record(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    if run.call is None:
        return skip(world, run, step, params)
    run.note(world.clock.now, "startRecording")
    asked = params.get("transcription")
    language = asked.get("language") if isinstance(asked, dict) else None
    run.recorded = step.events.get(READY, ())
    run.call.record_in = "recording"
    run.call.transcribe_in = language if isinstance(language, str) else None
    return None


def _gather(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Wait for what the caller keys in; a tester's keys go before their persona's.

    The name `digits` of the result is inferred.
    """
    if run.call is None:
        return skip(world, run, step, params)
    world.switchboard.answer(run.call)
    call = run.call

    def pause(go_on: GoOn) -> None:
        world.clock.after(KEYING, partial(_take_keys, world, run, step, call, go_on))

    return pause


def _take_keys(world: World, run: Run, step: Step, call: LineCall, go_on: GoOn) -> None:
    if call.ended is None:
        typed = call.take_keys()
        if not typed and (typed := "".join(world.people.find(call.party).persona.presses)):
            world.switchboard.press(call, typed)
            call.take_keys()
        run.note(world.clock.now, f"gather: {typed or 'nothing'}")
        run.keep(step, {"digits": typed})
    go_on()


def _dial(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Connect the caller to the first of some numbers who answers, until either hangs up."""
    call = run.call
    numbers = _numbers(params)
    if call is None or not numbers:
        return skip(world, run, step, params)
    run.note(world.clock.now, f"{step.action}: {', '.join(numbers)}")

    def pause(go_on: GoOn) -> None:
        _forward(world, run, step, call, list(numbers), go_on)

    return pause


def _forward(world: World, run: Run, step: Step, call: LineCall, numbers: list[E164], go_on: GoOn) -> None:
    def watch(leg: LineCall) -> None:
        if leg.ended is None:
            world.switchboard.answer(call)
        elif leg.answered is None and numbers and call.ended is None:
            _forward(world, run, step, call, numbers, go_on)
        else:
            run.keep(step, {"answered": leg.answered is not None, "hangupCause": leg.cause})
            if call.ended is None:
                go_on()

    world.switchboard.forward(call, numbers.pop(0), call.callee, watch)


def _numbers(params: Params) -> list[E164]:
    """Return the numbers to dial; the name of the parameter is inferred, so several are read."""
    told: Any = next(
        (params[name] for name in ("to", "number", "numbers", "targets") if params.get(name)), []
    )
    found = []
    for each in told if isinstance(told, list) else [told]:
        text = each.get("number") if isinstance(each, dict) else each
        try:
            found.append(parse_number(str(text)))
        except MalformedNumber:
            continue
    return found


def _fetch(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Send a request through the one way out, and go on when it is known what became of it."""
    fetch = read_fetch(params)
    if isinstance(fetch, str):
        run.note_unsimulated(world.clock.now, f"fetch: {fetch}")
        return None
    run.note(world.clock.now, f"fetch: {fetch.method} {fetch.url}")

    def pause(go_on: GoOn) -> None:
        waits = run.pauses
        notice = Notice(
            f"{run.ref}.{run.steps}",
            lambda _: fetch if run.pauses == waits else None,
            (),
            partial(_fetched, world, run, step, go_on),
        )
        world.outbox.submit(run.account.vendor, "script.fetch", notice, world.clock.cause)

    return pause


def _fetched(world: World, run: Run, step: Step, go_on: GoOn, delivery: Delivery) -> None:
    last = delivery.tries[-1]
    run.note(world.clock.now, f"fetched: {last.status or last.error}")
    run.keep(step, render_outcome(last.status, last.error, last.reply))
    go_on()


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "log": _log,
        "say": _say,
        "answer": _answer,
        "ringing": _ringing,
        "hangup": _hang_up,
        "startRecording": _record,
        "gather": _gather,
        "dial": _dial,
        "bridge": _dial,
        "fetch": _fetch,
    }
)
"""The actions that are simulated; `javascript` is not, for nothing here runs code."""
