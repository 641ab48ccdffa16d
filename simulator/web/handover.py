"""What passes between an application and a server beyond WSGI: how an answer leaves, as data.

The application never waits on purpose. It says that an answer is held back, reset, dripped or a stream of
events, and the server does it, without a thread for it. To other servers an `Outgoing` is a body like any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from threading import Event, Lock

from msgspec import Struct, field

MAY_WAIT = "simulator.may_wait"
"""Where in an environ a server that knows all this says how long it can wait."""
ON_LOOP, IN_A_THREAD, AS_LONG_AS_IT_TAKES = "not at all", "a little", "as long as it takes"


class WouldWait(Exception):
    """Raised instead of waiting, before anything was done: to be asked again from a thread.

    Of those with the same `queue`, a world's name, one thread waits, and the others wait for that one.
    """

    def __init__(self, queue: str | None = None) -> None:
        super().__init__(queue or "")
        self.queue = queue


class ConnectionCut(ConnectionError):
    """A fault asked for the connection to be closed; servers do so when a body raises."""


class NoAnswer(TimeoutError):
    """A fault holds the answer back for good, and nobody here can wait that long."""


class Hold:
    """For how many `seconds` of the host an answer is held back, unless somebody releases it before.

    `over` is called when it ends, whichever way.
    """

    def __init__(self, seconds: float, over: Callable[[], None] = lambda: None) -> None:
        self.seconds = seconds
        self.over = over
        self._lock = Lock()
        self._released = False
        self._wake: Callable[[], None] = lambda: None

    def release(self) -> None:
        """End it now; from any thread."""
        with self._lock:
            self._released, wake = True, self._wake
        wake()

    def on_release(self, wake: Callable[[], None]) -> None:
        """Let `wake` be called at the release, or at once if that has been."""
        with self._lock:
            self._wake, released = wake, self._released
        if released:
            wake()


class Drip(Struct, frozen=True, gc=False):
    """A body sent in pieces of `size` bytes with a pause of the host between them."""

    size: int
    seconds: float


Push = Callable[[bytes | None], None]
"""Sends some bytes to whoever listens to a stream, or with None ends it; from any thread, never waiting."""

Stream = Callable[[Push], Callable[[], None]]
"""Begins to push, and returns what is called when the listener has left."""

After = Callable[[bool], None]
"""Done when an answer has left; told whether it may wait, and raises WouldWait if it would have to."""


class Outgoing(Struct, eq=False, kw_only=True):
    """The body of an answer and how it leaves; one shorter than its Content-Length is cut, by closing.

    `first` is done before anything is sent and may wait; then `hold` passes; then the connection is `reset`,
    or the answer sent.
    """

    content: bytes = b""
    first: Callable[[], None] | None = None
    hold: Hold | None = None
    reset: bool = False
    cut: bool = False
    drip: Drip | None = None
    stream: Stream | None = None
    _after: list[After] = field(default_factory=list)

    @property
    def leaves_at_once(self) -> bool:
        """Whether it is sent whole, and now."""
        return not (self.first or self.hold or self.reset or self.drip or self.stream)

    def then(self, act: After) -> Outgoing:
        """Do something when the answer has left, after what is to be done then already."""
        self._after.append(act)
        return self

    def close(self, may_wait: bool = True) -> None:
        """Do what is to be done now that the answer has left; raises WouldWait, to be called again."""
        while self._after:
            act = self._after.pop(0)
            try:
                act(may_wait)
            except WouldWait:
                self._after.insert(0, act)
                raise
            except Exception:
                self.close(may_wait)
                raise

    def __iter__(self) -> Iterator[bytes]:
        """Send the body by a server that knows WSGI alone, which waits in its own thread."""
        if self.first is not None:
            self.first()
        if self.hold is not None:
            Event().wait(self.hold.seconds)
            self.hold.over()
        if self.reset:
            raise ConnectionCut("a fault reset the connection")
        if self.stream is not None:
            pieces: SimpleQueue[bytes | None] = SimpleQueue()
            leave = self.stream(pieces.put)
            self.then(lambda _may_wait: leave())
            yield from iter(pieces.get, None)
        if self.drip is None:
            yield self.content
        else:
            yield from self._pieces(self.drip)
        if self.cut:
            raise ConnectionCut("a fault cut the answer short")

    def _pieces(self, drip: Drip) -> Iterator[bytes]:
        yield self.content[: drip.size]
        for start in range(drip.size, len(self.content), drip.size):
            Event().wait(drip.seconds)
            yield self.content[start : start + drip.size]


def gather(parts: Iterable[bytes]) -> Outgoing:
    """Return a body of any application as one of ours, which is closed when it has left."""
    if isinstance(parts, Outgoing):
        return parts
    content = b"".join(parts)
    body, close = Outgoing(content=content), getattr(parts, "close", None)
    return body if close is None else body.then(lambda _may_wait: close())
