"""Sound files: measured by their bytes, not by their word."""

from __future__ import annotations

import io
import math
import struct
import wave
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats.sound import MalformedSound, Sound, measure, tone


def encoded(kind: str, subtype: str | None = None, seconds: float = 3.0, rate: int = 8_000) -> bytes:
    samples = [0.3 * math.sin(frame / 3) for frame in range(round(seconds * rate))]
    target = io.BytesIO()
    soundfile.write(target, samples, rate, format=kind, subtype=subtype)
    return target.getvalue()


def wav(
    data: bytes = b"\0" * 100, codec: int = 1, channels: int = 1, rate: int = 8_000, frame: int = 2,
    claim: int | None = None,
) -> bytes:  # fmt: skip
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, codec, channels, rate, rate * frame, frame, 16)
    size = len(data) if claim is None else claim
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + fmt + struct.pack("<4sI", b"data", size) + data


def atom(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def m4a(ticks: int, payload: int = 30_000, scale: int = 1_000) -> bytes:
    length = atom(b"mvhd", bytes(12) + struct.pack(">II", scale, ticks) + bytes(80))
    return atom(b"ftyp", b"M4A \0\0\0\0") + atom(b"moov", length) + atom(b"mdat", bytes(payload))


def id3(size: int) -> bytes:
    return b"ID3\x04\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def refusal(body: bytes) -> str:
    with pytest.raises(MalformedSound) as caught:
        measure(body)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "subtype", "rate", "precision"),
    [
        ("WAV", "PCM_16", 8_000, 0),
        ("WAV", "PCM_24", 44_100, 0),
        ("WAV", "FLOAT", 16_000, 0),
        ("WAV", "ULAW", 8_000, 0),
        ("WAV", "ALAW", 8_000, 0),
        ("WAVEX", "PCM_16", 8_000, 0),
        ("FLAC", None, 44_100, 0),
        ("OGG", "VORBIS", 44_100, 0.01),
        ("OGG", "OPUS", 48_000, 0.01),
        ("MP3", None, 44_100, 0.000_1),
        ("MP3", None, 16_000, 0.000_1),
        ("MP3", None, 8_000, 0.000_1),
    ],
)
def test_a_real_file_has_its_real_length(kind: str, subtype: str | None, rate: int, precision: float) -> None:
    sound = measure(encoded(kind, subtype, rate=rate))

    assert sound.kind == kind.lower()[:4].removesuffix("e")
    assert sound.seconds == pytest.approx(3, abs=precision)


def test_an_m4a_tells_its_length() -> None:
    assert measure(m4a(ticks=2_500)) == Sound("m4a", 2.5)


def fragmented(*runs: bytes, default: int = 1_024, payload: int = 30_000) -> bytes:
    """Return an M4A at 8,000 ticks a second whose samples lie in fragments, one for each run."""
    scale = atom(b"mdhd", bytes(12) + struct.pack(">II", 8_000, 0) + bytes(4))
    track = atom(b"trak", atom(b"mdia", scale))
    extends = atom(b"mvex", atom(b"trex", struct.pack(">IIIII", 0, 1, 1, default, 0)))
    moov = atom(
        b"moov", atom(b"mvhd", bytes(12) + struct.pack(">II", 1_000, 0) + bytes(80)) + track + extends
    )
    header = atom(b"tfhd", struct.pack(">II", 0x020000, 1))
    pieces = [
        atom(b"moof", atom(b"traf", header + atom(b"trun", run))) + atom(b"mdat", bytes(payload))
        for run in runs
    ]
    return atom(b"ftyp", b"iso5\0\0\0\0") + moov + b"".join(pieces)


def test_an_m4a_in_fragments_plays_what_they_hold() -> None:
    by_default = struct.pack(">II", 0, 10)
    each_by_itself = struct.pack(">IIIIIII", 0x301, 2, 0, 4_000, 99, 1_760, 99)

    assert measure(fragmented(by_default, each_by_itself)) == Sound("m4a", 2.0)


@pytest.mark.parametrize("run", [b"", b"\0" * 4, struct.pack(">III", 0x100, 1_000_000, 8_000)])
def test_fragments_that_are_cut_short_play_no_more_than_is_there(run: bytes) -> None:
    assert measure(fragmented(struct.pack(">II", 0, 10), run)).seconds <= 2.28


def test_fragments_that_claim_more_than_the_file_can_hold_are_refused() -> None:
    assert "cannot hold" in refusal(fragmented(struct.pack(">II", 0, 0xFFFFFFF), payload=100))


def test_flac_in_ogg_plays_to_its_last_page() -> None:
    info = bytes(10) + (8_000 << 44).to_bytes(8) + bytes(16)
    first = b"\x7fFLAC\x01\x00\x00\x01fLaC\x80\x00\x00\x22" + info
    pages = [page(0, first), page(8_000, bytes(200)), page(20_000, bytes(200))]

    assert measure(b"".join(pages)) == Sound("ogg", 2.5)


def page(granule: int, packet: bytes) -> bytes:
    return struct.pack("<4sBBQIIIBB", b"OggS", 0, 0, granule, 1, 0, 0, 1, len(packet)) + packet


def test_silence_that_packs_well_is_not_taken_for_a_lie() -> None:
    target = io.BytesIO()
    soundfile.write(target, [0.0] * 8_000 * 60, 8_000, format="FLAC")

    assert measure(target.getvalue()).seconds == 60


def test_an_honest_tag_before_an_mp3_is_skipped() -> None:
    plain = encoded("MP3")

    assert measure(id3(1_000) + bytes(1_000) + plain) == measure(plain)


@pytest.mark.parametrize("claim", [0xFFFFFFFF, 0xFFFFFFF0, 200])
def test_a_wav_plays_the_bytes_it_has_not_those_it_claims(claim: int) -> None:
    assert measure(wav(claim=claim)).seconds == 50 / 8_000


def test_a_wav_may_carry_other_chunks_and_an_odd_one_is_padded() -> None:
    whole = wav()
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0"

    assert measure(whole[:12] + extra + whole[12:]).seconds == 50 / 8_000


def flac_claiming(samples: int, rate: int = 8_000) -> bytes:
    info = rate << 44 | 15 << 36 | samples
    return b"fLaC\0\0\0\x22" + bytes(10) + info.to_bytes(8) + bytes(16) + bytes(1_000)


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("a", "b")
    return target.getvalue()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: b"", "none of"),
        (lambda: b"hello, this is no sound at all", "none of"),
        (lambda: b"GIF89a" + bytes(100), "none of"),
        (lambda: wav(rate=0), "frame rate is 0"),
        (lambda: wav(channels=0), "channels"),
        (lambda: wav(frame=0), "channels"),
        (lambda: wav(frame=1), "channels"),
        (lambda: wav(codec=2), "codec 2"),
        (lambda: wav(b""), "no sound"),
        (lambda: wav()[:30], "cut short"),
        (lambda: wav()[:12], "no data"),
        (lambda: wav()[:12] + b"data" + bytes(50), "before its format"),
        (lambda: wav()[:12] + b"JUNK\xff\xff\xff\xff" + wav()[12:], "more than the file holds"),
        (lambda: flac_claiming(8_000 * 3_600 * 74), "cannot hold"),
        (lambda: flac_claiming(8_000, rate=0), "frame rate is 0"),
        (lambda: flac_claiming(0), "no sound"),
        (lambda: b"fLaC\0\0", "STREAMINFO"),
        (lambda: m4a(ticks=74 * 3_600_000), "cannot hold"),
        (lambda: m4a(ticks=0), "no sound"),
        (lambda: m4a(ticks=9, scale=0), "does not tell"),
        (lambda: atom(b"ftyp", b"M4A "), "does not tell"),
        (lambda: b"OggS" + bytes(200), "does not tell"),
        (lambda: b"OggS\x01" + bytes(200), "damaged"),
        (lambda: id3(200_000_000) + bytes(1_000), "ID3"),
        (lambda: id3(6_000_000) + bytes(6_000_000) + encoded("MP3"), "ID3"),
        (lambda: id3(5) + bytes(5) + b"<html>", "document"),
        (lambda: encoded("MP3")[:60], "MP3 frames"),
        (lambda: encoded("MP3") + bytes(100_000), "MP3 frames"),
        (lambda: wav() + zipped(), "archive"),
        (lambda: id3(50) + b"<script>alert(1)</script>".ljust(50) + encoded("MP3"), "document"),
        (lambda: wav(b"%PDF-1.7" + bytes(92)), "document"),
    ],
)
def test_what_is_no_sound_is_refused_with_its_reason(make: Callable[[], bytes], reason: str) -> None:
    assert reason in refusal(make())


@pytest.mark.parametrize("seconds", [0.1, 1.0, 2.34567, 30.0])
def test_a_tone_plays_exactly_as_long_as_asked(seconds: float) -> None:
    with wave.open(io.BytesIO(tone(seconds, key=5))) as played:
        shape = (played.getframerate(), played.getnchannels(), played.getsampwidth())
        assert shape == (8_000, 1, 2)
        assert played.getnframes() == round(seconds * 8_000)


def test_a_tone_can_be_decoded_and_heard() -> None:
    samples, rate = soundfile.read(io.BytesIO(tone(1, key=1)))

    assert rate == 8_000
    assert 0.2 < max(samples) < 0.3


def test_the_key_chooses_the_pitch() -> None:
    assert tone(1, key=7) == tone(1, key=7)
    assert tone(1, key=7) != tone(1, key=8)
    assert measure(tone(1, key=-(10**20))).seconds == 1


STARTS = [
    b"",
    wav()[:44],
    b"fLaC",
    b"OggS\0",
    b"\xff\xfb\x90\x64",
    b"\0\0\0\x08ftyp",
    m4a(9),
    id3(9),
    flac_claiming(9),
]


@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_any_bytes_are_measured_or_refused(start: bytes, rest: bytes) -> None:
    with suppress(MalformedSound):
        assert measure(start + rest).seconds > 0
