"""The corpus: every client, right or with one bug, run under `simulator check` in this process.

`python -m tests.clients.corpus` tells what is caught, by kind, from `expectations.yaml`; `--measure` runs all
bugs, or those of the clients and cases named after it, writes that file and tells what changed;
`--clean 10` runs all right clients ten times under each clock; `--show NAME` runs one and prints everything.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from simulator.checking.check_command import check
from simulator.engine.settings import Settings
from tests.clients.situations import scenario_of
from tests.clients.vendor_client import CLEAN, Bug

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
VENDORS = ("callo", "kaleyra", "jaicp", "callr")
CLOCKS: tuple[str, ...] = ("idle", "x60", "real")
PYTHON = ("env", f"PYTHONPATH={ROOT}", sys.executable, "-S", "-m")
ACCUSATION = re.compile(r"^(?P<place>[a-z][a-z-]+ at \S+)|^(?P<verdict>broken\b.*)$")

COUNTS = re.compile(r",? (?:no violation|in [0-9]+ exchange|[0-9]+ times)")
"""Where a verdict begins to count, which may differ from run to run."""


class Case(NamedTuple):
    """One run: a client with a bug, or a flow of one without, in a situation."""

    client: str
    bug: str = CLEAN
    flow: str = ""
    situation: str = ""

    @property
    def name(self) -> str:
        return f"{self.client}/{self.bug or self.flow}" + f"@{self.situation}" * bool(
            self.situation and not self.bug
        )

    @property
    def vendor(self) -> str:
        return self.client.removesuffix(".mjs")

    @property
    def command(self) -> list[str]:
        options = ["--bug", self.bug] if self.bug else ["--flow", self.flow]
        if self.client.endswith(".mjs"):
            return ["node", str(HERE / "node" / self.client), *options]
        return [*PYTHON, f"tests.clients.{self.client}", *options]


class Outcome(NamedTuple):
    """How a run ended: the exit code of `check`, its report, and what the client itself printed."""

    code: int
    report: str
    printed: str

    @property
    def accusation(self) -> str:
        """The first words that accuse the client, else the last ones of a check that failed; or nothing."""
        lines = [line.strip() for line in self.report.splitlines() if line.strip()]
        first = next((match for line in lines if (match := ACCUSATION.match(line))), None)
        if first is None:
            return lines[-1] if self.code and lines else ""
        return first["place"] or COUNTS.split(first["verdict"])[0]

    def __str__(self) -> str:
        return f"exit code {self.code}\n{self.report}\n{self.printed}"


def run(case: Case, clock: str | None = None, pause: timedelta | None = None) -> Outcome:
    """Run one case under `check`, on its default clock if none is named, which steps after a `pause`."""
    report: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        scenario = scenario_of(case.situation, Path(folder))
        settings = Settings(scenario=scenario, vendors=(case.vendor,), clock=clock, pause=pause)
        with output_to(Path(folder) / "printed") as printed:
            code = check(case.command, settings, write=report.append, judged=bool(case.situation))
        return Outcome(code, "\n".join(report), printed.read_text(errors="replace"))


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
    tables = {vendor: import_module(f"tests.clients.{vendor}_bugs").BUGS for vendor in VENDORS}
    by_client = {client: {bug.name: bug for bug in table} for client, table in tables.items()}
    for client, rows in json.loads((HERE / "node" / "bugs.json").read_text()).items():
        by_client[client] = {name: Bug(name, **row) for name, row in rows.items()}
    return by_client


def bug_of(case: Case) -> Bug:
    return bugs()[case.client][case.bug]


@cache
def cases() -> tuple[Case, ...]:
    """Return every bug as a case, in its situation."""
    return tuple(
        Case(client, bug.name, bug.flow, bug.situation)
        for client, table in bugs().items()
        for bug in table.values()
    )


@cache
def clean_cases() -> tuple[Case, ...]:
    """Return the right client beside every bug: each flow in each situation where a bug is looked for."""
    return tuple(dict.fromkeys([*map(control, cases()), *VARIANTS]))


def control(case: Case) -> Case:
    """Return the right client in the flow and the situation in which a bug is looked for."""
    return case._replace(bug=CLEAN)


VARIANTS = (
    Case("callo", flow="many_pages"),
    Case("callo", flow="codes"),
    Case("kaleyra", flow="events", situation="quick"),
    Case("kaleyra", flow="broadcast_in_json"),
    Case("jaicp", flow="attempts"),
    Case("jaicp", flow="watch", situation="quick"),
    Case("jaicp.mjs", flow="pages", situation="quick"),
    Case("callr", flow="slow_webhook"),
    Case("callr", flow="webhook", situation="late"),
)
"""Right clients beyond those: quick calls, which end in real time too, slow receivers, and the like."""


if __name__ == "__main__":
    from tests.clients.measuring import main

    sys.exit(main(sys.argv[1:]))
