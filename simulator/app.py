"""The composition root: the one module that knows every part, and the Flask application that serves them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from flask.signals import request_finished, request_started, request_tearing_down
from werkzeug.exceptions import NotFound

from simulator.admin.plane import ControlPlane
from simulator.engine.addresses import Environ, StartResponse
from simulator.engine.gateway import Gateway
from simulator.engine.settings import Settings, change_settings
from simulator.engine.worlds import Worlds
from simulator.vendor import HOOKS
from simulator.vendors import load_vendor, vendor_names
from simulator.web.flask_side import KeptInput, LateMap, LateRule, OwnViews
from simulator.web.handover import AS_LONG_AS_IT_TAKES, MAY_WAIT, ON_LOOP, WouldWait
from simulator.web.own_functions import REFUSALS, takes_context
from simulator.web.vendor_app import VendorApp

if TYPE_CHECKING:
    from flask.testing import FlaskClient

_AS_IT_CAME = "simulator.environ"
"""The environ of a request before its path was spelt as Flask routes it, with a body that is kept."""

_TO_NOBODY = "simulator.to_nobody"
"""Whether a request has a path at which no vendor answers, nor anything else of ours."""

_KEPT_CONTEXT = "werkzeug.debug.preserve_context"
"""Where in an environ Flask's test client asks for the contexts of its request, in a `with` block."""


class Simulator(Flask):
    """All vendors and worlds of one process; two simulators share nothing but what contracts say.

    A Flask application with a blueprint for each vendor, whose endpoints are operations, and one for the
    control plane. What is asked of a vendor goes through `gateway`, since the path alone does not tell the
    vendor and the world; Flask's own hooks are run around that where there are any. Who tells of errors
    stands in Flask's own registry.
    """

    url_map: LateMap
    url_map_class = LateMap
    url_rule_class = LateRule
    _has_hooks = _has_views = _takes_time = _tells_who_is_lost = False

    def __init__(self, settings: Settings | None = None, **changes: Any) -> None:
        super().__init__("simulator", static_folder=None)
        self.settings = change_settings(settings or Settings(), changes)
        names = self.settings.vendors or tuple(vendor_names())
        self.vendors = {name: VendorApp(load_vendor(name), self) for name in names}
        self.worlds = Worlds(self.settings, self.vendors)
        self.control = ControlPlane(self.worlds, self)
        self.gateway = Gateway(self.worlds, self.control)
        self._own_views = OwnViews(self)
        self.url_map.late = False

    def wsgi_app(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request; without hooks, which nearly nobody has, Flask's contexts are left out."""
        if not self._got_first_request:
            self._begin()
        if self._takes_time and environ.get(MAY_WAIT) == ON_LOOP:
            raise WouldWait  # for error handlers and operations of somebody's own
        is_watched = self._is_watched(environ)
        if not (is_watched or self._has_views or self._tells_who_is_lost):
            return self.gateway(environ, start_response)
        path = self.gateway.routed_path(environ)
        is_own = path is not None and self._has_views and self._own_views.answer(environ, path)
        is_lost = path == "" and self._tells_who_is_lost and self.gateway.leads_nowhere(environ)
        if not (is_own or is_lost or (is_watched and path is not None)):
            return self.gateway(environ, start_response)
        if environ.get(MAY_WAIT, AS_LONG_AS_IT_TAKES) != AS_LONG_AS_IT_TAKES:
            raise WouldWait  # for hooks and views: nobody knows how long they take, and they run but once
        if not (is_own or is_lost):
            came = {**environ, "wsgi.input": KeptInput(environ["wsgi.input"])}
            environ = {**came, "PATH_INFO": path or environ["PATH_INFO"], _AS_IT_CAME: came}
            environ[_TO_NOBODY] = not path
        answer: Iterable[bytes] = super().wsgi_app(environ, start_response)
        return answer

    def dispatch_request(self) -> Any:
        """Answer the request of the context: a vendor's by the gateway, all others as Flask does."""
        if (environ := self._asked()) is None:
            return super().dispatch_request()
        environ["wsgi.input"].seek(0)
        return lambda _routed, start_response: self.gateway(environ, start_response)

    def _asked(self) -> Environ | None:
        """Return the environ of the context's request as it came, if that is for a vendor; else None."""
        routed = request.environ
        return routed.get(_AS_IT_CAME) or (routed if request.blueprint in self.vendors else None)

    def test_client(self, use_cookies: bool = True, **options: Any) -> FlaskClient:
        """Return a test client, which takes answers whole unless another class is set."""
        if self.test_client_class is None:
            from simulator.web.whole_answers import WholeAnswers  # noqa: PLC0415 - see the module's docstring

            self.test_client_class = WholeAnswers
        return super().test_client(use_cookies, **options)

    def process_response(self, response: Response) -> Response:
        """Run what hooks do to a response; one that they replace or break has left all the same."""
        try:
            processed = super().process_response(response)
        except BaseException:
            response.close()
            raise
        if processed is not response:
            processed.call_on_close(response.close)
        return processed

    def _find_error_handler(self, *raised: Any) -> Any:
        """Return what tells of an error, as Flask finds it; in a hook before a vendor's answer, that vendor.

        Somebody's own handler is called by Flask itself, unless it asks for what only the gateway knows.
        """
        handler, environ = super()._find_error_handler(*raised), self._asked()
        if request.environ.get(_TO_NOBODY):
            return None if takes_context(handler) else handler
        is_ours = takes_context(handler) if handler is not None else isinstance(raised[0], REFUSALS)
        if environ is None or not is_ours:
            return handler
        return lambda error: lambda _routed, start_response: self.gateway(environ, start_response, error)

    def _begin(self) -> None:
        """Take no more hooks, views and handlers, as in Flask from the first request on."""
        kept = [hooks for name in HOOKS.values() for hooks in getattr(self, name).values()]
        self._has_hooks = any(kept) or bool(self.teardown_appcontext_funcs)
        self._has_views = bool(self._own_views)
        maps = [self.error_handler_spec[None][status] for status in (NotFound.code, None)]
        handlers = [handlers[kind] for handlers in maps for kind in NotFound.__mro__ if kind in handlers]
        self._tells_who_is_lost = bool(handlers) and not takes_context(handlers[0])
        if (most := self.config["MAX_CONTENT_LENGTH"]) is not None:
            self.gateway.take_at_most(most)
        begun = [app.begin() for app in self.vendors.values()]
        self._takes_time = any(begun)
        self._got_first_request = True

    def _is_watched(self, environ: Environ) -> bool:
        """Tell whether anybody looks at a request: hooks, signals, or a test that goes on in its context."""
        return bool(
            self._has_hooks
            or request_started.receivers
            or request_finished.receivers
            or request_tearing_down.receivers
            or _KEPT_CONTEXT in environ
        )

    def close(self) -> None:
        """Wait for callbacks on their way and end the threads that carry them."""
        self.worlds.stop()


def create_app(**settings: Any) -> Simulator:
    """Return an application, for `flask --app simulator`, a WSGI server, or to be mounted in one's own.

    `settings` are those of `simulator.engine.settings.Settings`. Raises SimulatorError for one that there is
    none of, or of another type, and what opening the scenario raises.
    """
    return Simulator(**settings)
