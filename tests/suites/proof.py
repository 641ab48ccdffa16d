"""The proof of the suites: every bug of understanding, in Python and in Node, and whether a suite finds it.

`python -m tests.suites.proof [VENDOR]...` prints a table, and names what is missed; right clients come first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from simulator.reports.evidence import Evidence
from simulator.serving.suite_command import CommandDriver
from simulator.serving.task_commands import read_commands
from simulator.suites.loading import load_suite
from tests.clients.understanding import BUGS, NODE
from tests.suites.driving import driver_of, failures, run_with

HERE = Path(__file__).parent.parent / "clients" / "node"
FOUND = {"FAIL", "NON-STRICT"}
LEAST = 0.95
Run = Callable[[str, str, Sequence[str]], Evidence]


def run_python(vendor: str, bug: str, only: Sequence[str]) -> Evidence:
    return run_with(vendor, driver_of(vendor, bug), only)


def run_node(vendor: str, bug: str, only: Sequence[str]) -> Evidence:
    planted = f" --bug {bug}" if bug else ""
    command = f"*=node {HERE}/{vendor}_tasks.mjs {{task}} {{arguments}}{planted}"
    return run_with(vendor, CommandDriver(read_commands((command,), load_suite(vendor)), 30.0), only, jobs=2)


def cases_of(vendor: str, task: str) -> list[str]:
    return [case.id for case in load_suite(vendor).cases if case.task.name == task]


def missed(vendor: str, bugs: Sequence[tuple[str, str]], run: Run) -> Iterator[str]:
    """Yield the bugs that no case finds in the cases of their task."""
    for bug, task in bugs:
        evidence = run(vendor, bug, cases_of(vendor, task))
        if not FOUND & {case.outcome for case in evidence.cases}:
            yield bug


def main(vendors: Sequence[str]) -> int:
    """Print the table; return 1 where a right client fails, or too many bugs are missed."""
    total = lost = accused = 0
    say("vendor    language  right client  bugs  found")
    for vendor in vendors or BUGS:
        tables = (
            ("Python", run_python, [(bug.name, bug.flow) for bug in BUGS[vendor]]),
            ("Node", run_node, [*NODE[vendor].items()]),
        )
        for language, run, bugs in tables:
            wrong = failures(run(vendor, "", ()))
            gone = [*missed(vendor, bugs, run)]
            total, lost, accused = total + len(bugs), lost + len(gone), accused + bool(wrong)
            right = "accused" if wrong else "passes"
            say(f"{vendor:<9} {language:<9} {right:<13} {len(bugs):<5} {len(bugs) - len(gone)}")
            for line in [*wrong, *(f"missed: {name}" for name in gone)]:
                say(f"  {line}")
    say(f"{total - lost} of {total} bugs of understanding are found")
    return 1 if accused or lost > (1 - LEAST) * total else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
