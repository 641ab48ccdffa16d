"""Twice as much is at most twice the work: what the tests ask where others would look at a clock.

What counts is the processor time of the one thread that does the work. A loaded machine lengthens that a
little and at times, so only what is slow at all is measured again, and the best of several tries counts:
whatever is quadratic takes four times as long in each of them.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time

SLOW_SECONDS = 0.05
TRIES = 6
MOST = 2.5

Work = Callable[[int], object]


def seconds(work: Work, length: int) -> float:
    """Return the processor time that `work` takes this thread."""
    begun = thread_time()
    work(length)
    return thread_time() - begun


def grows_in_step(work: Work, length: int) -> bool:
    """Tell whether twice as much is not worth mentioning, or takes less than 2.5 times the work."""
    if seconds(work, 2 * length) < SLOW_SECONDS:
        return True
    return any(
        (twice := seconds(work, 2 * length)) < SLOW_SECONDS or twice < MOST * seconds(work, length)
        for _ in range(TRIES)
    )


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave the collection of garbage, whose time depends on all that is alive, for later."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def calls_made(work: Callable[[], object]) -> int:
    """Return how many functions `work` calls in this thread: a measure of work that no machine changes."""
    count = 0

    def note(_frame: object, event: str, _subject: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
