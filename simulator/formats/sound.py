"""Sound files: how long one really plays, and a tone to answer with.

A header is a claim. WAV and MP3 are measured by the bytes that are there; FLAC, Ogg and M4A only say how long
they are, so their word is taken unless the file is too small to hold it.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from simulator.formats.fragmented_mp4 import fragment_seconds

Kind = Literal["wav", "mp3", "ogg", "flac", "m4a"]

MAX_ID3 = 5 * 1024 * 1024
TONE_RATE = 8_000

_MAX_TRAILER = 64 * 1024
_LAME_TAG = 120  # bytes from the mark "Xing" or "Info" to the encoder's own tag
# Bytes a second below which no encoder goes, even for silence.
_LEAST_BYTES: dict[Kind, int] = {"flac": 8, "ogg": 20, "m4a": 100}
_WAV_CODECS = {1: "PCM", 3: "float", 6: "A-law", 7: "mu-law", 0xFFFE: "extensible"}
_MP3_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_MPEG1_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_FOREIGN_STARTS = (b"%pdf-", b"<html", b"<script", b"<!doctype", b"<?php", b"<svg")


class MalformedSound(ValueError):
    """A file that is no sound we can play; the message says why."""


class Sound(Struct, frozen=True):
    """What a sound file is and how many seconds it plays."""

    kind: Kind
    seconds: float


def measure(body: bytes) -> Sound:
    """Return kind and length of a sound file from its bytes.

    Raises MalformedSound for anything but wav, mp3, ogg, flac and m4a, for a header that cannot be true, a
    file that is something else as well, and a sound without length.
    """
    _refuse_polyglot(body)
    audio = _without_id3(body) if body.startswith(b"ID3") else body
    kind, length = _recognise(audio)
    seconds = length(audio)
    if seconds * _LEAST_BYTES.get(kind, 0) > len(audio):
        raise MalformedSound(f"its header claims {seconds:,.0f} s, which {len(audio):,} bytes cannot hold")
    if not (math.isfinite(seconds) and seconds > 0):
        raise MalformedSound("it holds no sound")
    return Sound(kind, seconds)


def tone(seconds: float, key: int) -> bytes:
    """Return a WAV of `round(seconds * 8000)` frames: 8 kHz, mono, 16-bit PCM; `key` chooses the pitch."""
    pitch = 300 + 50 * (key % 13)  # whole periods of any multiple of 50 Hz fill 160 frames
    period = [round(8_000 * math.sin(math.tau * pitch * frame / TONE_RATE)) for frame in range(160)]
    count = round(seconds * TONE_RATE)
    frames = (struct.pack("<160h", *period) * (count // 160 + 1))[: count * 2]
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setparams((1, 2, TONE_RATE, count, "NONE", ""))
        sound.writeframes(frames)
    return target.getvalue()


def _recognise(audio: bytes) -> tuple[Kind, Callable[[bytes], float]]:
    if audio[:4] == b"RIFF" and audio[8:12] == b"WAVE":
        return "wav", _wav_seconds
    if audio[:4] == b"fLaC":
        return "flac", _flac_seconds
    if audio[:4] == b"OggS":
        return "ogg", _ogg_seconds
    if audio[4:8] == b"ftyp":
        return "m4a", _m4a_seconds
    if _mp3_frame(audio, 0):
        return "mp3", _mp3_seconds
    raise MalformedSound("it is none of wav, mp3, ogg, flac, m4a")


def _refuse_polyglot(body: bytes) -> None:
    """Refuse a sound that a browser, a PDF reader or an unzipper would take for theirs."""
    start = body[:1024].lower()
    if _ends_as_zip(body) or any(mark in start for mark in _FOREIGN_STARTS):
        raise MalformedSound("it is a document or an archive as well as a sound")


def _ends_as_zip(body: bytes) -> bool:
    """Return whether a zip's closing record is there: 22 bytes, the last two count the comment after it."""
    record = body.rfind(b"PK\x05\x06", max(0, len(body) - 65_557))
    comment = len(body) - record - 22
    return record >= 0 <= comment and int.from_bytes(body[record + 20 : record + 22], "little") == comment


def _without_id3(body: bytes) -> bytes:
    size = 0
    for byte in body[6:10]:
        size = size << 7 | byte & 0x7F
    if size > MAX_ID3 or size + 10 >= len(body):
        raise MalformedSound(f"its ID3 tag claims {size:,} of {len(body):,} bytes")
    return body[10 + size :]


def _wav_seconds(body: bytes) -> float:
    position, frame_size, rate = 12, 0, 1
    while position + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, position)
        position += 8
        if name == b"fmt ":
            frame_size, rate = _wav_format(body[position : position + min(size, 40)])
        if name == b"data":
            if not frame_size:
                raise MalformedSound("its data comes before its format")
            frames: int = min(size, len(body) - position) // frame_size  # a pipe's writer claims 4 GB
            return frames / rate
        position += size + size % 2
    raise MalformedSound("its header announces no data, or more than the file holds")


def _wav_format(chunk: bytes) -> tuple[int, int]:
    """Return bytes a frame and frames a second."""
    if len(chunk) < 16:
        raise MalformedSound("its format is cut short")
    codec, channels, rate, _, frame_size, bits = struct.unpack_from("<HHIIHH", chunk)
    if codec not in _WAV_CODECS:
        raise MalformedSound(f"its WAV codec {codec} is compressed; save it as PCM")
    if rate == 0:
        raise MalformedSound("its frame rate is 0")
    if channels == 0 or frame_size == 0 or frame_size != channels * ((bits + 7) // 8):
        raise MalformedSound(f"its frames of {frame_size} bytes are not {channels} channels of {bits} bits")
    return frame_size, rate


def _flac_seconds(body: bytes) -> float:
    if len(body) < 42 or body[4] & 0x7F:
        raise MalformedSound("its STREAMINFO is missing")
    info = int.from_bytes(body[18:26])
    rate, samples = info >> 44, info & 0xF_FFFF_FFFF
    if rate == 0:
        raise MalformedSound("its frame rate is 0")
    return samples / rate


def _mp3_seconds(body: bytes) -> float:
    """Add up the frames that are there, less what an encoder tells it put before and behind the sound.

    The frame with the Xing header is not played, and nothing else of it is believed.
    """
    position = frames = 0
    seconds = 0.0
    while frame := _mp3_frame(body, position):
        size, length = frame
        if position + size > len(body):
            break
        if frames or not _is_xing(body[:64]):
            seconds += length
        frames += 1
        position += size
    if frames < 2 or len(body) - position > _MAX_TRAILER:
        raise MalformedSound(f"its MP3 frames end at byte {position:,} of {len(body):,}")
    return seconds - _mp3_padding(body) / _mp3_rate(body)


def _mp3_padding(body: bytes) -> int:
    """Return how many samples are none of the sound's, by the tag that LAME and Lavc write behind Xing's."""
    tag = max(body.find(mark, 0, 64) for mark in (b"Xing", b"Info")) + _LAME_TAG
    if body[tag : tag + 4] not in (b"LAME", b"Lavc", b"Lavf"):
        return 0
    delays = int.from_bytes(body[tag + 21 : tag + 24])
    return (delays >> 12) + (delays & 0xFFF)


def _mp3_rate(body: bytes, position: int = 0) -> int:
    """Return samples a second of the frame at `position`."""
    header = body[position + 1 : position + 3]
    return _MP3_RATES[header[0] >> 3 & 3][header[1] >> 2 & 3]


def _is_xing(frame: bytes) -> bool:
    return any(mark in frame for mark in (b"Xing", b"Info", b"VBRI"))


def _mp3_frame(body: bytes, position: int) -> tuple[int, float] | None:
    """Return bytes and seconds of the Layer III frame at `position`, or None."""
    header = int.from_bytes(body[position : position + 4])
    version, layer = header >> 19 & 3, header >> 17 & 3
    bitrate, rate, padding = header >> 12 & 15, header >> 10 & 3, header >> 9 & 1
    if header >> 21 != 0x7FF or version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return None
    samples, kbits = (1152, _MPEG1_KBITS) if version == 3 else (576, _MPEG2_KBITS)
    hertz = _mp3_rate(body, position)
    return samples // 8 * kbits[bitrate] * 1000 // hertz + padding, samples / hertz


def _ogg_seconds(body: bytes) -> float:
    """Return what the tags say, or for FLAC in Ogg (RFC 9639, 10.1) the samples up to the last page."""
    packet = 27 + body[26] if len(body) > 26 else len(body)
    if body[packet : packet + 5] != b"\x7fFLAC":
        return _tagged_seconds(body)
    rate = int.from_bytes(body[packet + 27 : packet + 35]) >> 44
    last = body.rfind(b"OggS")
    if rate == 0:
        raise MalformedSound("its frame rate is 0")
    return int.from_bytes(body[last + 6 : last + 14], "little") / rate


def _m4a_seconds(body: bytes) -> float:
    return fragment_seconds(body) or _tagged_seconds(body)


def _tagged_seconds(body: bytes) -> float:
    from tinytag import ParseError, TinyTag  # noqa: PLC0415  needed by uploads only

    try:
        seconds = TinyTag.get(file_obj=io.BytesIO(body), tags=False).duration
    except ParseError as error:
        raise MalformedSound("its structure is damaged") from error
    if seconds is None:
        raise MalformedSound("it does not tell its length")
    return float(seconds)
