"""Phones in somebody's hand: what a person does with theirs, in place of what their persona would do."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from msgspec.structs import replace

from simulator.telephony.accounts import Account
from simulator.telephony.attempt_planner import script_of, subject_of
from simulator.telephony.calls import Attempt, Call, Direction, Leg, Moment
from simulator.telephony.dialer import Dialer
from simulator.telephony.errors import NobodyThere
from simulator.telephony.ivr import Conversation, Result, interject
from simulator.telephony.live_calls import AnyCall, LiveCall, Party
from simulator.telephony.network import Network
from simulator.telephony.outcomes import Disposition, Span
from simulator.telephony.people import Person, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.switchboard import Switchboard

LONGEST_RING = timedelta(seconds=45)
"""For how long a phone rings that nobody answers."""

LONGEST_TALK = timedelta(hours=1)
"""For how long whoever answers by hand stays on the line, where nobody hangs up before."""

IN_HAND = Persona(
    name="by hand",
    attempts=(Disposition.NO_ANSWER,),
    ring=Span(LONGEST_RING, LONGEST_RING),
    talk=Span(LONGEST_TALK, LONGEST_TALK),
    calls_in=None,
)
"""Of whom nothing is known in advance: the phone rings until it is answered or rejected."""


class Handsets:
    """What people do with their phones in a world; everything raises NobodyThere where it makes no sense.

    Each returns the call that was meant, of a call on the line the one that came in. Attempts of campaigns
    are laid out in full, so there an act changes what was laid out.
    """

    def __init__(self, network: Network, dialer: Dialer, switchboard: Switchboard) -> None:
        self._network = network
        self._clock, self._random, self._people = network.clock, network.random, network.people
        self._dialer = dialer
        self._switchboard = switchboard

    def take(self, number: E164) -> Person:
        """Return who has `number`, answered by hand alone from its next call on; what rings now rings on."""
        person = self._people.known(number)
        if person.usual is None:
            person.usual, person.persona = person.persona, IN_HAND
        if number in self._dialer.lines:
            try:
                self.let_ring(number)
            except NobodyThere:  # it is answered already
                return person
        return person

    def put_back(self, number: E164) -> Person:
        """Return who has `number`, answered again as before it was taken."""
        person = self._people.known(number)
        if person.usual is not None:
            person.persona, person.usual = person.usual, None
        return person

    # -- a phone that rings -----------------------------------------------------------------------------

    def answer(self, number: E164) -> AnyCall:
        """Pick up the phone that rings at `number`, whatever call it is in."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            _check_ringing(call)
            call.unattended = False
            self._switchboard.pick_up(Disposition.ANSWERED, call)
            return call.origin or call
        attempt = self._attempt(call, number)
        if attempt.joined is not None and attempt.joined.party == number:
            return self._answer_second(call, attempt, attempt.joined)
        if attempt.answered is not None and attempt.answered <= self._clock.now:
            raise NobodyThere(number)
        attempt.ring = self._clock.now - attempt.started
        attempt.disposition = Disposition.ANSWERED
        self._dialer.planner.talk(call, attempt, self._people.find(number))
        self._dialer.report_answer(call, attempt)
        self._dialer.watch(call, attempt)
        return call

    def _answer_second(self, call: Call, attempt: Attempt, leg: Leg) -> Call:
        now = self._clock.now
        if leg.answered is not None and leg.answered <= now:
            raise NobodyThere(leg.party)
        conduct = self._people.find(leg.party).persona.conduct
        talk = conduct(self._random, *subject_of(call, leg.party), attempt.number).patience
        attempt.joined = replace(leg, answered=now, ended=now + talk, disposition=Disposition.ANSWERED)
        attempt.conversation = Conversation(length=now + talk - leg.started, result=Result.HEARD)
        self._dialer.watch(call, attempt)
        return call

    def reject(self, number: E164) -> AnyCall:
        """Turn away the call that rings at `number`."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            _check_ringing(call)
            self._switchboard.turn_away(Disposition.REJECTED, call)
            return call.origin or call
        return self._end_ringing(call, number, timedelta(0), Disposition.REJECTED)

    def let_ring(self, number: E164) -> AnyCall:
        """Ring `number` for as long as phones do, unless it is answered by hand."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            _check_ringing(call)
            call.unattended = True
            given_up = partial(self._switchboard.turn_away, Disposition.NO_ANSWER, call)
            self._clock.at(call.started + LONGEST_RING, given_up)
            return call.origin or call
        return self._end_ringing(call, number, LONGEST_RING, Disposition.NO_ANSWER)

    def _end_ringing(self, call: Call, number: E164, longest: timedelta, disposition: Disposition) -> Call:
        """End the ringing at `number`, when it has rung for `longest` or now."""
        attempt, now = self._attempt(call, number), self._clock.now
        leg = attempt.joined
        if leg is not None and leg.party == number and not (leg.answered and leg.answered <= now):
            ended = max(leg.started + longest, now)
            attempt.joined = replace(leg, answered=None, ended=ended, disposition=disposition)
            attempt.conversation = Conversation(length=ended - leg.started, result=Result.HEARD)
        elif attempt.answered is None or attempt.answered > now:
            attempt.ring = max(longest, now - attempt.started)
            attempt.disposition, attempt.conversation = disposition, None
        else:
            raise NobodyThere(number)
        self._dialer.watch(call, attempt)
        return call

    # -- a talk -----------------------------------------------------------------------------------------

    def call_in(self, number: E164, account: Account | None = None) -> AnyCall:
        """Return the call that `number` makes: one waiting for them, else to a campaign that receives calls.

        An `account` narrows the search.
        """
        for call in self._dialer.awaited.get(number, ()):
            if call.ending is None:
                self._dialer.take_call(call)
                return call
        if number in self._dialer.lines:
            raise NobodyThere(number)
        return self._switchboard.call_in(number, [account] if account else self._network.accounts.values())

    def press(self, number: E164, key: str) -> AnyCall:
        """Press `key` in the call that `number` is talking in."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            self._switchboard.press(call, key)
            return call.origin or call
        attempt, at = self._talk(call, number)
        if attempt.conversation is None:
            raise NobodyThere(number)
        attempt.conversation = interject(script_of(call), attempt.conversation, key, at)
        self._dialer.watch(call, attempt)
        return call

    def speak(self, number: E164, text: str) -> AnyCall:
        """Say something in the call that `number` is talking in; a word of its menu chooses a branch."""
        call, spoken = self._call(number), Moment(self._clock.now, "said", text)
        if isinstance(call, LiveCall):
            if call.answered is None:
                raise NobodyThere(call.party)
            call.spoken.append(spoken)
            return call.origin or call
        attempt, at = self._talk(call, number)
        if attempt.conversation is None:
            raise NobodyThere(number)
        script, word = script_of(call), text.strip().lower()
        menu = attempt.conversation.menu_at(script, at)
        if menu and word in menu.choices:
            attempt.conversation = interject(script, attempt.conversation, word, at)
        before = attempt.conversation.says if attempt.spoken else ""
        attempt.conversation = replace(attempt.conversation, says=f"{before} {text}".strip())
        attempt.spoken += (spoken,)
        self._dialer.watch(call, attempt)
        return call

    def hang_up(self, number: E164) -> AnyCall:
        """End the call that `number` is talking in, or is waiting to be put through to."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            by = Party.CALLER if call.direction is Direction.INCOMING else Party.CALLEE
            self._switchboard.hang_up(call, by)
            return call.origin or call
        attempt, at = self._talk(call, number)
        talk = attempt.conversation or Conversation(length=at, result=Result.HUNG_UP)
        attempt.conversation = talk.until(at, talk.result if talk.presses else Result.HUNG_UP)
        if attempt.joined is not None:
            attempt.joined = replace(attempt.joined, ended=self._clock.now)
        self._dialer.watch(call, attempt)
        return call

    # -- which call is meant ----------------------------------------------------------------------------

    def _call(self, number: E164) -> AnyCall:
        if (call := self._dialer.lines.get(number)) is None:
            raise NobodyThere(number)
        return call

    def _attempt(self, call: Call, number: E164) -> Attempt:
        if call.active is None:
            raise NobodyThere(number)
        return call.active

    def _talk(self, call: Call, number: E164) -> tuple[Attempt, timedelta]:
        """Return the attempt in which `number` talks, and for how long the line is open."""
        attempt = self._attempt(call, number)
        if attempt.answered is None or self._clock.now < attempt.answered:
            raise NobodyThere(number)
        return attempt, self._clock.now - attempt.answered


def _check_ringing(leg: LiveCall) -> None:
    if leg.direction is Direction.INCOMING or leg.answered is not None:
        raise NobodyThere(leg.party)
