"""Who knows how many requests are open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from simulator.serving.workers import Application, gather
from simulator.web.handover import Outgoing


class Gate:
    """Lets requests through to an application: it knows how many are open and tells when one is answered."""

    def __init__(self, application: Application, answered: Callable[[], None]) -> None:
        self.open = 0
        self._application = application
        self._tell = answered
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass a request through."""
        with self._lock:
            self.open += 1
        try:
            body = self._application(environ, start_response)
            outgoing = body if isinstance(body, Outgoing) else gather(body)
        except BaseException:
            self._leave()
            raise
        return outgoing.then(self._leave)

    def _leave(self, _may_wait: bool = True) -> None:
        with self._lock:
            self.open -= 1
        self._tell()
