"""A stand-in for telephony vendors, on a virtual clock; `Simulator` is the public name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.app import Simulator

__version__ = "0.1.0"
__all__ = ["Simulator", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the application only when somebody asks for it, so that `import simulator` stays quick."""
    if name == "Simulator":
        from simulator.app import Simulator  # noqa: PLC0415 - the reason for this function

        return Simulator
    raise AttributeError(f"module 'simulator' has no attribute {name!r}")
