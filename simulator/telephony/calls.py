"""Calls, their attempts and legs, and what is known of each at any instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from simulator.telephony.campaign_settings import CampaignSettings, Postback
from simulator.telephony.ivr import Conversation, Result, Script
from simulator.telephony.outcomes import PICKED_UP, Disposition
from simulator.telephony.owners import Entity, Owner, Ref
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import FOLLOWS, Policy

NOTHING = timedelta(0)


class Direction(StrEnum):
    """Who dialed."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


class CallResult(StrEnum):
    """Why nothing more happens to a call; the last attempt tells the details."""

    COMPLETED = "completed"
    EXHAUSTED = "exhausted"
    REFUSED = "refused"
    REMOVED = "removed"
    EXPIRED = "expired"
    STOPPED = "stopped"


class Moment(Struct, frozen=True, gc=False):
    """One entry of a timeline: what happened when."""

    at: datetime
    what: str
    detail: str = ""


class Leg(Struct, frozen=True, gc=False):
    """One party's side of an attempt."""

    party: E164
    started: datetime
    answered: datetime | None
    ended: datetime
    disposition: Disposition


class Attempt(Entity, kw_only=True):
    """One try to reach the callee, laid out in full when it starts; its state is read off the clock.

    `number` counts the attempts of its `call` from 1.
    Only who is connected to the callee is found out when they answer: `joined` is that second leg; and what
    is said by hand, when it is `spoken`.
    """

    number: int
    callee: E164
    caller_id: E164 | None
    started: datetime
    ring: timedelta
    disposition: Disposition
    conversation: Conversation | None = None
    direction: Direction = Direction.OUTGOING
    cost: Decimal = Decimal(0)
    closed: bool = False
    call: Call | None = None
    joined: Leg | None = None
    spoken: tuple[Moment, ...] = ()

    @property
    def answered(self) -> datetime | None:
        """When the line was opened, or None."""
        return self.started + self.ring if self.disposition in PICKED_UP else None

    @property
    def talk(self) -> timedelta:
        """How long the line is open."""
        return self.conversation.length if self.conversation else NOTHING

    @property
    def ended(self) -> datetime:
        """When the attempt is over."""
        return self.started + self.ring + self.talk

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The sides of the attempt: the callee's, then that of whom they were connected to."""
        own = Leg(self.callee, self.started, self.answered, self.ended, self.disposition)
        return (own,) if self.joined is None else (own, self.joined)

    def cut(self, at: datetime, disposition: Disposition) -> None:
        """End it at an instant: what rings ends as `disposition`, a talk is cut off."""
        if self.answered is None or self.conversation is None or at < self.answered:
            self.ring, self.disposition, self.conversation = at - self.started, disposition, None
            return
        self.conversation = self.conversation.until(at - self.answered, Result.CUT_OFF)
        self.joined = replace(self.joined, ended=at) if self.joined else None

    def timeline(self) -> list[Moment]:
        """Return all that happens in the attempt, in order."""
        moments = [Moment(self.started, "dialing", str(self.callee))]
        if self.ring:
            moments.append(Moment(self.started, "ringing"))
        if (answered := self.answered) is not None:
            presses = self.conversation.presses if self.conversation else ()
            moments.append(Moment(answered, "answered"))
            moments += [Moment(answered + press.after, "pressed", press.key) for press in presses]
        if self.joined is not None:
            moments.append(Moment(self.joined.started, "connecting", str(self.joined.party)))
            if self.joined.answered is not None:
                moments.append(Moment(self.joined.answered, "connected", str(self.joined.party)))
        if self.spoken:
            moments = sorted([*moments, *self.spoken], key=lambda moment: moment.at)
        return [*moments, Moment(self.ended, "hung up", self.disposition)]


class Order(Struct, frozen=True, kw_only=True, gc=False):
    """What a client asks for when it places one call; what is None follows the campaign.

    With `keeps_clip` the script's opening becomes a clip of the account. `payload` is what the client hands
    to the script, opaque here. The phones of `others` ring beside
    the callee's, and whoever answers first is the callee. In place of a script, whoever answers may be
    connected to a `bridge`: of several, too, the first to answer. `postback` is
    where the client hears of this call, and `tags` what the client wants to find on it again.
    """

    callee: E164
    script: Script | None = None
    label: str | None = None
    code: str | None = None
    max_length: timedelta | None = None
    caller_id: E164 | None = None
    speaker: str = ""
    keeps_clip: bool = False
    policy: Policy = FOLLOWS
    payload: Any = None
    others: tuple[E164, ...] = ()
    bridge: tuple[E164, ...] = ()
    postback: Postback | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class Hold(Struct, frozen=True, gc=False):
    """Why a call does not wait for a line yet: in a word, and until when, if known."""

    reason: str
    until: datetime | None = None


class Call(Entity, kw_only=True):
    """One order to reach one callee: the `order` as it is carried out, and what came of it.

    `serial` orders all calls of a world; `nth` counts the account's calls to this callee, of which
    `earlier` is the one before, and `repeats` how many of those its campaign placed. `born` is the input that
    placed it, 0 where a script had asked for it; `redials` counts the scripts that did so in a row. It comes
    from `caller_id`, the order's or one of the account's. While it does not yet wait for a line, `hold` tells
    why.
    """

    ref: Ref
    serial: int
    account: Owner
    campaign: CampaignSettings
    order: Order
    created: datetime
    updated: datetime
    nth: int = 1
    born: int = 0
    caller_id: E164 | None = None
    earlier: Call | None = None
    attempts: tuple[Attempt, ...] = ()
    ending: CallResult | None = None
    ended: datetime | None = None
    repeats: int = 0
    redials: int = 0
    hold: Hold | None = None

    @property
    def callee(self) -> E164:
        """The number to reach."""
        return self.order.callee

    @property
    def direction(self) -> Direction:
        """An account ordered it."""
        return Direction.OUTGOING

    @property
    def disposition(self) -> Disposition | None:
        """How the last attempt ended whose end is known, or None."""
        return self.settled.disposition if self.settled is not None else None

    @property
    def attempt(self) -> Attempt | None:
        """The current or last attempt, or None before the first."""
        return self.attempts[-1] if self.attempts else None

    @property
    def active(self) -> Attempt | None:
        """The attempt that is ringing or talking now, or None."""
        last = self.attempt
        return last if last is not None and not last.closed else None

    @property
    def settled(self) -> Attempt | None:
        """The last attempt whose end is known, or None."""
        attempts = self.attempts
        if attempts and attempts[-1].closed:  # a page of results asks thousands of times
            return attempts[-1]
        return attempts[-2] if len(attempts) > 1 else None

    @property
    def over(self) -> datetime | None:
        """When nothing of it went on any more, or None; a call ended from outside outlives its end."""
        if self.ended is None or self.active is not None:
            return None
        return max(self.ended, self.attempts[-1].ended) if self.attempts else self.ended

    def connects(self, attempt: Attempt) -> bool:
        """Return whether all who were to talk with each other in one of its attempts did."""
        joined = attempt.joined.answered if attempt.joined else None
        return bool(attempt.talk) and (joined is not None or not self.order.bridge)

    @property
    def attempts_left(self) -> int:
        """How many attempts it still has."""
        return (self.order.policy.attempts or self.campaign.retry.attempts) - len(self.attempts)

    @property
    def cost(self) -> Decimal:
        """What all attempts cost together."""
        if len(self.attempts) == 1:
            return self.attempts[0].cost
        return sum((attempt.cost for attempt in self.attempts), Decimal(0))

    @property
    def talk(self) -> timedelta:
        """How long the line was open in the last settled attempt."""
        last = self.settled
        return last.talk if last else NOTHING

    def timeline(self) -> list[Moment]:
        """Return everything that has happened or is laid out, in order."""
        moments = [Moment(self.created, "placed", str(self.ref))]
        for attempt in self.attempts:
            moments += attempt.timeline()
        if self.ending is not None and self.ended is not None:
            moments.append(Moment(self.ended, "ended", self.ending))
        return sorted(moments, key=lambda moment: moment.at)
