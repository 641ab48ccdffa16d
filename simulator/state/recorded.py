"""Worlds as they went, in a file: what each began as, what came in, and what was answered.

It is JSON that people can read and cut; it holds keys and numbers in clear, so its owner alone can read it.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec.structs import asdict

from simulator.errors import SimulatorError
from simulator.exchange import Answer, Request
from simulator.state.encoding import decode_cause, encode_cause, instant, microseconds
from simulator.state.inputs import ActionTaken, Cause, Input, RequestArrived, TimeReached
from simulator.telephony.outbox import Delivery

FORMAT: Literal[1] = 1
Pairs = tuple[tuple[str, str], ...]


class UnreadableRecord(SimulatorError):
    """A file that holds no recorded worlds of this version."""


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bytes: as text, or in base64 where they are none."""

    text: str = ""
    base64: str = ""

    @classmethod
    def of(cls, content: bytes) -> Body:
        """Return bytes as they are kept."""
        try:
            return cls(text=content.decode())
        except UnicodeDecodeError:
            return cls(base64=base64.b64encode(content).decode())

    @property
    def content(self) -> bytes:
        """The bytes; raises ValueError."""
        return base64.b64decode(self.base64, validate=True) if self.base64 else self.text.encode()


class RequestRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request of a client, to be read by people."""

    vendor: str
    method: str
    path: str
    query: str = ""
    headers: Pairs = ()
    body: Body = Body()
    remote: str = "127.0.0.1"
    base: str = ""


class AnswerRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was answered: the beginning of a long body, as far as the journal kept it."""

    status: int
    headers: Pairs = ()
    body: Body = Body()

    @classmethod
    def of(cls, answer: Answer) -> AnswerRow:
        """Return an answer as it is kept."""
        return cls(status=answer.status, headers=_readable(answer.headers), body=Body.of(answer.body))


class CallbackRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A callback of the vendor's and what became of it."""

    id: str
    method: str
    url: str
    headers: Pairs = ()
    body: Body = Body()
    state: str = ""

    @classmethod
    def of(cls, delivery: Delivery) -> CallbackRow:
        """Return a callback as it is kept."""
        request, state = delivery.request, delivery.state.value
        headers, body = _readable(request.headers), Body.of(request.body)
        return cls(
            id=delivery.id, method=request.method, url=request.url, headers=headers, body=body, state=state
        )


class InputRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One input, at microseconds since 1970: a request with its answer, an act, time, or it is `packed`."""

    at: int
    request: RequestRow | None = None
    answer: AnswerRow | None = None
    action: str = ""
    arguments: dict[str, str | bool | int | None] = {}
    time: Literal["", "reached", "pausing"] = ""
    packed: tuple[str, str] | None = None


class RecordedWorld(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A world as it went. `words` are its scenario's, with all that it extends, `ids` those of its rules."""

    case: str = ""
    world: str
    version: str
    scenario: str
    words: dict[str, Any]
    ids: dict[str, tuple[str, ...]] = {}
    vendors: tuple[str, ...]
    seed: int | str
    clock: str
    start: int
    at: int
    body_kept: int
    inputs: tuple[InputRow, ...] = ()
    callbacks: tuple[CallbackRow, ...] = ()


class RecordedWorlds(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds."""

    worlds_recorded: Literal[1]
    worlds: tuple[RecordedWorld, ...]


def rows_of(inputs: Iterable[Input], answers: Mapping[int, Answer]) -> tuple[InputRow, ...]:
    """Return inputs as rows, those that were answered with their answer, by their number."""
    return tuple(_row(entry, answers.get(number)) for number, entry in enumerate(inputs, 1))


def _row(entry: Input, answer: Answer | None) -> InputRow:
    at, cause = microseconds(entry.at), entry.cause
    answered = None if answer is None else AnswerRow.of(answer)
    match cause:
        case RequestArrived(vendor, request) if _is_readable(request):
            parts = asdict(request) | {"body": Body.of(request.body)}
            row = RequestRow(vendor=vendor, **parts)
            return InputRow(at=at, request=row, answer=answered)
        case ActionTaken(name, arguments):
            return InputRow(at=at, action=name, arguments=dict(arguments))
        case TimeReached(pausing):
            return InputRow(at=at, time="pausing" if pausing else "reached")
    kind, content = encode_cause(cause)
    return InputRow(at=at, packed=(kind, base64.b64encode(content).decode()), answer=answered)


def inputs_of(rows: Iterable[InputRow]) -> tuple[Input, ...]:
    """Return what rows hold; raises ValueError for one that holds nothing."""
    return tuple(Input(instant(row.at), _cause(row)) for row in rows)


def _cause(row: InputRow) -> Cause:
    if row.request is not None:
        parts = asdict(row.request) | {"body": row.request.body.content}
        return RequestArrived(parts.pop("vendor"), Request(**parts))
    if row.action:
        return ActionTaken(row.action, row.arguments)
    if row.time:
        return TimeReached(row.time == "pausing")
    if row.packed is None:
        raise ValueError("an input holds no request, action or time")
    kind, content = row.packed
    return decode_cause(kind, base64.b64decode(content, validate=True))


def _is_readable(request: Request) -> bool:
    """Tell whether a request is text throughout, letters that UTF-8 lacks being none."""
    parts = (request.method, request.path, request.query, request.base, *sum(request.headers, ()))
    try:
        "".join(parts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _readable(headers: Pairs) -> Pairs:
    return tuple((_text(name), _text(value)) for name, value in headers)


def _text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def write_recorded(file: Path, worlds: Iterable[RecordedWorld]) -> None:
    """Write worlds to a file that its owner alone can read; raises SimulatorError where it cannot be."""
    content = msgspec.json.format(
        msgspec.json.encode(RecordedWorlds(worlds_recorded=FORMAT, worlds=tuple(worlds))), indent=1
    )
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as stream:
            stream.write(content + b"\n")
        file.chmod(0o600)
    except OSError as error:
        remedy = "name a file in a folder that can be written to"
        raise SimulatorError(f"{file}: {error.strerror}", remedy) from None


def read_recorded(file: Path) -> tuple[RecordedWorld, ...]:
    """Read what `write_recorded` wrote; raises UnreadableRecord."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=RecordedWorlds).worlds
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        what = f"{file}: no worlds recorded in version {FORMAT} of this format: {error}"
        raise UnreadableRecord(what, "name the file of inputs that a run left beside its evidence") from None
