"""The control plane as one WSGI callable: guarded, routed, answered in JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from http import HTTPStatus
from importlib.resources import files
from io import BytesIO
from typing import Any

import yaml
from flask import Blueprint, Flask, Response, request
from msgspec import Struct
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import MethodNotAllowed

from simulator.admin import (
    accounts,
    clock,
    contracts,
    deliveries,
    events,
    exchanges,
    faults,
    metrics,
    people,
    pictures,
    suites,
)
from simulator.admin import (
    worlds as world_endpoints,
)
from simulator.admin.context import AdminContext, read_query
from simulator.admin.page import addresses
from simulator.admin.page.addresses import REQUEST
from simulator.admin.problems import PROBLEM, problem_of
from simulator.engine.addresses import open_at_first_use
from simulator.engine.worlds import Worlds
from simulator.errors import StateError, UnknownName
from simulator.exchange import Request
from simulator.formats.json_text import write_json
from simulator.suites.loop import SuiteLoop
from simulator.version import VERSION
from simulator.web.guard import WORLD, Refused, SizeLimits, check_admin_access, path_of, read_request

ROOT = "/_simulator"
MAIN = "main"

_OPEN = (f"{ROOT}/sign-in",)
READY = f"{ROOT}/readyz"
_ALIVE = (f"{ROOT}/livez", READY)
"""That we answer at all is all that a probe wants to know, and it comes under names of its own."""
_OPEN_FILES = f"{ROOT}/static/"
"""Where nobody is asked for the token: how it is given, and files that anybody can have."""

_LIMITS = SizeLimits(body=1_000_000, upload=1_000_000)
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


class Endpoint(Struct, frozen=True):
    """One thing that can be asked: `query` are the parameters it knows besides `world`.

    What a handler takes from a JSON body are its keyword-only parameters. It returns JSON that is answered
    with `status`, None for 204, or a response of its own, masked already.
    """

    verb: str
    path: str
    handler: Callable[..., Any]
    query: tuple[str, ...] = ()
    status: int = 200


ENDPOINTS = (
    Endpoint("GET", "/metrics", metrics.show_metrics),
    Endpoint("GET", "/v1/health", world_endpoints.show_health),
    Endpoint("GET", "/v1/clock", clock.show_clock),
    Endpoint("POST", "/v1/clock/advance", clock.advance_clock),
    Endpoint("POST", "/v1/reset", world_endpoints.reset_world),
    Endpoint("GET", "/v1/scenario", world_endpoints.show_scenario),
    Endpoint("PUT", "/v1/scenario", world_endpoints.put_scenario),
    Endpoint("GET", "/v1/worlds", world_endpoints.list_worlds),
    Endpoint("POST", "/v1/worlds", world_endpoints.create_world, status=201),
    Endpoint("DELETE", "/v1/worlds/<name>", world_endpoints.close_world),
    Endpoint("GET", "/v1/snapshots", world_endpoints.list_snapshots),
    Endpoint("POST", "/v1/snapshots", world_endpoints.keep_snapshot, status=201),
    Endpoint("DELETE", "/v1/snapshots/<snapshot>", world_endpoints.drop_snapshot),
    Endpoint("POST", "/v1/restore", world_endpoints.restore_world),
    Endpoint("POST", "/v1/fork", world_endpoints.fork_world, status=201),
    Endpoint(
        "GET",
        "/v1/exchanges",
        exchanges.list_exchanges,
        ("vendor", "operation", "violation", "after", "limit"),
    ),
    Endpoint("GET", "/v1/exchanges/<exchange>", exchanges.show_exchange),
    Endpoint("GET", "/v1/violations", exchanges.list_violations),
    Endpoint("POST", "/v1/run", world_endpoints.run_steps),
    Endpoint("GET", "/v1/verdicts", world_endpoints.list_verdicts),
    Endpoint("GET", "/v1/coverage", contracts.show_coverage),
    Endpoint("GET", "/v1/contracts/<vendor>/operations", contracts.list_operations),
    Endpoint("GET", "/v1/deliveries", deliveries.list_deliveries, ("state", "after", "limit")),
    Endpoint("GET", "/v1/deliveries/<delivery>", deliveries.show_delivery),
    Endpoint("POST", "/v1/deliveries/<delivery>/resend", deliveries.resend_delivery),
    Endpoint("POST", "/v1/next-callback", deliveries.break_next),
    Endpoint("GET", "/v1/events", events.list_events, ("after", "limit")),
    Endpoint("GET", "/v1/faults", faults.list_faults),
    Endpoint("POST", "/v1/faults", faults.arm_fault, status=201),
    Endpoint("DELETE", "/v1/faults/<path:fault>", faults.disarm_fault),
    Endpoint("GET", "/v1/people/<number>", people.show_person),
    Endpoint("POST", "/v1/people/<number>/press", people.press_key),
    Endpoint("POST", "/v1/people/<number>/answer", people.answer_phone),
    Endpoint("POST", "/v1/people/<number>/take", people.take_phone),
    Endpoint("POST", "/v1/people/<number>/put-back", people.put_back_phone),
    Endpoint("POST", "/v1/people/<number>/reject", people.reject_call),
    Endpoint("POST", "/v1/people/<number>/let-ring", people.let_ring),
    Endpoint("POST", "/v1/people/<number>/hang-up", people.hang_up),
    Endpoint("POST", "/v1/people/<number>/speak", people.speak),
    Endpoint("POST", "/v1/people/<number>/call-in", people.call_in),
    Endpoint("POST", "/v1/people/<number>/call", people.call_number),
    Endpoint("POST", "/v1/people/<number>/text", people.text_number),
    Endpoint("POST", "/v1/people/<number>/next", people.decide_next),
    Endpoint("GET", "/v1/numbers", people.list_numbers),
    Endpoint("GET", "/v1/accounts", accounts.list_accounts),
    Endpoint("POST", "/v1/accounts/<vendor>/top-up", accounts.top_up),
    Endpoint("POST", "/v1/accounts/<vendor>/subscriptions", accounts.bar_subscriptions),
    Endpoint("GET", "/v1/messages", accounts.list_messages, ("account", "limit")),
    Endpoint("GET", "/v1/script-runs", accounts.list_script_runs, ("limit",)),
    Endpoint("GET", "/v1/calls", accounts.list_calls, ("account", "campaign", "limit")),
    Endpoint("GET", "/v1/calls/<call>/timeline.svg", pictures.draw_call),
    Endpoint("GET", "/v1/campaigns/<campaign>/day.svg", pictures.draw_campaign),
    Endpoint("GET", "/v1/coverage.svg", pictures.draw_coverage),
    Endpoint("GET", "/v1/suite/next", suites.hand_out_case, suites.NEXT),
    Endpoint("GET", "/v1/suite/results", suites.show_results, ("agent",)),
    Endpoint("DELETE", "/v1/suite/results", suites.forget_results, ("agent",)),
    Endpoint("GET", "/v1/suite/report.html", suites.render_results),
    Endpoint("GET", "/v1/suite/<case>", suites.show_case, ("agent",)),
    Endpoint("POST", "/v1/suite/<case>/conclusion", suites.take_case, ("agent",)),
)


_READ_BODIES = (world_endpoints.put_scenario, suites.take_case)
"""Handlers that read a body by themselves, for it is not always an object of members known beforehand."""


class ControlPlane:
    """A WSGI callable for every path under /_simulator; nothing gets past the guard, not even a 404.

    The environ may name a world in `simulator.world`.
    """

    def __init__(self, worlds: Worlds, flask: Flask) -> None:
        self._worlds = worlds
        self._flask = flask
        self.suites = flask.extensions[suites.LOOP] = SuiteLoop(worlds)
        flask.register_blueprint(_blueprint(worlds))
        flask.register_blueprint(addresses.make_blueprint(worlds, ROOT))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request; whether we live is told to whoever asks, under any name."""
        if environ.get("PATH_INFO") in _ALIVE:
            return _health(self._worlds, environ["PATH_INFO"] == READY)(environ, start_response)
        try:
            admitted = self._admit(environ)
        except Refused as refused:
            response = self._turn_away(environ, refused)
        else:
            body = BytesIO(admitted.body)  # once more, for hooks
            with self._flask.request_context({**environ, "wsgi.input": body, REQUEST: admitted}) as context:
                missed = context.request.routing_exception
                response = self._miss(environ, missed) if missed else self._flask.full_dispatch_request()
        response.headers["X-Simulator-State"] = self._worlds.keeps_state_in
        for name, value in _SECURITY.items():
            response.headers.setdefault(name, value)
        return response(environ, start_response)

    def _admit(self, environ: Environ) -> Request:
        """Return a request that may come in by its headers, its body read only then; raises Refused."""
        headers = tuple(EnvironHeaders(environ).items())
        announced, path = Request(environ["REQUEST_METHOD"], "", headers=headers), path_of(environ)
        settings = self._worlds.settings
        token = None if path in _OPEN or path.startswith(_OPEN_FILES) else settings.admin_token
        if addresses.is_signed_in(announced.header("Cookie") or "", token):
            token = None
        check_admin_access(announced, settings.admin_hosts, token)
        return read_request(environ, path, _LIMITS)

    def _turn_away(self, environ: Environ, refused: Refused) -> Response:
        """Return why somebody may not come in; a browser that lacks the token is asked for it."""
        if refused.status == HTTPStatus.UNAUTHORIZED and _looks(environ):
            return addresses.sign_in_page(refused.status, f"{environ.get('SCRIPT_NAME', '')}{ROOT}")
        return _problem(self._worlds, refused)

    def _miss(self, environ: Environ, missed: Exception) -> Response:
        """Return that there is nothing at a path, as a view to whoever looks with a browser."""
        return (addresses.problem_page if _looks(environ) else _problem)(self._worlds, missed)


def _health(worlds: Worlds, is_about_state: bool) -> Response:
    """Return that we answer, and if asked where worlds are kept; 503 where nothing can be kept."""
    text, status = "ok\n", HTTPStatus.OK
    if is_about_state:
        try:
            text += worlds.try_out_state()
        except StateError as error:
            text, status = f"{error.message}\n", HTTPStatus.SERVICE_UNAVAILABLE
    return Response(text, status, content_type="text/plain; charset=utf-8")


def _looks(environ: Environ) -> bool:
    """Tell whether somebody looks at the page with a browser, and does not ask the API."""
    accepts = addresses.wants_html(environ.get("HTTP_ACCEPT", ""))
    return accepts and not path_of(environ).startswith(f"{ROOT}/v1/")


def _blueprint(worlds: Worlds) -> Blueprint:
    blueprint = Blueprint("control", __name__, url_prefix=ROOT)
    for endpoint in ENDPOINTS:
        blueprint.add_url_rule(
            endpoint.path,
            endpoint.handler.__name__,
            partial(_answer, worlds, endpoint),
            methods=[endpoint.verb],
            provide_automatic_options=False,
        )
    blueprint.add_url_rule("/openapi.json", "openapi", _openapi, provide_automatic_options=False)
    index = partial(_index, worlds)
    blueprint.add_url_rule("/v1", "index", index, provide_automatic_options=False, strict_slashes=False)
    blueprint.register_error_handler(Exception, partial(_problem, worlds))
    return blueprint


def open_named(worlds: Worlds, name: str) -> str:
    """Open the world that a path begins with, if that is the first to name it; raises UnknownName."""
    try:
        worlds.sandbox(name)
    except UnknownName as unknown:
        open_at_first_use(worlds, unknown, name, "the control API")
    return name


def _answer(worlds: Worlds, endpoint: Endpoint, **variables: str) -> Response:
    admitted: Request = request.environ[REQUEST]
    query = read_query(admitted, ("world", *endpoint.query))
    if (named := request.environ.get(WORLD)) is not None:
        sandbox = worlds.current(open_named(worlds, named))
    else:
        sandbox = worlds.current(query.pop("world", MAIN))
    context = AdminContext(worlds, sandbox, admitted, query)
    has_body = endpoint.verb != "GET" and endpoint.handler not in _READ_BODIES
    fields = context.fields_of(endpoint.handler) if has_body else {}
    value = endpoint.handler(context, **variables, **fields)
    if isinstance(value, Response):
        return value
    if value is None:
        response = Response(status=HTTPStatus.NO_CONTENT)
        del response.headers["Content-Type"]
        return response
    masked = sandbox.recorder.masker.value(value)
    return Response(write_json(masked) + b"\n", endpoint.status, content_type="application/json")


def _index(worlds: Worlds) -> Response:
    """Return what can be asked here, and of which worlds."""
    root = request.script_root + ROOT
    endpoints = [
        {
            "method": endpoint.verb,
            "path": root + endpoint.path,
            "does": (endpoint.handler.__doc__ or "").partition("\n")[0],
        }
        for endpoint in ENDPOINTS
    ]
    names = [sandbox.world.name for sandbox in worlds]
    places = {"page": f"{root}/", "openapi": f"{root}/openapi.json"}
    index = {**places, "version": VERSION, "worlds": names, "endpoints": endpoints}
    return Response(write_json(index) + b"\n", content_type="application/json")


def _openapi() -> Response:
    here = {"servers": [{"url": request.script_root + ROOT}]}
    return Response(write_json(_document() | here), content_type="application/json")


@cache
def _document() -> dict[str, Any]:
    """Return the document of this API, read when it is first asked for."""
    text = (files("simulator.admin") / "openapi.yaml").read_bytes()
    return dict(yaml.load(text, Loader=yaml.CSafeLoader))


def _problem(worlds: Worlds, error: Exception) -> Response:
    problem = problem_of(error, worlds)
    body = write_json(worlds.masker.value(problem.as_json())) + b"\n"
    response = Response(body, problem.status, content_type=PROBLEM)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
