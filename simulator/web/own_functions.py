"""Error handlers and views of somebody's own, called as Flask does for a request that the gateway has."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from io import BytesIO
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from simulator.errors import note_place
from simulator.exchange import Answer, Request
from simulator.formats.forms import MalformedForm
from simulator.telephony.errors import TelephonyError
from simulator.vendor import Rejection

REFUSALS = (TelephonyError, Rejection, MalformedForm, HTTPException)
"""The errors that refuse a request; any other is a bug."""


class OwnFunctions:
    """Calls what somebody has put into an application in the place of something of a vendor's.

    One that is `aware` takes a RequestContext. Any other runs in a request context of Flask, made of the
    request as it is kept: so it answers alike with hooks and without, now and when inputs are played again.
    """

    def __init__(self, app: Flask, vendor: str) -> None:
        self._app = app
        self._vendor = vendor

    def answer(self, function: Callable[..., Any], request: Request, aware: bool, call: Any) -> Answer:
        """Return as an answer whatever Flask takes for one; `call` is given the function, and calls it.

        What it raises, but for a refusal, has a note of where that was.
        """
        try:
            return self._answer(self._app.ensure_sync(function), request, aware, call)
        except REFUSALS:
            raise
        except Exception as error:
            note_place(error, f"{name_of(function)} of {function.__module__}")
            raise

    def _answer(self, ready: Callable[..., Any], request: Request, aware: bool, call: Any) -> Answer:
        answered: Any = call(ready) if aware else None
        if isinstance(answered, Answer):
            return answered
        with self._app.request_context(_environ_of(request, self._vendor)):
            answered = answered if aware else call(ready)
            return answered if isinstance(answered, Answer) else _answer_of(self._app.make_response(answered))


def takes_context(handler: Any) -> bool:
    """Return whether a handler of errors wants a RequestContext by that name, which Flask has none of."""
    try:
        return "context" in signature(handler).parameters
    except (TypeError, ValueError):  # one that is written in C
        return False


def is_operation(view: Any, variables: dict[str, Any]) -> bool:
    """Return whether a view can be called as operations are, with a RequestContext before its variables."""
    try:
        signature(view).bind(None, **variables)
    except TypeError:
        return False
    except ValueError:  # one that is written in C
        return True
    return True


def name_of(function: Any) -> str:
    """Return what a function is called."""
    return str(getattr(function, "__name__", type(function).__name__))


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
