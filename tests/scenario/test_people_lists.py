"""People from a CSV file beside a scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator
from simulator.errors import BrokenScenario, SimulatorError
from simulator.scenario.loading import load_scenario, load_text
from simulator.scenario.personas import cast_people
from simulator.scenario.schema import Scenario
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164

SCENARIO = """\
sim: 1
people:
  - {number: "+447700900300", persona: town}
  - {file: customers.csv%s}
  - {number: "+447700900399", persona: town}
personas: {town: {attempts: [answered]}}
"""
ANN, BEN = E164("+447700900310"), E164("+447700900311")


def loaded(folder: Path, rows: str, beside: str = ", persona: town") -> Scenario:
    (folder / "customers.csv").write_text(rows, "utf-8")
    (folder / "mine.yaml").write_text(SCENARIO % beside)
    return load_scenario(folder / "mine.yaml")


def refused(folder: Path, rows: str, beside: str = ", persona: town") -> list[str]:
    with pytest.raises(BrokenScenario) as caught:
        loaded(folder, rows, beside)
    return [finding.splitlines()[0].replace(f"{folder}/", "") for finding in caught.value.findings]


@pytest.mark.parametrize("separator", [",", ";"])
def test_each_row_is_somebody_and_what_it_leaves_open_stands_beside_the_file(
    tmp_path: Path, separator: str
) -> None:
    rows = "\ufeffnumber,attempts,zone\n+447700900310,,Europe/Paris\n\n+447700900311,busy answered,\n"
    scenario = loaded(tmp_path, rows.replace(",", separator), ", persona: town, zone: Europe/London")
    people = cast_people(scenario)

    assert [person.number for person in scenario.people][::3] == ["+447700900300", "+447700900399"]
    assert (people.find(ANN).persona.name, people.find(ANN).zone) == ("town", "Europe/Paris")
    assert people.find(BEN).persona.attempts == (Disposition.BUSY, Disposition.ANSWERED)
    assert people.find(BEN).zone == "Europe/London"


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ("number,persna\n+447700900310,town", "customers.csv:1:8: unknown column 'persna'; did you mean"),
        (
            "number\tpersona\n+447700900310\ttown",
            "customers.csv:1:1: a tab; cells are separated by commas or",
        ),
        (
            'number,attempts\n+447700900310,"busy, answered"',
            "customers.csv:2:16: a blank separates them: busy answered",
        ),
        ("persona\ntown", "customers.csv:1:1: there is no column `number`"),
        ("number,number\n1,2", "customers.csv:1:8: a second column 'number'"),
        ("number\n+447700900310,town", "customers.csv:2:1: 2 cells under 1 column"),
        ('number,zone\n"+447700900310,UTC', "customers.csv:2:1: a quote that nothing closes on its line"),
        ("number\n", "mine.yaml:4:12: customers.csv has no rows below its header"),
        ("number\n447700900310", "customers.csv:2:1: '447700900310' is not a phone number"),
        ("number,persona\n+447700900310,twon", "customers.csv:2:15: unknown persona 'twon'; did you mean"),
        ("number,attempts\n+447700900310,bussy", "customers.csv:2:15: 'bussy' is not a word that fits here"),
        ("number\n+447700900310\n+447700900310", "customers.csv:3:1: +447700900310 is entry 2 of `people`"),
        ("number\n\ufffd", "customers.csv:2:1: not UTF-8"),
    ],
)
def test_what_is_wrong_in_a_list_is_told_at_its_line(tmp_path: Path, rows: str, wrong: str) -> None:
    assert wrong in refused(tmp_path, rows)[0]


@pytest.mark.parametrize(
    ("beside", "wrong"),
    [
        (", persna: town", "mine.yaml:4:27: unknown word 'persna'; did you mean 'persona'?"),
        (', persona: town, number: "+447700900301"', "mine.yaml:4:6: beside `file` stand `persona`"),
        ("", "customers.csv:2:1: say how they answer"),
    ],
)
def test_what_is_wrong_beside_a_file_is_told_in_the_scenario(tmp_path: Path, beside: str, wrong: str) -> None:
    assert wrong in refused(tmp_path, "number\n+447700900310", beside)[0]


@pytest.mark.parametrize("name", ["nobody.csv", "../customers.csv", "/etc/passwd", "customers.yaml"])
def test_only_a_list_beside_the_scenario_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "mine.yaml").write_text(SCENARIO.replace("customers.csv%s", f"{name}, persona: town"))

    with pytest.raises(BrokenScenario, match=r"no file '.*' beside this one"):
        load_scenario(tmp_path / "mine.yaml")


def test_text_from_elsewhere_reads_shipped_lists_only_and_a_test_those_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.csv").write_text(f"number\n{ANN}")
    monkeypatch.chdir(tmp_path)
    words = {"people": [{"file": "mine.csv", "attempts": ["busy"]}]}

    assert len(load_text((SCENARIO % ", persona: town").encode(), "it.yaml").people) > 2
    with pytest.raises(BrokenScenario, match="no file"):
        load_text(SCENARIO.replace("customers.csv%s", "mine.csv, persona: town").encode(), "it.yaml")
    with simulator.world({"extends": "happy", **words}, strict=False) as world:
        assert world.people[ANN].next("answered").persona.attempts == (Disposition.BUSY,)
    with (
        pytest.raises(SimulatorError, match=r"no file 'yours\.csv'"),
        simulator.world({"people": [{"file": "yours.csv", "attempts": ["busy"]}]}),
    ):
        pass
