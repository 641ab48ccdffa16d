"""Audio files: named, filled by upload or over the phone, converted in the background."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from math import ceil

from simulator.exchange import Answer
from simulator.formats.forms import Upload
from simulator.formats.sound import MalformedSound, measure
from simulator.telephony.audio import AudioClip, ClipSource, ClipState
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World
from simulator.vendor import CustomerVisit
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.errors import Forbidden, InvalidRequest
from simulator.vendors.callr.fields import (
    COUNTRY,
    Query,
    WrongMediaType,
    check_pattern,
    check_sid,
    check_text,
    media_type,
    read_body,
    refusal,
)
from simulator.vendors.callr.paging import Search
from simulator.vendors.callr.rendering import CLIP_SOURCES, CLIP_STATES, render_clip
from simulator.vendors.callr.routes.table import delete, patch, put, routes

LONGEST_NAME = 64
MULTIPART = "multipart/form-data"
_STARTS = (b"RIFF", b"fLaC", b"OggS", b"ID3")
PHONES = {"FR": "+33199009999", "GB": "+442079460999", "US": "+14155550199"}
"""Numbers to record oneself at, by country; the closest possible elsewhere (documented) is the first."""


@routes.get("/audio-files", "search_audio_files")
def search_audio_files(visit: CustomerVisit) -> Answer:
    """Find audio files by a part of their name, their status and their source."""
    query, account = Query(visit.form), visit.account
    name = query.text("name", 1, LONGEST_NAME)
    status = query.choice("status", tuple(CLIP_STATES.values()))
    source = query.choice("source", tuple(CLIP_SOURCES.values()))
    search = Search[AudioClip](
        "audio files",
        {
            "updated": lambda clip: clip.updated or clip.created,
            "name": lambda clip: clip.name,
            "created": lambda clip: clip.created,
        },
        render_clip,
        alive=lambda clip: clip.ref in account.clips,
    )

    def matches(clip: AudioClip) -> bool:
        named = name is None or name.casefold() in clip.name.casefold()
        return (
            named
            and status in (None, CLIP_STATES[clip.state])
            and source in (None, CLIP_SOURCES[clip.source])
        )

    return search.answer(visit, list(account.clips.values()), matches)


@routes.post("/audio-files", "upload_audio_file")
def upload_audio_file(visit: CustomerVisit) -> Answer:
    """Make an audio file: by its name alone, or with its content."""
    if media_type(visit.request) != MULTIPART:
        if media_type(visit.request) != "application/json":
            raise WrongMediaType(f"{MULTIPART} or application/json")
        name = read_body(visit, known=("name",)).text("name", 1, LONGEST_NAME)
        return answer_json(render_clip(_add(visit, name)), 201)
    told = next((field.value for field in visit.form.fields if field[0::2] == ("name", "body")), None)
    name = refusal("name", "is required") if told is None else check_text("name", told, 1, LONGEST_NAME)
    upload = visit.form.file("file")
    if upload is not None:
        _check_format(upload)
    clip = _add(visit, name)
    if upload is not None:
        _fill(visit, clip, upload)
    return answer_json(render_clip(clip), 201)


@routes.get("/audio-files/<sid>", "get_audio_file")
def get_audio_file(visit: CustomerVisit, sid: str) -> Answer:
    """Tell one audio file."""
    return answer_json(render_clip(visit.account.clip(check_sid("sid", sid))))


@patch("/audio-files/<sid>", "update_audio_file_properties")
def update_audio_file(visit: CustomerVisit, sid: str) -> Answer:
    """Rename an audio file."""
    clip = _own(visit, sid)
    clip.name = read_body(visit, known=("name",)).text("name", 1, LONGEST_NAME)
    clip.updated = visit.world.clock.now
    return answer_json(render_clip(clip))


@delete("/audio-files/<sid>", "delete_audio_file")
def delete_audio_file(visit: CustomerVisit, sid: str) -> Answer:
    """Forget an audio file."""
    del visit.account.clips[_own(visit, sid).ref]
    return answer_nothing()


@put("/audio-files/<sid>/file", "update_audio_file_with_upload")
@routes.post("/audio-files/<sid>/file", "update_audio_file_with_upload")
def replace_audio_file(visit: CustomerVisit, sid: str) -> Answer:
    """Give an audio file new content: the migration table says PUT, the reference says POST."""
    clip = _own(visit, sid)
    if media_type(visit.request) != MULTIPART:
        raise WrongMediaType(MULTIPART)
    upload = visit.form.file("file")
    if upload is None:
        refusal("file", "is required")
    _check_format(upload)
    _fill(visit, clip, upload)
    return answer_json(render_clip(clip))


@put("/audio-files/<sid>/phone-id", "update_audio_file_on_the_phone")
def update_over_the_phone(visit: CustomerVisit, sid: str) -> Answer:
    """Tell which number to call and which code to key in to record oneself."""
    clip = _own(visit, sid)
    country = check_pattern("country", Query(visit.form).required("country"), COUNTRY)
    account, number = visit.account, E164(PHONES.get(country, PHONES["FR"]))
    nth = account.memory["phone ids"] = account.memory.get("phone ids", 0) + 1
    code = 100_000 + visit.world.random.below(900_000, "phone id", account.name, sid, nth)
    visit.world.switchboard.serve(account, number, str(code), partial(_take_recording, visit.world, clip))
    return answer_json({"code": code, "number": number})


def _take_recording(world: World, clip: AudioClip, call: LiveCall) -> None:
    clip.body, clip.source = f"spoken at {call.started}".encode(), ClipSource.TELEPHONE
    world.clips.convert(call.account, clip, call.talk)


def _own(visit: CustomerVisit, sid: str) -> AudioClip:
    clip = visit.account.clip(check_sid("sid", sid))
    if clip.read_only:
        raise Forbidden(f"The audio file {sid} is read-only.")
    return clip


def _add(visit: CustomerVisit, name: str) -> AudioClip:
    clip = AudioClip(0, name, visit.world.clock.now, timedelta(0), state=ClipState.EMPTY)
    return visit.world.add_clip(visit.account, clip)


def _check_format(upload: Upload) -> None:
    """Refuse at once what does not even begin as sound does; what breaks later ends as an error."""
    body = upload.body
    known = (
        body.startswith(_STARTS)
        or body[4:8] == b"ftyp"
        or body[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
    )
    if not known:
        raise InvalidRequest(
            "file must be one of audio/flac, audio/mpeg, audio/mp4, audio/ogg, audio/wav.",
            "unsupported-format",
        )


def _fill(visit: CustomerVisit, clip: AudioClip, upload: Upload) -> None:
    try:
        length = timedelta(seconds=ceil(measure(upload.body, upload.filename).seconds))
    except MalformedSound:
        length = None
    clip.body, clip.source = upload.body, ClipSource.CLIENT
    visit.world.clips.convert(visit.account, clip, length)
