"""A stand-in for telephony vendors, on a virtual clock.

The public names: `world` for a program or a test, which opens a `World`; `create_app`, `Simulator`, and
`Vendor` for who adds one.
"""

from __future__ import annotations

from importlib import import_module

from simulator.version import VERSION

TYPE_CHECKING = False
"""What type checkers take for true; `typing`, which has it, takes longer to import than all of this."""

if TYPE_CHECKING:
    from simulator.app import Simulator, create_app
    from simulator.testing.opening import OpenWorld as World
    from simulator.testing.opening import world
    from simulator.vendor import Vendor

__version__ = VERSION
__all__ = ["Simulator", "Vendor", "World", "__version__", "create_app", "world"]


_MODULES = {
    "Simulator": "simulator.app",
    "create_app": "simulator.app",
    "Vendor": "simulator.vendor",
    "World": "simulator.testing.opening:OpenWorld",
    "world": "simulator.testing.opening",
}


if not TYPE_CHECKING:  # for whom a name that there is not would be anything

    def __getattr__(name):
        """Import the application only when somebody asks for it, so that `import simulator` stays quick."""
        if name in _MODULES:
            module, _, other = _MODULES[name].partition(":")
            return getattr(import_module(module), other or name)
        known = ", ".join(__all__)
        raise AttributeError(f"module 'simulator' has no attribute {name!r}; known: {known}")
