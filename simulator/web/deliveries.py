"""Callbacks on their way: which door they leave by, in what order, and what became of each.

What speaks to receivers is imported with the first callback: no answer has to wait for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from simulator.exchange import CallbackRequest, DeliveryAttempt
from simulator.web.destinations import DestinationPolicy, Profile, Resolve

TOTAL = timedelta(seconds=10)
LANES_PER_RECEIVER = 4


class OutboundDoor:
    """Sends callbacks where the policy of destinations.py lets them go, and nothing else anywhere.

    What the policy keeps counts as delivered: the outbox holds it, to the byte, for whoever runs the test.
    A `pure` door adds no header of ours.
    """

    def __init__(
        self,
        profile: Profile,
        allowed: Sequence[str] = (),
        own_ports: frozenset[int] = frozenset(),
        resolve: Resolve | None = None,
        *,
        pure: bool = False,
    ) -> None:
        self.pure = pure
        self.policy = DestinationPolicy(profile, tuple(allowed), own_ports)
        self._resolve = resolve

    def send(self, request: CallbackRequest, timeout: timedelta = TOTAL) -> DeliveryAttempt:
        """Make one attempt, at most `timeout` long with all its parts; never raises for a receiver."""
        from simulator.web.outbound import attempt, resolve_by_system  # noqa: PLC0415 - see the module

        return attempt(request, self.policy, self._resolve or resolve_by_system, timeout, pure=self.pure)


class _QueuedSend(Struct, frozen=True):
    """One request on its lane, and where its outcome is awaited."""

    request: CallbackRequest
    timeout: timedelta
    attempt: Future[DeliveryAttempt]


class Dispatcher:
    """Sends many callbacks at once, `workers` at most; those of one subject one after another.

    Each receiver has a few lanes, so that a dead one keeps few workers busy and delays nobody else. `now`
    is what its attempts are timed by.
    """

    def __init__(self, door: OutboundDoor, now: Callable[[], timedelta], workers: int = 32) -> None:
        self._door = door
        self._now = now
        self._workers = workers
        self._lock = Lock()
        self._lanes: dict[tuple[str, int], deque[_QueuedSend]] = {}
        self._threads: ThreadPoolExecutor | None = None

    def send(
        self, subject: str, request: CallbackRequest, timeout: timedelta = TOTAL
    ) -> Future[DeliveryAttempt]:
        """Send one request, after all earlier ones of its subject; the future never holds an exception."""
        queued = _QueuedSend(request, timeout, Future())
        receiver = request.url.partition("://")[2].partition("/")[0]
        lane = (receiver, crc32(subject.encode()) % LANES_PER_RECEIVER)
        with self._lock:
            queue = self._lanes.setdefault(lane, deque())
            queue.append(queued)
            if len(queue) == 1:
                self._running().submit(self._empty, lane)
        return queued.attempt

    def _empty(self, lane: tuple[str, int]) -> None:
        queue = self._lanes[lane]
        more = True
        while more:
            queued = queue[0]
            self._run(queued)
            with self._lock:  # after whoever awaits it knows: the next of its subject comes later in all eyes
                queue.popleft()
                more = bool(queue)
                if not more:
                    del self._lanes[lane]

    def _run(self, queued: _QueuedSend) -> None:
        begun = self._now()
        try:
            attempt = self._door.send(queued.request, queued.timeout)
        except Exception as failure:  # whoever awaits it tells of that
            queued.attempt.set_exception(failure)
        else:
            queued.attempt.set_result(replace(attempt, took=self._now() - begun))

    def close(self) -> None:
        """Wait for what is on its way and end the threads; sending again starts new ones."""
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=True)

    def _running(self) -> ThreadPoolExecutor:
        """Start the threads at first use, under the lock: none may exist before a server forks."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="callback")
        return self._threads
