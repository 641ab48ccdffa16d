"""Scenario files for tests."""

from __future__ import annotations

from textwrap import dedent

import pytest

from simulator.errors import BrokenScenario
from simulator.scenario.loading import load_text
from simulator.scenario.schema import Scenario


def scenario_of(text: str) -> Scenario:
    """Load a scenario from text; the version line is added."""
    return load_text(f"sim: 1\n{dedent(text)}".encode(), "mine.yaml")


def refusal_of(text: str) -> list[str]:
    """Return the first line of each finding about a text."""
    with pytest.raises(BrokenScenario) as caught:
        scenario_of(text)
    return [finding.splitlines()[0] for finding in caught.value.findings]
