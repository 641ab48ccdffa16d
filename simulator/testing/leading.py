"""The vendors' own addresses, for code under test that has them: they lead to the world of a test."""

from __future__ import annotations

import gc
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.serving.authority import new_authority
from simulator.serving.preload.simulator_routing import TRUSTING, Routes, trusting
from simulator.serving.protocol import Connection
from simulator.serving.secure import hosts_of
from simulator.serving.server import Listener, Server
from simulator.serving.sockets import bind, port_of
from simulator.web.host_names import HostNames


class SecureServer:
    """Answers in TLS beside the server of the tests, by an authority of this process."""

    def __init__(self, simulator: Simulator, answer: Callable[..., Iterable[bytes]]) -> None:
        authority = new_authority()
        self.certificate = authority.certificate.decode("ascii")
        self.hosts = [*hosts_of(simulator)]
        sock = bind("127.0.0.1", 0)
        self.port = port_of(sock)
        listener = Listener(sock, Connection, authority.server_context(HostNames(self.hosts).knows))
        self._server = Server(answer, [listener], simulator.settings.limits)
        self._thread = Thread(target=self._server.run, name="simulator-secure", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer what is under way and end the thread."""
        self._server.drain()
        self._thread.join()

    @contextmanager
    def led(self, plain: int) -> Iterator[None]:
        """Let this process's code that asks vendors come here, or to port `plain` where it asks by HTTP."""
        routes = Routes(self.hosts, "127.0.0.1", plain, self.port)
        load: Any = ssl.SSLContext.load_verify_locations
        with pytest.MonkeyPatch.context() as patch:
            for holder, name, led in routes.patches(socket):
                patch.setattr(holder, name, led)
            for name in TRUSTING:
                before = getattr(ssl.SSLContext, name)
                patch.setattr(ssl.SSLContext, name, trusting(before, load, self.certificate))
            for context in _made_before():
                load(context, cadata=self.certificate)
            yield


def _made_before() -> Iterator[ssl.SSLContext]:
    """Yield contexts of clients made before: by an application when it was imported, or by a library.

    The collector alone knows them all, but for what is frozen, as some do who collect tests.
    """
    if gc.get_freeze_count():
        gc.unfreeze()
    for kept in gc.get_objects():
        if issubclass(type(kept), ssl.SSLContext) and kept.protocol is ssl.PROTOCOL_TLS_CLIENT:
            yield kept
