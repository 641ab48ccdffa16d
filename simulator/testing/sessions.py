"""Sessions of libraries that need a socket: they ask the vendors' real URLs and reach the tests' server.

What they ask is sent to this process's own server, under the name that was asked for; so waits, resets and
half answers are those of the network.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from simulator.testing.host_routes import HostRoutes

if TYPE_CHECKING:
    import aiohttp
    import urllib3


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
                url = routes.here(place._replace(scheme="", netloc="").geturl() or "/")
            return super().urlopen(method, url, redirect, **options)

    pool: urllib3.PoolManager = RoutedPool()
    return pool


def aiohttp_session(routes: HostRoutes, **options: object) -> aiohttp.ClientSession:
    """Return a session of aiohttp that gets here at the vendors' real hosts; to be made in a coroutine."""
    library = import_module("aiohttp")

    async def route(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> Any:
        if routes.stands_for(str(request.url), "aiohttp"):
            url = request.url
            request.url = type(url)(routes.here(url.raw_path_qs), encoded=True)
        return await handler(request)

    given = cast("Iterable[aiohttp.ClientMiddlewareType]", options.pop("middlewares", ()))
    middlewares = (*given, route)
    session: aiohttp.ClientSession = library.ClientSession(middlewares=middlewares, **options)
    return session
