"""A judge around any WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from itertools import count
from types import TracebackType
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from simulator.conformance.checks import check, operation_of, refusal_in
from simulator.conformance.contract import Contract
from simulator.exchange import Answer, Exchange, Request

_Raised = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class ContractMiddleware:
    """Passes requests through, and gives each exchange, judged, to `on_exchange` before it is answered.

    `now` tells the time that the exchange carries. Answers are held whole in memory.
    """

    def __init__(
        self,
        app: WSGIApplication,
        contract: Contract,
        on_exchange: Callable[[Exchange], None],
        now: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._contract = contract
        self._on_exchange = on_exchange
        self._now = now
        self._numbers = count(1)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the wrapped application does."""
        request = _read_request(environ)
        status, headers, body = _call(self._app, environ)
        self._on_exchange(self._judge(request, Answer(int(status[:3]), body, tuple(headers))))
        start_response(status, headers)
        return [body]

    def _judge(self, request: Request, answer: Answer) -> Exchange:
        exchange = Exchange(
            id=str(next(self._numbers)),
            at=self._now(),
            world="main",
            vendor=self._contract.vendor,
            operation=operation_of(self._contract, request),
            request=request,
            answer=answer,
            refusal=refusal_in(self._contract, request, answer),
        )
        return replace(exchange, violations=tuple(check(self._contract, exchange)))


def _call(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return what the application answers: the status line, the headers and the whole body."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    pieces: list[bytes] = []

    def start(
        status: str, headers: list[tuple[str, str]], _raised: _Raised | None = None
    ) -> Callable[..., Any]:
        started.append((status, headers))
        return pieces.append

    answered = app(environ, start)
    try:
        pieces.extend(answered)
    finally:
        close = getattr(answered, "close", None)
        if close:
            close()
    return (*started[-1], b"".join(pieces))


def _read_request(environ: WSGIEnvironment) -> Request:
    """Return the request, and leave its body in `environ` for the application to read again."""
    length = environ.get("CONTENT_LENGTH") or ""
    body = environ["wsgi.input"].read(int(length)) if length.isascii() and length.isdecimal() else b""
    environ["wsgi.input"] = BytesIO(body)
    headers = [
        (key[5:].replace("_", "-").title(), value) for key, value in environ.items() if key[:5] == "HTTP_"
    ]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", environ["CONTENT_TYPE"]))
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
        query=environ.get("QUERY_STRING", ""),
        headers=tuple(headers),
        body=body,
        remote=environ.get("REMOTE_ADDR", ""),
    )
