"""One request and its answer, as bytes, and what a judge remarked about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import astuple, replace

Headers = tuple[tuple[str, str], ...]

STAGED = ("fault", "scenario", "handler", "hook", "view")
"""How a rule begins that tells of an answer which no vendor gave: a scenario, or an application around us."""

COME_BACK_LATER = (429, 503)
"""Statuses with which a vendor may tell its client to come back later."""

_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_INDEX = re.compile(r"/[0-9]+(?=/|\Z)")


def find_header(headers: Headers, name: str) -> str | None:
    """Return the header spelt `name`, else the first of that name in another case, or None."""
    for key, value in headers:  # twice over, for this is asked often and nearly all are spelt as asked
        if key == name:
            return value
    length, sought = len(name), name.lower()
    for key, value in headers:
        if len(key) == length and key.lower() == sought:
            return value
    return None


class Headed:
    """A request or an answer, by its headers."""

    __slots__ = ()
    headers: Headers

    def header(self, name: str) -> str | None:
        """Return a header's value, whatever the case of its name, or None."""
        return find_header(self.headers, name)

    @property
    def content_type(self) -> str:
        """The Content-Type as it was sent, or an empty string."""
        return find_header(self.headers, "Content-Type") or ""

    @property
    def media_type(self) -> str:
        """The Content-Type in lower case, without its parameters."""
        return self.content_type.partition(";")[0].strip().lower()


class RequestOnWire(Struct, Headed, frozen=True, gc=False):
    """The parts of a request that travel: `path` is percent-decoded, `query` is raw.

    Like all that is made for each request, a struct: made in a tenth of a dataclass's time, and no work for
    the garbage collector, since none of it can refer to itself.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""


class Request(RequestOnWire, frozen=True, kw_only=True, gc=False):
    """What a client sent: its `path` starts at the vendor's root.

    `base` is the URL of that root as the client reached it, without a slash at its end.
    """

    remote: str = "127.0.0.1"
    base: str = ""


class Loss(Struct, frozen=True, gc=False):
    """Something of a request that the vendor drops without a word; `name` is the contract's, under x-losses.

    `place` is the parameter or JSON pointer, `arrived` what of it came, in a few words.
    """

    name: str
    place: str = ""
    arrived: str = ""


class Answer(Struct, Headed, frozen=True, gc=False):
    """What goes back to the client; headers keep the spelling they have here.

    `remark` is what only a simulator has to say of it, such as what of the request is not simulated;
    `losses` are what of the request had no effect though the answer tells success.
    """

    status: int = 200
    body: bytes = b""
    headers: Headers = ()
    remark: str | None = None
    losses: tuple[Loss, ...] = ()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Go back through WSGI, whole, for whoever takes what a view returns."""
        self.start(start_response)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]

    def start(self, start_response: Callable[..., Any], more: Headers = ()) -> int:
        """Give WSGI the status and headers, with `more` of ours; return the body's length as they say it."""
        headers, length = [*self.headers, *more], _declared_length(self.headers)
        if length is None:
            length = len(self.body)
            headers.append(("Content-Length", str(length)))
        start_response(_STATUS_LINES.get(self.status) or f"{self.status} Unknown", headers)
        return length


@lru_cache(maxsize=256)  # most answers carry the same few headers
def _declared_length(headers: Headers) -> int | None:
    length = find_header(headers, "Content-Length")
    return None if length is None else int(length)


class CallbackOnWire(Struct, frozen=True, gc=False):
    """The parts of a callback that travel: `url` is absolute and already escaped."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""


class CallbackRequest(CallbackOnWire, frozen=True, kw_only=True, gc=False):
    """A request from a vendor to its client.

    The vendor waits for an answer as long as its `patience`, or as long as we do by default, and looks at
    more than its status only if it `reads_reply`. Where the client gave a template, `filled` has the vendor's
    values by its own names for them: those in the URL are the client's.
    """

    patience: timedelta | None = None
    reads_reply: bool = False
    filled: tuple[tuple[str, str], ...] = ()


class DeliveryAttempt(Struct, frozen=True, gc=False):
    """How one attempt ended: the receiver's status, or an error code with its reason for people.

    Codes: blocked_address (the reason starts with the rule), bad_request, unresolved, refused, timeout, tls,
    broken, bug (of the simulator), too_large, redirect. The last two have a status as well. The reply is kept
    only for a request that reads it. `took` is how long it took by the dispatcher's clock, without its wait
    for others.
    """

    status: int | None = None
    error: str | None = None
    reason: str = ""
    reply: Answer | None = None
    took: timedelta = timedelta(0)

    @property
    def delivered(self) -> bool:
        """Whether the receiver answered 2xx, whole and in time."""
        return self.error is None and self.status is not None and 200 <= self.status < 300


class Violation(Struct, frozen=True, kw_only=True, gc=False):
    """One breach of a contract, in words a stranger can act on.

    `code` is stable (`unknown-parameter`), `where` a parameter or JSON pointer, `asked` what the document
    says, `arrived` what came, `fix` the smallest change that mends it. `source` points into the contract
    document, `provenance` tells how sure that document is, `blame` whose side broke it. `rule` is the keyword
    of the schema, or what else tells two breaches at one place apart, `example` a request that keeps the
    contract, `consequences` counts further breaches that this one brought about. A `severity` of `warning` is
    for what a vendor allows and hardly anybody means.
    """

    code: str
    where: str
    asked: str
    arrived: str
    fix: str
    source: str
    provenance: str = "documented"
    blame: str = "client"
    rule: str = ""
    example: str = ""
    consequences: int = 0
    severity: Literal["error", "warning"] = "error"

    @property
    def key(self) -> tuple[str, str, str]:
        """What it has in common with the same mistake elsewhere: code, place and rule, never the value."""
        place = _INDEX.sub("/*", self.where) if self.where.startswith("/") else self.where
        return self.code, place, self.rule


class RateLimitHit(Struct, frozen=True, gc=False):
    """A request that came too soon for a limit: one is let in again after `wait`.

    `key` is a fingerprint of the limit and of what it counts apart; equal keys share one count.
    """

    key: str
    wait: timedelta


Cause = Literal["request", "credential", "state", "limit", "server"]
"""Why a vendor refuses: what was sent, who sent it, how things stand, how often, or the vendor itself."""


class Refusal(Struct, frozen=True, kw_only=True, gc=False):
    """A refusal by the contract's name for it, the `code` beside it for programs, its cause and its mark.

    `place` is the parameter it is about, where that is known. A vendor may refuse for several reasons:
    `others` are those after the first. One that is `expected` was asked for by whoever runs the client.
    `advice` is what to do about it, where more is known than the contract says.
    """

    name: str
    cause: Cause
    mark: str
    place: str = ""
    code: str | None = None
    others: tuple[Refusal, ...] = ()
    expected: bool = False
    advice: str = ""

    @property
    def rule(self) -> str:
        """Its name with its mark, for a header: `phone_missing [inferred], at phone`."""
        names = ", ".join(dict.fromkeys(mistake.name for mistake in (self, *self.others)))
        return f"{names} [{self.mark}]" + (f", at {self.place}" if self.place else "")


class Exchange(Struct, frozen=True, kw_only=True, gc=False, eq=False):
    """One request, its answer and what is known about them.

    `rule` names a simulated refusal or fault, or what is not simulated; `edition` that of the vendor's API
    which the account uses. `account` is a fingerprint of whose request it is. `beside` are the inputs whose
    answers had not left yet when this one came: its client could not know them. `lost` tells that a fault
    kept the answer from it. `credential` is what the request presented to get in, whether or not that was
    a key of anybody's. `refusal` is why the vendor did not do what was asked, by its contract. An
    `unissued_key` is one that opened an account though nobody had handed it out. A `callback` is what a
    vendor asked of its client, with the client's answer. `arrived` is when it came by the
    host's stopwatch, in seconds, or 0 where nobody looked: it measures pauses, and is no part of what
    happened. All of it is as it came: whoever shows an exchange outside masks it.
    """

    id: str
    at: datetime
    world: str
    vendor: str
    operation: str | None
    request: Request
    answer: Answer
    rule: str | None = None
    violations: tuple[Violation, ...] = ()
    edition: str | None = None
    account: str | None = None
    rate_limit: RateLimitHit | None = None
    beside: tuple[int, ...] = ()
    lost: bool = False
    credential: str | None = None
    refusal: Refusal | None = None
    unissued_key: bool = False
    callback: bool = False
    arrived: float = 0.0

    def __eq__(self, other: object) -> bool:
        """Tell whether the same happened, whenever by the host's stopwatch."""
        return isinstance(other, Exchange) and astuple(replace(self, arrived=other.arrived)) == astuple(other)

    def __hash__(self) -> int:
        """Return what equal exchanges have in common."""
        return hash(self.id)

    @property
    def place(self) -> str:
        """What was asked for, `callo.add_call`, or the vendor alone where it is none of its operations."""
        return f"{self.vendor}.{self.operation}" if self.operation else self.vendor

    @property
    def staged(self) -> bool:
        """Whether a scenario made the answer what it is, or an application around us; no vendor says so."""
        return self.rule is not None and self.rule.startswith(STAGED)

    @property
    def reworded(self) -> bool:
        """Whether a scenario has words of its own for the refusal that this is; no contract has them."""
        return self.refusal is not None and self.refusal.mark == "scenario"

    @property
    def wait(self) -> timedelta | None:
        """How long its answer told the client to wait before it asks again, or None if it told nothing.

        Retry-After has two forms, seconds and a date; without it, a limit's own window counts.
        """
        if self.lost:
            return None
        if self.rate_limit or self.answer.status in COME_BACK_LATER:
            after = self.answer.header("Retry-After") or ""
            if after.isascii() and after.isdecimal() and len(after) < 9:
                return timedelta(seconds=int(after))
            if (until := _read_date(after)) is not None:
                return max(until - self.at, timedelta(0))
        return self.rate_limit.wait if self.rate_limit else None


def _read_date(text: str) -> datetime | None:
    """Return the instant of an HTTP date, or None where it is none."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
