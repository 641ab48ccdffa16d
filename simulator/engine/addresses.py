"""Whom a request is for, by its path, its port and its Host; and the worlds that a first request opens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from simulator.engine.sandbox import Sandbox
from simulator.engine.worlds import Worlds
from simulator.errors import UnknownName
from simulator.exchange import Request
from simulator.vendors import vendor_names
from simulator.web.guard import glimpse, host_of
from simulator.web.signpost import LOCAL_SUFFIX
from simulator.web.vendor_app import VendorApp

StartResponse = Callable[..., Any]
Environ = dict[str, Any]

WORLD_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NAMING = "letters a to z, digits and inner dashes, 63 at most"
"""What a world may be called, so that it can stand in a host name."""


class Target(Struct, frozen=True):
    """Where a request goes: a vendor's name or a part of ours, the world named, and the path below."""

    name: str
    world: str | None
    path: str


class VendorRequest(Struct, frozen=True):
    """A WSGI request to a vendor, not read yet, nor ever where a hook has `raised` an error."""

    app: VendorApp
    target: Target
    environ: Environ
    start_response: StartResponse
    raised: Exception | None = None

    def glimpse(self) -> Request:
        """Return what is known of it without its body."""
        return glimpse(self.environ, self.target.path)


def open_at_first_use(worlds: Worlds, unknown: UnknownName, name: str, by: str) -> Sandbox:
    """Open the world that a first request names, `by` a vendor's client or the control API.

    Raises `unknown`, with what to do, where it cannot be.
    """
    if not WORLD_NAME.fullmatch(name):
        unknown.remedy = f"a world's name is {NAMING}"
        raise unknown
    if not worlds.settings.opens_worlds:
        raise unknown
    if len(worlds) >= (most := worlds.settings.limits.worlds):
        unknown.remedy = f"no more than {most} can be open: close one by DELETE /_simulator/v1/worlds/NAME"
        raise unknown
    return worlds.sandbox(name, f"the first request, to {by}")


PROBES = ("/livez", "/readyz", "/metrics")
"""What monitors ask for at the root, under any name that is no vendor's."""


class Addresses:
    """The addresses that vendors have here: a first part of the path, a port of their own, or their hosts."""

    def __init__(self, vendors: Mapping[str, VendorApp], ports: Mapping[str, int]) -> None:
        self._vendors = vendors
        self.hosts = {host: name for name, app in vendors.items() for host in app.vendor.hosts}
        self._ports = {str(port): name for name, port in ports.items()}
        self._all = frozenset(vendor_names())
        self._only = next(iter(vendors)) if len(vendors) == 1 else None

    def locate(self, environ: Environ, path: str) -> Target:
        """Return whom a request is for: what its path says, then its port, then its Host."""
        world = None
        if path.startswith("/@"):
            world, _, path = path[2:].partition("/")
            path = "/" + path
        first, _, rest = path[1:].partition("/")
        if first == "_simulator":
            return Target("control", world, path)
        own = self._ports.get(environ.get("SERVER_PORT", ""))
        if own or first in self._vendors:
            is_named = first in self._vendors and own in {None, first}
            return Target(own or first, world, "/" + rest if is_named else path)
        host = host_of(environ)
        if vendor := self.hosts.get(host) or self.hosts.get("*." + host.partition(".")[2]):
            return Target(vendor, world, path)
        if path in PROBES:
            return Target("control", world, f"/_simulator{path}")
        local = host.endswith(LOCAL_SUFFIX)
        label, _, name = host.removesuffix(LOCAL_SUFFIX).rpartition(".") if local else ("", "", "")
        named = world or label or None
        if name in self._vendors:
            return Target(name, named, path)
        asks = path != "/" or bool(environ.get("QUERY_STRING"))
        lone = self._only if first not in self._all and asks else None
        return Target(lone or "", named, path)
