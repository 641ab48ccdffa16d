from __future__ import annotations

from pathlib import Path

import pytest

from simulator.scenario.lint import lint
from simulator.scenario.loading import list_scenarios, open_scenario

CROWD = """
seed: 1
personas:
  adult:
    first: {answered: 30%, busy: 70%}
    second: {answered: 45%, busy: 55%}
    later: {answered: 25%, busy: 75%}
people: [{numbers: "+447700900***", count: 500, persona: adult}]
"""


def warnings_about(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "mine.yaml"
    path.write_text(f"sim: 1\n{text}\n")
    return [finding.splitlines()[0] for finding in lint(*open_scenario(path))]


@pytest.mark.parametrize("name", list_scenarios())
def test_shipped_scenarios_give_no_warning(name: str) -> None:
    assert lint(*open_scenario(name)) == []


def test_a_band_that_the_shares_cannot_hold_is_warned_of_with_the_sum(tmp_path: Path) -> None:
    bands = "expect: [{calls: {per_number: at most 5}}, {calls: {answered: 88%..99%}}]"
    (warning,) = warnings_about(tmp_path, CROWD + bands)

    assert warning.endswith("88%..99% cannot hold: 5 attempts give 83.8% ± 4.9% (three sigma)")


def test_a_band_that_holds_gives_no_warning(tmp_path: Path) -> None:
    bands = "expect: [{calls: {per_number: at most 5}}, {calls: {answered: 78%..89%}}]"

    assert warnings_about(tmp_path, CROWD + bands) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("personas: {p: {attempts: [busy]}}", "nobody is 'p'"),
        ("admit: anyone", "without `strangers` every number not described is invalid"),
        ("faults: [{where: '*', do: reset, when: from +1h for 0s}]", "`from +1h for 0s` never opens"),
        ("timeline: [{at: +1d, do: outage calo, for: 0s}]", "this is over at once"),
        ("expect: [{calls: {outside: {hours: '09:00-09:00'}}}]", "closes when it opens"),
        ("title: 12:34", "YAML 1.1 tools read 12:34 otherwise"),
    ],
)
def test_what_is_hardly_meant_is_warned_of(text: str, told: str, tmp_path: Path) -> None:
    assert any(told in warning for warning in warnings_about(tmp_path, text))
