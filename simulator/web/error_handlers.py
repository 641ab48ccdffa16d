"""Who tells a client of an error: Flask's own registry of error handlers, looked up as Flask does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from inspect import signature
from io import BytesIO
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from simulator.exchange import Answer, Request
from simulator.formats.forms import MalformedForm
from simulator.telephony.errors import TelephonyError
from simulator.vendor import Rejection, RequestContext

REFUSALS = (TelephonyError, Rejection, MalformedForm, HTTPException)
"""The errors that refuse a request; any other is a bug."""

Handler = Callable[..., Any]
Tell = Callable[[Exception, RequestContext], Answer]


class ErrorHandlers:
    """The error handlers that an application has for a vendor: `own` is the vendor's, others are somebody's.

    They are found as in Flask: for a status before those for classes, the blueprint's before the
    application's, the nearest class first. When they are `complete`, since Flask takes no more after the
    first request, each is looked up once.
    """

    complete = False

    def __init__(self, app: Flask, vendor: str, own: Tell) -> None:
        self._app = app
        self._vendor = vendor
        self._own = own
        self._known: dict[type[Exception], Tell] = {}

    def find(self, error: Exception) -> Tell:
        """Return what tells of one of REFUSALS, in a context."""
        if (known := self._known.get(type(error))) is not None:
            return known
        handler = self._look_up(type(error))
        tell = self._own if handler == self._own else partial(self._ask, handler, takes_context(handler))
        if self.complete:
            self._known[type(error)] = tell
        return tell

    def has_others(self) -> bool:
        """Tell whether any is somebody's, of which nobody knows how long it takes."""
        registry: Mapping[str | None, Any] = self._app.error_handler_spec
        maps = [handlers for name in (self._vendor, None) for handlers in registry[name].values()]
        return any(handler != self._own for handlers in maps for handler in handlers.values())

    def _look_up(self, kind: type[Exception]) -> Handler:
        code = kind.code if issubclass(kind, HTTPException) else None
        registry, names = self._app.error_handler_spec, (self._vendor, None)
        maps = [registry[name][status] for status in dict.fromkeys((code, None)) for name in names]
        return next(handlers[above] for handlers in maps for above in kind.__mro__ if above in handlers)

    def _ask(self, handler: Handler, takes: bool, error: Exception, context: RequestContext) -> Answer:
        """Return what a handler answers that is none of the vendor's, whatever Flask takes for an answer.

        One that `takes` a context gets that. Any other runs in a request context, made of the request as it
        is kept: so it answers alike with hooks and without, now and when inputs are played again.
        """
        name, fact = getattr(handler, "__name__", type(handler).__name__), context.fact.partition(" ")[0]
        context.rule = f"handler: {name}" + (f", for {fact}" if fact else "")
        call = self._app.ensure_sync(handler)
        answered: Any = call(error, context=context) if takes else None
        if isinstance(answered, Answer):
            return answered
        with self._app.request_context(_environ_of(context.request, self._vendor)):
            answered = answered if takes else call(error)
            return answered if isinstance(answered, Answer) else _answer_of(self._app.make_response(answered))


def takes_context(handler: Handler) -> bool:
    """Return whether a handler of errors wants a RequestContext by that name, which Flask has none of."""
    try:
        return "context" in signature(handler).parameters
    except (TypeError, ValueError):  # one that is written in C
        return False


def _environ_of(request: Request, vendor: str) -> dict[str, Any]:
    """Return a request as WSGI knows it, by the path at which Flask lists the operation."""
    builder = EnvironBuilder(
        base_url=request.base.removesuffix(f"/{vendor}") or None,
        query_string=request.query,
        method=request.method,
        headers=[pair for pair in request.headers if pair[0] != "Content-Length"],
        input_stream=BytesIO(request.body),
    )
    path = f"/{vendor}{request.path}".encode("utf-8", "surrogateescape").decode("latin-1")
    return {**builder.get_environ(), "PATH_INFO": path, "REMOTE_ADDR": request.remote}


def _answer_of(response: Response) -> Answer:
    """Return a response, whose body may be a stream, as an answer."""
    body = b"".join(response.iter_encoded())
    response.close()
    return Answer(response.status_code, body, tuple(response.headers.items()))
