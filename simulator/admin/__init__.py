"""The control plane under /_simulator: clock, worlds, journal, deliveries, faults and people, over HTTP."""

from simulator.admin.plane import build_control
from simulator.admin.simulation import Simulation, WorldStage

__all__ = ["Simulation", "WorldStage", "build_control"]
