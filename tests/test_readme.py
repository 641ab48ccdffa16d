"""What the README shows works: every command, every line of code, every table."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.engine.settings import Settings
from simulator.scenario.loading import load_text
from simulator.scenario.personas import cast_people
from simulator.serving.check_command import running
from simulator.telephony.magic_numbers import magic_persona
from simulator.telephony.phone_numbers import E164
from simulator.vendors import vendor_names
from tests.pictures import FOLDER, pictures
from tests.readme import README, blocks, refreshed, steps
from tests.readme import answer as run
from tests.source_tree import ROOT, SCENARIOS

COMMANDS = [step for step in steps() if not step.command.startswith("make ")]


@pytest.mark.parametrize("step", COMMANDS, ids=[step.command[:50] for step in COMMANDS])
def test_a_command_of_the_readme_answers_as_shown(step: tuple[str, str]) -> None:
    command, shown = step
    with running(Settings(clock="virtual")) as place:
        told = run(command, place.root, os.environ)

    if shown and command.startswith("curl"):
        assert json.loads(told).keys() == json.loads(shown).keys()
    elif shown:
        assert told == shown
    else:
        assert told


def test_the_answers_shown_are_those_of_today() -> None:
    assert README.read_text() == refreshed()


def test_every_vendor_stands_in_the_table() -> None:
    table = next(step.shown for step in steps() if step.command == "simulator vendors")

    assert [line.split()[0] for line in table.splitlines()] == vendor_names()


def test_make_knows_every_target_that_the_readme_names() -> None:
    targets = {step.command.split()[1] for step in steps() if step.command.startswith("make ")}
    makefile = (ROOT / "Makefile").read_text()

    assert targets == {"serve", "test"}
    assert all(f"\n{target}:" in makefile for target in targets)


def test_the_first_command_stands_before_the_fold() -> None:
    lines = README.read_text().splitlines()

    assert lines.index("$ make serve") < 15


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_of_the_readme_passes_as_a_test(code: str, tmp_path: Path) -> None:
    (tmp_path / "test_shown.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("text", blocks("yaml"))
def test_the_scenario_of_the_readme_loads(text: str) -> None:
    assert load_text(text.encode(), "README.md").title


def test_the_number_of_the_readme_means_what_the_catalogue_says() -> None:
    shown = {*re.findall(r"44770090\d{4}", "".join([*blocks("python"), *blocks("console")]))}
    (number,) = (E164(f"+{digits}") for digits in shown)
    happy = load_text((SCENARIOS / "happy.yaml").read_bytes(), "happy.yaml")
    listed = cast_people(happy).find(number).persona
    magic = magic_persona(number)

    assert magic is not None
    assert (listed.attempts, listed.presses) == (magic.attempts, magic.presses)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = [part.split(")")[0] for part in README.read_text().split("](")[1:]]

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_pictures_are_what_a_world_draws_now() -> None:
    drawn = pictures()

    assert {name: (FOLDER / name).read_bytes() for name in drawn} == drawn
    assert all(f"(pictures/{name})" in README.read_text() for name in drawn)
