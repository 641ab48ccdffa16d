"""The people who can be called, and what a test does with the phone of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.engine.sandbox import Sandbox
from simulator.errors import UnknownName
from simulator.telephony.live_calls import AnyCall, LiveCall
from simulator.telephony.messages import Message
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import Person
from simulator.telephony.phone_numbers import E164
from simulator.telephony.typed_numbers import read_typed_number
from simulator.testing.given import text_of

if TYPE_CHECKING:
    from simulator.testing.worlds import FixtureWorld


class UnknownOutcome(UnknownName, ValueError):
    """An attempt cannot end so."""


class Subscriber:
    """The phone behind one number, used in the place of its owner.

    Numbers are written as clients of a vendor write them, which `read` turns into E.164. All methods raise
    NobodyThere where nobody is there to talk to, MalformedNumber for what is no number, SimulatorError for
    what is no text.
    """

    def __init__(self, sandbox: Sandbox, number: str, read: Callable[[str], E164]) -> None:
        self._sandbox = sandbox
        self._read = read
        self._number = self._read_number(number, "people")

    def answer(self) -> AnyCall:
        """Pick up the phone that rings; return the call."""
        call: AnyCall = self._act("answer")
        return call

    def press(self, key: str) -> AnyCall:
        """Press a key, or key in a code, during a call; return the call."""
        call: AnyCall = self._act("press", key=text_of(key, "press", "1"))
        return call

    def call_in(self) -> AnyCall:
        """Call the number that a call of theirs waits at, or one that receives calls; return the call."""
        call: AnyCall = self._act("call_in")
        return call

    def call(self, to: str, *, withheld: bool = False, keys: str = "") -> LiveCall:
        """Call a number that an account owns and key in `keys`; `withheld` hides the caller's number."""
        number, codes = self._read_number(to, "call: to"), text_of(keys, "call: keys", "1")
        call: LiveCall = self._act("call_number", to=number, withheld=withheld, keys=codes)
        return call

    def text(self, to: str, text: str) -> Message:
        """Send a text to a number that an account owns; return the message."""
        number, words = self._read_number(to, "text: to"), text_of(text, "text: text", "Is it on its way?")
        message: Message = self._act("text_number", to=number, text=words)
        return message

    def next(self, outcome: str) -> Person:
        """Decide how the next attempt to reach them ends: `busy`, `no_answer`, ...; raises UnknownOutcome."""
        if outcome not in (known := [*map(str, Disposition)]):
            raise UnknownOutcome("outcome", outcome, known)
        person: Person = self._act("next_outcome", outcome=outcome)
        return person

    def _read_number(self, given: object, what: str) -> E164:
        return self._read(text_of(given, what, "+447700900310"))

    def _act(self, name: str, **arguments: Any) -> Any:
        return self._sandbox.act(name, number=self._number, **arguments)


class People:
    """Everybody who can be called, by number: `people["+447700900310"]`.

    It is written as clients of the `vendor` write it, or where none is named as somebody types it whom the
    world knows, or as clients of any.
    """

    def __init__(self, world: FixtureWorld, vendor: str | None = None) -> None:
        self._world = world
        self._vendor = vendor

    def __getitem__(self, number: str) -> Subscriber:
        """Return who answers a number; raises MalformedNumber, or SimulatorError for what is no text."""
        self._world.settle()
        sandbox = self._world.sandbox
        operators = sandbox.world.operators
        read = operators[self._vendor].read_number if self._vendor else partial(_read_typed, sandbox)
        return Subscriber(sandbox, number, read)


def _read_typed(sandbox: Sandbox, text: str) -> E164:
    with sandbox.lock:
        return read_typed_number(sandbox.world, text)
