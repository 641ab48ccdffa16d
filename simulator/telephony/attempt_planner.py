"""What will come of an attempt: laid out in full when it starts, keyed and never drawn."""

from __future__ import annotations

from collections.abc import Container
from datetime import timedelta

from simulator.telephony.calls import NOTHING, Attempt, Call, Leg
from simulator.telephony.campaign_settings import Method
from simulator.telephony.ivr import REACTION, Conversation, Result, Script, converse
from simulator.telephony.network import Network
from simulator.telephony.outcomes import PICKED_UP, RINGS, Disposition, seconds
from simulator.telephony.owners import Owner
from simulator.telephony.people import Person
from simulator.telephony.phone_numbers import E164

FLASH_RING = timedelta(seconds=5)
GREETING = seconds(3, 8)
"""How long an answering machine is listened to before the line is dropped."""


class AttemptPlanner:
    """Foretells attempts."""

    def __init__(self, network: Network) -> None:
        self._clock, self._random, self._people = network.clock, network.random, network.people
        self._lines = network.lines

    def plan(self, call: Call) -> Attempt:
        """Lay out an attempt; of several phones that ring, the one answered first counts, else the first."""
        attempt = self._ring_up(call, call.callee)
        if call.order.others:
            tries = [attempt, *(self._ring_up(call, party) for party in call.order.others)]
            answered = [one for one in tries if one.disposition in PICKED_UP]
            return min(answered, key=lambda one: one.ring, default=attempt)
        return attempt

    def ring_second(self, call: Call, attempt: Attempt, party: E164) -> Leg:
        """Lay out a second leg; whoever is called with their own number never gets through."""
        now, number, subject = self._clock.now, attempt.number, subject_of(call, party)
        person, own = self._people.find(party), party == attempt.callee
        disposition = Disposition.FAILED if own else self._obstacle(call, party)
        disposition = disposition or person.disposition(self._random, number, *subject)
        if disposition not in RINGS:
            return Leg(party, now, None, now, disposition)
        ring = self._random.within(person.persona.ring, "ring", *subject, number)
        if disposition not in PICKED_UP:
            return Leg(party, now, None, now + ring, disposition)
        talk = person.persona.conduct(self._random, *subject, number).patience
        first = self._people.find(attempt.callee).persona
        talk = min(talk, first.conduct(self._random, *subject_of(call, attempt.callee), number).patience)
        if disposition is not Disposition.ANSWERED:
            talk = self._random.within(GREETING, "greeting", *subject, number)
        return Leg(party, now, now + ring, now + ring + talk, disposition)

    def talk(self, call: Call, attempt: Attempt, person: Person) -> None:
        """Lay out what is said on the open line; who hangs up at once was not really reached.

        Whoever is to be connected to somebody waits for that.
        """
        if call.order.bridge and attempt.disposition is not Disposition.TOO_SHORT:
            return
        subject = subject_of(call, attempt.callee)
        if attempt.disposition is Disposition.VOICEMAIL:
            length = self._random.within(GREETING, "greeting", *subject, attempt.number)
            attempt.conversation = Conversation(length=length, result=Result.HEARD)
        elif attempt.disposition is Disposition.TOO_SHORT:
            attempt.conversation = Conversation(length=REACTION / 2, result=Result.HUNG_UP)
        else:
            conduct = person.persona.conduct(self._random, *subject, attempt.number)
            most = call.order.max_length or call.campaign.max_length
            attempt.conversation = converse(script_of(call), conduct, most)
            if attempt.conversation.result is Result.HUNG_UP:
                attempt.disposition = Disposition.TOO_SHORT

    def _ring_up(self, call: Call, party: E164) -> Attempt:
        now, number = self._clock.now, len(call.attempts) + 1
        person, subject = self._people.find(party), subject_of(call, party)
        disposition = self._obstacle(call, party) or person.disposition(self._random, number, *subject)
        attempt = Attempt(
            number=number,
            callee=party,
            caller_id=call.caller_id,
            started=now,
            ring=NOTHING,
            disposition=disposition,
            call=call,
        )
        if disposition in RINGS:
            attempt.ring = self._random.within(person.persona.ring, "ring", *subject, number)
        if call.campaign.method is Method.FLASH and disposition in PICKED_UP:
            attempt.disposition, attempt.ring = Disposition.CANCELLED, FLASH_RING
        elif disposition in PICKED_UP:
            self.talk(call, attempt, person)
        return attempt

    def _obstacle(self, call: Call, party: E164) -> Disposition | None:
        return obstacle(call.account, party, call.caller_id, self._lines)


def obstacle(
    account: Owner, party: E164, caller_id: E164 | None, lines: Container[E164]
) -> Disposition | None:
    """Return what keeps a phone from being rung at all, or None; `lines` are the phones in use."""
    if party in account.stop_list:
        return Disposition.STOP_LISTED
    if account.overdrawn:
        return Disposition.NO_FUNDS
    if party == caller_id:
        return Disposition.SAME_AS_CALLER_ID
    return Disposition.BUSY if party in lines else None


def script_of(call: Call) -> Script:
    """Return what a call says: its own script, else the campaign's."""
    return call.order.script or call.campaign.script


def subject_of(call: Call, party: E164 | None = None) -> tuple[object, ...]:
    """Return the subject of a call's fates: account, callee, which call to that callee; and another party."""
    if party is None or party == call.callee:
        return (call.account.name, call.callee, call.nth)
    return (call.account.name, call.callee, call.nth, party)
