"""Actions on a call that is open: speaking, playing, keys, recording."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from simulator.telephony.live_calls import LiveCall
from simulator.telephony.people import Persona
from simulator.telephony.recordings import Recording
from simulator.telephony.script_runs import LineKind
from simulator.telephony.switchboard import SPEECH
from simulator.telephony.world import World
from simulator.vendors.callr.actions.run import RUNS_BY_CALL, Run
from simulator.vendors.callr.actions.script import Step
from simulator.vendors.callr.actions.steps import Action, GoOn, Params, Pause, skip
from simulator.vendors.callr.actions.values import to_text

READY = "ready"
"""The event of a recording that scripts wait for (observed)."""

A_LETTER = timedelta(milliseconds=70)
KEYING = timedelta(seconds=3)
A_TUNE = timedelta(seconds=10)
"""How long a sound takes of which only an address is known."""

_DTMF = re.compile(r"[0-9*#A-D]+")
CALL, SPOKEN = "call", "recording"
"""Types of recordings, as the reference names them."""


def _say(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Speak, which takes a while."""
    if run.live is None:
        return skip(world, run, step, params)
    text = to_text(params.get("what") or params.get("text") or "")
    world.switchboard.answer(run.live)
    return partial(world.clock.after, _speak(world, run, text))


def _speak(world: World, run: Run, text: str) -> timedelta:
    run.note(world.clock.now, text, LineKind.SAID)
    return A_LETTER * len(text)


def _play(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Play an audio file of the account by its SID, or a sound at some address (inferred parameters)."""
    if run.live is None:
        return skip(world, run, step, params)
    names = ("sid", "audio", "file", "url", "what")
    source = to_text(next((params[name] for name in names if params.get(name)), ""))
    clip = run.account.clips.get(source)
    if clip is None and "://" not in source:
        run.note_unsimulated(world.clock.now, f"play: there is no audio file {source[:80]!r}")
        return None
    run.note(world.clock.now, f"play: {clip.name if clip else source}")
    world.switchboard.answer(run.live)
    return partial(world.clock.after, clip.length if clip else A_TUNE)


def _gather(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Prompt, and take the keys that are pressed, `maxDigits` at a time: a tester's, else the persona's.

    `prompt` and `maxDigits` are observed; `ok` and `digits` of the result are inferred.
    """
    call = run.live
    if call is None:
        return skip(world, run, step, params)
    world.switchboard.answer(call)
    prompt, most = params.get("prompt"), params.get("maxDigits")
    what = prompt.get("what") if isinstance(prompt, dict) else prompt
    spoken = _speak(world, run, to_text(what)) if what else timedelta(0)
    limit = most if isinstance(most, int) and most > 0 else None

    def hear() -> None:
        if not (pressed := call.take_keys(limit)) and (
            keys := _keys(_other(world, call))[run.keyed :][:limit]
        ):
            run.keyed += len(keys)
            world.switchboard.press(call, keys)
            pressed = call.take_keys()
        run.note(world.clock.now, f"gather: {pressed or 'nothing'}")
        run.keep(step, {"ok": bool(pressed), "digits": pressed})

    return partial(_after, world, run, spoken + KEYING, hear)


def _keys(persona: Persona) -> str:
    """Return the keys that somebody presses in a call; what they say are none (inferred)."""
    if persona.presses == (persona.says,):
        return ""
    return "".join(entry for entry in persona.presses if _DTMF.fullmatch(entry))


def _after(world: World, run: Run, length: timedelta, then: GoOn, go_on: GoOn) -> None:
    """Wait, do what the waiting was for, and go on, unless the run is over by then."""
    waits = run.pauses

    def act() -> None:
        if run.pauses == waits:
            then()
            go_on()

    world.clock.after(length, act)


def _start_recording(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Record the call from now to its end, and transcribe it where a language is told (observed)."""
    if run.live is None:
        return skip(world, run, step, params)
    run.note(world.clock.now, "startRecording")
    run.root.ready[run.live.ref] = step.events.get(READY, ())
    RUNS_BY_CALL.of(run.account)[run.live.ref] = run.root
    run.live.record_in, run.live.transcribe_in = CALL, _language(params)
    return None


def _record(world: World, run: Run, step: Step, params: Params) -> Pause | None:
    """Let the other party speak into a recording; `maxDuration` in seconds is inferred."""
    call, most = run.live, params.get("maxDuration")
    if call is None:
        return skip(world, run, step, params)
    world.switchboard.answer(call)
    run.note(world.clock.now, "record")
    began = world.clock.now
    RUNS_BY_CALL.of(run.account)[call.ref] = run.root
    length = min(SPEECH, timedelta(seconds=most)) if isinstance(most, int) and most > 0 else SPEECH

    def keep() -> None:
        run.interrupted = None
        spoken = world.clock.now - began
        recording = world.recordings.keep(_recording(world, run, call, spoken, _language(params)))
        run.root.ready[recording.ref] = step.events.get(READY, ())
        run.keep(step, {"ok": True, "sid": recording.ref, "duration": round(spoken.total_seconds())})

    run.interrupted = keep  # whoever hangs up in the middle has spoken all the same
    return partial(_after, world, run, length, keep)


def _recording(world: World, run: Run, call: LiveCall, spoken: timedelta, language: str | None) -> Recording:
    return Recording(
        ref=0,
        account=run.account,
        kind=SPOKEN,
        call=call.ref,
        caller=call.caller,
        callee=call.callee,
        created=world.clock.now - spoken,
        length=spoken,
        route=call.route,
        caller_name=call.caller_name,
        language=language,
        transcript=_other(world, call).says,
    )


def _language(params: Params) -> str | None:
    asked = params.get("transcription")
    language: Any = asked.get("language") if isinstance(asked, dict) else None
    return language if isinstance(language, str) else None


def _other(world: World, call: LiveCall) -> Persona:
    return world.people.find(call.party).persona


TALKING: Mapping[str, Action] = MappingProxyType(
    {
        "say": _say,
        "play": _play,
        "gather": _gather,
        "record": _record,
        "startRecording": _start_recording,
    }
)
"""Actions that need a call."""
