"""What people do by hand in calls of campaigns, in place of what was laid out for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from simulator.telephony.attempt_planner import script_of, subject_of
from simulator.telephony.calls import Attempt, Call, Leg, Moment
from simulator.telephony.dialer import Dialer
from simulator.telephony.errors import NobodyThere
from simulator.telephony.ivr import Conversation, Result, interject
from simulator.telephony.network import Network
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164


class Interventions:
    """Changes attempts under way; everything raises NobodyThere where the number is in no such call."""

    def __init__(self, network: Network, dialer: Dialer) -> None:
        self._clock, self._random, self._people = network.clock, network.random, network.people
        self._dialer = dialer

    def press(self, number: E164, key: str) -> Call:
        """Press `key` in the call that `number` is talking in; raises NobodyThere."""
        call, attempt = self._talking(number)
        if attempt.answered is None or attempt.conversation is None or self._clock.now < attempt.answered:
            raise NobodyThere(number)
        at = self._clock.now - attempt.answered
        attempt.conversation = interject(script_of(call), attempt.conversation, key, at)
        self._dialer.watch(call, attempt)
        return call

    def answer(self, number: E164) -> Call:
        """Pick up the phone that rings at `number` now; raises NobodyThere."""
        call, attempt = self._talking(number)
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

    def call_in(self, number: E164) -> Call:
        """Return the call of `number` that waits for them to call in, answered now; raises NobodyThere."""
        waiting = [call for call in self._dialer.awaited.get(number, ()) if call.ending is None]
        if not waiting:
            raise NobodyThere(number)
        self._dialer.take_call(waiting[0])
        return waiting[0]

    def turn_away(self, number: E164, longest: timedelta, disposition: Disposition) -> Call:
        """End the ringing at `number`, when it has rung for `longest` or now; raises NobodyThere."""
        call, attempt = self._talking(number)
        now, leg = self._clock.now, attempt.joined
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

    def hang_up(self, number: E164) -> Call:
        """End the talk that `number` is in; raises NobodyThere."""
        call, attempt, at = self._in_talk(number)
        talk = attempt.conversation or Conversation(length=at, result=Result.HUNG_UP)
        result = talk.result if talk.presses else Result.HUNG_UP
        presses = tuple(press for press in talk.presses if press.after <= at)
        attempt.conversation = replace(talk, length=at, result=result, presses=presses)
        if attempt.joined is not None:
            attempt.joined = replace(attempt.joined, ended=self._clock.now)
        self._dialer.watch(call, attempt)
        return call

    def speak(self, number: E164, text: str) -> Call:
        """Say `text` in the talk that `number` is in; raises NobodyThere."""
        call, attempt, at = self._in_talk(number)
        if attempt.conversation is None:
            raise NobodyThere(number)
        script, word = script_of(call), text.strip().lower()
        if word in attempt.conversation.words_now(script, at):
            attempt.conversation = interject(script, attempt.conversation, word, at)
        before = attempt.conversation.says if attempt.spoken else ""
        attempt.conversation = replace(attempt.conversation, says=f"{before} {text}".strip())
        attempt.spoken += (Moment(self._clock.now, "said", text),)
        self._dialer.watch(call, attempt)
        return call

    def _in_talk(self, number: E164) -> tuple[Call, Attempt, timedelta]:
        """Return the call that `number` talks in, its attempt, and for how long the line is open."""
        call, attempt = self._talking(number)
        if attempt.answered is None or self._clock.now < attempt.answered:
            raise NobodyThere(number)
        return call, attempt, self._clock.now - attempt.answered

    def _talking(self, number: E164) -> tuple[Call, Attempt]:
        call = self._dialer.lines.get(number)
        if not isinstance(call, Call) or call.active is None:
            raise NobodyThere(number)
        return call, call.active

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
