"""Who tells a client of an error: Flask's own registry of error handlers, looked up as Flask does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException

from simulator.exchange import Answer
from simulator.vendor import RequestContext
from simulator.web.own_functions import OwnFunctions, name_of, takes_context

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
        self._functions = OwnFunctions(app, vendor)
        self._known: dict[type[Exception], Tell] = {}

    def find(self, error: Exception) -> Tell:
        """Return what tells of one of REFUSALS, in a context."""
        if (known := self._known.get(type(error))) is not None:
            return known
        handler = self._look_up(type(error)) or self._own
        tell = self._own if handler == self._own else partial(self._ask, handler, takes_context(handler))
        if self.complete:
            self._known[type(error)] = tell
        return tell

    def find_others(self, error: Exception) -> Tell | None:
        """Return what somebody has to tell of an error that is none of REFUSALS, or None."""
        handler = self._look_up(type(error))
        return handler and partial(self._ask, handler, takes_context(handler))

    def has_others(self) -> bool:
        """Tell whether any is somebody's, of which nobody knows how long it takes."""
        registry: Mapping[str | None, Any] = self._app.error_handler_spec
        maps = [handlers for name in (self._vendor, None) for handlers in registry[name].values()]
        return any(handler != self._own for handlers in maps for handler in handlers.values())

    def _look_up(self, kind: type[Exception]) -> Handler | None:
        code = kind.code if issubclass(kind, HTTPException) else None
        registry, names = self._app.error_handler_spec, (self._vendor, None)
        maps = [registry[name][status] for status in dict.fromkeys((code, None)) for name in names]
        nearest = (handlers[above] for handlers in maps for above in kind.__mro__ if above in handlers)
        return next(nearest, None)

    def _ask(self, handler: Handler, aware: bool, error: Exception, context: RequestContext) -> Answer:
        """Return what a handler answers that is none of the vendor's, whatever Flask takes for an answer."""
        fact = context.fact.partition(" ")[0]
        context.rule = f"handler: {name_of(handler)}" + (f", for {fact}" if fact else "")
        known = {"context": context} if aware else {}
        return self._functions.answer(handler, context.request, aware, lambda call: call(error, **known))
