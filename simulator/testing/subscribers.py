"""Somebody whom a test lets act: what the person behind a number can do with a phone."""

from __future__ import annotations

from typing import Any

from simulator.engine.sandbox import Sandbox
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.people import Person


class Subscriber:
    """The person behind one number, and what a test can let them do.

    Where nobody is there to talk to, each raises NobodyThere; a text that is no number, MalformedNumber.
    """

    def __init__(self, sandbox: Sandbox, number: str) -> None:
        self._sandbox = sandbox
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

    def call(self, to: str, *, withheld: bool = False, keys: str = "") -> LiveCall:
        """Let them call a number that an account owns and key in `keys`; `withheld` hides their own."""
        call: LiveCall = self._act("call_number", to=to, withheld=withheld, keys=keys)
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
        return self._sandbox.act(name, number=self._number, **arguments)
