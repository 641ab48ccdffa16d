"""Scripts that calls and messages set off: the branches inbound-call, inbound-sms and hangup."""

from __future__ import annotations

from simulator.telephony.accounts import Account, Ref
from simulator.telephony.calls import Direction
from simulator.telephony.line_calls import LineCall
from simulator.telephony.messages import Message
from simulator.telephony.operators import News
from simulator.telephony.recordings import Recording, RecordingState
from simulator.telephony.world import World
from simulator.vendors.callr.actions.run import Run, RunState, runs_of
from simulator.vendors.callr.actions.runs import start_run, start_steps, stop_run
from simulator.vendors.callr.actions.script import HANGUP, INBOUND_CALL, INBOUND_SMS
from simulator.vendors.callr.holdings import scenarios_of


def react(world: World, news: News) -> None:
    """Run what a number is attached to, when a call to it begins or ends, or a message arrives."""
    about = news.about
    if isinstance(about, LineCall) and about.direction is Direction.INCOMING:
        if news.name == "call.started":
            _take_call(world, about)
        else:
            _end_call(world, about)
    elif isinstance(about, Recording) and about.state is RecordingState.READY and about.read_at is None:
        _use_recording(world, about)
    elif isinstance(about, Message) and news.name == "message.received":
        owned = news.account.numbers[about.letter.recipient]
        ref = world.mint(news.account, "line_call", (), about.ref)
        run = _run(news.account, owned.routed_to, f"inbound-sms:{ref}", INBOUND_SMS, INBOUND_SMS)
        if run is not None:
            run.message = about
            start_run(world, run, INBOUND_SMS)


def _take_call(world: World, call: LineCall) -> None:
    run = _run(call.account, call.route, f"inbound-call:{call.ref}", INBOUND_CALL, INBOUND_CALL)
    if run is not None:
        run.call = call
        if run.script.defaults.get("autoAnswer", True) is not False:
            world.switchboard.answer(call)
        start_run(world, run, INBOUND_CALL)


def _end_call(world: World, call: LineCall) -> None:
    """Stop what runs for a call that is over, and run the branch for that."""
    ref = f"inbound-call:{call.ref}"
    before = runs_of(call.account).get(ref)
    if before is None:
        return
    stop_run(before, RunState.ENDED)
    if HANGUP in before.script.branches:
        start_run(world, _after(before), HANGUP)


def _use_recording(world: World, recording: Recording) -> None:
    """Do what a script wants done once the recording of its call is ready."""
    before = runs_of(recording.account).get(f"inbound-call:{recording.call}")
    if before is not None and before.recorded:
        run = _after(before)
        run.recorded, run.recording = (), recording
        start_steps(world, run, before.recorded)


def _after(before: Run) -> Run:
    """Return what follows a run that is over: with its variables, its call and what it noted."""
    run = Run(
        before.ref, before.kind, before.account, before.sid, before.name, before.script, before.variables
    )
    run.trace, run.call, run.recorded = before.trace, before.call, before.recorded
    return run


def _run(account: Account, route: Ref | None, ref: str, kind: str, branch: str) -> Run | None:
    """Return a run to begin, or None where no script answers with that branch."""
    scenario = scenarios_of(account).get(str(route))
    if scenario is None or branch not in scenario.script.branches:
        return None
    script = scenario.script
    return Run(ref, kind, account, scenario.sid, scenario.name, script, dict(script.variables))
