"""Which Flask the tests meet: the newest as locked, or in `make oldest` the oldest that we name."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import flask

from tests.oldest import LIBRARIES, oldest


def test_the_flask_that_is_met_is_the_one_that_was_asked_for() -> None:
    newest = [f"{name}=={version(name)}" for name in LIBRARIES]
    is_oldest = Path(flask.__file__).is_relative_to(Path("build/oldest").absolute())

    assert (newest == [*oldest()]) is is_oldest, (flask.__file__, sys.path)
