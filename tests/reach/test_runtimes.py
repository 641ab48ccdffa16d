"""Each way to ask over HTTP that the table of the README names reaches the simulator, unmodified."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.reach import side_by_side
from tests.serving_process import run
from tests.source_tree import ROOT

WAYS = Path(__file__).parent / "ways"
ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \| (test|by hand|no) \|$", re.MULTILINE)


def rows(tried: str) -> set[str]:
    """Return the rows of the table that were tried in a way."""
    table = (ROOT / "simulator/serving/README.md").read_text()
    return {name for name, *_, how in ROW.findall(table) if how == tried}


def test_every_row_of_the_table_that_says_so_is_true() -> None:
    files = sorted(path.name for path in WAYS.iterdir())
    command = [sys.executable, side_by_side.__file__, str(WAYS), *files]
    done = run("check", "--intercept", "--vendor", "callr", "--vendor", "callo", "--", *command)

    assert done.returncode == 0, done.stdout + done.stderr
    arrived = {
        name for name, status in re.findall(r"^(.+): (\d{3})$", done.stdout, re.MULTILINE) if status == "200"
    }
    assert arrived | {"Java HttpClient"} == rows("test")


def test_the_table_knows_what_does_not_arrive_by_the_environment() -> None:
    assert any("own context" in row for row in rows("no"))
    assert rows("by hand")
