"""What a vendor says of a call: its own handlers are asked, and no trace is left."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.sandbox import Sandbox
from simulator.exchange import Exchange, Request
from simulator.formats.sound import tone
from simulator.telephony.live_calls import AnyCall
from simulator.telephony.recordings import Recording, RecordingState
from simulator.vendor import RequestContext

LONGEST_SECONDS = 3_600.0
"""A longer recording is cut, for it would fill the memory with one note."""


def ask_quietly(sandbox: Sandbox, vendor: str, request: Request) -> Exchange:
    """Return what a client would be answered now, in an exchange that nobody keeps; hold the world's lock.

    No fault meets the request, no limit counts it, nobody judges it.
    """
    app, world = sandbox.vendors[vendor], sandbox.world
    context = RequestContext(world=world, request=request, quiet=True)
    app.read(context)
    app.locate(context)
    answer = app.answer(context)
    return Exchange(
        id="", at=world.clock.now, world=world.name, vendor=vendor,
        operation=context.operation, request=request, answer=answer,
    )  # fmt: skip


def statements_of(call: AnyCall, sandbox: Sandbox) -> Iterator[Exchange]:
    """Yield what the vendor says of a call now, to each question that it takes; hold the world's lock."""
    app = sandbox.vendors[call.account.vendor]
    for question in app.vendor.questions(sandbox.world, call):
        yield ask_quietly(sandbox, app.name, question)


def recordings_of(call: AnyCall, sandbox: Sandbox) -> int:
    """Return how many recordings of a call can be played; hold the world's lock."""
    return len([*sandbox.vendors[call.account.vendor].vendor.recordings(call)]) + len(_kept(call, sandbox))


def play_recording(call: AnyCall, number: int, sandbox: Sandbox) -> bytes | None:
    """Return a recording as WAV, counted from 1; None where there is no such one; hold the world's lock."""
    app = sandbox.vendors[call.account.vendor]
    sounds, kept = [*app.vendor.recordings(call)], _kept(call, sandbox)
    if 1 <= number <= len(sounds):
        return ask_quietly(sandbox, app.name, sounds[number - 1]).answer.body
    if 1 <= number - len(sounds) <= len(kept):
        length = kept[number - len(sounds) - 1].length.total_seconds()
        return tone(min(length, LONGEST_SECONDS), number)
    return None


def _kept(call: AnyCall, sandbox: Sandbox) -> list[Recording]:
    """Return the recordings that the vendor keeps as records of its own, which have no address to play."""
    return [
        recording
        for recording in sandbox.world.recordings.of(call.account).values()
        if recording.call == call.ref and recording.state is RecordingState.READY
    ]
