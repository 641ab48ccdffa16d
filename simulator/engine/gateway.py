"""Where requests come in: the world each one is for, and its answer as WSGI wants it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from threading import RLock
from typing import Any

from msgspec.structs import replace
from werkzeug.exceptions import HTTPException, InternalServerError, default_exceptions

from simulator.engine.addresses import (
    Addresses,
    Environ,
    StartResponse,
    Target,
    VendorRequest,
    open_at_first_use,
)
from simulator.engine.leaving import leave_later, move_on
from simulator.engine.machine import Reply
from simulator.engine.real_time import host_seconds
from simulator.engine.sandbox import MAIN, Sandbox
from simulator.engine.worlds import Worlds
from simulator.errors import StateError, StateUnavailable, Superseded, UnknownName
from simulator.exchange import Answer, Headers, Request
from simulator.formats.forms import MalformedForm
from simulator.telephony.errors import TelephonyError
from simulator.vendor import RequestContext
from simulator.web.guard import WORLD, Refused, path_of, read_request
from simulator.web.handover import (
    AS_LONG_AS_IT_TAKES,
    MAY_WAIT,
    ON_LOOP,
    Hold,
    Outgoing,
    WouldWait,
)
from simulator.web.host_names import HostNames, letting_in, preflight
from simulator.web.signpost import TOO_EARLY, render_signpost
from simulator.web.vendor_app import VendorApp, rule_of

WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

BRIEF_SECONDS = 0.001
"""How long an event loop waits for a world's lock."""

BUSY_SECONDS = 0.05
"""For how long it does not try again when it waited in vain."""

SLOW_SECONDS = 0.1
"""From what time on an answer is too long for an event loop to make, which has others to answer."""

MOST_SLOW = 1_000
SLOW_AGAIN_SECONDS = 1.0
"""For how long the next ones in the same world are taken to be as long."""

_TURNED_AWAY_BY = {404: "refusal: no such path", 503: "state"}
_NO_CLIENTS_FAULT = (403, 503)
"""With which we refuse a page of another site, and what our state file has no room for."""
_WHAT_HELPS = {
    411: "let your library send a Content-Length",
    413: "send less at once, in several requests",
    414: "ask in several requests, or send the values in a body where the operation reads one",
    431: "send fewer and shorter headers",
}
_FREE = nullcontext()


class _Held:
    """A lock that is held already, and released when a block ends."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_raised: object) -> None:
        self._lock.release()


class Gateway:
    """The WSGI side of a simulator: finds the vendor and the world of each request, and writes the answer.

    `hold` says how a server that knows our handover keeps an answer back for a time of the host. Where that
    server cannot wait itself, WouldWait is raised before anything was done. What is asked of us, not of a
    vendor, goes to `control`.
    """

    def __init__(self, worlds: Worlds, control: WsgiApp) -> None:
        self.hold: Callable[[Sandbox, timedelta], Hold] = lambda _sandbox, length: Hold(
            length.total_seconds()
        )
        self._slow: dict[str, float] = {}
        self._worlds = worlds
        self._control = control
        self._vendors = worlds.vendors
        self._settings = worlds.settings
        limits = worlds.settings.limits
        self._limits = {name: limits.allowing(app.vendor.largest_body) for name, app in self._vendors.items()}
        self._addresses = Addresses(worlds.vendors, worlds.settings.vendor_ports)
        names = (*self._settings.host_names, *self._settings.admin_hosts)
        self._names = HostNames(self._addresses.hosts, names) if self._settings.loopback else None

    def __call__(
        self, environ: Environ, start_response: StartResponse, raised: Exception | None = None
    ) -> Iterable[bytes]:
        """Answer one WSGI request; one for which a hook has `raised` an error is refused for that, unread."""
        try:
            target = self._addresses.locate(environ, path_of(environ))
            if self._names is not None and target.name != "control":  # that has a guard of its own
                self._names.check(environ)
        except Refused as refused:
            return self._refuse(environ, refused, start_response)
        if target.name == "control":
            if environ.get(MAY_WAIT, AS_LONG_AS_IT_TAKES) != AS_LONG_AS_IT_TAKES:
                raise WouldWait  # for callbacks that have to arrive, a client that has to be answered, ...
            visited = {**environ, "PATH_INFO": target.path.encode().decode("latin-1"), WORLD: target.world}
            return self._control(visited, start_response)
        if target.name not in self._vendors:
            return self._miss(target, environ, start_response)
        asked = VendorRequest(self._vendors[target.name], target, environ, start_response, raised)
        is_page = self._settings.cors == "open" and "HTTP_ORIGIN" in environ
        return self._let_page_in(asked) if is_page else self._visit(asked)

    def _let_page_in(self, asked: VendorRequest) -> Iterable[bytes]:
        """Answer a page that may ask, also whether it may."""
        start_response = letting_in(asked.start_response, asked.environ["HTTP_ORIGIN"])
        leave = preflight(asked.environ)
        if leave is None:
            return self._visit(replace(asked, start_response=start_response))
        return _write(start_response, leave, "OPTIONS")

    def _visit(self, asked: VendorRequest) -> Iterable[bytes]:
        if (raised := asked.raised) is not None:
            return self._tell(asked, raised, rule=f"hook: {rule_of(raised) or type(raised).__name__}")
        if self._worlds.sharing is not None:
            if asked.environ.get(MAY_WAIT) == ON_LOOP:
                raise WouldWait  # for what others have entered meanwhile
            if not self._settings.background:  # so nobody else does
                self._worlds.tend()
        try:
            request = read_request(asked.environ, asked.target.path, self._limits[asked.app.name])
        except Refused as refused:
            return self._turn_away(asked, refused)
        except Exception as error:
            return self._apologise(asked, error)
        return self._enter(asked, request)

    def _enter(self, asked: VendorRequest, request: Request) -> Iterable[bytes]:
        """Answer in the world that a request belongs to; found again, where that began anew meanwhile."""
        target = asked.target
        try:
            sandbox = self._choose(asked, request)
        except WouldWait:
            raise
        except StateUnavailable as error:
            return self._turn_away(asked, Refused(503, error.message))
        except UnknownName as unknown:
            return _problem(asked.start_response, 404, str(unknown))
        except Exception as error:
            return self._apologise(asked, error)
        sent = request
        if target.world is None and sandbox.world.name != MAIN:
            sent = replace(request, base=_base_in(sandbox, request, asked.app))
        with self._inside(sandbox, asked.environ):
            try:
                return self._ask(asked, sandbox, sent)
            except Superseded as error:
                self._worlds.forget(sandbox, error)
        return self._enter(asked, request)

    def _ask(self, asked: VendorRequest, sandbox: Sandbox, request: Request) -> Iterable[bytes]:
        begun, may_wait = host_seconds(), asked.environ.get(MAY_WAIT) != ON_LOOP
        try:
            reply = sandbox.answer(asked.app.name, request, may_wait=may_wait)
        except (WouldWait, Superseded):
            raise
        except StateError as error:
            return self._turn_away(asked, Refused(503, error.message))
        except Exception as error:
            return self._apologise(asked, error, sandbox).then(partial(sandbox.written, 0))
        if sandbox.opened_by and reply.number == 1:
            reply = reply.with_remarks(f"world: {sandbox.world.name} is new, this request opened it")
        try:
            self._worlds.weigh(sandbox, request)
        except Exception as error:
            sandbox.recorder.bugs.report(reply.exchange.id, error)
        self._worlds.latency.note((now := host_seconds()) - begun)
        if now - begun > SLOW_SECONDS:
            self._avoid(sandbox.world.name, now + SLOW_AGAIN_SECONDS)
        return self._reply(sandbox, reply, asked.environ, asked.start_response)

    def _inside(self, sandbox: Sandbox, environ: Environ) -> AbstractContextManager[None]:
        """Take a world's lock, until a block ends, for somebody who must not wait there.

        Raises WouldWait where another has it, and on an event loop also in a world that was slow lately.
        """
        may_wait, name = environ.get(MAY_WAIT, AS_LONG_AS_IT_TAKES), sandbox.world.name
        if may_wait == AS_LONG_AS_IT_TAKES:
            return _FREE
        if self._slow and may_wait == ON_LOOP and self._slow.get(name, 0.0) > host_seconds():
            raise WouldWait(name)
        if not sandbox.lock.acquire(timeout=BRIEF_SECONDS):  # the pump has it for a moment, again and again
            self._avoid(name, host_seconds() + BUSY_SECONDS)
            raise WouldWait(name)
        if may_wait == ON_LOOP:
            return _Held(sandbox.lock)
        sandbox.lock.release()  # who answers in a thread may wait a little
        return _FREE

    def _avoid(self, world: str, until: float) -> None:
        """Let requests to a world be answered in threads for a while."""
        if len(self._slow) > MOST_SLOW:
            self._slow.clear()
        self._slow[world] = until

    def _turn_away(self, asked: VendorRequest, refused: Refused) -> Iterable[bytes]:
        """Refuse what the guard stopped."""
        who = _TURNED_AWAY_BY.get(refused.status, "guard")
        advice = "" if refused.status in _NO_CLIENTS_FAULT else refused.reason
        if refused.status in _WHAT_HELPS:
            advice += f": {_WHAT_HELPS[refused.status]}"
        return self._tell(asked, _http_error(refused), rule=f"{who}: {refused.reason}", advice=advice)

    def _tell(
        self, asked: VendorRequest, error: Exception, *, rule: str, advice: str = ""
    ) -> Iterable[bytes]:
        """Answer an unread request by the error's handler, and let the world's journal tell of it."""
        app, request, sandbox = asked.app, asked.glimpse(), self._named(asked.target)
        mark = app.vendor.provenance_of(error, request, None)
        if sandbox is None:
            answer = app.vendor.refusal(error, request, None)
            return _write(asked.start_response, answer, request.method)
        with self._inside(sandbox, asked.environ):
            try:
                with sandbox.lock:
                    context = RequestContext(world=sandbox.world, request=request, fact=mark)
                    answer = app.refuse(error, context)
                rule = ", ".join(filter(None, (rule, context.rule or mark)))
                return self._record_unread(asked, sandbox, answer, rule=rule, advice=advice)
            except Exception as failure:
                return self._apologise(asked, failure, sandbox)

    def _apologise(self, asked: VendorRequest, error: Exception, sandbox: Sandbox | None = None) -> Outgoing:
        """Answer in the vendor's words where we failed, and let journal, header and log tell that we did."""
        if sandbox is None:
            sandbox = self._named(asked.target) or self._worlds.sandbox()
            with self._inside(sandbox, asked.environ):
                return self._apologise(asked, error, sandbox)
        answer = Answer(500)
        rule = sandbox.recorder.bugs.report(f"{sandbox.world.name}-unread", error)
        with suppress(Exception):
            context = RequestContext(world=sandbox.world, request=asked.glimpse())
            answer = asked.app.refuse(InternalServerError(), context)
        return self._record_unread(asked, sandbox, answer, rule=rule)

    def _named(self, target: Target) -> Sandbox | None:
        """Return the world that a request names, or the main one; None where there is none of that name."""
        name = target.world or MAIN
        return next((sandbox for sandbox in self._worlds if sandbox.world.name == name), None)

    def _record_unread(
        self, asked: VendorRequest, sandbox: Sandbox, answer: Answer, *, rule: str, advice: str = ""
    ) -> Outgoing:
        """Answer a request that nobody read, and keep what is known of it."""
        reply = sandbox.turn_away(asked.app.name, asked.glimpse(), answer, rule, advice)
        ours = self._headers_beside(reply)
        return _write(asked.start_response, answer, asked.environ["REQUEST_METHOD"], ours)

    def _miss(self, target: Target, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer at the bare root: as the one vendor that has such a path would, else by a signpost."""
        if (owner := self._owner_of(target)) is None:
            sign = render_signpost(environ, list(self._vendors), self._settings.vendor_ports)
            return _write(start_response, sign, environ["REQUEST_METHOD"])
        advice = TOO_EARLY.format(f"/{owner.name}")
        asked = VendorRequest(owner, target, environ, start_response)
        return self._turn_away(asked, Refused(404, advice))

    def _owner_of(self, target: Target) -> VendorApp | None:
        """Return the one vendor that has a path, at which nobody answers."""
        owners = [app for app in self._vendors.values() if app.knows(target.path)]
        return owners[0] if len(owners) == 1 and target.path != "/" else None

    def _reply(
        self, sandbox: Sandbox, reply: Reply, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            ours = self._headers_beside(reply)
            body = _write(start_response, reply.answer, environ["REQUEST_METHOD"], ours)
            if MAY_WAIT in environ:
                body.first = sandbox.inputs.sync  # where that is asked for, nothing leaves before it
                if reply.fault is not None:
                    leave_later(sandbox, reply.number, reply.fault, body, self.hold)
            else:
                sandbox.sync()
                if reply.fault is not None:
                    move_on(sandbox, reply.number, reply.fault)
        except BaseException:  # the answer is lost, what it was about is not
            sandbox.written(reply.number)
            raise
        return body.then(partial(sandbox.written, reply.number))

    def _headers_beside(self, reply: Reply) -> Headers:
        vendor = self._vendors[reply.exchange.vendor].vendor
        return reply.headers_beside(dated=vendor.sends_date, pure=self._settings.pure)

    def _refuse(self, environ: Environ, refused: Refused, start_response: StartResponse) -> Iterable[bytes]:
        """Refuse who asks from elsewhere, and what has no readable path or host.

        That is done in the words of the vendor whose name the path begins with.
        """
        if refused.status == HTTPStatus.BAD_REQUEST:
            spelt = environ.get("PATH_INFO", "").encode("latin-1", "replace")
            path = spelt.decode("utf-8", "surrogateescape")
            target = self._addresses.locate({**environ, "HTTP_HOST": ""}, path)
            if (app := self._vendors.get(target.name)) is not None:
                return self._turn_away(VendorRequest(app, target, environ, start_response), refused)
        return _problem(start_response, refused.status, refused.reason)

    def take_at_most(self, size: int) -> None:
        """Refuse longer bodies of requests to vendors, of whatever kind."""
        self._limits = {name: limits.at_most(size) for name, limits in self._limits.items()}

    def routed_path(self, environ: Environ) -> str | None:
        """Return the path of a request to a vendor as blueprints spell it, and nothing of one to nobody here.

        None for one to the control plane, or to be refused before anybody asks whom it is for.
        """
        with suppress(Refused):
            target = self._addresses.locate(environ, path_of(environ))
            if (app := self._vendors.get(target.name)) is not None:
                return f"/{app.name}{app.vendor.canonical_path(target.path)}"
            return "" if target.name != "control" else None
        return None

    def leads_nowhere(self, environ: Environ) -> bool:
        """Tell whether a request has a path that we know nothing of, nor whom it may be meant for."""
        target = self._addresses.locate(environ, path_of(environ))
        return target.name not in (*self._vendors, "control") and (
            target.path != "/" and self._owner_of(target) is None
        )

    def _choose(self, asked: VendorRequest, request: Request) -> Sandbox:
        """Return the world a request belongs to: the one named, its credential's, or the main one."""
        app = asked.app
        if asked.target.world is not None:
            return self._find(asked.target.world, asked)
        if (only := self._worlds.only) is not None:
            return only
        try:
            form = app.vendor.read_form(request)
            credential = app.vendor.credential(request, form)
        except (TelephonyError, MalformedForm):
            return self._worlds.sandbox()
        if (owner := self._owning(app, credential)) is None and self._worlds.sharing is not None:
            self._worlds.join_all()  # others may have opened one, or an account in it
            owner = self._owning(app, credential)
        return owner or self._worlds.sandbox()

    def _find(self, name: str, asked: VendorRequest) -> Sandbox:
        """Return the world that a request names, which opens it where it is the first; raises UnknownName."""
        try:
            return self._worlds.sandbox(name)
        except UnknownName as unknown:
            if self._settings.opens_worlds and asked.environ.get(MAY_WAIT) == ON_LOOP:
                raise WouldWait from None
            self._worlds.on_unknown_world(name, asked.environ)
            return open_at_first_use(self._worlds, unknown, name, asked.app.name)

    def _owning(self, app: VendorApp, credential: Any) -> Sandbox | None:
        return next((one for one in self._worlds if one.world.find_account(app.name, credential)), None)


def _base_in(sandbox: Sandbox, request: Request, app: VendorApp) -> str:
    """Return a base URL that names the world, for links that carry no credential to choose it by."""
    root = request.base.removesuffix(f"/{app.name}")
    return f"{root}/@{sandbox.world.name}{request.base.removeprefix(root)}"


def _write(start_response: StartResponse, answer: Answer, method: str, ours: Headers = ()) -> Outgoing:
    """Start a WSGI response; a body cut short keeps the length it declared, and the server closes."""
    declared = answer.start(start_response, ours)
    return Outgoing() if method == "HEAD" else Outgoing(content=answer.body, cut=declared > len(answer.body))


def _http_error(refused: Refused) -> HTTPException:
    return default_exceptions.get(refused.status, default_exceptions[400])(refused.reason)


def _problem(start_response: StartResponse, status: int, detail: str) -> Outgoing:
    body = json.dumps({"title": "the simulator refuses this request", "status": status, "detail": detail})
    answer = Answer(status, body.encode(), (("Content-Type", "application/problem+json"),))
    return _write(start_response, answer, "GET")
