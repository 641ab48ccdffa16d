"""The bounded memory of what was asked and answered.

A ring by count and by bytes: 10,000 exchanges of 100 KB would be 855 MB, so a count alone is no bound.
It has no lock of its own: whoever adds or reads holds the world's lock.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TypeVar

from msgspec.structs import replace

from simulator.errors import SimulatorError
from simulator.exchange import Answer, Exchange, Headers, Request, Violation, find_header

TRUNCATED = "X-Simulator-Truncated"
_Message = TypeVar("_Message", Request, Answer)
Witness = Callable[[Exchange], None]
_OVERHEAD = 1_500  # bytes that Python spends on an exchange with empty strings
_PAIR = 200  # and on one header


class UnknownExchange(SimulatorError):
    """No exchange has this id."""


class EvictedExchanges(SimulatorError):
    """The answer would need exchanges that the ring has dropped; a count of 0 would be a lie."""


class Journal:
    """The newest exchanges as they came, oldest dropped first; `recorded` and `dropped` count them all."""

    def __init__(
        self, max_entries: int = 10_000, max_bytes: int = 64_000_000, body_kept: int = 65_536
    ) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.body_kept = body_kept
        self.recorded = 0
        self.dropped = 0
        self.bytes = 0
        self._kept: OrderedDict[str, tuple[int, Exchange]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        return (exchange for _, exchange in self._kept.values())

    def __contains__(self, exchange_id: str) -> bool:
        return exchange_id in self._kept

    @property
    def complete(self) -> bool:
        """Whether every exchange ever recorded is still here."""
        return self.dropped == 0

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange, with its bodies cut to `body_kept` bytes."""
        self._put(exchange)
        self.recorded += 1
        kept = self._kept
        while len(kept) > self.max_entries or (self.bytes > self.max_bytes and kept):
            self._drop_oldest()

    def pass_over(self) -> None:
        """Count an exchange that is older than all that is kept."""
        self.recorded += 1
        self.dropped += 1

    def amend(self, exchange: Exchange) -> None:
        """Put what is known of an exchange by now in its place, if it is still kept."""
        if exchange.id in self._kept:
            self.bytes -= self._kept[exchange.id][0]
            self._put(exchange)

    def _put(self, exchange: Exchange) -> None:
        size = _size_of(short := shorten(exchange, self.body_kept))
        self.bytes += size
        self._kept[exchange.id] = (size, short)

    def _drop_oldest(self) -> None:
        _, (size, _) = self._kept.popitem(last=False)
        self.bytes -= size
        self.dropped += 1

    def get(self, exchange_id: str) -> Exchange:
        """Return one exchange; raises EvictedExchanges or UnknownExchange when it is not here."""
        if exchange_id not in self._kept:
            self.require_complete(f"exchange {exchange_id!r}")
            raise UnknownExchange(f"no exchange {exchange_id!r}", "list them without `after` to see the ids")
        return self._kept[exchange_id][1]

    def find(
        self,
        vendor: str | None = None,
        operation: str | None = None,
        violation: str | None = None,
        after: str | None = None,
        limit: int = 1_000,
    ) -> list[Exchange]:
        """Return exchanges oldest first, at most `limit`, those recorded later than `after` (an id).

        `violation` is a violation's code. Raises as `get` does when `after` is not here.
        """
        exchanges: list[Exchange] = []
        for exchange in self._later_than(after):
            if len(exchanges) >= limit:
                break
            if _fits(exchange, vendor, operation, violation):
                exchanges.append(exchange)
        return exchanges

    def violations(self) -> list[tuple[Exchange, Violation]]:
        """Return every violation with the exchange that shows it, oldest first."""
        return [(exchange, violation) for exchange in self for violation in exchange.violations]

    def require_complete(self, what: str = "this check") -> None:
        """Raise EvictedExchanges when dropped exchanges could change the verdict on `what`."""
        if not self.complete:
            raise EvictedExchanges(
                f"{what} needs all {self.recorded} exchanges, but {self.dropped} were dropped"
                f" (the journal keeps {self.max_entries} exchanges and {self.max_bytes} bytes)",
                "check earlier, reset between tests, or make the journal larger",
            )

    def _later_than(self, after: str | None) -> Iterator[Exchange]:
        if after is None:
            return iter(self)
        self.get(after)
        newer = iter(self)
        next(exchange for exchange in newer if exchange.id == after)
        return newer


def shorten(exchange: Exchange, kept: int) -> Exchange:
    """Cut both bodies to `kept` bytes; a header tells how many there were and their SHA-256.

    Cutting again keeps the first header.
    """
    if len(exchange.request.body) <= kept and len(exchange.answer.body) <= kept:
        return exchange
    return replace(
        exchange,
        request=_shorten(exchange.request, kept),
        answer=_shorten(exchange.answer, kept),
    )


def log_line(exchange: Exchange) -> str:
    """Return a masked exchange as one line of ASCII JSON: no control, escape or bidi character survives."""
    return json.dumps(
        {
            "at": exchange.at.isoformat(),
            "id": exchange.id,
            "world": exchange.world,
            "vendor": exchange.vendor,
            "operation": exchange.operation,
            "method": exchange.request.method,
            "path": exchange.request.path,
            "query": exchange.request.query,
            "agent": exchange.request.header("User-Agent"),
            "status": exchange.answer.status,
            "rule": exchange.rule,
            "violations": len(exchange.violations),
        }
    )


def _shorten(message: _Message, kept: int) -> _Message:
    body = message.body
    if len(body) <= kept:
        return message
    headers: Headers = message.headers
    if find_header(headers, TRUNCATED) is None:
        digest = hashlib.sha256(body).hexdigest()
        headers = (*headers, (TRUNCATED, f"bytes={len(body)}; sha256={digest}"))
    return replace(message, body=body[:kept], headers=headers)


def _fits(exchange: Exchange, vendor: str | None, operation: str | None, violation: str | None) -> bool:
    return (
        vendor in (None, exchange.vendor)
        and operation in (None, exchange.operation)
        and (violation is None or violation in [breach.code for breach in exchange.violations])
    )


def _size_of(exchange: Exchange) -> int:
    """Estimate the memory of an exchange in bytes, rather too high than too low."""
    request, answer = exchange.request, exchange.answer
    headers = request.headers + answer.headers
    size = _OVERHEAD + len(request.body) + len(answer.body) + 4 * (len(request.path) + len(request.query))
    size += _PAIR * len(headers) + sum(map(len, chain.from_iterable(headers)))
    for one in exchange.violations:
        size += 4 * (_PAIR + len(one.arrived) + len(one.asked) + len(one.fix))
    return size
