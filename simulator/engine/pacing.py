"""How the clock of a world runs: as the settings say, else as its scenario does."""

from __future__ import annotations

from datetime import datetime

from simulator.engine.real_time import PAUSE, IdleTime, RealTime
from simulator.engine.settings import Settings
from simulator.scenario.microsyntax import PACE
from simulator.scenario.schema import Scenario
from simulator.scenario.values import Pace


def pace_of(scenario: Scenario, settings: Settings) -> Pace:
    """Return how the clock of a world of this scenario runs."""
    return PACE.read(settings.clock) if settings.clock else scenario.clock.mode


def timekeeper_of(pace: Pace, scenario: Scenario, settings: Settings, start: datetime) -> RealTime | None:
    """Return what moves a world's time by itself; None where only somebody's hand does."""
    if pace.mode == "idle":
        pause = PAUSE if scenario.clock.pause is None else scenario.clock.pause
        return IdleTime(start, settings.pause or pause)
    return RealTime(start, pace.speed) if pace.mode == "real" else None
