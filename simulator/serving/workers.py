"""Who calls the application: the event loop where that is quick, else threads, so that it never waits."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop, Future, Lock, ensure_future
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from simulator.serving.writing import Pairs, Produced, refusal
from simulator.web.guard import Refused
from simulator.web.handover import (
    AS_LONG_AS_IT_TAKES,
    IN_A_THREAD,
    MAY_WAIT,
    ON_LOOP,
    ConnectionCut,
    NoAnswer,
    Outgoing,
    WouldWait,
    gather,
)

THREADS = 64
LARGE = 65_536
"""From how many bytes on a body is looked at in a thread."""

Environ = dict[str, Any]
Application = Callable[..., Iterable[bytes]]

log = logging.getLogger("simulator")


class Workers:
    """Calls an application for an event loop.

    A call that would wait is made again in a thread, for as long as it takes; but of those that wait for the
    same thing, only the first one has a thread, the others wait for their turn without one. What is not done
    yet are the `tasks`; `answered` is called whenever an answer has left.
    """

    def __init__(
        self, application: Application, loop: AbstractEventLoop, answered: Callable[[], object]
    ) -> None:
        self._application = application
        self._loop = loop
        self._answered = answered
        self._quick = ThreadPoolExecutor(THREADS, "simulator-request")
        self._patient = ThreadPoolExecutor(THREADS, "simulator-waiting")
        self._turns: WeakValueDictionary[str, Lock] = WeakValueDictionary()
        self.tasks: set[Future[Any]] = set()

    def start(self, work: Awaitable[None]) -> None:
        """Let something be done that takes its time."""
        task = ensure_future(work, loop=self._loop)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def answer(self, environ: Environ) -> Produced | Coroutine[Any, Any, Produced]:
        """Return the answer to a request, or what to await for it."""
        if environ["wsgi.input"].tell() >= LARGE:  # where what was read of it ends
            return self._answer_in_thread(environ)
        try:
            return self._call(environ, ON_LOOP)
        except WouldWait as wait:
            return self._answer_in_turn(environ, wait.queue)

    async def run(self, work: Callable[[], object]) -> None:
        """Do something that may wait for long; raises what it raises."""
        await self._loop.run_in_executor(self._patient, work)

    def leave(self, body: Outgoing, may_wait: bool = False) -> None:
        """Let happen what is to be done when an answer has left."""
        try:
            body.close(may_wait)
        except WouldWait:
            self.start(self._loop.run_in_executor(self._quick, self.leave, body, True))
            return
        except Exception:
            log.exception("after an answer had left: this is a bug of the simulator")
        self._answered()

    def close(self) -> None:
        """Return when no thread is left."""
        self._quick.shutdown()
        self._patient.shutdown()

    def _call(self, environ: Environ, may_wait: str) -> Produced:
        """Call the application and take its whole answer; raises WouldWait."""
        environ[MAY_WAIT] = may_wait
        environ["wsgi.input"].seek(0)  # of which some may have been read before
        started: list[Any] = []  # the status and the headers

        def start_response(status: str, headers: Pairs, _raised: object = None) -> Callable[[bytes], None]:
            started[:] = status, headers
            return _refuse_to_write

        try:
            body = gather(self._application(environ, start_response))
            status, headers = started
            return Produced(status, headers, body)
        except (ConnectionCut, NoAnswer):
            return Produced("", (), Outgoing(reset=True))
        except WouldWait:
            raise
        except Exception:
            log.exception("%s failed: this is a bug", environ["PATH_INFO"][:200])
            return refusal(Refused(500, "this is a bug of the simulator"))

    async def _answer_in_thread(self, environ: Environ) -> Produced:
        try:
            return await self._loop.run_in_executor(self._quick, self._call, environ, IN_A_THREAD)
        except WouldWait as wait:
            return await self._answer_in_turn(environ, wait.queue)

    async def _answer_in_turn(self, environ: Environ, queue: str | None) -> Produced:
        """Call the application from a thread that may wait, after those before it in its queue."""
        call = partial(self._call, environ, AS_LONG_AS_IT_TAKES)
        if queue is None:
            return await self._loop.run_in_executor(self._patient, call)
        async with self._turns.setdefault(queue, Lock()):  # kept for as long as somebody waits for it
            return await self._loop.run_in_executor(self._quick, call)


def _refuse_to_write(_piece: bytes) -> None:
    raise NotImplementedError("return the body; `write` of WSGI is not offered")
