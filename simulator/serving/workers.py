"""Who calls the application: the event loop where that is quick, else threads, so that it never waits."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop, Future, Task
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

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
Done = Callable[[Produced], None]

log = logging.getLogger("simulator")


class Workers:
    """Calls an application for an event loop, and tells it there what was answered.

    A call that would wait is made again in a thread, for as long as it takes; but of those that wait for the
    same thing, only the first one has a thread, the others are in `queues`. `open` counts what is not done
    yet; `answered` is called whenever an answer has left.
    """

    def __init__(
        self, application: Application, loop: AbstractEventLoop, answered: Callable[[], object]
    ) -> None:
        self._application = application
        self._loop = loop
        self._answered = answered
        self._quick = ThreadPoolExecutor(THREADS, "simulator-request")
        self._patient = ThreadPoolExecutor(THREADS, "simulator-waiting")
        self._tasks: dict[Task[None], None] = {}
        self.queues: dict[str, deque[Future[None]]] = {}

    @property
    def open(self) -> int:
        """How many calls are not done yet."""
        return len(self._tasks)

    def answer(self, environ: Environ, size: int, done: Done) -> None:
        """Let a request with a body of `size` bytes be answered, and `done` be called, here or later."""
        if size >= LARGE:
            self._start(self._answer_in_thread(environ, done))
            return
        environ[MAY_WAIT] = ON_LOOP
        try:
            produced = self._call(environ)
        except WouldWait as wait:
            self._start(self._answer_in_turn(environ, done, wait.queue))
        else:
            done(produced)

    def run(self, work: Callable[[], object], done: Callable[[BaseException | None], None]) -> None:
        """Do something that may wait, and tell the loop how it ended."""
        self._start(self._run(self._patient, work, done))

    def leave(self, body: Outgoing) -> None:
        """Let happen what is to be done when an answer has left."""
        try:
            body.close(may_wait=False)
        except WouldWait:
            self._start(self._run(self._quick, body.close, self._note_left))
        except Exception as error:
            self._note_left(error)
        else:
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

    def _note_left(self, error: BaseException | None) -> None:
        if error is not None:
            log.error("after an answer had left: this is a bug of the simulator", exc_info=error)
        self._answered()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)

    async def _answer_in_thread(self, environ: Environ, done: Done) -> None:
        environ[MAY_WAIT] = IN_A_THREAD
        try:
            produced = await self._loop.run_in_executor(self._quick, self._call, environ)
        except WouldWait as wait:
            await self._answer_in_turn(environ, done, wait.queue)
        else:
            done(produced)

    async def _answer_in_turn(self, environ: Environ, done: Done, queue: str | None) -> None:
        """Call the application from a thread that may wait, after those before it in its queue."""
        environ["wsgi.input"].seek(0)
        environ[MAY_WAIT] = AS_LONG_AS_IT_TAKES
        if queue is None:
            done(await self._loop.run_in_executor(self._patient, self._call, environ))
            return
        if queue in self.queues:
            turn = self._loop.create_future()
            self.queues[queue].append(turn)
            await turn
        else:
            self.queues[queue] = deque()
        produced = await self._loop.run_in_executor(self._quick, self._call, environ)
        if self.queues[queue]:
            self.queues[queue].popleft().set_result(None)
        else:
            del self.queues[queue]
        done(produced)

    async def _run(
        self, pool: Executor, work: Callable[[], object], done: Callable[[BaseException | None], None]
    ) -> None:
        try:
            await self._loop.run_in_executor(pool, work)
        except BaseException as error:
            done(error)
        else:
            done(None)


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
