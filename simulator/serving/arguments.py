"""What a simulator is asked to be, checked before a socket is bound."""

from __future__ import annotations

import os
from pathlib import Path

from simulator.conformance.contract import load_contract
from simulator.engine.known_names import known_to
from simulator.engine.settings import Settings, scenario_of
from simulator.errors import SimulatorError
from simulator.scenario.building import world_remarks
from simulator.scenario.schema import Scenario
from simulator.vendors import load_vendor, vendor_names


def names_of(settings: Settings) -> tuple[str, ...]:
    """Return the vendors that a simulator with these settings stands for."""
    return settings.vendors or tuple(vendor_names())


def load_asked(settings: Settings) -> Scenario:
    """Return the scenario that settings name, as their vendors can play it; raises SimulatorError."""
    operators = {name: load_vendor(name) for name in names_of(settings)}
    known = known_to(tuple(operators), load_contract)
    return scenario_of(settings, lambda scenario: world_remarks(scenario, operators, known))


def check_arguments(settings: Settings, ready_file: Path | None) -> None:
    """Raise SimulatorError for what `serve` could not do: its vendors, its scenario, its files."""
    load_asked(settings)
    if ready_file is not None:
        _check_folder(ready_file, "the ready file")
    if settings.state is not None and "://" not in str(settings.state):
        _check_folder(Path(settings.state), "the state file")


def _check_folder(file: Path, what: str) -> None:
    folder = file.resolve().parent
    if not os.access(folder, os.W_OK | os.X_OK):
        reason = f"{folder} may not be written" if folder.is_dir() else "its folder is not there"
        raise SimulatorError(f"{what} {file} cannot be: {reason}", "name a file in a folder that is yours")
