"""What changes in a world, one entry a change, numbered, for whoever wants to follow it as it happens."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Event, Lock, Thread

from msgspec import Struct

KEPT = 10_000
"""How many changes of a world are remembered; whoever comes back later has missed the older ones."""

BETWEEN_BATCHES = 0.25
"""Seconds of the host: what happens within them goes out together."""

SILENCE = 15.0
"""Seconds of the host after which a listener is called although nothing happened."""


class Change(Struct, frozen=True):
    """One change: its number, the world's time, what happened, and to what.

    The `subject` is a call, a message, a callback, or the id of an exchange, which may be forgotten by now.
    """

    number: int
    at: datetime
    what: str
    subject: object


class Feed:
    """The newest changes of a world, which outlives a reset of it; `last` is the number of the newest.

    A `silent` one notes nothing: what is played again is no change.

    To note one is cheap, and all that happens where nobody listens. Safe for threads: a world that was reset
    may still note something while the one in its place is read.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self.last = 0
        self.silent = False
        self.wake: Callable[[], None] | None = None
        self._kept: deque[Change] = deque(maxlen=kept)
        self._lock = Lock()

    def note(self, at: datetime, what: str, subject: object) -> None:
        """Add a change, the newest."""
        if self.silent:
            return
        with self._lock:
            self.last = number = self.last + 1
            self._kept.append(Change(number, at, what, subject))
        if self.wake is not None:
            self.wake()

    def begin_again(self) -> None:
        """Forget the changes of a world that is no more, with all that hangs on them; numbers go on."""
        with self._lock:
            self._kept.clear()

    def end(self) -> None:
        """Call whoever listens: the world is closed, and nothing more will happen in it."""
        if self.wake is not None:
            self.wake()

    def since(self, number: int, most: int) -> tuple[list[Change], int]:
        """Return the changes after `number`, oldest first and at most so many, and how many are gone.

        A number that was never given out is from before a restart: then all that is kept is new.
        """
        with self._lock:
            number = number if 0 <= number <= self.last else 0
            missed = max(self.last - len(self._kept) - number, 0)
            first = number + missed - (self.last - len(self._kept))
            return [self._kept[place] for place in range(first, min(first + most, len(self._kept)))], missed


Listener = Callable[[], None]


class Announcer:
    """Calls the listeners of all worlds when something has changed, four times a second at most.

    One thread for all of them, which is there as long as anybody listens. A listener must not wait.
    """

    def __init__(self) -> None:
        self._listeners: list[tuple[Feed, Listener]] = []
        self._lock = Lock()
        self._woken = Event()
        self._thread: Thread | None = None

    def join(self) -> None:
        """Return when no thread is left; to be called when nobody listens any more."""
        if (thread := self._thread) is not None:
            thread.join()

    def listen(self, feed: Feed, listener: Listener) -> Callable[[], None]:
        """Let `listener` be called from now on, first at once; return what ends it."""
        with self._lock:
            self._listeners.append((feed, listener))
            feed.wake = self._woken.set
            if self._thread is None:
                self._thread = Thread(target=self._run, name="simulator-announcer", daemon=True)
                self._thread.start()
        self._woken.set()

        def leave() -> None:
            with self._lock:
                with suppress(ValueError):  # which has left before
                    self._listeners.remove((feed, listener))
                if not any(other is feed for other, _ in self._listeners):
                    feed.wake = None
            self._woken.set()

        return leave

    def _run(self) -> None:
        pause = Event()
        while True:
            self._woken.wait(SILENCE)
            self._woken.clear()
            with self._lock:
                listeners = [listener for _, listener in self._listeners]
                if not listeners:
                    self._thread = None
                    return
            for listener in listeners:
                listener()
            pause.wait(BETWEEN_BATCHES)
