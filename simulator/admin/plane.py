"""The control plane as one WSGI callable: guarded, routed, answered in JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

import yaml
from flask import Flask, Response, request
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import MethodNotAllowed

from simulator.admin import (
    accounts,
    clock,
    deliveries,
    exchanges,
    faults,
    lines,
    people,
    scripts,
    subscriptions,
    verdicts,
    worlds,
)
from simulator.admin.problems import PROBLEM, problem_of
from simulator.admin.simulation import Simulation
from simulator.admin.visits import Told, Visit, read_query
from simulator.exchange import Request
from simulator.formats.json_text import write_json
from simulator.web.guard import WORLD, Limits, Refused, check_admin_access, path_of, read_request
from simulator.web.masking import Masker

ROOT = "/_simulator"
MAIN = "main"

_VISIT = "simulator.control.request"
_LIMITS = Limits(body=1_000_000, upload=1_000_000)
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Simulator-State": "memory",  # nothing survives a restart
}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing that can be asked: `query` are the parameters it knows besides `world`."""

    verb: str
    path: str
    handler: Callable[..., Any]
    query: tuple[str, ...] = ()


ENDPOINTS = (
    Endpoint("GET", "/v1/health", worlds.show_health),
    Endpoint("GET", "/v1/clock", clock.show_clock),
    Endpoint("POST", "/v1/clock/advance", clock.advance_clock),
    Endpoint("POST", "/v1/reset", worlds.reset_world),
    Endpoint("GET", "/v1/scenario", worlds.show_scenario),
    Endpoint("PUT", "/v1/scenario", worlds.put_scenario),
    Endpoint("GET", "/v1/worlds", worlds.list_worlds),
    Endpoint("POST", "/v1/worlds", worlds.create_world),
    Endpoint("DELETE", "/v1/worlds/<name>", worlds.close_world),
    Endpoint(
        "GET",
        "/v1/exchanges",
        exchanges.list_exchanges,
        ("vendor", "operation", "violation", "after", "limit"),
    ),
    Endpoint("GET", "/v1/exchanges/<exchange>", exchanges.show_exchange),
    Endpoint("GET", "/v1/violations", exchanges.list_violations),
    Endpoint("POST", "/v1/run", verdicts.run_steps),
    Endpoint("GET", "/v1/verdicts", verdicts.list_verdicts),
    Endpoint("GET", "/v1/coverage", exchanges.show_coverage),
    Endpoint("GET", "/v1/contracts/<vendor>/operations", exchanges.list_operations),
    Endpoint("GET", "/v1/deliveries", deliveries.list_deliveries, ("state", "after", "limit")),
    Endpoint("GET", "/v1/deliveries/<delivery>", deliveries.show_delivery),
    Endpoint("POST", "/v1/deliveries/<delivery>/resend", deliveries.resend_delivery),
    Endpoint("GET", "/v1/faults", faults.list_faults),
    Endpoint("POST", "/v1/faults", faults.arm_fault),
    Endpoint("DELETE", "/v1/faults/<path:fault>", faults.disarm_fault),
    Endpoint("GET", "/v1/people/<number>", people.show_person),
    Endpoint("POST", "/v1/people/<number>/press", people.press_key),
    Endpoint("POST", "/v1/people/<number>/answer", people.answer_phone),
    Endpoint("POST", "/v1/people/<number>/call-in", people.call_in),
    Endpoint("POST", "/v1/people/<number>/call", lines.call_number),
    Endpoint("POST", "/v1/people/<number>/text", lines.text_number),
    Endpoint("POST", "/v1/people/<number>/next", people.decide_next),
    Endpoint("GET", "/v1/numbers", people.list_numbers),
    Endpoint("GET", "/v1/accounts", accounts.list_accounts),
    Endpoint("POST", "/v1/accounts/<vendor>/top-up", accounts.top_up),
    Endpoint("POST", "/v1/accounts/<vendor>/subscriptions", subscriptions.bar_subscriptions),
    Endpoint("GET", "/v1/script-runs", scripts.list_script_runs, ("limit",)),
    Endpoint("GET", "/v1/calls", accounts.list_calls, ("account", "campaign", "limit")),
)


def build_control(simulation: Simulation) -> ControlPlane:
    """Return the control plane of a simulator; the WSGI environ may name a world in `simulator.world`."""
    return ControlPlane(simulation)


class ControlPlane:
    """A WSGI callable for every path under /_simulator; nothing gets past the guard, not even a 404."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.flask = _build(simulation)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request."""
        try:
            asked = self._admit(environ)
        except Refused as refused:
            response = _problem(self._simulation, refused)
        else:
            with self.flask.request_context({**environ, _VISIT: asked}):
                response = self.flask.full_dispatch_request()
        response.headers.update(_SECURITY)
        return response(environ, start_response)

    def _admit(self, environ: Environ) -> Request:
        """Let a request in by its headers, and only then read its body."""
        headers = tuple(EnvironHeaders(environ).items())
        announced = Request(environ["REQUEST_METHOD"], "", headers=headers)
        check_admin_access(announced, self._simulation.admin_hosts, self._simulation.admin_token)
        return read_request(environ, path_of(environ), _LIMITS)


def _build(simulation: Simulation) -> Flask:
    app = Flask("simulator.admin", static_folder=None)
    app.url_map.merge_slashes = False
    for endpoint in ENDPOINTS:
        app.add_url_rule(
            ROOT + endpoint.path,
            endpoint=f"{endpoint.verb} {endpoint.path}",
            view_func=partial(_answer, simulation, endpoint),
            methods=[endpoint.verb],
            provide_automatic_options=False,
        )
    app.add_url_rule(
        f"{ROOT}/openapi.json",
        "openapi",
        partial(_openapi, []),
        methods=["GET"],
        provide_automatic_options=False,
    )
    app.register_error_handler(Exception, partial(_problem, simulation))
    return app


def _answer(simulation: Simulation, endpoint: Endpoint, **variables: str) -> Response:
    asked: Request = request.environ[_VISIT]
    query = read_query(asked, ("world", *endpoint.query))
    world = request.environ.get(WORLD) or query.pop("world", MAIN)
    sandbox = simulation.sandbox(world)
    told = endpoint.handler(Visit(simulation, sandbox, asked, query), **variables)
    return _response(told if isinstance(told, Told) else Told(told), sandbox.record.masker)


def _openapi(document: list[bytes]) -> Response:
    """Answer the document of this API, which is read when it is first asked for and kept in `document`."""
    if not document:
        text = (files("simulator.admin") / "openapi.yaml").read_bytes()
        document.append(write_json(yaml.load(text, Loader=yaml.CSafeLoader)))
    return Response(document[0], content_type="application/json")


def _response(told: Told, masker: Masker) -> Response:
    """Write an answer; nothing leaves but through the masker."""
    body = b"" if told.status == 204 else write_json(masker.value(told.value)) + b"\n"
    response = Response(body, told.status, list(told.headers), content_type="application/json")
    if told.status == 204:
        del response.headers["Content-Type"]
    return response


def _problem(simulation: Simulation, error: Exception) -> Response:
    masker = simulation.masker
    problem = problem_of(error, masker.text)
    if problem.status >= 500:
        simulation.note_bug(masker.text(f"{problem.detail} ({type(error).__name__}: {error})"))
    body = write_json(masker.value(problem.as_json())) + b"\n"
    response = Response(body, problem.status, content_type=PROBLEM)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
