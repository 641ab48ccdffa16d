"""Hundreds of typos in the shipped files: what is told of each, and what the JSON Schema alone sees."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema_rs import Draft202012Validator as QuickValidator

from simulator.engine.known_names import everything_known
from simulator.errors import BrokenScenario
from simulator.resources import shipped
from simulator.scenario.building import world_remarks
from simulator.scenario.loading import load_scenario
from tests.scenario.single_edits import Edit, edits, edits_of

KNOWN = everything_known()
VENDORS = {name: KNOWN.operator(name) for name in KNOWN.present}
EVERY = 1 if os.environ.get("CORPUS") == "all" else 5
LEAST = 400


@cache
def corpus() -> list[Edit]:
    return list(edits())[::EVERY]


def findings_on(edit: Edit, folder: Path) -> list[str]:
    """Return what is told of an edited file, which lies where the shipped ones do."""
    file = folder / edit.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(edit.text)
    try:
        load_scenario(file, lambda scenario: world_remarks(scenario, VENDORS, KNOWN))
    except BrokenScenario as error:
        return error.findings
    return []


def line_of(finding: str) -> int:
    return int(finding.splitlines()[0].partition(": ")[0].split(":")[1])


@pytest.mark.thorough
def test_nearly_all_typos_are_refused_and_all_of_those_at_their_line(tmp_path: Path) -> None:
    judged = [(edit, findings_on(edit, tmp_path)) for edit in corpus()]
    unseen = [str(edit) for edit, findings in judged if not findings]
    elsewhere = [
        f"{edit}: {findings[0]}"
        for edit, findings in judged
        if findings and line_of(findings[0]) != edit.line
    ]

    assert len(judged) >= LEAST
    assert len(unseen) <= len(judged) / 100, "\n".join(unseen)
    assert elsewhere == []


def test_the_json_schema_alone_sees_most_typos() -> None:
    written = (shipped("scenarios") / "scenario.schema.json").read_text()
    validator, unseen = QuickValidator(json.loads(written)), []
    for edit in corpus():
        try:
            content = json.loads(json.dumps(yaml.load(edit.text, Loader=yaml.CSafeLoader), default=str))
        except yaml.YAMLError:
            continue
        unseen += [edit] if validator.is_valid(content) else []

    assert len(unseen) <= len(corpus()) / 5


@pytest.mark.parametrize("place", range(0, 400, 40))
def test_two_validators_read_the_schema_alike(place: int) -> None:
    schema = json.loads((shipped("scenarios") / "scenario.schema.json").read_text())
    content = yaml.load(corpus()[place].text, Loader=yaml.CSafeLoader)
    content = json.loads(json.dumps(content, default=str))

    assert Draft202012Validator(schema).is_valid(content) == QuickValidator(schema).is_valid(content)


def test_edits_are_the_same_every_time() -> None:
    text = (shipped("scenarios") / "happy.yaml").read_text()

    assert list(edits_of("happy.yaml", text)) == list(edits_of("happy.yaml", text))


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = """\
sim: 1
titel: Four mistakes of four kinds
accounts:
  shop:
    vendors: [callr]
    profile: {callr: {trail: true, inventory: [{country: F, type: mobil, first: 1}]}}
people: [{number: "+447700900310", persona: nobodi}]
personas: {nobody: {attempts: [answerd]}}
faults: [{where: callr.send_sm, do: reset}]
expect: [{calls: {answered: one}}]
"""
    findings = findings_on(Edit("mine.yaml", 1, "", "", text), tmp_path)

    assert [line_of(finding) for finding in findings] == [2, 6, 6, 6, 6, 7, 8, 9, 10]
