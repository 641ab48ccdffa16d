"""The composition root: the one module that knows every part, and the WSGI callable that serves them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from simulator.engine.settings import Settings
from simulator.engine.worlds import Worlds
from simulator.gateway import Environ, Gateway, StartResponse
from simulator.vendors import load_vendor, vendor_names
from simulator.web.vendor_app import VendorApp

if TYPE_CHECKING:
    from simulator.admin.plane import ControlPlane


class Simulator:
    """All vendors and worlds of one process; two simulators share nothing but what contracts say.

    A WSGI callable: what it is asked goes through its gateway.
    """

    def __init__(self, settings: Settings | None = None, **changes: Any) -> None:
        self.settings = replace(settings or Settings(), **changes)
        names = self.settings.vendors or tuple(vendor_names())
        self.vendors = {name: VendorApp(load_vendor(name)) for name in names}
        self.worlds = Worlds(self.settings, self.vendors)
        self.gateway = Gateway(self.worlds, self.control)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request."""
        return self.gateway(environ, start_response)

    def control(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request to the control plane."""
        return self.control_plane(environ, start_response)

    @cached_property
    def control_plane(self) -> ControlPlane:
        """The control plane, built when first asked for: no vendor's answer has to wait for it."""
        from simulator.admin.plane import ControlPlane  # noqa: PLC0415 - and so is Flask imported

        return ControlPlane(self.worlds)

    def close(self) -> None:
        """Wait for callbacks on their way and end the threads that carry them."""
        self.worlds.stop()
