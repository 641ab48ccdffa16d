"""Somebody whom a test lets act: what the person behind a number can do with a phone."""

from __future__ import annotations

from typing import Any

from simulator.engine.sandbox import Stage
from simulator.telephony.line_calls import AnyCall, LineCall
from simulator.telephony.messages import Message
from simulator.telephony.people import Person


class Somebody:
    """The person behind one number, and what a test can let them do.

    Where nobody is there to talk to, each raises NobodyThere; a text that is no number, MalformedNumber.
    """

    def __init__(self, stage: Stage, number: str) -> None:
        self._stage = stage
        self._number = number

    def answer(self) -> AnyCall:
        """Let them pick up the phone that rings."""
        call: AnyCall = self._act("answer")
        return call

    def press(self, key: str) -> AnyCall:
        """Let them press a key, or key in a code, while they talk."""
        call: AnyCall = self._act("press", key=key)
        return call

    def call_in(self) -> AnyCall:
        """Let them call the number that a call of theirs waits at, or one that receives calls."""
        call: AnyCall = self._act("call_in")
        return call

    def call(self, to: str, *, withheld: bool = False, keys: str = "") -> LineCall:
        """Let them call a number that an account owns and key in `keys`; `withheld` hides their own."""
        call: LineCall = self._act("call_number", to=to, withheld=withheld, keys=keys)
        return call

    def text(self, to: str, text: str) -> Message:
        """Let them write to a number that an account owns."""
        message: Message = self._act("text_number", to=to, text=text)
        return message

    def next(self, outcome: str) -> Person:
        """Decide how the next attempt to reach them ends: `busy`, `no_answer`, ...; raises ValueError."""
        person: Person = self._act("next_outcome", outcome=outcome)
        return person

    def _act(self, name: str, **arguments: Any) -> Any:
        return self._stage.act(name, number=self._number, **arguments)
