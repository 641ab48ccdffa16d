"""Calls on the line: one that comes in to an account's number, and those that go on from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from msgspec import field

from simulator.telephony.calls import NOTHING, Attempt, Call, CallResult, Direction, Moment
from simulator.telephony.ivr import Conversation, Press, Result
from simulator.telephony.outcomes import Disposition
from simulator.telephony.owners import Entity, Owner, Ref
from simulator.telephony.phone_numbers import E164


class Party(StrEnum):
    """Who ended a call."""

    CALLER = "caller"
    CALLEE = "callee"
    NETWORK = "network"


class LiveCall(Entity, kw_only=True):
    """One call that comes in to an account's number, or goes on from there to somebody else.

    Nothing of it is laid out: what happens to it next is decided while it lasts. `party` is the person at the
    far end; `caller` is the number shown, None where it is withheld. `route` is what the number was routed
    to, `origin` the call that this one goes on from, `onward` those that go on from this one. It is recorded
    once `record_in` says as what, and transcribed in `transcribe_in`. One that is `unattended` rings until it
    is answered by hand; what is said by hand is `spoken`, and `says` what its party says else.
    """

    ref: Ref
    account: Owner
    direction: Direction
    caller: E164 | None
    callee: E164
    party: E164
    started: datetime
    route: Ref | None = None
    origin: LiveCall | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    disposition: Disposition | None = None
    cause: int | None = None
    hung_up_by: Party | None = None
    cost: Decimal = Decimal(0)
    record_in: str | None = None
    transcribe_in: str | None = None
    pressed: list[Moment] = field(default_factory=list)
    spoken: list[Moment] = field(default_factory=list)
    says: str = ""
    unattended: bool = False
    keys_taken: int = 0
    onward: list[LiveCall] = field(default_factory=list)

    @property
    def created(self) -> datetime:
        """When it was there: when it began to ring."""
        return self.started

    @property
    def talk(self) -> timedelta:
        """How long the line was open, once the call is over."""
        return self.ended - self.answered if self.ended and self.answered else NOTHING

    @property
    def length(self) -> timedelta:
        """How long it took from the first ring to the end."""
        return self.ended - self.started if self.ended else NOTHING

    @property
    def legs(self) -> tuple[LiveCall, ...]:
        """The call itself, then those that go on from it."""
        return (self, *self.onward)

    @property
    def joined(self) -> LiveCall | None:
        """The leg of whom the caller was connected to: that which was answered, else the first."""
        answered = (leg for leg in self.onward if leg.answered)
        return next(answered, self.onward[0] if self.onward else None)

    @property
    def ending(self) -> CallResult | None:
        """Why nothing more happens to it: it was answered, or nobody did; None while it lasts."""
        if self.ended is None:
            return None
        return CallResult.COMPLETED if self.answered else CallResult.EXHAUSTED

    @property
    def over(self) -> datetime | None:
        """When nothing of it went on any more, or None."""
        return self.ended

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The one try that an outgoing call is, as far as it went; none of one that came in."""
        if self.direction is Direction.INCOMING:
            return ()
        answered = self.answered or self.ended or self.started
        presses = tuple(
            Press(after=moment.at - answered, key=moment.detail, level=0, choice=None)
            for moment in self.pressed
        )
        speech = " ".join(moment.detail for moment in self.spoken) or (self.says if self.answered else "")
        attempt = Attempt(
            number=1,
            callee=self.callee,
            caller_id=self.caller,
            started=self.started,
            ring=answered - self.started,
            disposition=self.disposition or Disposition.ANSWERED,
            conversation=Conversation(length=self.talk, result=Result.HEARD, presses=presses, says=speech),
            cost=self.cost,
            closed=self.ended is not None,
        )
        return (attempt,)

    @property
    def settled(self) -> Attempt | None:
        """That try, once its end is known, or None."""
        return self.attempts[0] if self.attempts and self.ended else None

    def take_keys(self, most: int | None = None) -> str:
        """Return what was keyed in since keys were last taken; beyond `most` keys they are left."""
        keys = "".join(press.detail for press in self.pressed)[self.keys_taken :][:most]
        self.keys_taken += len(keys)
        return keys

    def timeline(self) -> list[Moment]:
        """Return all that has happened so far, in order."""
        moments = [Moment(self.started, "ringing", self.callee)]
        if self.answered is not None:
            moments.append(Moment(self.answered, "answered"))
        moments += self.pressed + self.spoken
        for leg in self.onward:
            moments.append(Moment(leg.started, "connecting", leg.callee))
            if leg.answered is not None:
                moments.append(Moment(leg.answered, "connected", leg.callee))
            moments += leg.pressed + leg.spoken
        if self.ended is not None:
            moments.append(Moment(self.ended, "hung up", f"by the {self.hung_up_by}"))
        return sorted(moments, key=lambda moment: moment.at)


AnyCall = Call | LiveCall
"""A call that an account placed, or one on the line of a number that it owns."""
