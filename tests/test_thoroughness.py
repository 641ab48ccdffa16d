"""Every test is run by exactly one of `make test` and `make thorough`, and by .ci/run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from tests.conftest import is_left_out
from tests.source_tree import ROOT

RECIPE = r"^{}: .*\n\t\$\(PYTEST\) (.*) \$\(ARGS\)$"


def options_of(target: str) -> list[str]:
    """Return the options with which `make` calls pytest."""
    recipe = re.search(RECIPE.format(target), (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    return shlex.split(recipe[1])


def test_the_two_choose_by_one_mark_and_its_opposite() -> None:
    assert options_of("tests") == ["-m", "not thorough"]
    assert options_of("thorough") == ["-m", "thorough"]


@pytest.mark.thorough
def test_of_what_is_not_even_read_for_everybody_all_is_thorough() -> None:
    unread = [path for path in ROOT.glob("tests/**/test_*.py") if is_left_out(path)]
    paths = [str(path.relative_to(ROOT)) for path in unread]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "not (thorough)", *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert len(paths) > 1
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout


def test_every_change_is_met_by_both() -> None:
    commands = re.findall(r"^make ([a-z]+)", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)

    assert commands[:2] == ["test", "thorough"]
    assert re.search(r"^test: lint types tests$", (ROOT / "Makefile").read_text(), re.MULTILINE)
