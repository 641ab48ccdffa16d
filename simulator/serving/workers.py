"""Who calls the application: the event loop where that is quick, else threads, so that it never waits."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop, Lock, Task
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakValueDictionary

from simulator.serving.writing import Pairs, Produced
from simulator.web.handover import (
    AS_LONG_AS_IT_TAKES,
    IN_A_THREAD,
    MAY_WAIT,
    ON_LOOP,
    ConnectionCut,
    NoAnswer,
    Outgoing,
    WouldWait,
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
        self.tasks: set[Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something be done that takes its time."""
        task = self._loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def answer(self, environ: Environ, size: int) -> Produced | Coroutine[Any, Any, Produced]:
        """Return the answer to a request with a body of `size` bytes, or what to await for it."""
        if size >= LARGE:
            return self._answer_in_thread(environ)
        environ[MAY_WAIT] = ON_LOOP
        try:
            return self._call(environ)
        except WouldWait as wait:
            return self._answer_in_turn(environ, wait.queue)

    async def run(self, work: Callable[[], object]) -> None:
        """Do something that may wait for long; raises what it raises."""
        await self._loop.run_in_executor(self._patient, work)

    def leave(self, body: Outgoing) -> None:
        """Let happen what is to be done when an answer has left."""
        try:
            body.close(may_wait=False)
        except WouldWait:
            self.start(self._leave_in_thread(body))
            return
        except Exception:
            log.exception("after an answer had left: this is a bug of the simulator")
        self._answered()

    def close(self) -> None:
        """Return when no thread is left."""
        self._quick.shutdown()
        self._patient.shutdown()

    def _call(self, environ: Environ) -> Produced:
        """Call the application; raises WouldWait."""
        try:
            return call(self._application, environ)
        except (ConnectionCut, NoAnswer):
            return Produced("", (), Outgoing(reset=True))
        except WouldWait:
            raise
        except Exception:
            log.exception("%s failed: this is a bug", environ["PATH_INFO"][:200])
            body = Outgoing(b"Internal Server Error\n")
            return Produced("500 Internal Server Error", (("Content-Type", "text/plain"),), body)

    async def _answer_in_thread(self, environ: Environ) -> Produced:
        environ[MAY_WAIT] = IN_A_THREAD
        try:
            return await self._loop.run_in_executor(self._quick, self._call, environ)
        except WouldWait as wait:
            return await self._answer_in_turn(environ, wait.queue)

    async def _answer_in_turn(self, environ: Environ, queue: str | None) -> Produced:
        """Call the application from a thread that may wait, after those before it in its queue."""
        environ["wsgi.input"].seek(0)
        environ[MAY_WAIT] = AS_LONG_AS_IT_TAKES
        if queue is None:
            return await self._loop.run_in_executor(self._patient, self._call, environ)
        turn = self._turns.setdefault(queue, Lock())  # kept for as long as somebody waits for it
        async with turn:
            return await self._loop.run_in_executor(self._quick, self._call, environ)

    async def _leave_in_thread(self, body: Outgoing) -> None:
        try:
            await self._loop.run_in_executor(self._quick, body.close)
        except Exception:
            log.exception("after an answer had left: this is a bug of the simulator")
        self._answered()


def call(application: Application, environ: Environ) -> Produced:
    """Call a WSGI application and take its whole answer; raises what that raises."""
    started: list[tuple[str, Pairs]] = []

    def start_response(status: str, headers: Pairs, _raised: object = None) -> Callable[[bytes], None]:
        started.append((status, headers))
        return _refuse_to_write

    parts = application(environ, start_response)
    if not isinstance(parts, Outgoing):
        parts = gather(parts)
    return Produced(*started[-1], parts)


def gather(parts: Iterable[bytes]) -> Outgoing:
    """Return a body of any application as one, which is closed when it has left."""
    content = b"".join(parts)
    body, close = Outgoing(content), getattr(parts, "close", None)
    return body if close is None else body.then(lambda _may_wait: close())


def _refuse_to_write(_piece: bytes) -> None:
    raise NotImplementedError("return the body; `write` of WSGI is not offered")
