"""The dialer: gives lines to calls, makes their attempts, retries and hangs up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from simulator.telephony.attempt_planner import AttemptPlanner, subject_of
from simulator.telephony.calls import (
    NOTHING,
    Attempt,
    Call,
    CallResult,
    Direction,
    Hold,
    Order,
)
from simulator.telephony.campaign_settings import CampaignState, Method
from simulator.telephony.campaigns import Campaign, hours_of
from simulator.telephony.ivr import Conversation, Redial, Result
from simulator.telephony.network import Network
from simulator.telephony.outcomes import FINAL, RINGS, Disposition
from simulator.telephony.phone_numbers import E164

STARTS, MOMENT = 500, timedelta(milliseconds=10)
"""How many calls of a campaign begin, or join its queue, at one instant, and when the next ones do."""

Place = Callable[[Campaign, Sequence[Order]], list[Call]]
Ask = Callable[[Call, Callable[[bool], None]], bool]
"""Asks the client for leave to dial and hands on the answer when it comes; False when nobody is asked."""


class Dialer:
    """Makes the attempts of every call of a world; each attempt and each end is told.

    `ask` gets leave for the numbers that may not be dialed without it, `place` makes the calls that scripts
    ask for; `awaited` are the calls that wait for their callees, by number.
    """

    def __init__(self, network: Network, ask: Ask, place: Place) -> None:
        self._network = network
        self._clock, self._random, self._people = network.clock, network.random, network.people
        self._ask = ask
        self._place = place
        self.lines = network.lines
        self.awaited: dict[E164, list[Call]] = {}
        self.planner = AttemptPlanner(network)

    def enqueue_all(self, campaign: Campaign, calls: list[Call]) -> None:
        """Take new calls over: each is dialed, after its campaign's delay, when there is a line for it."""
        if campaign.method is Method.AWAIT:
            for call in calls:
                self._await(call)
            return
        if not campaign.delay:
            self._queue_up(campaign, calls, len(calls))
            return
        due = self._clock.now + campaign.delay
        for call in calls:
            call.hold = Hold("new", due)
        self._clock.at(due, partial(self._queue_up, campaign, calls, STARTS))

    def _queue_up(self, campaign: Campaign, calls: list[Call], most: int) -> None:
        """Let calls wait for lines, at most so many at one instant, and dial once all of them do."""
        for call in calls[:most]:
            if call.ending is None:
                campaign.enqueue(call, self._people, self._clock.now)
        if rest := calls[most:]:
            self._clock.after(MOMENT, partial(self._queue_up, campaign, rest, most))
        elif campaign.delay:  # others may join at this instant, and rank before these
            self._clock.at(self._clock.now, partial(self.fill, campaign))
        else:
            self.fill(campaign)

    def fill(self, campaign: Campaign) -> None:
        """Start calls while the campaign is active, inside its hours and has free lines.

        Of very many some begin a moment later, so that no step of the clock takes long.
        """
        for _ in range(STARTS):
            call = campaign.next_call(self._clock.now) if campaign.has_free_line else None
            if call is None:
                return
            if isinstance(call, datetime):
                self._wake(campaign, call)
                return
            campaign.next_start = self._clock.now + campaign.gap
            self._begin(call)
        self._wake(campaign, self._clock.now + MOMENT)

    def _begin(self, call: Call) -> None:
        """Start an attempt, or ask for leave first; a line is held meanwhile."""
        if call.order.policy.clearance is not None and self._ask(call, partial(self._hear, call)):
            call.hold = Hold("leave")
            self._network.campaign_of(call.campaign).busy_lines += 1
        else:
            self._start(call)

    def _hear(self, call: Call, cleared: bool) -> None:
        """Dial what the client gave leave for, while it still may be dialed; end what it refused."""
        campaign = self._network.campaign_of(call.campaign)
        campaign.busy_lines -= 1
        if call.ending is None and not cleared:
            self.end(call, CallResult.REFUSED)
        elif call.ending is None and self._may_dial(call):
            self._start(call)
        elif call.ending is None:
            campaign.enqueue(call, self._people, self._clock.now)
        self.fill(campaign)

    def _may_dial(self, call: Call) -> bool:
        active = call.campaign.state is CampaignState.ACTIVE
        return active and hours_of(call, self._people).contain(self._clock.now)

    def end(self, call: Call, ending: CallResult, *, cut: bool = False) -> None:
        """Close a call for good; a running attempt is `cut`, or left to run out unheard."""
        if call.ending is not None:
            return
        call.ending = ending
        call.ended = self._clock.now
        self._network.campaign_of(call.campaign).note_update(call, call.ended)
        if (attempt := call.active) is None:
            self._close(call)
        elif cut:
            attempt.cut(self._clock.now, Disposition.REMOVED)
            self._finish(call, attempt)
        self._network.tell(call.account, "call.finished", call)

    def _close(self, call: Call) -> None:
        """Note that nothing of a call goes on any more."""
        campaign = self._network.campaign_of(call.campaign)
        campaign.over.append(call)
        campaign.open.pop(call.ref, None)

    def _wake(self, campaign: Campaign, at: datetime) -> None:
        if campaign.wake_at is not None and self._clock.now < campaign.wake_at <= at:
            return
        campaign.wake_at = at
        self._clock.at(at, partial(self.fill, campaign))

    def _start(self, call: Call) -> None:
        campaign = self._network.campaign_of(call.campaign)
        campaign.busy_lines += 1
        call.hold = None
        attempt = self.planner.plan(call)
        call.attempts += (attempt,)
        campaign.attempts.append(attempt)
        campaign.note_update(call, attempt.started)
        if len(call.attempts) == 1:
            campaign.log.append(call)
        campaign.retried += len(call.attempts) == 2
        if attempt.disposition in RINGS:
            self.lines[attempt.callee] = call
        self._network.observe("attempt.started", call)
        self.report_answer(call, attempt)
        self.watch(call, attempt)

    def report_answer(self, call: Call, attempt: Attempt) -> None:
        """Report the answer when it comes, if the order's postback asks for it; a bridge reports its own."""
        postback = call.order.postback
        if postback and postback.answers and attempt.answered and not call.order.bridge:
            self._clock.at(attempt.answered, partial(self._tell_answer, call, attempt))

    def _tell_answer(self, call: Call, attempt: Attempt) -> None:
        """Report that somebody has picked up, unless a hand turned it into something else meanwhile."""
        if attempt.answered == self._clock.now and not attempt.closed:
            self._network.tell(call.account, "attempt.answered", call)

    def watch(self, call: Call, attempt: Attempt) -> None:
        """Finish an attempt when it ends, unless it ends later by then."""
        self._clock.at(attempt.ended, partial(self._finish, call, attempt))

    def _connect(self, call: Call, attempt: Attempt) -> None:
        """Ring up whom the one who has just answered is to be connected to, and lay out the talk of both."""
        self._network.tell(call.account, "attempt.answered", call)
        ringing = [self.planner.ring_second(call, attempt, party) for party in call.order.bridge]
        answered = [leg for leg in ringing if leg.answered is not None]
        leg = min(answered, key=lambda leg: leg.answered or leg.ended, default=ringing[0])
        most = call.order.max_length or call.campaign.max_length
        attempt.joined = leg
        length = min(leg.ended - self._clock.now, most or timedelta.max)
        attempt.conversation = Conversation(length=length, result=Result.HEARD)
        if leg.disposition in RINGS:
            self.lines[leg.party] = call
        self.watch(call, attempt)

    def _finish(self, call: Call, attempt: Attempt) -> None:
        if attempt.closed or self._clock.now < attempt.ended:
            return
        if call.order.bridge and attempt.answered and attempt.conversation is None and call.ending is None:
            self._connect(call, attempt)
            return
        campaign = self._network.campaign_of(call.campaign)
        attempt.closed = True
        campaign.finished_attempts.append(attempt)
        self._bill(campaign, call, attempt)
        for party in (attempt.callee, attempt.joined.party) if attempt.joined else (attempt.callee,):
            if self.lines.get(party) is call:
                del self.lines[party]
        if attempt.direction is Direction.OUTGOING:
            campaign.busy_lines -= 1
        campaign.note_update(call, self._clock.now)
        self._network.tell(call.account, "attempt.finished", call)
        if call.ending is None:
            self._conclude(call, attempt)
        else:
            self._close(call)
        self.fill(campaign)

    def _bill(self, campaign: Campaign, call: Call, attempt: Attempt) -> None:
        if not call.connects(attempt):
            return
        attempt.cost = (campaign.tariff or call.account.tariff).cost(attempt.talk)
        call.account.pay(attempt.cost)
        campaign.book(call.account.day_of(self._clock.now), attempt.cost)

    def _conclude(self, call: Call, attempt: Attempt) -> None:
        """End the call, or schedule its next attempt; place the call that its script asks for."""
        campaign, latest = call.campaign, call.order.policy.latest
        redial = attempt.conversation.redial if attempt.conversation else None
        flashed = campaign.method is Method.FLASH and attempt.disposition is Disposition.CANCELLED
        if redial is not None and call.redials < redial.most:
            self._redial(call, redial)
        if flashed or attempt.disposition is Disposition.ANSWERED or attempt.joined:
            self.end(call, CallResult.COMPLETED)
        elif attempt.disposition in FINAL or attempt.disposition in campaign.retry.gives_up_on:
            self.end(call, CallResult.REFUSED)
        elif call.attempts_left <= 0:
            self.end(call, CallResult.EXHAUSTED)
        elif latest is not None and latest <= self._clock.now:
            self.end(call, CallResult.EXPIRED)
        else:
            due = self._clock.now + (call.order.policy.retry_after or campaign.retry.after)
            call.hold = Hold("retry", due)
            self._clock.at(due, partial(self._retry, call))

    def _redial(self, call: Call, redial: Redial) -> None:
        policy = replace(redial.policy.over(call.order.policy), earliest=self._clock.now + redial.after)
        order = replace(call.order, policy=policy, label=None, keeps_clip=False)
        (again,) = self._place(self._network.campaign_of(call.campaign), [order])
        again.redials, again.born = call.redials + 1, 0

    def _retry(self, call: Call) -> None:
        if call.ending is None:
            campaign = self._network.campaign_of(call.campaign)
            campaign.enqueue(call, self._people, self._clock.now, first=True)
            self.fill(campaign)

    def _await(self, call: Call) -> None:
        """Keep a call until its callee calls in, which the persona may do by itself."""
        self.awaited.setdefault(call.callee, []).append(call)
        persona = self._people.find(call.callee).persona
        call.hold = Hold("callee")
        if persona.calls_in is not None:
            delay = self._random.within(persona.calls_in, "calls in", *subject_of(call))
            self._clock.after(delay, partial(self.take_call, call))

    def take_call(self, call: Call) -> None:
        """Answer a call that waits for its callee: they call in and key in its code."""
        if call.ending is not None or call.attempts:
            return
        self.awaited[call.callee].remove(call)
        call.hold = None
        attempt = Attempt(
            number=1,
            callee=call.callee,
            caller_id=call.caller_id,
            started=self._clock.now,
            ring=NOTHING,
            disposition=Disposition.ANSWERED,
            conversation=Conversation(length=timedelta(seconds=1), result=Result.CODE_RIGHT),
            direction=Direction.INCOMING,
            call=call,
        )
        call.attempts = (attempt,)
        campaign = self._network.campaign_of(call.campaign)
        campaign.attempts.append(attempt)
        campaign.note_update(call, attempt.started)
        self.watch(call, attempt)
