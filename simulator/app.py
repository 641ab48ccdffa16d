"""The composition root: the one module that knows every part, and the WSGI callable that serves them."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property, partial
from http import HTTPStatus
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, default_exceptions

from simulator.backstage import Backstage
from simulator.conformance.contract import Contract, load_contract
from simulator.errors import SimulatorError, UnknownName
from simulator.exchange import Answer, Request
from simulator.formats.forms import MalformedForm
from simulator.pump import RealTime, host_now
from simulator.scenario.loading import load_scenario
from simulator.scenario.phrases import PACE
from simulator.scenario.schema import Scenario
from simulator.scenario.staging import build_world
from simulator.stage import Reply, Stage
from simulator.telephony.errors import TelephonyError
from simulator.telephony.outbox import Delivery
from simulator.vendors import load_vendor, vendor_names
from simulator.web.deliveries import TOTAL, Dispatcher, OutboundDoor, Outcome
from simulator.web.destinations import Profile
from simulator.web.guard import WORLD, Limits, Refused, glimpse, host_of, path_of, read_request
from simulator.web.journal import Witness
from simulator.web.vendor_app import VendorApp

if TYPE_CHECKING:
    from simulator.web.control.plane import ControlPlane

log = logging.getLogger("simulator")

MAIN = "main"
MOST_WORLDS = 1_000
LOCAL_SUFFIX = ".localhost"

_REASONS = {status.value: status.phrase for status in HTTPStatus}

StartResponse = Callable[..., Any]
Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a simulator is run; everything a world is made of stands in its scenario instead.

    `clock` overrides the scenario's: virtual, real, idle or x and a number. `pure` leaves out the headers
    that only we send. `profile` is the destination guard's: where callbacks may go. In the `background` they
    are sent by whoever calls `keep_up` or `flush` of each stage; otherwise by the request that caused them.
    `admin_hosts` are names under which the control plane answers, besides those of this machine. A `witness`
    is told every exchange of every world, masked, and must be safe for threads.
    """

    scenario: str | Path = "happy"
    vendors: tuple[str, ...] | None = None
    seed: int | None = None
    clock: str | None = None
    pure: bool = False
    show_numbers: bool = False
    admin_token: str | None = None
    admin_hosts: tuple[str, ...] = ()
    profile: Profile = "fixture"
    allowed_destinations: tuple[str, ...] = ()
    own_ports: frozenset[int] = frozenset()
    background: bool = False
    limits: Limits = Limits()
    witness: Witness | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes: a vendor's name or a part of ours, the world named, and the path below."""

    target: str
    world: str | None
    path: str


class Simulator:
    """All vendors and worlds of one process; two simulators share nothing.

    A WSGI callable. `waiter` is what holds an answer back when a fault says so; by default the world's clock
    is moved on instead, so that nothing waits in a test.
    """

    def __init__(self, settings: Settings | None = None, **changes: Any) -> None:
        self.settings = replace(settings or Settings(), **changes)
        names = self.settings.vendors or tuple(vendor_names())
        self.vendors = {name: VendorApp(load_vendor(name)) for name in names}
        door = OutboundDoor(
            self.settings.profile, self.settings.allowed_destinations, self.settings.own_ports
        )
        self._dispatcher = Dispatcher(door, host_now)
        self._stages: OrderedDict[str, Stage] = OrderedDict()
        self._contracts: dict[str, Contract] = {}
        self._hosts = {host: name for name, app in self.vendors.items() for host in app.vendor.hosts}
        self._lock = RLock()
        self.waiter: Callable[[Stage, Reply], None] = move_on
        self.open_world(MAIN)

    # -- worlds -----------------------------------------------------------------------------------------

    def open_world(self, name: str, scenario: str | Path | Scenario | None = None) -> Stage:
        """Open a world, or put a fresh one in the place of the one with this name.

        Raises BrokenScenario or UnknownName. Beyond 1,000 worlds the one opened first is closed.
        """
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario or self.settings.scenario)
        stage = self._set_up(name, scenario)
        with self._lock:
            self._stages[name] = stage  # at once: a request meets the old world or the new one, never none
            self._stages.move_to_end(name, last=name != MAIN)
            if len(self._stages) > MOST_WORLDS:
                oldest = next(other for other in self._stages if other != MAIN)
                log.warning("more than %d worlds: %s, the oldest, is closed", MOST_WORLDS, oldest)
                del self._stages[oldest]
        return stage

    def close_world(self, name: str) -> None:
        """Forget a world; raises UnknownName, and SimulatorError for the main one."""
        if name == MAIN:
            raise SimulatorError("the main world cannot be closed", "reset it instead")
        self.stage(name)
        with self._lock:
            self._stages.pop(name, None)

    def stage(self, name: str = MAIN) -> Stage:
        """Return an open world; raises UnknownName."""
        try:
            return self._stages[name]
        except KeyError:
            raise UnknownName("world", name, list(self._stages)) from None

    @cached_property
    def control(self) -> ControlPlane:
        """The control plane, built when first asked for: no vendor's answer has to wait for it."""
        from simulator.web.control.plane import build_control  # noqa: PLC0415

        return build_control(Backstage(self))

    @property
    def stages(self) -> list[Stage]:
        """All open worlds, the main one first."""
        with self._lock:
            return list(self._stages.values())

    def _set_up(self, name: str, scenario: Scenario) -> Stage:
        pace = PACE.read(self.settings.clock or scenario.clock.mode)
        real = pace.mode == "real"
        operators = {vendor: app.vendor for vendor, app in self.vendors.items()}
        documented = [limit for app in self.vendors.values() for limit in app.vendor.limits]
        world = build_world(
            scenario,
            operators,
            name=name,
            seed=self.settings.seed,
            limits=documented,
            start=host_now() if real and pace.speed == 1 else None,
        )
        stage = Stage(
            world,
            self.vendors,
            self.contract,
            self._send,
            scenario=scenario,
            timekeeper=RealTime(world.clock.start, pace.speed) if real else None,
            show_numbers=self.settings.show_numbers,
            send_inline=not self.settings.background,
        )
        stage.record.journal.witness = stage.record.callbacks.witness = self.settings.witness
        return stage

    def contract(self, vendor: str) -> Contract:
        """Return a vendor's contract, read at first use."""
        with self._lock:
            if vendor not in self._contracts:
                self._contracts[vendor] = load_contract(vendor)
            return self._contracts[vendor]

    def credentials(self, vendor: str, world: str = MAIN) -> Mapping[str, Any]:
        """Return what a client needs to get in: the world's first account of `vendor`, or an open one's."""
        stage, plug = self.stage(world), self.vendors[vendor].vendor
        with stage.lock:
            accounts = [account for (owner, _), account in stage.world.accounts.items() if owner == vendor]
            return plug.credentials(accounts[0]) if accounts else {}

    def close(self) -> None:
        """Wait for callbacks on their way and end the threads that carry them."""
        self._dispatcher.close()

    def _send(self, delivery: Delivery) -> Future[Outcome]:
        request = delivery.request
        return self._dispatcher.send(delivery.subject, request, request.patience or TOTAL)

    # -- requests ---------------------------------------------------------------------------------------

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request."""
        try:
            place = self._locate(environ)
        except Refused as refused:
            return _problem(start_response, refused.status, refused.reason)
        if place.target == "control":
            visited = {**environ, "PATH_INFO": place.path.encode().decode("latin-1"), WORLD: place.world}
            return self.control(visited, start_response)
        if place.target not in self.vendors:
            return self._signpost(environ, start_response)
        return self._visit(self.vendors[place.target], place, environ, start_response)

    def _visit(
        self, app: VendorApp, place: Place, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            request = read_request(
                environ, place.path, self.settings.limits.allowing(app.vendor.largest_body)
            )
            stage = self._choose(app, place.world, request)
        except Refused as refused:
            return self._turn_away(app, place, environ, refused, start_response)
        except UnknownName as unknown:
            return _problem(start_response, 404, str(unknown))
        if place.world is None and stage.world.name != MAIN:
            request = replace(request, base=_base_in(stage, request, app))
        reply = stage.visit(app.name, request)
        return self._reply(stage, reply, request, start_response)

    def _turn_away(
        self, app: VendorApp, place: Place, environ: Environ, refused: Refused, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer what the guard stopped in the vendor's words, and let the world's journal tell of it."""
        asked, error = glimpse(environ, place.path), _http_error(refused)
        answer = app.refuse(error, asked)
        stage = self._stages.get(place.world or MAIN)
        if stage is not None:
            sure = app.vendor.sure(error, asked, None)
            reply = stage.turn_away(app.name, asked, answer, f"guard: {refused.reason}{sure and f', {sure}'}")
            answer = answer if self.settings.pure else _signed(reply)
        return _write(start_response, answer, asked.method)

    def _reply(
        self, stage: Stage, reply: Reply, request: Request, start_response: StartResponse
    ) -> Iterable[bytes]:
        if reply.fault is not None:
            try:
                self.waiter(stage, reply)
            except (ConnectionCut, NoAnswer):  # the answer is lost, what it was about is not
                stage.written(reply.number)
                raise
        answer = reply.answer if self.settings.pure else _signed(reply)
        body = _write(start_response, answer, request.method)
        return Written(body, partial(stage.written, reply.number))

    def _locate(self, environ: Environ) -> Place:
        """Find out by path, then by Host, whom a request is for."""
        path, world = path_of(environ), None
        if path.startswith("/@"):
            world, _, path = path[2:].partition("/")
            path = "/" + path
        first, _, rest = path[1:].partition("/")
        if first == "_simulator":
            return Place("control", world, path)
        if first in self.vendors:
            return Place(first, world, "/" + rest)
        host = host_of(environ)
        if vendor := self._hosts.get(host) or self._hosts.get("*." + host.partition(".")[2]):
            return Place(vendor, world, path)
        label = (
            host.removesuffix(LOCAL_SUFFIX).rpartition(".") if host.endswith(LOCAL_SUFFIX) else ("", "", "")
        )
        return Place(label[2] if label[2] in self.vendors else "", world or label[0] or None, path)

    def _choose(self, app: VendorApp, world: str | None, request: Request) -> Stage:
        """Return the world a request belongs to: the one named, its credential's, or the main one."""
        if world is not None:
            return self.stage(world)
        main = self._stages[MAIN]
        if len(self._stages) == 1:
            return main
        try:
            form = app.vendor.read_form(request)
            credential = app.vendor.credential(request, form)
        except (TelephonyError, MalformedForm):
            return main
        return next((stage for stage in self.stages if stage.world.find_account(app.name, credential)), main)

    def _signpost(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Tell a lost visitor where everything is."""
        root = f"{environ.get('wsgi.url_scheme', 'http')}://{environ.get('HTTP_HOST', 'localhost')}"
        urls = {name: f"{root}/{name}" for name in self.vendors}
        found = environ.get("PATH_INFO") in ("", "/")
        told = {
            "vendors": urls,
            "control": f"{root}/_simulator/v1",
            "openapi": f"{root}/_simulator/openapi.json",
        }
        body = json.dumps(
            told if found else {"title": "no vendor answers here", "status": 404, **told}, indent=2
        )
        kind = "application/json" if found else "application/problem+json"
        answer = Answer(200 if found else 404, body.encode() + b"\n", (("Content-Type", kind),))
        return _write(start_response, answer, environ["REQUEST_METHOD"])


class Written:
    """A WSGI body that tells when it has been sent."""

    def __init__(self, parts: Iterable[bytes], close: Callable[[], None]) -> None:
        self._parts = parts
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the body's parts."""
        return iter(self._parts)

    def close(self) -> None:
        """Report that the server is done with the body."""
        self._close()


class ConnectionCut(ConnectionError):
    """A fault asked for the connection to be closed; servers do so when a body raises."""


class NoAnswer(TimeoutError):
    """A fault holds the answer back for good, and nobody here can wait that long."""


def move_on(stage: Stage, reply: Reply) -> None:
    """Hold an answer back where nothing waits: move the world's clock on instead.

    Raises NoAnswer for an answer that a client would no longer be there to receive, and ConnectionCut.
    """
    fault = reply.fault
    if fault is None:
        return
    if fault.reset:
        raise ConnectionCut(f"{fault.rule}: the connection was reset")
    if fault.hangs:
        raise NoAnswer(f"{fault.rule}: the answer is held back for {fault.delay}")
    if fault.delay:
        stage.advance(stage.world.clock.now + fault.delay)


def _base_in(stage: Stage, request: Request, app: VendorApp) -> str:
    """Return a base URL that names the world, for links that carry no credential to choose it by."""
    root = request.base.removesuffix(f"/{app.name}")
    return f"{root}/@{stage.world.name}{request.base.removeprefix(root)}"


def _signed(reply: Reply) -> Answer:
    """Add what only we have to say, in headers of our own."""
    exchange = reply.exchange
    ours = [("X-Simulator-Exchange", exchange.id)]
    if exchange.rule is not None:
        ours.append(("X-Simulator-Rule", exchange.rule))
    if exchange.violations:
        ours.append(("X-Simulator-Violations", str(len(exchange.violations))))
    return Answer(reply.answer.status, reply.answer.body, (*reply.answer.headers, *ours))


def _write(start_response: StartResponse, answer: Answer, method: str) -> Iterable[bytes]:
    """Start a WSGI response; a body cut short keeps the length it declared, and the server closes."""
    headers, declared = list(answer.headers), answer.header("Content-Length")
    if declared is None:
        headers.append(("Content-Length", str(len(answer.body))))
    start_response(f"{answer.status} {_REASONS.get(answer.status, 'Unknown')}", headers)
    if method == "HEAD":
        return []
    return _cut_short(answer.body) if declared and int(declared) > len(answer.body) else [answer.body]


def _cut_short(body: bytes) -> Iterator[bytes]:
    yield body
    raise ConnectionCut("a fault cut the answer short")


def _http_error(refused: Refused) -> HTTPException:
    return default_exceptions.get(refused.status, default_exceptions[400])(refused.reason)


def _problem(start_response: StartResponse, status: int, detail: str) -> Iterable[bytes]:
    body = json.dumps({"title": "the simulator refuses this request", "status": status, "detail": detail})
    answer = Answer(status, body.encode(), (("Content-Type", "application/problem+json"),))
    return _write(start_response, answer, "GET")
