"""A stand-in for telephony vendors, on a virtual clock.

The public names: `world` for a program or a test, `create_app`, `Simulator`, and `Vendor` for who adds one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from simulator.version import VERSION

if TYPE_CHECKING:
    from simulator.app import Simulator, create_app
    from simulator.testing.opening import world
    from simulator.vendor import Vendor

__version__ = VERSION
__all__ = ["Simulator", "Vendor", "__version__", "create_app", "world"]


_MODULES = {
    "Simulator": "simulator.app",
    "create_app": "simulator.app",
    "Vendor": "simulator.vendor",
    "world": "simulator.testing.opening",
}


def __getattr__(name: str) -> Any:
    """Import the application only when somebody asks for it, so that `import simulator` stays quick."""
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'simulator' has no attribute {name!r}")
