"""What verdicts are based on: the world as it is, and what was asked, answered and told in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from heapq import merge
from itertools import accumulate
from math import inf
from operator import attrgetter
from typing import TypeVar

from msgspec import Struct

from simulator.conformance.contract import Contract
from simulator.conformance.coverage import Coverage
from simulator.exchange import Exchange, Violation
from simulator.scenario.values import Where
from simulator.telephony.calls import Attempt, Call, Direction
from simulator.telephony.campaign_settings import Method
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.outbox import Delivery
from simulator.telephony.phone_numbers import E164
from simulator.telephony.script_runs import ScriptRun
from simulator.telephony.world import World

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)

NEVER_ARRIVED = ("bug", "blocked_address", "bad_request", "unresolved", "refused", "tls")
BROKEN = "broken"
PARTING = 1.0
"""So many seconds before its end is known, a client may have let go of what it was handling."""


class Sending(Struct, frozen=True, kw_only=True):
    """One attempt to deliver a callback, which left after input `after` at `at`, in the world's time.

    `taken` tells whether its receiver answered 2xx, `error` and `reason` what kept it from that, `took` how
    long it was waited for in the host's time. `status` is what the receiver answered. What became of it was
    known before input `settled`, at `ended` by the host's stopwatch, both 0 where nobody noted it.
    """

    delivery: str
    after: int
    at: datetime
    taken: bool
    error: str | None
    took: timedelta
    status: int | None = None
    settled: int = 0
    ended: float = 0.0
    reason: str = ""

    @property
    def why(self) -> str:
        """What kept its receiver from an answer, in words."""
        return f"{self.error} ({self.reason})" if self.reason else str(self.error)

    @property
    def arrived(self) -> bool:
        """Whether a receiver was there to be waited for."""
        return self.error not in NEVER_ARRIVED


class Evidence(Struct, frozen=True, dict=True, kw_only=True):
    """Everything known about a run. `exchanges` and `callbacks` are as they came, oldest first.

    `dropped` counts exchanges that are no longer there, `breaches` are violations that the client answers
    for. In `steps` the clock went ahead of the client's own time. `real_time` is None where nobody measured.
    Where time runs by itself it is `speed` times as fast as the host's; None where it jumps or is moved.
    The scenario plays in `zone` and has `described` who answers some numbers. `spared` are vendors whose
    clients nobody judges.
    The client had ended when the host's stopwatch showed `left`, None where that is not known.
    """

    world: World
    zone: tzinfo
    described: People
    exchanges: Sequence[Exchange]
    callbacks: Sequence[Exchange]
    sendings: Sequence[Sending]
    breaches: Sequence[tuple[Exchange, Violation]]
    coverage: Coverage
    contracts: Mapping[str, Contract]
    dropped: int = 0
    steps: Sequence[tuple[datetime, datetime]] = ()
    real_time: timedelta | None = None
    speed: int | None = None
    spared: frozenset[str] = frozenset()
    left: float | None = None

    @property
    def runs(self) -> bool:
        """Whether the world's time is the client's, only faster or slower: nothing jumps, nobody moves it."""
        return self.speed is not None

    def pause(self, earlier: Exchange, later: Exchange) -> timedelta:
        """Return how long the client paused between two requests, by whichever clock it waited.

        A clock that runs by itself tells nothing more than the host's. Any other may be moved by a test whose
        client only pretends to sleep, which counts as a wait; the steps of an idle one do not.
        """
        world = self.between(earlier.at, later.at)
        if not (earlier.arrived and later.arrived):
            return world
        host = timedelta(seconds=max(later.arrived - earlier.arrived, 0.0))
        return host if self.runs else max(host, world)

    def waited(self, earlier: Exchange, later: Exchange) -> timedelta:
        """Return how long the client waited between two requests, by the world's clock or the host's.

        The longer one counts: either may be the one it was told to wait by.
        """
        return max(self.between(earlier.at, later.at), self.pause(earlier, later))

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The callbacks to clients that are judged, oldest first; what their own scripts fetch is none."""
        posted = self.world.outbox.deliveries.values()
        return tuple(
            delivery
            for delivery in posted
            if delivery.vendor not in self.spared and not delivery.event.startswith("script.")
        )

    @cached_property
    def tries(self) -> Mapping[str, list[Sending]]:
        """The attempts to deliver each callback, in the order in which they left."""
        return grouped(sorted(self.sendings, key=attrgetter("after")), attrgetter("delivery"))

    def arrivals(self, delivery: Delivery) -> list[Sending]:
        """Return the attempts to deliver a callback for which a receiver was there until it was settled."""
        tries = self.tries.get(delivery.id, ())
        return [sending for sending in tries if sending.arrived and not self._is_parting(sending)]

    def _is_parting(self, sending: Sending) -> bool:
        """Tell whether a receiver broke off because its client ended."""
        if self.left is None or sending.error != BROKEN:
            return False
        return sending.ended > self.left - PARTING

    @cached_property
    def messages(self) -> Sequence[Message]:
        """The messages that accounts sent, oldest first."""
        return [message for message in self.world.messages.all() if message.direction is Direction.OUTGOING]

    @cached_property
    def _sent(self) -> Mapping[int, list[Message]]:
        return grouped((message for message in self.messages if message.born), attrgetter("born"))

    def sent_by(self, exchange: Exchange) -> Sequence[Message]:
        """Return the messages that a request sent at once; those of a script come later and are its own."""
        messages = self._sent.get(input_of(exchange) or 0, ())
        return [message for message in messages if message.created <= exchange.at]

    @cached_property
    def calls(self) -> tuple[AnyCall, ...]:
        """The calls that accounts and their scripts made, oldest first; none that went on from others."""
        placed = (call for call in self.world.calls if call.campaign.method is not Method.RECEIVE)
        live = (call for call in self.world.switchboard.calls if call.direction is Direction.OUTGOING)
        return tuple(merge(placed, live, key=attrgetter("created")))

    @property
    def dialed_live(self) -> Iterator[LiveCall]:
        """The calls that scripts of accounts made, and those that went on from one that came in."""
        for account in self.world.accounts.values():
            if account.vendor not in self.spared:
                calls = account.line_calls.values()
                yield from (call for call in calls if call.direction is Direction.OUTGOING)

    @cached_property
    def _placed(self) -> Mapping[int, list[Call]]:
        placed = (call for call in self.world.calls if call.campaign.method is not Method.RECEIVE)
        return grouped(placed, attrgetter("born"))

    def placed_by(self, exchange: Exchange) -> Sequence[Call]:
        """Return the calls that a request made, at once or by its import."""
        number = input_of(exchange)
        return self._placed.get(number, ()) if number is not None else ()

    @cached_property
    def _runs(self) -> Mapping[int, list[ScriptRun]]:
        accounts = self.world.accounts.values()
        runs = (run for account in accounts for run in account.script_runs.values())
        return grouped(runs, attrgetter("born"))

    def run_by(self, exchange: Exchange) -> Sequence[ScriptRun]:
        """Return the runs of scripts that a request started."""
        number = input_of(exchange)
        return self._runs.get(number, ()) if number else ()

    def reads(self, exchange: Exchange) -> bool:
        """Tell whether a request only asks, and changes nothing."""
        contract = self.contracts.get(exchange.vendor)
        return contract is not None and exchange.operation in contract.reads

    def within(self, where: Where | None) -> list[Exchange]:
        """Return the exchanges at a place such as `callo.*`; all of them when none is said."""
        if where is None:
            return [*self.exchanges]
        return [
            exchange
            for exchange in self.exchanges
            if where.vendor in ("*", exchange.vendor) and where.operation in ("*", exchange.operation)
        ]

    def between(self, earlier: datetime, later: datetime) -> timedelta:
        """Return how much time of its own a client spent between two of its requests: steps are not its."""
        return later - earlier - (self._stepped(later) - self._stepped(earlier))

    def _stepped(self, at: datetime) -> timedelta:
        """Return the length of all steps that had been taken by an instant."""
        lengths = self._step_lengths
        return lengths[bisect_right(self.steps, at, key=lambda step: step[1])]

    @cached_property
    def _step_lengths(self) -> Sequence[timedelta]:
        return [*accumulate((until - since for since, until in self.steps), initial=timedelta(0))]

    @property
    def gap(self) -> str:
        """Say why a count of exchanges cannot be vouched for; nothing when all of them are here."""
        return f"the journal dropped {self.dropped} exchanges that could change this" if self.dropped else ""


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Return the items by what they have in common, in the order in which they come."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def attempts_of(calls: Iterable[AnyCall]) -> Iterator[Attempt]:
    """Yield the attempts of calls that were dialed, not those in which the callee called in."""
    for call in calls:
        yield from (attempt for attempt in call.attempts if attempt.direction is Direction.OUTGOING)


def input_of(exchange: Exchange) -> int | None:
    """Return the number of the input behind an exchange, or None for one that was refused unread."""
    number = exchange.id.removeprefix(f"{exchange.world}-")
    return int(number) if number.isdecimal() else None


def find_crowd(
    exchanges: Sequence[Exchange], most: int, per: timedelta, evidence: Evidence
) -> Sequence[Exchange]:
    """Return the most exchanges in any window that has more than `most`."""
    worst: Sequence[Exchange] = ()
    first = 0
    for last, exchange in enumerate(exchanges):
        while evidence.between(exchanges[first].at, exchange.at) >= per:
            first += 1
        if last - first >= max(most, len(worst)):
            worst = exchanges[first : last + 1]
    return worst


class People:
    """The numbers that a scenario describes, each once: spans of whole numbers, in order."""

    def __init__(self, runs: Iterable[tuple[E164, int]]) -> None:
        """Take the first number of each run and how many there are in it."""
        self._spans: list[tuple[int, int]] = []
        for begin, end in sorted((int(first), int(first) + count) for first, count in runs):
            joined = bool(self._spans) and begin <= self._spans[-1][1]
            low, high = self._spans.pop() if joined else (begin, end)
            self._spans.append((low, max(end, high)))

    def __contains__(self, number: E164) -> bool:
        """Tell whether the scenario describes who answers `number`."""
        place = bisect_right(self._spans, (int(number), inf)) - 1
        return place >= 0 and int(number) < self._spans[place][1]

    def __len__(self) -> int:
        return sum(high - low for low, high in self._spans)
