"""What all connections of a server share: its loop, its threads, its bounds, and each other."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from simulator.serving.bounds import Bounds
from simulator.serving.workers import Workers


class Member(Protocol):
    """What a server asks of each connection, whatever is spoken on it."""

    def sweep(self, now: float) -> None:
        """Close what has been silent, or has taken, too long."""

    def is_busy(self, now: float) -> bool:
        """Tell whether a server that ends waits for this connection."""

    def end_stream(self) -> None:
        """Let a stream end, if this is one."""

    def close(self, at_once: bool = False) -> None:
        """End the connection."""


class Hub:
    """The meeting point of the connections of one server; those that are open are its `connections`.

    While it is `draining`, nothing new is waited for. `is_active` is True once something came in since it
    was last set to False.
    """

    def __init__(self, loop: AbstractEventLoop, workers: Workers, largest_body: int, bounds: Bounds) -> None:
        self.workers = workers
        self.largest_body = largest_body
        self.bounds = bounds
        self.draining = False
        self.is_active = False
        self.connections: dict[Member, None] = {}
        self.loop = loop
        self._wakers: dict[Callable[[], None], None] = {}

    def post(self, act: Callable[..., object], *arguments: Any) -> None:
        """Let the loop do something; from any thread, and in vain when it is over."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(act, *arguments)

    def later(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        """Do something once, after a while or when the server ends; return what lets it happen now."""

        def wake() -> None:
            if self._wakers.pop(wake, False) is None:
                timer.cancel()
                act()

        timer = self.loop.call_later(0 if self.draining else seconds, wake)
        self._wakers[wake] = None
        return wake

    def wake_all(self) -> None:
        """Let everything happen now that waits for its time."""
        for wake in list(self._wakers):
            wake()
