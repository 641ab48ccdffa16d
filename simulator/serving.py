"""A simulator on a socket: bound by ourselves, kept going by the pump, drained when it is told to end."""

from __future__ import annotations

import errno
import json
import logging
import os
import socket
import struct
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Event, Lock, Thread
from typing import Any

from simulator.app import Simulator
from simulator.ending import end_on_signals, forget, watched
from simulator.engine.access_log import AccessLog
from simulator.engine.real_time import Pump
from simulator.engine.sandbox import Reply, Sandbox
from simulator.engine.settings import Settings
from simulator.errors import PortTaken, SimulatorError, UnsafeBind
from simulator.framing import CONNECTIONS, Listener
from simulator.gateway import LOCAL_SUFFIX, ConnectionCut, Written, move_on

MOST_FILES = CONNECTIONS + 500

log = logging.getLogger("simulator")


def serve(
    settings: Settings,
    host: str,
    port: int,
    ready_file: Path | None = None,
    on_ready: Callable[[Running], None] = lambda _running: None,
) -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP and return the exit code; a second one ends the process at once.

    `on_ready` is called, and the ready file written, when the first request can be answered; the file is gone
    after the end. Raises UnsafeBind, PortTaken, and what opening the scenario raises.
    """
    with watched(ready_file=ready_file), closing(bind(host, port, settings.admin_token)) as sock:
        _allow_many_files()
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        running = Running(settings, sock)
        end_on_signals(running.drain, ready_file)
        if ready_file is not None:
            write_ready_file(running, ready_file)
        on_ready(running)
        Thread(target=running.read_ahead, name="simulator-ahead", daemon=True).start()
        running.run()
        forget(ready_file, os.getpid())
    return 0


def bind(host: str, port: int, admin_token: str | None = None) -> socket.socket:
    """Listen on an address of our own, shared with nobody; port 0 takes a free one.

    Raises UnsafeBind for an address that others can reach when there is no token, PortTaken for a busy port
    and SimulatorError for an address that is not ours.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        if not admin_token and not ip_address(str(address[0]).partition("%")[0]).is_loopback:
            raise UnsafeBind(
                f"whoever reaches {host} could control the simulator",
                "give --admin-token, or listen on 127.0.0.1",
            )
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        if port and error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {port} on {host} is taken: end the program there, or choose --port 0"
            ) from None
        raise SimulatorError(f"cannot listen on {host} port {port}: {error.strerror}") from None


class Running:
    """A simulator that answers on a socket: where it is reached, and how long it goes on."""

    def __init__(self, settings: Settings, sock: socket.socket) -> None:
        host, self.port = sock.getsockname()[:2]
        loopback = ip_address(host).is_loopback
        self.root = f"http://{_reachable(host)}:{self.port}"
        self.simulator = Simulator(
            settings,
            background=True,
            profile="local" if loopback else "shared",
            loopback=loopback,
            own_ports=frozenset({self.port}),
        )
        self.simulator.gateway.waiter = self._hold_back
        self._pump = Pump(self._round)
        self._draining = Event()
        self._gate = Gate(self.simulator, self._pump.wake)
        self._listener = Listener(self._gate, sock, self.simulator.settings.limits.upload)

    def run(self) -> None:
        """Answer until drained, then send the callbacks that are due."""
        self._pump.start()
        self._listener.run()
        self._pump.stop()
        self._round()
        self.simulator.close()

    def drain(self) -> None:
        """Ask `run` to end: requests under way are answered, and those held back on purpose are at once."""
        self._draining.set()
        self._listener.drain()

    def read_ahead(self) -> None:
        """Read what the first requests would have to wait for: the contracts."""
        with suppress(SimulatorError):
            for vendor in self.simulator.vendors:
                self.simulator.worlds.contract(vendor)

    def ready_document(self) -> dict[str, Any]:
        """Return what a program needs to know to use this simulator, as the ready file holds it."""
        vendors = list(self.simulator.vendors)
        bases = {vendor: f"{self.root}/{vendor}" for vendor in vendors}
        urls = {
            vendor: {name: bases[vendor] + path for name, path in app.vendor.urls.items()}
            for vendor, app in self.simulator.vendors.items()
        }
        return {
            "pid": os.getpid(),
            "port": self.port,
            "control": f"{self.root}/_simulator/v1",
            "base_urls": bases,
            "origins": {vendor: self._origin_of(vendor) for vendor in vendors},
            "urls": urls,
            "credentials": {vendor: _plain(self.simulator.worlds.credentials(vendor)) for vendor in vendors},
            "state": "memory",
            "admin_token": self.simulator.settings.admin_token,
        }

    def _origin_of(self, vendor: str) -> str:
        """Return where a vendor answers at the root, for clients that keep scheme and host alone."""
        if len(self.simulator.vendors) == 1:
            return self.root
        return f"http://{vendor}{LOCAL_SUFFIX}:{self.port}"

    def _round(self) -> None:
        """Let every world keep up with its time; idle ones take no step any more once we are drained."""
        self.simulator.worlds.close_idle()
        for sandbox in self.simulator.worlds:
            try:
                sandbox.drive(steps=not self._draining.is_set())
            except Exception as error:
                sandbox.record.bugs.report(sandbox.world.name, error)

    def _hold_back(self, sandbox: Sandbox, reply: Reply) -> None:
        """Do what a fault says: host time passes if the world follows it, and whenever a client hangs."""
        fault, keeper = reply.fault, sandbox.timekeeper
        if fault is not None and fault.hangs:
            self._draining.wait(fault.delay.total_seconds())
        elif fault is not None and fault.delay and keeper is not None and not keeper.steps:
            with sandbox.holding(reply.number):
                self._draining.wait(keeper.host_length(fault.delay).total_seconds())
        else:
            move_on(sandbox, reply)


class Gate:
    """Lets requests through to an application: it knows how many are open and tells when one is answered."""

    def __init__(self, application: Callable[..., Iterable[bytes]], answered: Callable[[], None]) -> None:
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
        except ConnectionCut:
            self._leave(())
            _reset(environ)
            raise
        except BaseException:
            self._leave(())
            raise
        return Written(body, partial(self._leave, body))

    def _leave(self, body: Iterable[bytes]) -> None:
        try:
            getattr(body, "close", lambda: None)()
        finally:
            with self._lock:
                self.open -= 1
            self._tell()


def write_ready_file(running: Running, path: Path) -> None:
    """Write the ready file whole or not at all, for the owner's eyes; raises SimulatorError."""
    text = json.dumps(running.ready_document(), indent=2) + "\n"
    written: Path | None = None
    try:
        with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            written = Path(file.name)
            file.write(text)
        written.replace(path)
    except OSError as error:
        if written is not None:
            written.unlink(missing_ok=True)
        raise SimulatorError(
            f"cannot write the ready file {path}: {error.strerror}", "name a file in a folder that is yours"
        ) from None


def log_exchanges() -> None:
    """Write each exchange to stderr as one line, from now on."""
    access = logging.getLogger("simulator.access")
    handler = AccessLog(sys.stderr.fileno())
    handler.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(handler)
    access.setLevel(logging.INFO)
    access.propagate = False


def _reset(environ: Mapping[str, Any]) -> None:
    """Let the connection end with a reset instead of a goodbye; waitress closes it after the exception."""
    channel = getattr(environ.get("waitress.client_disconnected"), "__self__", None)
    if channel is not None:
        with suppress(OSError):
            channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _allow_many_files() -> None:
    """Let as many connections open as the listener takes, where the system has a say in it."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < MOST_FILES:
        wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _reachable(host: str) -> str:
    """Return how a client on this machine writes the address in a URL."""
    address = ip_address(host)
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"


def _plain(value: Any) -> Any:
    return {key: _plain(entry) for key, entry in value.items()} if isinstance(value, Mapping) else value
