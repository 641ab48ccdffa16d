"""What sets scripts off: the API, calls and messages, the end of a call, a recording that is ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Direction
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.operators import NetworkEvent
from simulator.telephony.owners import Ref
from simulator.telephony.recordings import Recording, RecordingState
from simulator.telephony.script_runs import RunState, ScriptRun
from simulator.telephony.world import World
from simulator.vendors.callr.actions.dialing import DIALING
from simulator.vendors.callr.actions.run import RUNS, RUNS_BY_CALL, Run
from simulator.vendors.callr.actions.running import start_run, start_steps, stop_run
from simulator.vendors.callr.actions.steps import PLAIN, Action
from simulator.vendors.callr.actions.talking import CALL, TALKING
from simulator.vendors.callr.actions.vocabulary import HANGUP, INBOUND_CALL, INBOUND_SMS
from simulator.vendors.callr.store import SCENARIOS, Scenario

REPERTOIRE: Mapping[str, Action] = {**PLAIN, **TALKING, **DIALING}


def new_run(world: World, account: Account, scenario: Scenario, ref: str, kind: str, **variables: Any) -> Run:
    """Return a run to begin, with the variables given over those of the script."""
    script = scenario.script
    return Run(
        world=world,
        ref=ref,
        account=account,
        sid=scenario.sid,
        script=script,
        variables={**script.variables, **variables},
        record=ScriptRun(
            ref=ref,
            account=account,
            script=scenario.name,
            began_by=kind,
            started=world.clock.now,
            born=world.clock.cause,
        ),
        repertoire=REPERTOIRE,
    )


def react(world: World, event: NetworkEvent) -> None:
    """Run what a number is attached to, when a call to it begins or ends, or a message arrives."""
    about = event.subject
    if isinstance(about, LiveCall) and about.direction is Direction.INCOMING:
        if event.name == "call.started":
            _take_call(world, about)
        else:
            _end_call(about)
    elif isinstance(about, Recording) and about.state is RecordingState.READY:
        _use_recording(world, about)
    elif isinstance(about, Message) and event.name == "message.received":
        owned = event.account.numbers[about.letter.recipient]
        ref = world.network.mint(event.account, "line_call", (), about.ref)
        run = _run(world, event.account, owned.routed_to, f"inbound-sms:{ref}", INBOUND_SMS)
        if run is not None:
            run.message = about
            start_run(run, INBOUND_SMS)


def _take_call(world: World, call: LiveCall) -> None:
    run = _run(
        world, world.network.account_of(call.account), call.route, f"inbound-call:{call.ref}", INBOUND_CALL
    )
    if run is not None:
        run.call = call
        if run.script.defaults.get("autoAnswer", True) is not False:
            world.switchboard.answer(call)
        start_run(run, INBOUND_CALL)


def _end_call(call: LiveCall) -> None:
    """Stop what runs for a call that is over, and run the branch for that."""
    before = RUNS.of(call.account).get(f"inbound-call:{call.ref}")
    if before is None:
        return
    cancelled = before.state is RunState.CANCELLED
    stop_run(before, RunState.ENDED)
    if HANGUP in before.script.branches and not cancelled:
        start_steps(before.follow(call), before.script.branches[HANGUP])


def _use_recording(world: World, recording: Recording) -> None:
    """Do what a script wants done once a recording of its call is ready, once."""
    before = RUNS_BY_CALL.of(recording.account).get(recording.call)
    if before is None:
        return
    key = recording.call if recording.kind == CALL else recording.ref
    steps = before.ready.pop(key, ())
    if steps:
        run = before.follow(world.network.account_of(recording.account).line_calls.get(recording.call))
        run.recording = recording
        start_steps(run, steps)


def _run(world: World, account: Account, route: Ref | None, ref: str, branch: str) -> Run | None:
    """Return a run to begin, or None where no script answers with that branch."""
    scenario = SCENARIOS.of(account).get(str(route))
    if scenario is None or branch not in scenario.script.branches:
        return None
    return new_run(world, account, scenario, ref, branch)
