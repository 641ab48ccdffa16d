"""The switchboard: live calls to numbers that accounts own, and calls that go on from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from simulator.telephony.accounts import Account, Ref
from simulator.telephony.calls import Direction
from simulator.telephony.errors import CallAlreadyEnded, NobodyThere, UnknownCall
from simulator.telephony.outcomes import HANGUP_CAUSES, PICKED_UP, RINGS, Disposition
from simulator.telephony.phone_numbers import E164
from simulator.telephony.recordings import Recording

if TYPE_CHECKING:
    from simulator.telephony.world import World

UNALLOCATED, NORMAL, CALL_REJECTED = 1, 16, 21
"""Q.850."""

GIVES_UP = timedelta(seconds=45)
"""How long a caller lets it ring."""

STAYS = timedelta(seconds=30)
"""How long somebody stays on the line of whom nothing is known."""

SPEECH = timedelta(seconds=10)
"""How long somebody speaks to a number of the operator's own."""

Watcher = Callable[["LineCall"], None]


class Party(StrEnum):
    """Who ended a call."""

    CALLER = "caller"
    CALLEE = "callee"
    NETWORK = "network"


@dataclass(slots=True, eq=False)
class LineCall:
    """One call that comes in to an account's number, or goes on from there to somebody else.

    `origin` is the call it goes on from, `route` what the number was routed to; a `caller` of None withholds
    their number. It is recorded once `record_in` says as what, and transcribed in `transcribe_in`.
    """

    ref: Ref
    account: Account = field(repr=False)
    direction: Direction
    caller: E164 | None
    callee: E164
    started: datetime
    caller_name: str = ""
    route: Ref | None = None
    origin: LineCall | None = field(default=None, repr=False)
    answered: datetime | None = None
    ended: datetime | None = None
    cause: int | None = None
    hung_up_by: Party | None = None
    cost: Decimal = Decimal(0)
    record_in: str | None = None
    transcribe_in: str | None = None
    onward: list[LineCall] = field(default_factory=list, repr=False)

    @property
    def talk(self) -> timedelta:
        """How long the line was open, once the call is over."""
        return self.ended - self.answered if self.ended and self.answered else timedelta(0)

    @property
    def length(self) -> timedelta:
        """How long it took from the first ring to the end."""
        return self.ended - self.started if self.ended else timedelta(0)


class Switchboard:
    """The live calls of a world; `call.started` and `call.ended` are told of each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._watchers: dict[Ref, Watcher] = {}
        self._services: dict[tuple[E164, str], tuple[Account, Watcher]] = {}

    def serve(self, account: Account, number: E164, code: str, watch: Watcher) -> None:
        """Let whoever calls `number` and keys in `code` speak for a while, once; `watch` hears at the end."""
        self._services[number, code] = (account, watch)

    def ring(self, caller: E164, callee: E164, *, withheld: bool = False, keys: str = "") -> LineCall:
        """Let `caller` call a number and key in `keys`; raises NobodyThere when nobody owns it.

        A number that is routed nowhere, or whose owner is suspended, turns the call away at once.
        """
        if (service := self._services.pop((callee, keys), None)) is not None:
            return self._attend(caller, callee, *service)
        owned = self._world.numbers.find(callee)
        if owned is None:
            raise NobodyThere(callee)
        call = self._note(owned.account, Direction.INCOMING, None if withheld else caller, callee)
        call.route = owned.routed_to
        if owned.routed_to is None or owned.account.suspended:
            self.hang_up(call, Party.NETWORK, UNALLOCATED)
            return call
        self._world.clock.after(GIVES_UP, partial(self._give_up, call))
        self._world.tell(owned.account, "call.started", call)
        return call

    def _attend(self, caller: E164, callee: E164, account: Account, watch: Watcher) -> LineCall:
        """Take a call at a number of the operator's own, of which no client is told."""
        now = self._world.clock.now
        call = LineCall(0, account, Direction.INCOMING, caller, callee, now, answered=now)
        self._world.clock.after(SPEECH, partial(self._take_leave, call, watch))
        return call

    def _take_leave(self, call: LineCall, watch: Watcher) -> None:
        call.ended, call.hung_up_by, call.cause = self._world.clock.now, Party.CALLER, NORMAL
        watch(call)

    def answer(self, call: LineCall) -> None:
        """Open the line of a call that rings; one that is open already stays so."""
        if call.ended is None and call.answered is None:
            call.answered = self._world.clock.now
            stays = self._patience(call, call.caller) if call.caller else STAYS
            self._world.clock.after(stays, partial(self._leave, call, Party.CALLER))

    def forward(self, call: LineCall, callee: E164, shown: E164 | None, watch: Watcher) -> LineCall:
        """Call somebody else for the caller; `watch` hears when they answer and when it is over."""
        return self.dial(call.account, callee, shown, watch, call, call.route)

    def dial(
        self,
        account: Account,
        callee: E164,
        shown: E164 | None,
        watch: Watcher,
        origin: LineCall | None = None,
        route: Ref | None = None,
    ) -> LineCall:
        """Call somebody for an account, or for a call of its own, which it then goes on from."""
        leg = self._note(account, Direction.OUTGOING, shown, callee)
        leg.route, leg.origin = route, origin
        if origin is not None:
            origin.onward.append(leg)
        self._watchers[leg.ref] = watch
        self._world.tell(account, "call.started", leg)
        person = self._world.people.find(callee)
        wish, person.next_disposition = person.next_disposition, None
        subject = (account.name, callee, leg.ref)
        fate = wish or person.persona.disposition(self._world.fates, 1, *subject)
        ring = self._world.fates.within(person.persona.ring, "ring", *subject)
        wait = ring if fate in RINGS else timedelta(0)
        act = self._pick_up if fate in PICKED_UP else partial(self._turn_away, fate)
        self._world.clock.after(wait, partial(act, leg))
        return leg

    def hang_up(self, call: LineCall, by: Party, cause: int = NORMAL) -> None:
        """End a call, and those that go on from it; raises CallAlreadyEnded."""
        if call.ended is not None:
            raise CallAlreadyEnded(call.ref)
        call.ended, call.hung_up_by, call.cause = self._world.clock.now, by, cause
        for leg in call.onward:
            if leg.ended is None:
                self.hang_up(leg, Party.CALLER)
        if call.direction is Direction.OUTGOING and call.talk:
            call.cost = call.account.tariff_to(call.callee).cost(call.talk)
            self._world.charge(call.account, call.cost)
        if call.record_in is not None and call.talk:
            self._record(call, call.record_in)
        self._world.tell(call.account, "call.ended", call)
        if (watch := self._watchers.pop(call.ref, None)) is not None:
            watch(call)

    def live(self, account: Account, ref: Ref) -> LineCall:
        """Return a call that is not over; raises UnknownCall or CallAlreadyEnded."""
        call = account.line_calls.get(ref)
        if call is None:
            raise UnknownCall(ref)
        if call.ended is not None:
            raise CallAlreadyEnded(ref)
        return call

    def _note(self, account: Account, direction: Direction, caller: E164 | None, callee: E164) -> LineCall:
        world = self._world
        ref = world.mint(account, "line_call", account.line_calls, callee, len(account.line_calls))
        call = LineCall(ref, account, direction, caller, callee, world.clock.now)
        account.line_calls[ref] = call
        return call

    def _patience(self, call: LineCall, party: E164) -> timedelta:
        persona = self._world.people.find(party).persona
        return persona.conduct(self._world.fates, call.account.name, party, call.ref).patience

    def _pick_up(self, leg: LineCall) -> None:
        if leg.ended is not None:
            return
        leg.answered = self._world.clock.now
        self._world.clock.after(self._patience(leg, leg.callee), partial(self._leave, leg, Party.CALLEE))
        self._watchers[leg.ref](leg)

    def _turn_away(self, fate: Disposition, leg: LineCall) -> None:
        if leg.ended is None:
            by = Party.CALLEE if fate in RINGS else Party.NETWORK
            self.hang_up(leg, by, HANGUP_CAUSES.get(fate, NORMAL))

    def _leave(self, call: LineCall, by: Party) -> None:
        if call.ended is None:
            self.hang_up(call, by)

    def _give_up(self, call: LineCall) -> None:
        if call.answered is None:
            self._leave(call, Party.CALLER)

    def _record(self, call: LineCall, kind: str) -> None:
        party = call.caller if call.direction is Direction.INCOMING else call.callee
        said = self._world.people.find(party).persona.says if party else ""
        ended = call.ended or self._world.clock.now
        self._world.recordings.keep(
            Recording(
                0, call.account, kind, call.ref, call.caller, call.callee, ended, call.talk, call.route,
                call.caller_name, call.transcribe_in, said,
            )
        )  # fmt: skip
