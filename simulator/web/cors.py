"""Browsers of other origins that ask a vendor: a setting of ours lets their pages in.

Which pages may ask at all is decided before: see `host_names`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from simulator.exchange import Answer

Cors = Literal["vendor", "open"]
"""Whether browsers are answered as the vendor answers them, or let in."""

SHOWN = "X-Simulator-Exchange, X-Simulator-Rule, X-Simulator-Violations, Retry-After"
ORIGIN = "Access-Control-Allow-Origin"
ECHOED = {
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "Access-Control-Allow-Methods",
    "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "Access-Control-Allow-Headers",
    "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK": "Access-Control-Allow-Private-Network",
}


def preflight(environ: Mapping[str, Any]) -> Answer | None:
    """Return the answer to a browser that asks whether a page may ask; None for any other request."""
    if environ["REQUEST_METHOD"] != "OPTIONS" or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ:
        return None
    granted = [(granted, environ[asked]) for asked, granted in ECHOED.items() if asked in environ]
    return Answer(204, b"", (*granted, ("Access-Control-Max-Age", "60")))


def letting_in(start_response: Callable[..., Any], origin: str) -> Callable[..., Any]:
    """Return a `start_response` whose answers a page of the origin may read."""

    def start(status: str, headers: Iterable[tuple[str, str]], *more: Any) -> Any:
        own = [pair for pair in headers if pair[0].lower() != ORIGIN.lower()]
        ours = [(ORIGIN, origin), ("Vary", "Origin"), ("Access-Control-Expose-Headers", SHOWN)]
        return start_response(status, [*own, *ours], *more)

    return start
