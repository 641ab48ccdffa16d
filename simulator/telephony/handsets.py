"""Phones in somebody's hand: what a person does with theirs, in place of what their persona would do."""

from __future__ import annotations

from datetime import timedelta

from simulator.telephony.accounts import Account
from simulator.telephony.dialer import Dialer
from simulator.telephony.errors import NobodyThere
from simulator.telephony.interventions import Interventions
from simulator.telephony.live_calls import AnyCall, LiveCall
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
    """What people do with their phones in a world; everything raises NobodyThere where it makes no sense."""

    def __init__(self, network: Network, dialer: Dialer, switchboard: Switchboard) -> None:
        self._network = network
        self._people = network.people
        self._dialed = Interventions(network, dialer)
        self._awaited = dialer.awaited
        self._switchboard = switchboard
        self._lines = dialer.lines

    def take(self, number: E164) -> Person:
        """Return who has `number`, answered by hand alone from its next call on; what rings now rings on."""
        person = self._people.known(number)
        if person.usual is None:
            person.usual, person.persona = person.persona, IN_HAND
        if number in self._lines:
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

    def answer(self, number: E164) -> AnyCall:
        """Pick up the phone that rings at `number`, whatever call it is in."""
        call = self._call(number)
        return self._switchboard.pick_up(call) if isinstance(call, LiveCall) else self._dialed.answer(number)

    def press(self, number: E164, key: str) -> AnyCall:
        """Press `key` in the call that `number` is talking in."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            return self._switchboard.press(call, key)
        return self._dialed.press(number, key)

    def call_in(self, number: E164, account: Account | None = None) -> AnyCall:
        """Return the call that `number` makes: one waiting for them, else to a campaign that receives calls.

        An `account` narrows the search.
        """
        if any(call.ending is None for call in self._awaited.get(number, ())):
            return self._dialed.call_in(number)
        if number in self._lines:
            raise NobodyThere(number)
        return self._switchboard.call_in(number, [account] if account else self._network.accounts.values())

    def reject(self, number: E164) -> AnyCall:
        """Turn away the call that rings at `number`."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            return self._switchboard.reject(call)
        return self._dialed.turn_away(number, timedelta(0), Disposition.REJECTED)

    def let_ring(self, number: E164) -> AnyCall:
        """Ring `number` for as long as phones do, unless it is answered by hand; return the call."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            return self._switchboard.let_ring(call, LONGEST_RING)
        return self._dialed.turn_away(number, LONGEST_RING, Disposition.NO_ANSWER)

    def hang_up(self, number: E164) -> AnyCall:
        """End the call that `number` is talking in, or is waiting to be put through to."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            return self._switchboard.leave(call)
        return self._dialed.hang_up(number)

    def speak(self, number: E164, text: str) -> AnyCall:
        """Say something in the call that `number` is talking in; a word of its menu chooses a branch."""
        call = self._call(number)
        if isinstance(call, LiveCall):
            return self._switchboard.speak(call, text)
        return self._dialed.speak(number, text)

    def _call(self, number: E164) -> AnyCall:
        if (call := self._lines.get(number)) is None:
            raise NobodyThere(number)
        return call
