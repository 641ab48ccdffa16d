"""Fragmented MP4, as recorders and streams write it: how long its fragments play (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

Span = tuple[int, int]
"""Where the content of a box begins in a file, and where it ends."""

_BASE_OFFSET, _DESCRIPTION, _DEFAULT_DURATION = 0x1, 0x2, 0x8
_DATA_OFFSET, _FIRST_FLAGS, _DURATION, _SAMPLE_FIELDS = 0x1, 0x4, 0x100, 0xF00


def fragment_seconds(body: bytes) -> float:
    """Return how many seconds the fragments of a file play, by the scale of its first track; 0 without any.

    A file whose boxes are cut short plays what is there.
    """
    whole = (0, len(body))
    moov = next(_boxes(body, whole, b"moov"), None)
    fragments = [traf for moof in _boxes(body, whole, b"moof") for traf in _boxes(body, moof, b"traf")]
    if moov is None or not fragments:
        return 0.0
    header = _first(body, moov, b"trak", b"mdia", b"mdhd")
    extends = _first(body, moov, b"mvex", b"trex")
    scale = _number(body, header, 20 if header and body[header[0]] == 1 else 12)
    default = _number(body, extends, 12)
    return sum(_ticks(body, traf, default) for traf in fragments) / scale if scale else 0.0


def _ticks(body: bytes, traf: Span, default: int) -> int:
    """Return how long the runs of samples in one fragment play."""
    for header in _boxes(body, traf, b"tfhd"):
        flags = _number(body, header, 0)
        if flags & _DEFAULT_DURATION:
            skipped = 8 * bool(flags & _BASE_OFFSET) + 4 * bool(flags & _DESCRIPTION)
            default = _number(body, header, 8 + skipped)
    return sum(_run_ticks(body, run, default) for run in _boxes(body, traf, b"trun"))


def _run_ticks(body: bytes, run: Span, default: int) -> int:
    flags, count = _number(body, run, 0), _number(body, run, 4)
    if not flags & _DURATION:
        return count * default
    width = 4 * (flags & _SAMPLE_FIELDS).bit_count()
    first = 8 + 4 * bool(flags & _DATA_OFFSET) + 4 * bool(flags & _FIRST_FLAGS)
    count = min(count, (run[1] - run[0] - first) // width)
    return sum(_number(body, run, first + nth * width) for nth in range(count))


def _number(body: bytes, box: Span | None, offset: int) -> int:
    """Return the 32 bits at `offset` of a box; 0 where it does not reach so far."""
    start = box[0] + offset if box else 0
    return int.from_bytes(body[start : start + 4]) if box and start + 4 <= box[1] else 0


def _first(body: bytes, within: Span, *names: bytes) -> Span | None:
    """Return the first box at the end of a path of names."""
    box: Span | None = within
    for name in names:
        box = next(_boxes(body, box, name), None) if box else None
    return box


def _boxes(body: bytes, within: Span, name: bytes) -> Iterator[Span]:
    """Yield the boxes of a name that lie side by side in a span."""
    position, end = within
    while position + 8 <= end:
        size, kind = struct.unpack_from(">I4s", body, position)
        head = 8
        if size == 1 and position + 16 <= end:
            size, head = int.from_bytes(body[position + 8 : position + 16]), 16
        size = size or end - position
        if size < head:
            return
        if kind == name:
            yield position + head, min(position + size, end)
        position += size
