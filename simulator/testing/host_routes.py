"""Vendors' real hosts in a test's process: which lead to its world, and which must not be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from simulator.serving.secure import is_vendors
from simulator.web.host_names import is_among

if TYPE_CHECKING:
    import aiohttp
    import urllib3


Tried = Callable[[str, int, str], object]
"""What is told host, port and library of a real vendor that was about to be reached."""

PORTS = {"http": 80, "https": 443}


class RealVendor(ConnectionRefusedError):
    """Somebody was about to reach a real vendor, where nobody stands in for it."""

    def __init__(self, host: str) -> None:
        super().__init__(111, f"{host} is a real vendor's, and nobody stands in for it in this test")


def tell_nobody(_host: str, _port: int, _how: str) -> None:
    """Be told of a real vendor that was tried, and do nothing."""


@dataclass(frozen=True, slots=True)
class HostRoutes:
    """Leads URLs at `hosts` to `root`, a world on a server of this process.

    `tried` is told host, port and library of real vendors that were about to be reached.
    """

    root: str
    hosts: Sequence[str]
    tried: Tried

    def stands_for(self, url: str, library: str) -> bool:
        """Return whether a URL is one of ours; raises RealVendor for one that nobody stands in for."""
        place = urlsplit(url)
        host, port = (place.hostname or "").rstrip("."), place.port or PORTS.get(place.scheme, 0)
        if is_among(host, self.hosts) and port in PORTS.values():
            return True
        if is_vendors(host):
            self.tried(host, port, library)
            raise RealVendor(host)
        return False


def urllib3_pool(routes: HostRoutes) -> urllib3.PoolManager:
    """Return a pool manager of urllib3 that gets here at the vendors' real hosts."""
    library = import_module("urllib3")

    class RoutedPool(library.PoolManager):  # type: ignore[name-defined,misc]
        def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> Any:
            if routes.stands_for(url, "urllib3"):
                place = urlsplit(url)
                given = options.get("headers")
                headers = dict(self.headers if given is None else given)
                options["headers"] = {"Host": place.netloc, **headers}
                url = routes.root + (place._replace(scheme="", netloc="").geturl() or "/")
            return super().urlopen(method, url, redirect, **options)

    pool: urllib3.PoolManager = RoutedPool()
    return pool


def aiohttp_session(routes: HostRoutes, **options: object) -> aiohttp.ClientSession:
    """Return a session of aiohttp that gets here at the vendors' real hosts; to be made in a coroutine."""
    library = import_module("aiohttp")

    async def route(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> Any:
        if routes.stands_for(str(request.url), "aiohttp"):
            url = request.url
            request.url = type(url)(routes.root + url.raw_path_qs, encoded=True)
        return await handler(request)

    given = cast("Iterable[aiohttp.ClientMiddlewareType]", options.pop("middlewares", ()))
    middlewares = (*given, route)
    session: aiohttp.ClientSession = library.ClientSession(middlewares=middlewares, **options)
    return session
