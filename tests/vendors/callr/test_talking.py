"""Scripts on an open line: speaking, playing, keys, recording."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from simulator.formats.sound import tone
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.outcomes import seconds
from simulator.telephony.people import Persona
from simulator.telephony.phone_numbers import E164
from tests.vendors.callr.desk import OWN, PHONE, Desk, open_desk, read

CALLER = Persona(name="caller", talk=seconds(60), presses=("12", "3"), says="My order is late")


def answer(desk: Desk, *steps: str) -> tuple[LiveCall, str]:
    """Let a caller be answered by these steps."""
    sid = desk.answer_with("branches: {inbound-call: [" + ", ".join(steps) + "]}")
    call = desk.world.switchboard.ring(E164(PHONE), E164(OWN))
    return call, f"/actions/{sid}/runs/inbound-call:{call.ref}"


def variables_of(desk: Desk, path: str) -> Any:
    return desk.get(path)["variables"]


def lines(desk: Desk) -> list[tuple[timedelta, str]]:
    (record,) = desk.account.script_runs.values()
    return [(line.at - record.started, line.text) for line in record.lines]


HANG_UP = "{action: hangup@v1}"


def test_an_uploaded_file_is_played_for_as_long_as_it_is() -> None:
    desk = open_desk({PHONE: CALLER})
    sid = read(desk.upload("POST", "/audio-files", tone(4, 0), "Hold music"), 201)["sid"]
    desk.advance(seconds=5)

    answer(desk, f"{{action: play@v1, params: {{sid: {sid}}}}}", HANG_UP)
    desk.advance(minutes=1)

    assert lines(desk) == [(timedelta(0), "play: Hold music"), (timedelta(seconds=4), "hangup")]


def test_a_file_that_is_not_there_is_told() -> None:
    desk = open_desk({PHONE: CALLER})
    _, path = answer(desk, "{action: play@v1, params: {sid: none0000}}", HANG_UP)

    assert variables_of(desk, path)["$notSimulated"] == ["play: there is no audio file 'none0000'"]


def test_a_file_without_a_sound_yet_is_told() -> None:
    desk = open_desk({PHONE: CALLER})
    sid = desk.make("/audio-files", {"name": "Later"})["sid"]
    _, path = answer(desk, f"{{action: play@v1, params: {{sid: {sid}}}}}", HANG_UP)

    assert variables_of(desk, path)["$notSimulated"] == [f"play: the audio file '{sid}' is not ready"]


def test_keys_are_taken_as_many_at_a_time_as_are_asked_for() -> None:
    desk = open_desk({PHONE: CALLER})
    first = "{action: gather@v2, params: {maxDigits: 1, prompt: {what: Press a key}}, result: $first}"
    rest = "{action: gather@v2, result: $rest}"
    none = "{action: gather@v2, params: {maxDigits: 1}, result: $none}"

    _, path = answer(desk, first, rest, none, HANG_UP)
    desk.advance(minutes=1)

    variables = variables_of(desk, path)
    assert [variables[name]["digits"] for name in ("$first", "$rest", "$none")] == ["1", "23", ""]
    assert [variables[name]["ok"] for name in ("$first", "$none")] == [True, False]


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("gather@v2, params: {maxDigits: '1'}", "gather: maxDigits '1', which is no number up to 1000"),
        ("ringing@v1, params: {duration: soon}", "ringing: duration 'soon', which is no number up to 600"),
        ("record@v1, params: {transcription: fr-FR}", "record: transcription without a language"),
    ],
)
def test_a_parameter_of_another_type_is_told_and_not_passed_over_in_silence(action: str, reason: str) -> None:
    desk = open_desk({PHONE: CALLER})
    _, path = answer(desk, f"{{action: {action}}}", HANG_UP)
    desk.advance(minutes=1)

    assert variables_of(desk, path)["$notSimulated"] == [reason]


@pytest.mark.parametrize(("presses", "length"), [((), 20), (("1",), 3)])
def test_a_gather_waits_for_its_timeout_unless_keys_come_and_says_either_kind_of_prompt(
    presses: tuple[str, ...], length: int
) -> None:
    desk = open_desk({PHONE: Persona(name="caller", talk=seconds(60), presses=presses)})
    call, _ = answer(
        desk, "{action: gather@v2, params: {maxDigits: 1, timeout: 20, prompt: {text: Hi}}}", HANG_UP
    )
    desk.advance(minutes=1)

    assert round(call.length.total_seconds()) == length


@pytest.mark.parametrize(
    ("presses", "says"),
    [(("My order 42",), "My order 42"), (("42",), "42"), (("yes", "no"), ""), ((), "1")],
)
def test_speech_is_no_key(presses: tuple[str, ...], says: str) -> None:
    desk = open_desk({PHONE: Persona(name="caller", talk=seconds(60), presses=presses, says=says)})

    _, path = answer(desk, "{action: gather@v2, params: {maxDigits: 1}, result: $key}", HANG_UP)
    desk.advance(minutes=1)

    assert variables_of(desk, path)["$key"] == {"ok": False, "digits": ""}


@pytest.mark.parametrize(("talk", "length"), [(60, 7), (4, 4)])
def test_a_message_is_recorded_even_by_who_hangs_up_in_the_middle(talk: int, length: int) -> None:
    desk = open_desk({PHONE: Persona(name="caller", talk=seconds(talk), says="My order is late")})
    record = (
        "{action: record@v1, params: {maxDuration: 7, transcription: {language: en-US}}, "
        "result: $spoken, events: {ready: [{action: log@v1, "
        "params: {message: '${{ recording.transcription }}'}, result: $s}]}}"
    )

    call, path = answer(desk, record, HANG_UP)
    desk.advance(minutes=2)

    (recording,) = desk.get("/recordings", type="recording", callid=call.ref)["hits"]
    assert (recording["duration"], recording["transcription"]["text"]) == (length, "My order is late")
    assert variables_of(desk, path)["$spoken"] == {"ok": True, "sid": recording["sid"], "duration": length}
    assert variables_of(desk, path)["$s"] == "My order is late"


def test_the_steps_of_a_recording_are_done_once() -> None:
    desk = open_desk({PHONE: CALLER})
    step = "{action: startRecording@v1, events: {ready: [{action: log@v1, params: {message: ready}}]}}"
    answer(desk, step)
    desk.advance(minutes=2)
    (recording,) = desk.get("/recordings", type="call")["hits"]

    for read_flag in (True, False):
        desk.ask("PATCH", f"/recordings/{recording['sid']}", {"read": read_flag})

    assert [text for _, text in lines(desk)] == ["startRecording", "ready"]
