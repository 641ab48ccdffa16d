"""Recordings and clips: what their addresses look like, and that what they play has the length told."""

from __future__ import annotations

import io
import re
import wave
from math import ceil
from typing import Any

import pytest
import soundfile

from simulator.exchange import Answer
from simulator.formats.sound import tone
from tests.vendors.callo.desk import BASE, PHONE, Desk, open_desk, read, refusal


def seconds_of(answer: Answer) -> float:
    assert answer.status == 200, answer.body
    assert answer.content_type == "audio/x-wav"
    with wave.open(io.BytesIO(answer.body)) as sound:
        return float(sound.getnframes() / sound.getframerate())


def recorded_desk() -> tuple[Desk, Any]:
    desk = open_desk()
    call = desk.call()["call_id"]
    desk.advance(minutes=2)
    return desk, desk.result(call, expand=1)


def test_a_recording_is_as_long_as_the_call() -> None:
    desk, result = recorded_desk()

    assert ceil(seconds_of(desk.fetch(result["recorded_audio"]))) == result["duration"]


def test_the_recording_of_an_attempt_plays_too() -> None:
    desk, result = recorded_desk()

    assert ceil(seconds_of(desk.fetch(result["attempts"][0]["recorded_audio"]))) == result["duration"]


def test_addresses_look_like_the_samples() -> None:
    desk, result = recorded_desk()

    camp = desk.campaign().ref
    assert re.fullmatch(
        rf"{BASE}/manager/cdr/record/{camp}/\d+\.\d+/\?key=[0-9a-f]{{32}}", result["recorded_audio"]
    )
    assert re.fullmatch(
        rf"{BASE}/manager/directcdr/[0-9a-f]{{32}}/{camp}/(\d+)/\1\.1\.mp3",
        result["attempts"][0]["recorded_audio"],
    )


@pytest.mark.parametrize("change", [("key=", "key=0"), ("/1772", "/1771"), ("/?", "7/?"), ("/?", "x/?")])
def test_a_wrong_key_or_name_finds_nothing(change: tuple[str, str]) -> None:
    desk, result = recorded_desk()

    answer = desk.fetch(result["recorded_audio"].replace(*change))

    assert (answer.status, answer.content_type) == (404, "text/html; charset=utf-8")


def test_a_wrong_direct_address_finds_nothing() -> None:
    desk, result = recorded_desk()
    url = result["attempts"][0]["recorded_audio"]

    assert desk.fetch(re.sub("directcdr/.", "directcdr/x", url)).status == 404


def test_a_number_that_never_answered_has_no_recording() -> None:
    desk = open_desk()
    call = desk.call("+447700900031")["call_id"]
    desk.advance(hours=1)

    result = desk.result(call, expand=1)

    assert result["recorded_audio"] is None
    assert {attempt["recorded_audio"] for attempt in result["attempts"]} == {None}


def sound_file(kind: str, seconds: float = 1.5) -> bytes:
    """Return a real sound file of a kind."""
    if kind == "wav":
        return tone(seconds, 3)
    frames, rate = soundfile.read(io.BytesIO(tone(seconds, 3)))
    body = io.BytesIO()
    soundfile.write(body, frames, rate, format=kind.upper())
    return body.getvalue()


def upload(desk: Desk, body: bytes) -> Answer:
    return desk.upload("audio/upload", {"clip_file": ("hello", body)}, clip_name="Hello", text="Says hello")


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
def test_an_uploaded_clip_is_measured_by_its_bytes_and_plays_back(kind: str) -> None:
    desk = open_desk()
    body = sound_file(kind)

    clip = read(upload(desk, body))
    info = read(desk.get("audio/info", audioclip_id=clip["audioclip_id"], campaign_id=desk.campaign().ref))

    assert clip["length"] == pytest.approx(1.5, abs=0.2)
    assert seconds_of(desk.fetch(clip["url"])) == pytest.approx(clip["length"], abs=0.001)
    assert desk.fetch(info["original_url"]).body == body


def test_an_upload_is_answered_with_the_keys_of_the_sample() -> None:
    clip = read(upload(open_desk(), sound_file("wav")))

    assert list(clip) == ["length", "audioclip_id", "url"]
    assert re.fullmatch(
        rf"{BASE}/manager/media/converted/\d{{1,3}}/\d{{1,3}}/\d{{14,15}}\.wav\?\d+\.\d{{6}}", clip["url"]
    )


def test_a_clip_tells_about_itself_with_the_keys_of_the_sample() -> None:
    desk = open_desk()
    clip = read(upload(desk, sound_file("wav")))["audioclip_id"]

    info = read(desk.get("audio/info", audioclip_id=clip))

    assert list(info) == [
        "audioclip_id", "text", "length_val", "clip_name", "clip_type", "speaker_name", "converted_url",
        "original_url",
    ]  # fmt: skip
    assert (info["clip_name"], info["clip_type"], info["length_val"]) == ("Hello", "upload", 1.5)


def test_a_synthesised_clip_downloads_with_its_length() -> None:
    desk = open_desk()
    clip = desk.call(text="Good afternoon, this is your clinic")["audioclip_id"]

    info = read(desk.get("audio/info", audioclip_id=clip))

    assert seconds_of(desk.fetch(info["converted_url"])) == info["length_val"]
    assert info["original_url"] == info["converted_url"]


def test_an_uploaded_clip_is_played_in_a_call() -> None:
    desk = open_desk()
    clip = read(upload(desk, sound_file("wav")))["audioclip_id"]

    call = desk.call(text=f'<audio id="{clip}"/>')

    assert call["audioclip_id"] == clip
    assert len(desk.account.clips) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The submitted file is empty."),
        (b"not a sound at all", "Upload a valid audio file."),
        (b"RIFF\xff\xff\xff\xffWAVEfmt ", "Upload a valid audio file."),
    ],
)
def test_what_cannot_be_played_is_refused(body: bytes, words: str) -> None:
    assert refusal(upload(open_desk(), body)) == f"Form isn't valid: * clip_file\n  * {words}"


def test_an_upload_needs_a_name_and_a_file() -> None:
    message = refusal(open_desk().post("audio/upload"))

    required = "This field is required."
    assert message == f"Form isn't valid: * clip_name\n  * {required}\n* clip_file\n  * {required}"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"audioclip_id": 5}, "Audio clip by id=5 not found"),
        ({}, "Form isn't valid: * audioclip_id\n  * This field is required."),
        ({"audioclip_id": "x"}, "Form isn't valid: * audioclip_id\n  * Enter a whole number."),
        ({"audioclip_id": 5, "campaign_id": 7}, "Campaign by id=7 don't found"),
    ],
)
def test_a_wrong_question_about_a_clip_is_told_so(parameters: dict[str, object], words: str) -> None:
    assert refusal(open_desk().get("audio/info", **parameters)) == words


def test_an_unknown_clip_address_finds_nothing() -> None:
    desk = open_desk()
    url = read(upload(desk, sound_file("wav")))["url"]

    assert desk.fetch(url.replace("/media/converted/", "/media/original/")).status == 200
    assert desk.fetch(re.sub(r"\d{5}\.wav", "00000.wav", url)).status == 404


def test_a_recording_is_found_under_the_address_the_client_used() -> None:
    desk = open_desk()
    call = desk.call(PHONE)["call_id"]
    desk.advance(minutes=2)
    desk.base = "http://callo.localhost:8070"

    assert desk.result(call)["recorded_audio"].startswith("http://callo.localhost:8070/manager/cdr/record/")
