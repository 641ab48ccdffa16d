"""Python's garbage collector at the pace of a server: it never looks at all there is while somebody asks."""

from __future__ import annotations

import gc
from collections.abc import Callable

YOUNG = 5_000
"""How many new objects are looked at together: a millisecond or two."""
WORTH_WHILE = 100_000
"""How many more than at the last full look make another one worth its pause, when nobody asks."""
MOST_GROWN = 1_000_000
"""How many more make it due though somebody asks; of more objects, as many again."""
QUIET_SECONDS = 5.0


class Collector:
    """Collects in the place of Python, which would stop everything to look at all objects again and again.

    New objects are looked at a few thousand at a time; those that stay are put aside, where only a full look
    finds them. That comes after `QUIET_SECONDS` of `time` without a request and without new objects, or when
    more than `most` were put aside. Requests leave no garbage that needs it, only worlds that are closed do.
    """

    def __init__(self, time: Callable[[], float], most: int = MOST_GROWN) -> None:
        gc.disable()
        self._time = time
        self._grown = 0
        self._most = self._limit = most
        self._last = time()

    def put_aside(self) -> None:
        """Take all objects there are for good ones, such as after the start; it takes no time."""
        gc.freeze()
        self._grown = 0

    def note_request(self) -> None:
        """Note that somebody asks."""
        self._last = self._time()

    def work(self) -> None:
        """Look at what is new, or at everything; to be called often, between requests."""
        new = gc.get_count()[0]
        if new > YOUNG:
            gc.collect(1)
            gc.freeze()
            self._grown += new
            self._last = self._time()
        elif self._grown > self._limit or (self._grown > WORTH_WHILE and self._is_quiet()):
            gc.unfreeze()
            gc.collect()
            self.put_aside()
            # counted as they lie: a list of them all would hold, and so break, what a thread is building
            self._limit = max(self._most, gc.get_freeze_count())

    def _is_quiet(self) -> bool:
        return self._time() - self._last > QUIET_SECONDS
