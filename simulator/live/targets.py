"""A real vendor, or what stands for one: the one address that is asked, politely and within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Event, Lock
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec.structs import replace

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract, match
from simulator.conformance.examples import plain_name
from simulator.engine.real_time import host_now, host_seconds
from simulator.errors import SimulatorError
from simulator.exchange import Answer, Exchange, Request
from simulator.formats.forms import MalformedForm, read_form
from simulator.web.known_secrets import HIDDEN

LARGEST_ANSWER = 4_000_000
CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
SAFE = "/:@!$&'()*+,;=~-._"
PER_CONNECTION = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "content-length",
        "accept-encoding",
        "content-encoding",
    }
)
SHORTEST_SECRET = 6
"""Letters: what is shorter is an id or a word that may stand anywhere."""

Ask = Callable[[Request], Answer]


class UnreachableTarget(SimulatorError):
    """The given address cannot be asked, or did not answer."""


class Target:
    """The root of one vendor at `url`, which alone is asked: redirects are answers, proxies are not used.

    It gets at most so many requests `per_second`, where that is said; none is sent before its time.
    """

    def __init__(self, url: str, per_second: float | None = None) -> None:
        from urllib3 import PoolManager, Timeout  # noqa: PLC0415

        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            example = "such as https://api.example.com"
            raise UnreachableTarget(
                f"--target: {url!r} is not the root of a vendor", f"give an address {example}"
            )
        self.url = url.rstrip("/")
        self._seconds = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = Lock()
        self._pool = PoolManager(retries=False, timeout=Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS))

    def __call__(self, request: Request) -> Answer:
        """Send a request when it is time, and return the answer; raises UnreachableTarget."""
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        self._wait()
        address = f"{self.url}{quote(request.path, safe=SAFE)}{'?' if request.query else ''}{request.query}"
        headers = {name: value for name, value in request.headers if name.lower() not in PER_CONNECTION}
        try:
            answer = self._pool.request(
                request.method,
                address,
                body=request.body or None,
                headers={**headers, "Accept-Encoding": "identity"},
                preload_content=False,
                redirect=False,
            )
            body = answer.read(LARGEST_ANSWER + 1)
        except (HTTPError, ValueError, UnicodeError) as error:
            what = f"{self.url} did not answer {request.method} {request.path}: {type(error).__name__}"
            raise UnreachableTarget(what, "is the address right, and may this machine reach it?") from None
        finally:
            self._pool.clear()
        if len(body) > LARGEST_ANSWER:
            what = f"{self.url} answered {request.method} {request.path} with more than 4 MB"
            raise UnreachableTarget(what, "ask for less of it")
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in PER_CONNECTION]
        return Answer(answer.status, body, tuple(kept))

    def _wait(self) -> None:
        with self._lock:
            now = host_seconds()
            due = max(now, self._next)
            self._next = due + self._seconds
        Event().wait(due - now)


def hide(text: str, secrets: Mapping[str, Any]) -> str:
    """Return a text without the values of secrets, also where they are percent-encoded."""
    values = [str(value) for value in secrets.values() if len(str(value)) >= SHORTEST_SECRET]
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, HIDDEN).replace(quote(value, safe=""), HIDDEN)
    return text


def plain_values(answer: Any, most: int) -> Iterator[tuple[str, str | int]]:
    """Yield the plain values of an answer by their names, however deep; of lists the first few entries."""
    for entry in answer[:most] if isinstance(answer, list) else ():
        yield from plain_values(entry, most)
    for name, value in answer.items() if isinstance(answer, dict) else ():
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield name, value
        else:
            yield from plain_values(value, most)


def key_headers(contract: Contract, known: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers by which one gets in, as the document has them, with what is known."""
    schemes = contract.document.get("components", {}).get("securitySchemes", {}).values()
    names = [
        scheme["name"] for scheme in schemes if (scheme["type"], scheme.get("in")) == ("apiKey", "header")
    ]
    by_name = {plain_name(name): str(value) for name, value in known.items()}
    return {name: by_name[plain_name(name)] for name in names if plain_name(name) in by_name}


def operation_of(contract: Contract, request: Request) -> str | None:
    """Return the operation that a request asks for, or None."""
    try:
        fields = read_form(request.query, request.content_type, request.body).values
    except MalformedForm:
        fields = {}
    variant = match(contract, request.method, request.path, fields)
    return variant.operation if variant else None


def judged(contract: Contract, request: Request, answer: Answer, number: int = 1) -> Exchange:
    """Return what was asked of a vendor and answered, with what of it is not as the contract says."""
    exchange = Exchange(
        id=f"{contract.vendor}-{number}",
        at=host_now(),
        world="live",
        vendor=contract.vendor,
        operation=operation_of(contract, request),
        request=request,
        answer=answer,
    )
    return replace(exchange, violations=tuple(check(contract, exchange)))
