"""Where a client listens for callbacks: a small HTTP server of its own."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

Handle = Callable[[str, dict[str, str], bytes], int]


class Receiver:
    """Listens on a free port, or a given one; `handle` takes path, headers and body, returns the status."""

    def __init__(self, handle: Handle, port: int = 0) -> None:
        self._handle, self._lock, self._count = handle, Lock(), 0
        self._arrived = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def wait(self, count: int, seconds: float) -> bool:
        """Wait until so many were handled; tell whether they were."""
        remaining = int(seconds / 0.05)
        while self._count < count and remaining:
            self._arrived.wait(0.05)
            self._arrived.clear()
            remaining -= 1
        return self._count >= count

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name that the server looks for
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver._handle(self.path, headers, body))
                self.send_header("Content-Length", "0")
                self.end_headers()
                with receiver._lock:
                    receiver._count += 1
                receiver._arrived.set()

            do_POST = do_GET  # noqa: N815 - likewise

            def log_request(self, *_about: Any) -> None:
                """Say nothing."""

        return Handler
