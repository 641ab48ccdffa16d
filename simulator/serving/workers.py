"""Who calls the application: the event loop where that is quick, else threads, so that it never waits."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
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

    A call that would wait is made again in a thread: for as long as it takes, if the application says no
    more; but of those that wait for the same thing, only the first one has a thread. `open` counts what is
    not done yet; `answered` is called whenever an answer has left.
    """

    def __init__(
        self, application: Application, loop: AbstractEventLoop, answered: Callable[[], object]
    ) -> None:
        self.open = 0
        self._application = application
        self._answered = answered
        self._loop = loop
        self._quick = ThreadPoolExecutor(THREADS, "simulator-request")
        self._patient = ThreadPoolExecutor(THREADS, "simulator-waiting")
        self.queues: dict[str, deque[tuple[Environ, Done]]] = {}

    def answer(self, environ: Environ, size: int, done: Done) -> None:
        """Let a request with a body of `size` bytes be answered, and `done` be called, here or later."""
        if size >= LARGE:
            environ[MAY_WAIT] = IN_A_THREAD
            self._start(self._quick, partial(self._call, environ), partial(self._settle, environ, done))
            return
        environ[MAY_WAIT] = ON_LOOP
        try:
            produced = self._call(environ)
        except WouldWait as wait:
            self._wait(wait, environ, done)
        else:
            done(produced)

    def run(self, work: Callable[[], object], done: Callable[[BaseException | None], None]) -> None:
        """Do something that may wait, and tell the loop how it ended."""
        self._start(self._patient, work, lambda _result, error: done(error))

    def leave(self, body: Outgoing) -> None:
        """Let happen what is to be done when an answer has left."""
        try:
            body.close(may_wait=False)
        except WouldWait:
            self._start(self._quick, body.close, self._end)
        except Exception as error:
            self._end(None, error)
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

    def _settle(
        self, environ: Environ, done: Done, produced: Produced | None, error: BaseException | None
    ) -> None:
        if isinstance(error, WouldWait):
            self._wait(error, environ, done)
        elif error is not None:
            raise error
        elif produced is not None:
            done(produced)

    def _wait(self, wait: WouldWait, environ: Environ, done: Done) -> None:
        """Call the application from a thread that may wait, now or when those before have been answered."""
        environ["wsgi.input"].seek(0)
        environ[MAY_WAIT] = AS_LONG_AS_IT_TAKES
        if wait.queue is None:
            self._start(self._patient, partial(self._call, environ), partial(self._settle, environ, done))
        elif wait.queue in self.queues:
            self.open += 1
            self.queues[wait.queue].append((environ, done))
        else:
            self.queues[wait.queue] = deque()
            self._take_turn(wait.queue, environ, done)

    def _take_turn(self, queue: str, environ: Environ, done: Done) -> None:
        self._start(self._quick, partial(self._call, environ), partial(self._end_turn, queue, environ, done))

    def _end_turn(
        self, queue: str, environ: Environ, done: Done, produced: Produced | None, error: BaseException | None
    ) -> None:
        if self.queues[queue]:
            self.open -= 1
            self._take_turn(queue, *self.queues[queue].popleft())
        else:
            del self.queues[queue]
        self._settle(environ, done, produced, error)

    def _end(self, _result: object, error: BaseException | None) -> None:
        if error is not None:
            log.error("after an answer had left: this is a bug of the simulator", exc_info=error)
        self._answered()

    def _start(
        self,
        pool: ThreadPoolExecutor,
        work: Callable[[], Any],
        done: Callable[[Any, BaseException | None], None],
    ) -> None:
        """Do `work` in a thread, and call `done` on the loop with what it returned or raised."""
        self.open += 1
        pool.submit(self._do, work, done)

    def _do(self, work: Callable[[], Any], done: Callable[[Any, BaseException | None], None]) -> None:
        outcome: tuple[Any, BaseException | None]
        try:
            outcome = work(), None
        except BaseException as error:
            outcome = None, error
        with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
            self._loop.call_soon_threadsafe(self._come_back, partial(done, *outcome))

    def _come_back(self, done: Callable[[], None]) -> None:
        self.open -= 1
        done()


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
