"""Inputs as bytes and back: what a log on disk holds of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from simulator.exchange import Answer, DeliveryAttempt, Request
from simulator.state.inputs import (
    ActionTaken,
    AnswersLeft,
    Cause,
    DeliverySettled,
    RequestArrived,
    TimeReached,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_Numbers = tuple[int, ...]
Pairs = tuple[tuple[bytes, bytes], ...]


class _Request(msgspec.Struct, frozen=True, array_like=True):
    """A request whose texts are bytes: what came may hold letters that are none in UTF-8."""

    vendor: str
    method: bytes
    path: bytes
    query: bytes
    headers: msgspec.Raw
    body: bytes
    remote: str
    base: bytes


class _Settled(msgspec.Struct, frozen=True, array_like=True):
    ref: str
    release: int
    after: int
    left: int
    status: int | None
    error: str | None
    reason: bytes
    took: int
    reply: tuple[int, bytes, Pairs] | None


class Origin(msgspec.Struct, frozen=True):
    """Where a scenario came from, what it says with those it extends, and what its rules are called."""

    name: str
    text: str
    words: dict[str, Any]
    ids: dict[str, tuple[str, ...]] = {}

    def says(self, other: Origin) -> bool:
        """Return whether both say the same, wherever their files lie."""
        return (self.text, self.words) == (other.text, other.words)

    def encode(self) -> str:
        """Return it as JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def decode(cls, text: str) -> Origin:
        """Read it from JSON; raises ValueError."""
        return msgspec.json.decode(text, type=cls)


def microseconds(instant: datetime) -> int:
    """Return an aware instant as microseconds since 1970."""
    return (instant - EPOCH) // MICROSECOND


def instant(microseconds: int) -> datetime:
    """Return the instant, in UTC, of microseconds since 1970."""
    return EPOCH + microseconds * MICROSECOND


def encode_cause(cause: Cause) -> tuple[str, bytes]:
    """Return the kind of a cause and its bytes; raises TypeError for arguments that are not plain."""
    match cause:
        case RequestArrived(vendor, request):
            return "request", _ENCODE(_packed(vendor, request))
        case ActionTaken(name, arguments):
            _check_plain(name, arguments)
            return "action", _ENCODE(cause)
        case DeliverySettled():
            return "settled", _ENCODE(_packed_attempt(cause))
        case AnswersLeft(numbers):
            return "left", _ENCODE(numbers)
        case TimeReached(pausing):
            return "time", b"pausing" if pausing else b""


def decode_cause(kind: str, body: bytes) -> Cause:
    """Return a cause of its kind and bytes; raises ValueError for what was not encoded here."""
    try:
        return _DECODERS[kind](body)
    except KeyError:
        raise ValueError(f"no input is of the kind {kind!r}") from None
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def _check_plain(name: str, argument: object) -> None:
    """Raise TypeError for an argument that would not come back as what it was."""
    match argument:
        case str() | bool() | int() | None:
            return
        case list():
            inner = argument
        case Mapping():
            inner = [*argument, *argument.values()]
        case _:
            raise TypeError(f"{name}: {type(argument).__name__} is no plain argument")
    for part in inner:
        _check_plain(name, part)


def _packed(vendor: str, request: Request) -> _Request:
    return _Request(
        vendor,
        _bytes(request.method),
        _bytes(request.path),
        _bytes(request.query),
        _pack_headers(request.headers),
        request.body,
        request.remote,
        _bytes(request.base),
    )


def _read_request(body: bytes) -> RequestArrived:
    packed = _decode(_Request, body)
    request = Request(
        _text(packed.method),
        _text(packed.path),
        _text(packed.query),
        _read_headers(bytes(packed.headers)),
        packed.body,
        remote=packed.remote,
        base=_text(packed.base),
    )
    return RequestArrived(packed.vendor, request)


def _packed_attempt(settled: DeliverySettled) -> _Settled:
    attempt = settled.attempt
    reply = attempt.reply
    return _Settled(
        settled.ref,
        settled.release,
        settled.after,
        microseconds(settled.left),
        attempt.status,
        attempt.error,
        _bytes(attempt.reason),
        attempt.took // MICROSECOND,
        None if reply is None else (reply.status, reply.body, _pairs(reply.headers)),
    )


def _read_settled(body: bytes) -> DeliverySettled:
    packed = _decode(_Settled, body)
    reply = None
    if packed.reply is not None:
        status, content, headers = packed.reply
        reply = Answer(status, content, _unpaired(headers))
    took = packed.took * MICROSECOND
    attempt = DeliveryAttempt(packed.status, packed.error, _text(packed.reason), reply, took)
    return DeliverySettled(packed.ref, packed.release, attempt, packed.after, instant(packed.left))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogatepass")


def _pairs(headers: tuple[tuple[str, str], ...]) -> Pairs:
    return tuple([(_bytes(name), _bytes(value)) for name, value in headers])


def _unpaired(headers: Pairs) -> tuple[tuple[str, str], ...]:
    return tuple([(_text(name), _text(value)) for name, value in headers])


@lru_cache(maxsize=100)  # one client's are alike, and take as long as all else
def _pack_headers(headers: tuple[tuple[str, str], ...]) -> msgspec.Raw:
    return msgspec.Raw(_ENCODE(_pairs(headers)))


@lru_cache(maxsize=100)
def _read_headers(packed: bytes) -> tuple[tuple[str, str], ...]:
    return _unpaired(_decode(Pairs, packed))


def _decode(kind: Any, body: bytes) -> Any:
    return _READERS[kind].decode(body)


_ENCODE = msgspec.msgpack.Encoder().encode
_READERS = {
    kind: msgspec.msgpack.Decoder(kind) for kind in (_Request, ActionTaken, _Settled, _Numbers, Pairs)
}
_DECODERS: Mapping[str, Callable[[bytes], Cause]] = {
    "request": _read_request,
    "action": lambda body: _decode(ActionTaken, body),
    "settled": _read_settled,
    "time": lambda body: TimeReached(body == b"pausing"),
    "left": lambda body: AnswersLeft(_decode(_Numbers, body)),
}
