"""Every test is run by exactly one of `make test` and `make thorough`, and by .ci/run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from tests.source_tree import ROOT

RECIPE = r"^{}: .*\n\t\$\(PYTEST\) (.*) \$\(ARGS\)$"


def options_of(target: str) -> list[str]:
    """Return the options with which `make` calls pytest."""
    recipe = re.search(RECIPE.format(target), (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    return shlex.split(recipe[1])


def collected(*options: str) -> list[str]:
    """Return the names of the tests that pytest would run."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(line for line in done.stdout.splitlines() if "::" in line)


@pytest.mark.thorough
def test_every_test_is_in_exactly_one_of_the_two() -> None:
    both = collected(*options_of("tests")) + collected(*options_of("thorough"))

    assert sorted(both) == collected()


def test_every_change_is_met_by_both() -> None:
    commands = re.findall(r"^make ([a-z]+)", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)

    assert commands[:2] == ["test", "thorough"]
    assert re.search(r"^test: lint types tests$", (ROOT / "Makefile").read_text(), re.MULTILINE)
