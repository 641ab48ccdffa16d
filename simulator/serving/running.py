"""A simulator on a socket: checked, bound by ourselves, kept going by the pump, drained at its end."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from threading import Event, Thread
from typing import Any

from simulator.app import Simulator
from simulator.conformance.contract import load_contract
from simulator.engine.known_names import known_to
from simulator.engine.real_time import Pump, host_seconds
from simulator.engine.settings import Settings, scenario_of
from simulator.errors import SimulatorError
from simulator.scenario.building import world_remarks
from simulator.serving.collecting import Collector
from simulator.serving.ending import end_on_signals, forget
from simulator.serving.interception import Plan, write_interception
from simulator.serving.protocol import Connection
from simulator.serving.secure import Secure, plan_of, secure_listeners
from simulator.serving.server import Listener, Server
from simulator.serving.sockets import Bound, Ports, allow_many_files, listening, port_of
from simulator.serving.watching import Watch
from simulator.vendors import load_vendor, vendor_names
from simulator.web.signpost import origins

MOST_TRIED = 1_000
SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps the interpreter, which the event loop may want."""


def names_of(settings: Settings) -> tuple[str, ...]:
    """Return the vendors that a simulator with these settings stands for."""
    return settings.vendors or tuple(vendor_names())


def check_arguments(settings: Settings, ready_file: Path | None) -> None:
    """Raise SimulatorError for what `serve` could not do: its vendors, its scenario, its files."""
    operators = {name: load_vendor(name) for name in names_of(settings)}
    known = known_to(tuple(operators), load_contract)
    scenario_of(settings, lambda scenario: world_remarks(scenario, operators, known))
    if ready_file is not None:
        _check_folder(ready_file, "the ready file")
    if settings.state is not None and "://" not in str(settings.state):
        _check_folder(Path(settings.state), "the state file")


def _check_folder(file: Path, what: str) -> None:
    folder = file.resolve().parent
    if not os.access(folder, os.W_OK | os.X_OK):
        reason = f"{folder} may not be written" if folder.is_dir() else "its folder is not there"
        raise SimulatorError(f"{what} {file} cannot be: {reason}", "name a file in a folder that is yours")


def write_ready_file(document: Mapping[str, Any], path: Path) -> None:
    """Write the ready file whole or not at all, for the owner's eyes; raises SimulatorError."""
    text = json.dumps(document, indent=2, default=dict) + "\n"
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


def serve(
    settings: Settings,
    ports: Ports,
    ready_file: Path | None = None,
    on_ready: Callable[[Running], None] = lambda _running: None,
    secure: Secure | None = None,
) -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP and return the exit code; a second one ends the process at once.

    `on_ready` is called, and the ready file written, when the first request can be answered; the file is gone
    after the end. Whoever calls it sees to the last resort, see `watched`. Raises UnsafeBind, PortTaken, and
    what opening the scenario raises.
    """
    check_arguments(settings, ready_file)
    with ExitStack() as stack:
        bound = stack.enter_context(listening(ports, names_of(settings), settings.admin_token))
        allow_many_files(2 * settings.limits.connections)
        sys.setswitchinterval(SWITCH_SECONDS)
        running = Running(settings, bound, secure, Collector(host_seconds))
        end_on_signals(running.drain, ready_file)
        running.intercept = stack.enter_context(_intercepting(running))
        if ready_file is not None:
            write_ready_file(running.ready_document(), ready_file)
        on_ready(running)
        Thread(target=running.read_ahead, name="simulator-ahead", daemon=True).start()
        running.run()
        forget(ready_file, os.getpid())
    return 0


@contextmanager
def _intercepting(running: Running) -> Iterator[Mapping[str, str]]:
    """Yield the variables that lead clients to the proxy, if there is one; what they need is in a folder."""
    if (plan := running.plan()) is None:
        yield {}
        return
    with TemporaryDirectory(prefix="simulator-") as folder:
        yield write_interception(Path(folder), plan)


class Running:
    """A simulator that answers on a socket: where it is reached, and how long it goes on.

    What is `secure` is answered in TLS and through a proxy; `tried` are host and port of the vendors that
    this one refused. With a `collector` the process is its own, and its garbage is collected between
    requests.
    """

    def __init__(
        self,
        settings: Settings,
        bound: Bound,
        secure: Secure | None = None,
        collector: Collector | None = None,
    ) -> None:
        self._collector = collector
        self._bound, self._secure = bound, secure
        self.intercept: Mapping[str, str] = {}
        self.tried: list[tuple[str, int]] = []
        self.port, self.root = port_of(bound.main), bound.root
        loopback = ip_address(bound.host).is_loopback
        self.simulator = Simulator(
            settings,
            background=True,
            profile="local" if loopback else "shared",
            loopback=loopback,
            own_ports=bound.ports,
            vendor_ports={name: port_of(sock) for name, sock in bound.vendors.items()},
        )
        watched = settings.watched
        self._watch = Watch(self.simulator.worlds, watched) if watched is not None else None
        self._pump = Pump(self._round)
        self._draining = Event()
        listeners = [Listener(sock, Connection) for sock in (bound.main, *bound.vendors.values())]
        if secure is not None:
            listeners += secure_listeners(bound, secure, self.simulator, self._note_try)
        self.server = Server(self.simulator, listeners, settings.limits, answered=self._note_answer)

    def run(self) -> None:
        """Answer until drained, then send the callbacks that are due."""
        self._pump.start()
        self.server.run()
        self._pump.stop()
        self._round()
        self.simulator.close()

    def drain(self) -> None:
        """Ask `run` to end: requests under way are answered, and those held back on purpose are at once."""
        self._draining.set()
        self.server.drain()

    def read_ahead(self) -> None:
        """Read what the first requests would have to wait for: contracts, refusals, then routes.

        All that stays, and is put aside bit by bit: who asks meanwhile does not wait for a look at it.
        """
        with suppress(SimulatorError):
            for vendor, app in self.simulator.vendors.items():
                self.simulator.worlds.setup.contract(vendor)
                len(app.vendor.refusals)  # which reads them
                self._put_aside()
        self.simulator.url_map.update()
        self._put_aside()

    def _put_aside(self) -> None:
        if self._collector is not None:
            self._collector.put_aside()

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
            "ports": dict(self.simulator.settings.vendor_ports),
            "tls_port": port_of(self._bound.tls) if self._bound.tls is not None else None,
            "proxy": plan.proxy if (plan := self.plan()) else None,
            "origins": origins(vendors, self.root, self.simulator.settings.vendor_ports),
            "urls": urls,
            "intercept": dict(self.intercept),
            "credentials": {vendor: self.simulator.worlds.credentials(vendor) for vendor in vendors},
            "state": self.simulator.worlds.place,
            "admin_token": self.simulator.settings.admin_token,
        }

    def _round(self) -> None:
        """Let every world keep up with its time; idle ones take no step any more once we are drained."""
        self.simulator.worlds.close_idle()
        if self._watch is not None:
            self._watch.look(host_seconds())
        self._share()
        for sandbox in self.simulator.worlds:
            try:
                sandbox.drive(steps=not self._draining.is_set())
            except Exception as error:
                sandbox.recorder.bugs.report(sandbox.world.name, error)
        if self._collector is not None:
            self._collector.work()

    def plan(self) -> Plan | None:
        """Return where clients are led that hold the vendors' own addresses; None without a proxy."""
        return plan_of(self._bound, self._secure, self.simulator)

    def _note_try(self, host: str, port: int) -> None:
        if len(self.tried) < MOST_TRIED:
            self.tried.append((host, port))

    def _share(self) -> None:
        """Look after what other processes have of our worlds; once we are drained, that is all theirs."""
        worlds = self.simulator.worlds
        if not self._draining.is_set():
            worlds.tend()
        elif worlds.sharing is not None:
            worlds.sharing.leave(worlds)

    def _note_answer(self) -> None:
        if self._collector is not None:
            self._collector.note_request()
            self._collector.work()
        self._pump.wake()


@contextmanager
def running(settings: Settings, ports: Ports = Ports(), secure: Secure | None = None) -> Iterator[Running]:
    """Serve on free ports of this machine, or those said, until the block ends."""
    with listening(ports, names_of(settings)) as bound:
        place = Running(settings, bound, secure)
        thread = Thread(target=place.run, name="simulator-listener", daemon=True)
        thread.start()
        try:
            yield place
        finally:
            place.drain()
            thread.join()
