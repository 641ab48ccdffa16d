"""A vendor's own Flask application: its routes, and one place where refusals get its words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from simulator.exchange import Answer, Request
from simulator.formats.forms import Form, MalformedForm
from simulator.telephony.accounts import Account
from simulator.telephony.errors import TelephonyError, TooManyRequests
from simulator.telephony.world import World
from simulator.vendor import CustomerVisit, MissingSlash, NothingSelected, Rejection, Route, Vendor, Visit

ARRIVAL = "simulator.arrival"

View = Callable[..., Response]


@dataclass(slots=True)
class Arrival:
    """One request on its way through a vendor's application, and what is found out about it there."""

    world: World
    request: Request
    form: Form | MalformedForm
    account: Account | None = None
    rule: str | None = None


class VendorApp:
    """A vendor ready to answer; holds no world, so one serves all of them."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self._flask = _build(vendor)

    @property
    def name(self) -> str:
        """The vendor's name."""
        return self.vendor.name

    def answer(self, arrival: Arrival) -> Answer:
        """Answer one request; what the vendor refuses is noted in `arrival.rule`.

        An exception that is no refusal passes through: it is a bug of ours, and the caller's to report.
        """
        asked = arrival.request
        environ: dict[str, Any] = {
            "REQUEST_METHOD": asked.method,
            "PATH_INFO": self.vendor.rewrite(asked.path).encode().decode("latin-1"),
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "SERVER_NAME": "vendor",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            ARRIVAL: arrival,
        }
        with self._flask.request_context(environ):
            response = self._flask.full_dispatch_request()
        return Answer(response.status_code, response.get_data(), tuple(response.headers.items()))

    def refuse(self, error: Exception, asked: Request, account: Account | None = None) -> Answer:
        """Put an error into the vendor's words."""
        return self.vendor.refuse(error, asked, account)


def _build(vendor: Vendor) -> Flask:
    app = Flask(f"simulator.vendors.{vendor.name}", static_folder=None)
    app.url_map.merge_slashes = False
    app.before_request(_check_arrival)
    for route in vendor.routes.entries:
        if not route.select:
            name = f"{route.operation} {route.verbs[0]} {route.path}"
            _serve(app, route.path, name, route.verbs, _view(vendor, route))
    shared = [route for route in vendor.routes.entries if route.select]
    for path in dict.fromkeys(route.path for route in shared):
        here = tuple(route for route in shared if route.path == path)
        verbs = tuple(dict.fromkeys(verb for route in here for verb in route.verbs))
        _serve(app, path, f"several {path}", verbs, _selecting_view(vendor, here))

    def refuse(error: Exception) -> Response:
        arrival = _arrival()
        arrival.rule = _rule_of(error)
        if isinstance(error, NotFound) and isinstance(request.routing_exception, RequestRedirect):
            error = MissingSlash() if vendor.routes.append_slash else error
        return _response(vendor.refuse(error, arrival.request, _spoken_to(vendor, arrival)))

    for kind in (TelephonyError, Rejection, MalformedForm, HTTPException):
        app.register_error_handler(kind, refuse)
    return app


def _serve(app: Flask, path: str, name: str, verbs: tuple[str, ...], view: View) -> None:
    app.add_url_rule(
        path, endpoint=name, view_func=view, methods=list(verbs), provide_automatic_options=False
    )


def _arrival() -> Arrival:
    arrival: Arrival = request.environ[ARRIVAL]
    return arrival


def _spoken_to(vendor: Vendor, arrival: Arrival) -> Account | None:
    """Return whom a refusal is told to: the account behind the key, else a nobody as the world has it."""
    if arrival.account is not None:
        return arrival.account
    world = arrival.world
    with suppress(TelephonyError, Rejection):
        form = arrival.form if isinstance(arrival.form, Form) else Form()
        if account := world.accounts.get((vendor.name, vendor.credential(arrival.request, form))):
            return account
    profile = world.rules.profiles.get(vendor.name)
    return Account("nobody", vendor.name, "", world.clock.now, profile=profile) if profile else None


def _check_arrival() -> None:
    """Stop what cannot be routed: Werkzeug would redirect in words that are not the vendor's."""
    if isinstance(request.routing_exception, RequestRedirect):
        raise NotFound
    form = _arrival().form
    if isinstance(form, MalformedForm):
        raise form


def _selecting_view(vendor: Vendor, routes: tuple[Route, ...]) -> View:
    """Return a view for several routes at one path; only whoever is let in learns that none is selected."""
    particular = sorted(routes, key=lambda route: -len(route.select))
    views = [(route, _view(vendor, route)) for route in particular]

    def view(**variables: Any) -> Response:
        arrival = _arrival()
        assert isinstance(arrival.form, Form)  # noqa: S101 - _check_arrival has seen to it
        verb = "GET" if request.method == "HEAD" else request.method
        found = [(route, answer) for route, answer in views if route.selected_by(arrival.form)]
        for route, answer in found:
            if verb in route.verbs:
                return answer(**variables)
        credential = vendor.credential(arrival.request, arrival.form)
        arrival.account = arrival.world.admit(vendor.name, credential)
        if found:
            raise MethodNotAllowed(found[0][0].verbs)
        raise NothingSelected

    return view


def _view(vendor: Vendor, route: Route) -> View:
    where = f"{vendor.name}.{route.operation}"

    def view(**variables: Any) -> Response:
        arrival = _arrival()
        world, asked, form = arrival.world, arrival.request, arrival.form
        assert isinstance(form, Form)  # noqa: S101 - _check_arrival has seen to it
        if route.public:
            return _response(route.handler(Visit(world, asked, form), **variables))
        credential = vendor.credential(asked, form)
        facts = {field.name: field.value for field in form.fields} | variables | {"key": credential}
        world.limits.ask(where, facts, world.clock.now)
        account = arrival.account = world.admit(vendor.name, credential)
        account.reached_at = asked.base
        return _response(route.handler(CustomerVisit(world, asked, form, account), **variables))

    return view


def _rule_of(error: Exception) -> str:
    """Name what refused a request, for the marker header."""
    if isinstance(error, TooManyRequests):
        return f"limit: {error.limit}"
    told = error.rule if isinstance(error, Rejection) else ""
    return f"refusal: {told or type(error).__name__}"


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    del response.headers["Content-Type"]
    response.headers.extend(list(answer.headers))
    return response
