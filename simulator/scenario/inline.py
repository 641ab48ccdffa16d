"""A scenario given in Python: by name, by file, as a text of YAML, as a map of words, or loaded already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from simulator.errors import SimulatorError
from simulator.scenario.loading import Check, load_scenario, load_text
from simulator.scenario.schema import Scenario
from simulator.telephony.clock import write_length

GivenScenario = str | Path | Mapping[str, object] | Scenario
INLINE = "scenario given in Python"


def load_inline(given: object, also: Check | None = None) -> Scenario:
    """Return the scenario that is given; raises SimulatorError for what is none.

    A map may leave out `sim`; its lengths may be timedeltas, its moments dates, its money Decimals. Text that
    is more than a name or a path is YAML.
    """
    if isinstance(given, Scenario):
        return given
    if isinstance(given, Mapping):
        text = yaml.safe_dump({"sim": 1, **_plain(given)}, sort_keys=False, allow_unicode=True)
        return load_text(text.encode(), INLINE, also, Path())
    if isinstance(given, str) and ("\n" in given or given.lstrip().startswith(("{", "sim:"))):
        return load_text(given.encode(), INLINE, also, Path())
    if not isinstance(given, str | Path):
        what = f"{type(given).__name__} is no scenario"
        raise SimulatorError(what, "give a name, a path, a text of YAML, or a map of its words")
    return load_scenario(given, also)


def _plain(value: Any) -> Any:
    """Return a value as a scenario file has it."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, timedelta):
        return write_length(value)
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value
