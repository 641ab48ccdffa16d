"""Actions on a call that is open: answering, ringing, speaking, playing, keys, recording, hanging up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from simulator.telephony.accounts import ClipState
from simulator.telephony.live_calls import LiveCall, Party
from simulator.telephony.people import Persona
from simulator.telephony.recordings import Recording
from simulator.telephony.script_runs import LineKind
from simulator.telephony.switchboard import SPEECH
from simulator.vendors.callr.actions.run import RUNS_BY_CALL, Run
from simulator.vendors.callr.actions.script import Step
from simulator.vendors.callr.actions.steps import Action, GoOn, Params, Pause, read_number, skip
from simulator.vendors.callr.javascript.values import to_text

LONGEST_RING = 600
LONGEST_RECORDING = 86_400

READY = "ready"
"""The event of a recording that scripts wait for (observed)."""

A_LETTER = timedelta(milliseconds=70)
KEYING = timedelta(seconds=3)
MOST_DIGITS = 1_000
A_TUNE = timedelta(seconds=10)
"""How long a sound takes of which only an address is known."""

_DTMF = re.compile(r"[0-9*#A-D]+")
CALL, SPOKEN = "call", "recording"
"""Types of recordings, as the reference names them."""

CallAction = Callable[[Run, LiveCall, Step, Params], Pause | None]


def on_call(action: CallAction) -> Action:
    """Let an action have the call that goes on in its run; without one it is passed over."""

    def act(run: Run, step: Step, params: Params) -> Pause | None:
        return skip(run, step, params) if run.live is None else action(run, run.live, step, params)

    return act


def _answer(run: Run, call: LiveCall, _step: Step, _params: Params) -> None:
    run.note("answer")
    run.world.switchboard.answer(call)


def _ringing(run: Run, _call: LiveCall, step: Step, params: Params) -> Pause | None:
    run.note("ringing")
    length = read_number(run, step, params, "duration", LONGEST_RING)
    return None if length is None else partial(run.world.clock.after, timedelta(seconds=length))


def _hang_up(run: Run, call: LiveCall, _step: Step, _params: Params) -> None:
    run.note("hangup")
    run.world.switchboard.hang_up(call, Party.NETWORK)


def _say(run: Run, call: LiveCall, _step: Step, params: Params) -> Pause | None:
    """Speak, which takes a while."""
    text = to_text(params.get("what") or params.get("text") or "")
    run.world.switchboard.answer(call)
    return partial(run.world.clock.after, _speak(run, text))


def _speak(run: Run, text: str) -> timedelta:
    run.note(text, LineKind.SAID)
    return A_LETTER * len(text)


def _play(run: Run, call: LiveCall, _step: Step, params: Params) -> Pause | None:
    """Play an audio file of the account by its SID, or a sound at some address (inferred parameters)."""
    names = ("sid", "audio", "file", "url", "what")
    source = to_text(next((params[name] for name in names if params.get(name)), ""))
    clip = run.account.clips.get(source)
    if clip is None and "://" not in source:
        run.note_unsimulated(f"play: there is no audio file {source[:80]!r}")
        return None
    if clip is not None and clip.state is not ClipState.READY:
        run.note_unsimulated(f"play: the audio file {source!r} is not ready")
        return None
    run.note(f"play: {clip.name if clip else source}")
    run.world.switchboard.answer(call)
    return partial(run.world.clock.after, clip.length if clip else A_TUNE)


def _gather(run: Run, call: LiveCall, step: Step, params: Params) -> Pause | None:
    """Prompt, and take the keys that are pressed, `maxDigits` at a time: a tester's, else the persona's.

    `prompt` and `maxDigits` are observed; `timeout`, the seconds to wait where nobody presses any by
    themselves, and `ok` and `digits` of the result are inferred.
    """
    run.world.switchboard.answer(call)
    prompt, most = params.get("prompt"), read_number(run, step, params, "maxDigits", MOST_DIGITS)
    wait = read_number(run, step, params, "timeout", LONGEST_RING)
    what = (prompt.get("what") or prompt.get("text")) if isinstance(prompt, dict) else prompt
    spoken = _speak(run, to_text(what)) if what else timedelta(0)
    limit = None if most is None else int(most)
    keys = _keys(_other(run, call))[run.keyed :][:limit]

    def hear() -> None:
        if not (pressed := call.take_keys(limit)) and keys:
            run.keyed += len(keys)
            run.world.switchboard.press(call, keys)
            pressed = call.take_keys()
        run.note(f"gather: {pressed or 'nothing'}")
        run.keep(step, {"ok": bool(pressed), "digits": pressed})

    return partial(_after, run, spoken + (KEYING if keys or not wait else timedelta(seconds=wait)), hear)


def _keys(persona: Persona) -> str:
    """Return the keys that somebody presses in a call; what they say are none (inferred)."""
    if persona.presses == (persona.says,):
        return ""
    return "".join(entry for entry in persona.presses if _DTMF.fullmatch(entry))


def _after(run: Run, length: timedelta, then: GoOn, go_on: GoOn) -> None:
    """Wait, do what the waiting was for, and go on, unless the run is over by then."""
    waits = run.pauses

    def act() -> None:
        if run.pauses == waits:
            then()
            go_on()

    run.world.clock.after(length, act)


def _start_recording(run: Run, call: LiveCall, step: Step, params: Params) -> None:
    """Record the call from now to its end, and transcribe it where a language is told (observed)."""
    run.note("startRecording")
    run.root.ready[call.ref] = step.events.get(READY, ())
    RUNS_BY_CALL.of(run.account)[call.ref] = run.root
    call.record_in, call.transcribe_in = CALL, _language(run, step, params)


def _record(run: Run, call: LiveCall, step: Step, params: Params) -> Pause | None:
    """Let the other party speak into a recording; `maxDuration` in seconds is inferred."""
    most = read_number(run, step, params, "maxDuration", LONGEST_RECORDING)
    language = _language(run, step, params)
    run.world.switchboard.answer(call)
    run.note("record")
    began = run.world.clock.now
    RUNS_BY_CALL.of(run.account)[call.ref] = run.root
    length = SPEECH if most is None else min(SPEECH, timedelta(seconds=most))

    def keep() -> None:
        run.interrupted = None
        spoken = run.world.clock.now - began
        recording = run.world.recordings.keep(_recording(run, call, spoken, language))
        run.root.ready[recording.ref] = step.events.get(READY, ())
        run.keep(step, {"ok": True, "sid": recording.ref, "duration": round(spoken.total_seconds())})

    run.interrupted = keep  # whoever hangs up in the middle has spoken all the same
    return partial(_after, run, length, keep)


def _recording(run: Run, call: LiveCall, spoken: timedelta, language: str | None) -> Recording:
    return Recording(
        ref=0,
        account=run.account,
        kind=SPOKEN,
        call=call.ref,
        caller=call.caller,
        callee=call.callee,
        created=run.world.clock.now - spoken,
        length=spoken,
        route=call.route,
        language=language,
        transcript=_other(run, call).says,
    )


def _language(run: Run, step: Step, params: Params) -> str | None:
    """Return in which language to transcribe; a transcription that names none is told, and is not made."""
    asked = params.get("transcription")
    language: Any = asked.get("language") if isinstance(asked, dict) else None
    if isinstance(language, str):
        return language
    if asked is not None:
        run.note_unsimulated(f"{step.action}: transcription without a language")
    return None


def _other(run: Run, call: LiveCall) -> Persona:
    return run.world.people.find(call.party).persona


TALKING: Mapping[str, Action] = {
    "answer": on_call(_answer),
    "ringing": on_call(_ringing),
    "say": on_call(_say),
    "play": on_call(_play),
    "gather": on_call(_gather),
    "record": on_call(_record),
    "startRecording": on_call(_start_recording),
    "hangup": on_call(_hang_up),
}
"""Actions that need a call."""
