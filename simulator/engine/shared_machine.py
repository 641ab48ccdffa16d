"""A world that several processes make, each for itself, of the inputs that they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.engine.machine import StateMachine, without_collector
from simulator.engine.real_time import StreamTime
from simulator.errors import Superseded
from simulator.state.inputs import (
    AnswersLeft,
    Cause,
    Input,
    RequestArrived,
    SharedInput,
    TimeReached,
)

if TYPE_CHECKING:
    from simulator.state.streams import Stream


class SharedMachine(StateMachine):
    """Applies what all enter to one stream, in its order; what is entered here is answered when applied.

    One of the processes leads the world: there alone time moves, and callbacks are sent from there.
    """

    _timekeeper: StreamTime | None

    def __init__(self, machine: StateMachine, stream: Stream, timekeeper: StreamTime | None) -> None:
        super().__init__(machine.answering, machine.vendors, machine.outbound, timekeeper)
        self.stream = stream
        self.inputs.durable = True
        self._is_superseded = False
        self._left: list[int] = []
        self._elsewhere: dict[int, str] = {}

    def enter(self, cause: Cause, at: datetime | None = None) -> Any:
        """Add an input for all, and apply it here after what came before it; raises StateUnavailable."""
        with self._lock, self._noticing():
            return self._follow(self.stream.enter(cause, at, as_leader=_needs_leader(cause, at)))

    def follows(self, number: int | None) -> bool:
        """Return whether the segment of this number is what is followed here, and is there."""
        return number == self.stream.number and not self._is_superseded

    def catch_up(self) -> None:
        """Apply what others have entered; raises StateUnavailable, and Superseded."""
        with self._lock, self._noticing():
            self._follow(self.stream.news())

    def rebuild(self) -> None:
        """Apply all that there is: what was answered then has left long ago."""
        with self._lock, self._recorder.judging_later(), without_collector():
            for entry in self.stream.news():
                self._take_again(self._dated(entry))

    def keep_up(self) -> None:
        """Let happen what is due by now, where it is ours to do; else tell which answers have left."""
        with self._lock:
            due = self._world.clock.next_due
            if self._timekeeper is not None and self.stream.leads and due is not None and due <= self.now():
                self.enter(TimeReached())
            if not self.stream.leads:
                self.tell_left()

    def leave(self) -> None:
        """Let others lead at once, who know by then which answers have left."""
        with self._lock:
            if self.stream.leads:
                self.tell_left()
                self.stream.leave()

    def tell_left(self) -> None:
        """Tell others which answers have left here; raises StateUnavailable, and Superseded."""
        with self._lock:
            if self._left:
                self.enter(AnswersLeft(tuple(self._left)))
                self._left.clear()

    def may_send(self) -> bool:
        """Return whether callbacks are ours to send: where time is moved by hand, whoever led meanwhile."""
        if self.outbound.settled is not None and not self.stream.leads:
            self.lead()
        return self.stream.leads

    def lead(self) -> None:
        """Be the one who moves time, and sends callbacks."""
        with self._lock:
            self.stream.take_lead()
            self.catch_up()

    def advance(self, until: datetime) -> int:
        """Move time on, no further than to where a callback is due; return how many acts were done."""
        self.lead()
        return super().advance(until) or 0

    def note_answer_left(self, number: int) -> None:
        """Note that an answer has left, for whoever else sends the callbacks, now or later."""
        super().note_answer_left(number)
        with self._lock:
            self._left.append(number)

    def awaited(self) -> set[str]:
        """Return whose answers callbacks wait for, beside our own."""
        with self._lock:
            return set(self._elsewhere.values())

    def give_up(self, names: Iterable[str]) -> None:
        """Wait for no answers of those who are gone."""
        with self._lock:
            self._note_left([number for number, name in self._elsewhere.items() if name in names])

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Note where there is nothing any more to follow."""
        try:
            yield
        except Superseded:
            self._is_superseded = True
            raise

    # -- in the order of the stream -----------------------------------------------------------------------

    def _follow(self, entries: Iterable[SharedInput]) -> Any:
        """Apply inputs; return, or raise, what came of our own one."""
        result = None
        for entry in entries:
            if entry.is_own:
                if self._timekeeper is not None:
                    self._timekeeper.sync(entry.milliseconds)
                result = self._take(self._dated(entry))
            else:
                self._take_from_elsewhere(entry)
        return result

    def _take_from_elsewhere(self, entry: SharedInput) -> None:
        """Apply what another process has answered, or will; a failure is told there."""
        with self._recorder.judging_later(silent=False), suppress(Exception):
            self._take(self._dated(entry))
        if isinstance(entry.cause, RequestArrived):
            self._elsewhere[self._world.inputs] = entry.sender
        elif isinstance(entry.cause, AnswersLeft):
            self._note_left(entry.cause.numbers)

    def _note_left(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._elsewhere.pop(number, None)
            self.outbound.note_answer_left(number)

    def _dated(self, entry: SharedInput) -> Input:
        """Return an input with its instant, the same for all."""
        if self._timekeeper is not None:
            return Input(self._timekeeper.note(entry.milliseconds, entry.at), entry.cause)
        return Input(entry.at or self._world.clock.now, entry.cause)

    def _take(self, entry: Input) -> Any:
        if isinstance(entry.cause, AnswersLeft):
            return None
        result = super()._take(entry)
        if self._timekeeper is not None and isinstance(entry.cause, TimeReached) and entry.cause.pausing:
            self._timekeeper.go_back(entry.at - self._world.clock.now)
        return result


def _needs_leader(cause: Cause, at: datetime | None) -> bool:
    """Tell whether only the leader may do this: what is due by the clock, and moving time by hand."""
    return isinstance(cause, TimeReached) and (at is None or cause.pausing)
