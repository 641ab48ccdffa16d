"""Audio files: named, filled by upload or over the phone, converted in the background."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import count

from simulator.exchange import Answer, Loss
from simulator.formats.forms import Upload
from simulator.formats.sound import MalformedSound, measure
from simulator.telephony.accounts import AudioClip, ClipSource, ClipState
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.owners import Slot
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.answers import answer_json, answer_nothing
from simulator.vendors.callr.fields import (
    COUNTRY,
    Query,
    check_pattern,
    check_sid,
    check_text,
    read_body,
    refuse_missing,
)
from simulator.vendors.callr.paging import OF_NAMED, Search, name_contains
from simulator.vendors.callr.responses import CLIP_SOURCES, CLIP_STATES, render_clip
from simulator.vendors.callr.routes import blueprint

LONGEST_NAME = 64
MULTIPART = "multipart/form-data"
_STARTS = (b"RIFF", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
PHONES = {"FR": "+33199009999", "GB": "+442079460999", "US": "+14155550199"}
"""Numbers to record oneself at, by country; the closest possible elsewhere (documented) is the first."""

SEARCH = Search[AudioClip]("audio files", OF_NAMED, render_clip)


@blueprint.get("/audio-files")
def search_audio_files(context: RequestContext) -> Answer:
    """Find audio files by a part of their name, their status and their source."""
    query = Query(context.form)
    is_named = name_contains(query.text("name", 1, LONGEST_NAME))
    status = query.choice("status", CLIP_STATES.values())
    source = query.choice("source", CLIP_SOURCES.values())

    def matches(clip: AudioClip) -> bool:
        fits = status in (None, CLIP_STATES[clip.state]) and source in (None, CLIP_SOURCES[clip.source])
        return fits and is_named(clip)

    return SEARCH.answer(context, list(context.account.clips.values()), matches)


@blueprint.post("/audio-files")
def upload_audio_file(context: RequestContext) -> Answer:
    """Make an audio file: by its name alone, or with its content."""
    if context.request.media_type != MULTIPART:
        if context.request.media_type != "application/json":
            raise Refused("body_type", types=f"{MULTIPART} or application/json")
        body = read_body(context, known=("name",))
        if "file" in body:
            context.losses.append(Loss("file_left_out", "/file", "a file in JSON, which holds no sound"))
        return answer_json(render_clip(_add(context, body.text("name", 1, LONGEST_NAME))), 201)
    value = next((field.value for field in context.form.fields if field[0::2] == ("name", "body")), None)
    name = refuse_missing("name") if value is None else check_text("name", value, 1, LONGEST_NAME)
    upload = context.form.file("file")
    if upload is not None:
        _check_format(upload)
    clip = _add(context, name)
    if upload is not None:
        _fill(context, clip, upload)
    return answer_json(render_clip(clip), 201)


@blueprint.get("/audio-files/<sid>")
def get_audio_file(context: RequestContext, sid: str) -> Answer:
    """Return one audio file; refused where the account has no such one."""
    return answer_json(render_clip(context.account.clip(check_sid("sid", sid))))


@blueprint.patch("/audio-files/<sid>", endpoint="update_audio_file_properties")
def update_audio_file(context: RequestContext, sid: str) -> Answer:
    """Rename an audio file."""
    clip = _own(context, sid)
    clip.name = read_body(context, known=("name",)).text("name", 1, LONGEST_NAME)
    clip.updated = context.world.clock.now
    return answer_json(render_clip(clip))


@blueprint.delete("/audio-files/<sid>")
def delete_audio_file(context: RequestContext, sid: str) -> Answer:
    """Forget an audio file."""
    del context.account.clips[_own(context, sid).ref]
    return answer_nothing()


@blueprint.put("/audio-files/<sid>/file", endpoint="update_audio_file_with_upload")
@blueprint.post("/audio-files/<sid>/file", endpoint="update_audio_file_with_upload")
def replace_audio_file(context: RequestContext, sid: str) -> Answer:
    """Give an audio file new content: the migration table says PUT, the reference says POST."""
    clip = _own(context, sid)
    if context.request.media_type != MULTIPART:
        raise Refused("body_type", types=MULTIPART)
    upload = context.form.file("file")
    if upload is None:
        refuse_missing("file")
    _check_format(upload)
    _fill(context, clip, upload)
    return answer_json(render_clip(clip))


CODES: Slot[Iterator[int]] = Slot("codes", partial(count, 1))
"""Numbers the codes by which somebody records themselves over the phone."""


@blueprint.put("/audio-files/<sid>/phone-id", endpoint="update_audio_file_on_the_phone")
def update_over_the_phone(context: RequestContext, sid: str) -> Answer:
    """Tell which number to call and which code to key in to record oneself."""
    clip = _own(context, sid)
    country = check_pattern("country", Query(context.form).required("country"), COUNTRY)
    account, number = context.account, E164(PHONES.get(country, PHONES["FR"]))
    nth = next(CODES.of(account))
    code = 100_000 + context.world.random.below(900_000, "phone id", account.name, sid, nth)
    context.world.switchboard.serve(account, number, str(code), partial(_take_recording, context.world, clip))
    return answer_json({"code": code, "number": number})


def _take_recording(world: World, clip: AudioClip, call: LiveCall) -> None:
    clip.body, clip.source = f"spoken at {call.started}".encode(), ClipSource.TELEPHONE
    world.clips.convert(world.network.account_of(call.account), clip, call.talk)


def _own(context: RequestContext, sid: str) -> AudioClip:
    clip = context.account.clip(check_sid("sid", sid))
    if clip.read_only:
        raise Refused("audio_readonly", sid=sid)
    return clip


def _add(context: RequestContext, name: str) -> AudioClip:
    clip = AudioClip(
        ref=0, name=name, created=context.world.clock.now, length=timedelta(0), state=ClipState.EMPTY
    )
    return context.world.clips.add(context.account, clip)


def _check_format(upload: Upload) -> None:
    """Refuse at once what does not even begin as sound does; what breaks later ends as an error."""
    if not upload.body.startswith(_STARTS) and upload.body[4:8] != b"ftyp":
        raise Refused("audio_format")


def _fill(context: RequestContext, clip: AudioClip, upload: Upload) -> None:
    try:
        length = timedelta(seconds=measure(upload.body).seconds)
    except MalformedSound:
        length = None
    clip.body, clip.source = upload.body, ClipSource.CLIENT
    context.world.clips.convert(context.account, clip, length)
