"""What the README shows works: every command, every line of code, every table."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.engine.settings import Settings
from simulator.scenario.loading import load_text
from simulator.scenario.personas import cast_people
from simulator.serving.running import running
from simulator.telephony.people import magic_persona
from simulator.telephony.phone_numbers import E164
from simulator.vendors import vendor_names
from tests.pictures import FOLDER, pictures
from tests.readme import PAGES, README, Step, blocks, steps
from tests.readme import answer as run
from tests.source_tree import ROOT, SCENARIOS

COMMANDS = [*dict.fromkeys(step for step in steps() if not step.command.startswith("make "))]
OTHERS = [page for page in PAGES if page.parent.name != "testing"]
"""Pages whose Python is tried here; that of simulator/testing has tests of its own."""


@pytest.mark.parametrize("step", COMMANDS, ids=[step.command[:50] for step in COMMANDS])
def test_a_command_answers_as_shown_where_there_is_nothing_else(step: Step, tmp_path: Path) -> None:
    """In an empty folder, where the path leads to Python, make, sh and curl alone."""
    with running(Settings(clock="virtual")) as place:
        output = run(step.command, place.root, tmp_path)

    if step.shown and step.command.startswith("curl"):
        assert json.loads(output) == json.loads(step.shown)
    elif step.shown:
        assert output == step.shown
    else:
        assert output


def test_the_first_screen_tells_how_to_install_and_what_it_is_not() -> None:
    first, _, _ = README.read_text().partition("\n## ")

    assert len(first.splitlines()) <= 40
    for words in ("pip install .", "pipx install .", "uvx --from . simulator serve", "What it is not"):
        assert words in first
    assert "It is offline, needs no account, and sends no telemetry." in first


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    text = README.read_text()

    assert len(text.splitlines()) <= 200
    assert [page for page in PAGES[1:] if f"]({page.relative_to(ROOT)}" not in text] == []


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


@pytest.mark.parametrize("code", blocks("python", OTHERS))
def test_the_python_of_the_readme_passes_as_a_test(code: str, tmp_path: Path) -> None:
    (tmp_path / "test_shown.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("text", blocks("yaml"))
def test_a_scenario_that_is_shown_loads(text: str) -> None:
    assert load_text(text.encode(), "README.md").title


def test_the_number_of_the_readme_means_what_the_catalogue_says() -> None:
    shown = {*re.findall(r"44770090\d{4}", "".join([*blocks("python"), *blocks("console")]))}
    happy = cast_people(load_text((SCENARIOS / "happy.yaml").read_bytes(), "happy.yaml"))
    for number in (E164(f"+{digits}") for digits in shown):
        listed, magic = happy.find(number).persona, magic_persona(number)

        assert magic is not None
        assert (listed.attempts, listed.presses) == (magic.attempts, magic.presses)


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [part.split(")")[0] for part in page.read_text().split("](")[1:]]
    broken = [link for link in links if not _leads_somewhere(page, link)]

    assert broken == []


def _leads_somewhere(page: Path, link: str) -> bool:
    """Whether a link leads to a file or folder, and to a heading of its where it names one."""
    path, _, heading = link.partition("#")
    target = page.parent / path if path else page
    headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE) if heading else []
    slugs = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}
    return link.startswith("https://") or (target.exists() and (not heading or heading in slugs))


def test_the_pictures_are_what_a_world_draws_now() -> None:
    drawn = pictures()

    assert {name: (FOLDER / name).read_bytes() for name in drawn} == drawn
    assert all(f"(pictures/{name})" in README.read_text() for name in drawn)
