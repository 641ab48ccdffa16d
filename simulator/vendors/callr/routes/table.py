"""Where all operations are collected; each file of this package adds its own."""

from __future__ import annotations

from collections.abc import Callable

from simulator.vendor import Handler, Routes

routes = Routes("/v2.0")


def put(path: str, operation: str) -> Callable[[Handler], Handler]:
    """Serve PUT at `path`."""
    return routes.on(("PUT",), path, operation)


def patch(path: str, operation: str) -> Callable[[Handler], Handler]:
    """Serve PATCH at `path`."""
    return routes.on(("PATCH",), path, operation)


def delete(path: str, operation: str) -> Callable[[Handler], Handler]:
    """Serve DELETE at `path`."""
    return routes.on(("DELETE",), path, operation)
