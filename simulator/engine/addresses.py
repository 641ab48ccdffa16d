"""Whom a request is for, by its path, its port and its Host."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.engine.visits import Environ, Target
from simulator.vendors import vendor_names
from simulator.web.guard import host_of
from simulator.web.signpost import LOCAL_SUFFIX
from simulator.web.vendor_app import VendorApp

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
