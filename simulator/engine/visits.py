"""Requests on their way to a vendor: whom each is for, and the worlds that open because somebody comes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.engine.sandbox import Sandbox
from simulator.engine.worlds import Worlds
from simulator.errors import UnknownName
from simulator.exchange import Request
from simulator.web.guard import glimpse
from simulator.web.vendor_app import VendorApp

StartResponse = Callable[..., Any]
Environ = dict[str, Any]

WORLD_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NAMING = "letters a to z, digits and inner dashes, 63 at most"
"""What a world may be called, so that it can stand in a host name."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: a vendor's name or a part of ours, the world named, and the path below."""

    name: str
    world: str | None
    path: str


@dataclass(frozen=True, slots=True)
class VendorRequest:
    """A WSGI request to a vendor, not read yet."""

    app: VendorApp
    target: Target
    environ: Environ
    start_response: StartResponse

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
        unknown.remedy = f"{most} worlds are open: close one by DELETE /_simulator/v1/worlds/NAME"
        raise unknown
    return worlds.sandbox(name, f"the first request, to {by}")


def remark_on(sandbox: Sandbox, exchange: str) -> str:
    """Return what the answer to the first request of a world has to say that nobody else opened."""
    is_first = sandbox.opened_by and exchange == f"{sandbox.world.name}-1"
    return f"world: {sandbox.world.name} is new, this request opened it" if is_first else ""
