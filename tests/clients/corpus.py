"""The corpus: every client with every bug, run under `simulator check` in this process, and what it finds.

`python -m tests.clients.corpus` prints the table; `--measure` also writes what is caught today to
`expectations.yaml`, and takes names (`callo`, `callo.mjs`, `callo/no_key`) to measure only those.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from simulator.app import Settings
from simulator.checking import check
from tests.clients.situations import scenario_of
from tests.clients.vendor_client import CLEAN, Bug

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
VENDORS = ("callo", "kaleyra", "jaicp", "callr")
PYTHON = ("env", f"PYTHONPATH={ROOT}", sys.executable, "-S", "-m")
FINDING = re.compile(r"^\s*(?:\d+\. |broken|refused|violation)?.*?(?P<code>[a-z]+(?:-[a-z]+)+ at .*|broken.*)$")


class Case(NamedTuple):
    """One run: a client, with a bug or clean, one flow of it, in a situation."""

    client: str
    bug: str = CLEAN
    flow: str = ""
    situation: str = ""

    @property
    def name(self) -> str:
        return f"{self.client}/{self.bug or self.flow}" + (f"@{self.situation}" if not self.bug and self.situation else "")

    @property
    def command(self) -> list[str]:
        options = [*(("--bug", self.bug) if self.bug else ()), *(("--flow", self.flow) if self.flow else ())]
        if self.client.endswith(".mjs"):
            return ["node", str(HERE / "node" / self.client), *options]
        return [*PYTHON, f"tests.clients.{self.client}", *options]


class Outcome(NamedTuple):
    """How a run ended: the exit code of `check`, what it said, and what the client itself said."""

    code: int
    report: str
    said: str

    @property
    def finding(self) -> str:
        """The first line that accuses the client; empty where none does."""
        lines = [line.strip() for line in self.report.splitlines()]
        return next((line for line in lines if is_accusation(line)), "")


def is_accusation(line: str) -> bool:
    return bool(re.match(r"(\S+ )?(at |broken|.*\[(documented|observed|inferred))", line)) or " at " in line


def run(case: Case, clock: str | None = None, folder: Path | None = None) -> Outcome:
    """Run one case under `check`; a situation's scenario is written to `folder`."""
    told: list[str] = []
    place = folder or Path(tempfile.gettempdir()) / f"corpus-{os.getpid()}"
    place.mkdir(exist_ok=True)
    settings = Settings(scenario=scenario_of(case.situation, place), clock=clock)
    with output_to(place / "said") as said:
        code = check(case.command, settings, tell=told.append, judged=bool(case.situation))
    return Outcome(code, "\n".join(told), said.read_text(errors="replace"))


@contextmanager
def output_to(file: Path) -> Iterator[Path]:
    """Let what this process and its children print go to a file."""
    kept = [os.dup(number) for number in (1, 2)]
    sys.stdout.flush()
    with file.open("wb") as target:
        for number in (1, 2):
            os.dup2(target.fileno(), number)
    try:
        yield file
    finally:
        sys.stdout.flush()
        for number, former in zip((1, 2), kept, strict=True):
            os.dup2(former, number)
            os.close(former)


@cache
def bugs() -> dict[str, dict[str, Bug]]:
    """Return the bugs of every client by its name, then by theirs."""
    found = {name: {bug.name: bug for bug in import_module(f"tests.clients.{name}_bugs").BUGS} for name in VENDORS if (HERE / f"{name}_bugs.py").exists()}
    table = HERE / "node" / "bugs.json"
    for client, rows in (json.loads(table.read_text()) if table.exists() else {}).items():
        found[client] = {name: Bug(name, **row) for name, row in rows.items()}
    return found


def cases() -> list[Case]:
    """Return every bug as a case."""
    return [Case(client, bug.name, situation=bug.situation) for client, table in bugs().items() for bug in table.values()]


def main(arguments: Sequence[str]) -> int:
    names = [argument for argument in arguments if not argument.startswith("--")]
    for case in cases():
        if names and not any(case.name == name or case.client == name for name in names):
            continue
        outcome = run(case)
        print(case.name, outcome.code, outcome.finding, sep=" | ", flush=True)
        if "--full" in arguments:
            print(outcome.report, outcome.said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
