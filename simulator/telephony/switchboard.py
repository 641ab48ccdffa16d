"""The switchboard: live calls to numbers that accounts own, and calls that go on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from simulator.telephony.accounts import Account
from simulator.telephony.attempt_planner import obstacle
from simulator.telephony.calls import Direction, Moment
from simulator.telephony.campaign_settings import CampaignState, Method
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import (
    CallAlreadyEnded,
    CodeWanted,
    NobodyOwns,
    NobodyThere,
    UnknownCall,
)
from simulator.telephony.live_calls import LiveCall, Party
from simulator.telephony.network import Network
from simulator.telephony.number_store import Numbers
from simulator.telephony.outcomes import PICKED_UP, RINGS, Disposition
from simulator.telephony.owners import Credit, Ref, look_up
from simulator.telephony.people import RINGING
from simulator.telephony.phone_numbers import E164
from simulator.telephony.recordings import Recording, Recordings

UNALLOCATED, NORMAL = 1, 16
"""Q.850."""

GIVES_UP = timedelta(seconds=45)
"""How long a caller lets it ring where nobody is fetched to the phone; agents' phones ring out first."""

RINGS_OUT = timedelta(seconds=60)
"""How long a phone rings that nobody picks up, unless its persona tells or the caller gives up first."""

SPEECH = timedelta(seconds=10)
"""How long somebody speaks to a number of the operator's own."""

Watcher = Callable[[LiveCall], None]


class Switchboard:
    """The live calls of a world; `call.started` and `call.ended` are told of each.

    `calls` are those that came in or were placed by themselves, in that order.
    """

    def __init__(self, network: Network, credit: Credit, numbers: Numbers, recordings: Recordings) -> None:
        self._network = network
        self._credit = credit
        self._numbers = numbers
        self._recordings = recordings
        self._lines = network.lines
        self.calls: list[LiveCall] = []
        self._watchers: dict[LiveCall, Watcher] = {}
        self._services: dict[tuple[E164, str], tuple[Account, Watcher]] = {}

    def serve(self, account: Account, number: E164, code: str, watch: Watcher) -> None:
        """Take one call to `number` by whoever keys in `code` and speaks; `watch` gets it at its end."""
        self._services[number, code] = (account, watch)

    def ring(self, caller: E164, callee: E164, *, withheld: bool = False, keys: str = "") -> LiveCall:
        """Return the call of `caller`, who keys in `keys`, to a number; raises NobodyThere or a kind of it.

        A number that is routed nowhere, or whose owner is suspended, turns the call away at once. One that an
        account calls from leads to its campaign that receives calls; of several accounts that have it, as
        newcomers do, the one counts that came with a key of its own.
        """
        if (service := self._services.pop((callee, keys), None)) is not None:
            return self._attend(caller, callee, *service)
        shown = None if withheld else caller
        owned = self._numbers.find(callee)
        if owned is None:
            owners = [one for one in self._network.accounts.values() if callee in one.caller_ids]
            owners.sort(key=lambda one: not one.uninvited)
            if not owners and any(number == callee for number, _ in self._services):
                raise CodeWanted(callee, keys)
            if not owners:
                raise NobodyOwns(callee, self._numbers.owned)
            return self._receive(self._reception(owners, callee), caller, shown, callee, keys)
        account = self._network.account_of(owned.account)
        route = None if account.suspended else owned.routed_to
        call = self._take(account, caller, shown, callee, route)
        self._announce(call, keys)
        if route is None:
            self.hang_up(call, Party.NETWORK, UNALLOCATED)
        else:
            self._network.clock.after(GIVES_UP, partial(self._give_up, call))
        return call

    def call_in(self, caller: E164, accounts: Iterable[Account]) -> LiveCall:
        """Return the call of `caller` to the first of `accounts` that receives calls; raises NobodyThere."""
        campaign = self._reception([one for one in accounts if one.caller_ids], caller)
        numbers = campaign.account.caller_ids
        callee = numbers[self._network.random.below(len(numbers), "caller id", caller)]
        return self._receive(campaign, caller, caller, callee)

    def _reception(self, accounts: Iterable[Account], number: E164) -> Campaign:
        for account in accounts:
            for campaign in account.campaigns.values():
                if campaign.method is Method.RECEIVE and campaign.state is CampaignState.ACTIVE:
                    return campaign
        raise NobodyThere(number)

    def _receive(
        self, campaign: Campaign, caller: E164, shown: E164 | None, callee: E164, keys: str = ""
    ) -> LiveCall:
        """Connect a caller with the first agent of a campaign who answers, unless they are not wanted."""
        account = self._network.account_of(campaign.account)
        call = self._take(account, caller, shown, callee, campaign.ref)
        campaign.received.append(call)
        if caller in campaign.account.stop_list or not campaign.agents:
            self.turn_away(Disposition.STOP_LISTED if campaign.agents else Disposition.NO_ROUTE, call)
            return call
        self._announce(call, keys)
        for agent in campaign.agents:
            self.forward(call, agent, callee, partial(self._follow, campaign, call))
        return call

    def _follow(self, campaign: Campaign, call: LiveCall, leg: LiveCall) -> None:
        """Answer when the first agent does, letting go of the others, and end with the last of them."""
        if leg.ended is None:
            self.answer(call)
            if campaign.max_length is not None:
                self._network.clock.after(campaign.max_length, partial(self._leave, call, Party.NETWORK))
            for other in call.onward:
                if other is not leg and other.ended is None:
                    self.hang_up(other, Party.CALLER)
        elif call.ended is None and all(other.ended for other in call.onward):
            self.hang_up(call, Party.CALLEE, leg.cause or NORMAL)

    def _announce(self, call: LiveCall, keys: str) -> None:
        if keys:
            call.pressed.append(Moment(call.started, "pressed", keys))
        self._network.tell(call.account, "call.started", call)

    def _attend(self, caller: E164, callee: E164, account: Account, watch: Watcher) -> LiveCall:
        """Take a call at a number of the operator's own, of which no client is told."""
        call = self._coming_in(account, caller, caller, callee)
        call.answered = call.started
        self._network.clock.after(SPEECH, partial(self._take_leave, call, watch))
        return call

    def _take_leave(self, call: LiveCall, watch: Watcher) -> None:
        call.ended, call.hung_up_by, call.cause = self._network.clock.now, Party.CALLER, NORMAL
        watch(call)

    def answer(self, call: LiveCall) -> None:
        """Open the line of a call that rings; one that is open already stays so."""
        if call.ended is None and call.answered is None:
            call.answered = self._network.clock.now
            by = Party.CALLER if call.direction is Direction.INCOMING else Party.CALLEE
            self._network.clock.after(self._patience(call), partial(self._leave, call, by))

    def pick_up(self, fate: Disposition, leg: LiveCall) -> None:
        """Answer a phone that rings, unless it waits to be answered by hand."""
        if leg.ended is None and leg.answered is None and not leg.unattended:
            leg.disposition = fate
            self.answer(leg)
            self._watchers[leg](leg)

    def turn_away(self, fate: Disposition, call: LiveCall) -> None:
        """End a call that is not answered, as `fate` says; one that is stays."""
        if call.ended is None and call.answered is None:
            call.disposition = fate
            by = Party.CALLEE if fate in RINGS - {Disposition.NO_ANSWER} else Party.NETWORK
            self.hang_up(call, by, fate.cause)

    def press(self, call: LiveCall, key: str) -> None:
        """Press a key for the person on the line; raises NobodyThere while it is not open."""
        if call.answered is None:
            raise NobodyThere(call.party)
        call.pressed.append(Moment(self._network.clock.now, "pressed", key))

    def forward(self, call: LiveCall, callee: E164, shown: E164 | None, watch: Watcher) -> LiveCall:
        """Call somebody else for the caller; `watch` hears when they answer and when it is over."""
        account = self._network.account_of(call.account)
        return self.dial(account, callee, shown, watch, origin=call, route=call.route)

    def dial(
        self,
        account: Account,
        callee: E164,
        shown: E164 | None,
        watch: Watcher,
        *,
        origin: LiveCall | None = None,
        route: Ref | None = None,
    ) -> LiveCall:
        """Call somebody for an account, or for a call of its own, which it then goes on from."""
        leg = self._keep(
            LiveCall(
                ref=0,
                account=account,
                direction=Direction.OUTGOING,
                caller=shown,
                callee=callee,
                party=callee,
                started=self._network.clock.now,
                route=route,
                origin=origin,
            )
        )
        (self.calls if origin is None else origin.onward).append(leg)
        self._watchers[leg] = watch
        self._network.tell(account, "call.started", leg)
        person = self._network.people.find(callee)
        leg.says, subject = person.persona.says, (account.name, callee, leg.ref)
        fate = obstacle(account, callee, shown, self._lines)
        fate = fate or person.disposition(self._network.random, 1, *subject)
        wait = timedelta(0)
        if fate in RINGS:
            self._lines[callee] = leg
            wait = self._network.random.within(person.persona.ring, "ring", *subject)
        if fate is Disposition.NO_ANSWER and person.persona.ring == RINGING:
            wait = RINGS_OUT
        act = self.pick_up if fate in PICKED_UP else self._ring_out
        self._network.clock.after(wait, partial(act, fate, leg))
        return leg

    def hang_up(self, call: LiveCall, by: Party, cause: int = NORMAL) -> None:
        """End a call, and those that go on from it; raises CallAlreadyEnded."""
        if call.ended is not None:
            raise CallAlreadyEnded(call.ref)
        call.ended, call.hung_up_by, call.cause = self._network.clock.now, by, cause
        if call.disposition is None:
            gave_up = Disposition.CANCELLED if by is Party.CALLER else Disposition.NO_ANSWER
            call.disposition = Disposition.ANSWERED if call.answered else gave_up
        if self._lines.get(call.party) is call:
            del self._lines[call.party]
        for leg in call.onward:
            if leg.ended is None:
                self.hang_up(leg, Party.CALLER)
        self._settle(call)
        self._network.tell(call.account, "call.ended", call)
        if (watch := self._watchers.pop(call, None)) is not None:
            watch(call)

    def _settle(self, call: LiveCall) -> None:
        """Bill a call that was paid for, and keep what was recorded of it."""
        if call.direction is Direction.OUTGOING and call.talk:
            call.cost = call.account.tariff_to(call.callee).cost(call.talk)
            self._credit.charge(call.account, call.cost)
        if call.record_in is not None and call.talk:
            self._record(call, call.record_in)

    def live(self, account: Account, ref: Ref) -> LiveCall:
        """Return a call that is not over; raises UnknownCall or CallAlreadyEnded."""
        call = look_up(account.line_calls, ref, UnknownCall)
        if call.ended is not None:
            raise CallAlreadyEnded(ref)
        return call

    def _take(
        self, account: Account, caller: E164, shown: E164 | None, callee: E164, route: Ref | None
    ) -> LiveCall:
        """Keep a call that comes in for an account; the caller's own phone is busy meanwhile."""
        call = self._keep(self._coming_in(account, caller, shown, callee, route))
        self.calls.append(call)
        self._lines.setdefault(caller, call)
        return call

    def _coming_in(
        self, account: Account, caller: E164, shown: E164 | None, callee: E164, route: Ref | None = None
    ) -> LiveCall:
        return LiveCall(
            ref=0,
            account=account,
            direction=Direction.INCOMING,
            caller=shown,
            callee=callee,
            party=caller,
            started=self._network.clock.now,
            route=route,
        )

    def _keep(self, call: LiveCall) -> LiveCall:
        """Keep a call for its account, under a reference of its own, which it gets here."""
        kept = self._network.account_of(call.account).line_calls
        call.ref = self._network.mint(call.account, "line_call", kept, call.callee, len(kept))
        kept[call.ref] = call
        return call

    def _patience(self, call: LiveCall) -> timedelta:
        persona = self._network.people.find(call.party).persona
        return persona.conduct(self._network.random, call.account.name, call.party, call.ref).patience

    def _ring_out(self, fate: Disposition, leg: LiveCall) -> None:
        if not leg.unattended:
            self.turn_away(fate, leg)

    def _leave(self, call: LiveCall, by: Party) -> None:
        if call.ended is None:
            self.hang_up(call, by)

    def _give_up(self, call: LiveCall) -> None:
        if call.answered is None:
            self._leave(call, Party.CALLER)

    def _record(self, call: LiveCall, kind: str) -> None:
        self._recordings.keep(
            Recording(
                ref=0,
                account=call.account,
                kind=kind,
                call=call.ref,
                caller=call.caller,
                callee=call.callee,
                created=call.answered or call.started,
                length=call.talk,
                route=call.route,
                language=call.transcribe_in,
                transcript=" ".join(moment.detail for moment in call.spoken)
                or self._network.people.find(call.party).persona.says,
            )
        )
