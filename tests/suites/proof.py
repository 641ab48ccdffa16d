"""The proof of suites and `check`: every planted bug of every client, and whether one of the two finds it.

`python -m tests.suites.proof [VENDOR]...` runs right clients first, then each bug of understanding in Python
and in Node, then what `check` is known to miss; it prints a table of each, and names what neither finds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from simulator.checking.suite_command import CommandDriver
from simulator.checking.task_commands import read_commands
from simulator.reports.evidence import Evidence
from simulator.suites.cases import THEMES
from simulator.suites.loading import load_suite
from tests.clients import expectations
from tests.clients.understanding import BUGS, NODE, TWINS
from tests.suites.driving import driver_of, failures, run_with

HERE = Path(__file__).parent.parent / "clients" / "node"
FOUND = {"FAIL", "NON-STRICT"}
LEAST = 0.95
LEAST_A_VENDOR = 30
LEAST_IN_ALL = 160
PATIENCE = 30.0
Run = Callable[[str, str, Sequence[str]], Evidence]


class Score(NamedTuple):
    """How many bugs there are, those that nobody finds, and the right clients that were accused."""

    bugs: int = 0
    gone: tuple[str, ...] = ()
    accused: tuple[str, ...] = ()

    def plus(self, other: Score) -> Score:
        return Score(self.bugs + other.bugs, self.gone + other.gone, self.accused + other.accused)


def run_python(vendor: str, bug: str, only: Sequence[str]) -> Evidence:
    return run_with(vendor, driver_of(vendor, bug), only)


def run_node(vendor: str, bug: str, only: Sequence[str]) -> Evidence:
    planted = f" --bug {bug}" if bug else ""
    command = f"*=node {HERE}/{vendor}_tasks.mjs {{task}} {{arguments}}{planted}"
    return run_with(vendor, CommandDriver(read_commands((command,), load_suite(vendor)), PATIENCE), only)


def is_found(evidence: Evidence) -> bool:
    return bool(FOUND & {case.outcome for case in evidence.cases})


def cases_of(vendor: str, task: str) -> list[str]:
    return [case.id for case in load_suite(vendor).cases if case.task.name == task]


# -- bugs of understanding, by the suites ---------------------------------------------------------------


def prove_suites(vendors: Sequence[str]) -> Score:
    """Run the right clients, and each bug in the cases of its task."""
    say("By the suites: bugs of understanding")
    say("vendor    language  right client  suite   slowest case          bugs  found")
    total = Score()
    for vendor in vendors:
        own = Score()
        for language, run, bugs in (
            ("Python", run_python, [(bug.name, bug.flow) for bug in BUGS[vendor]]),
            ("Node", run_node, [*NODE[vendor].items()]),
        ):
            own = own.plus(_prove(vendor, language, run, bugs))
        if own.bugs < LEAST_A_VENDOR:
            own = own._replace(accused=(*own.accused, f"{vendor}: only {own.bugs} bugs"))
        total = total.plus(own)
    return total


def _prove(vendor: str, language: str, run: Run, bugs: Sequence[tuple[str, str]]) -> Score:
    right = run(vendor, "", ())
    accused = tuple(failures(right))
    slowest = max(right.cases, key=lambda case: case.seconds)
    gone = [name for name, task in bugs if not is_found(run(vendor, name, cases_of(vendor, task)))]
    what = "accused" if accused else "passes"
    slow = f"{slowest.seconds:.1f} s {slowest.id}"
    row = f"{vendor:<9} {language:<9} {what:<13} {right.seconds:5.1f} s {slow:<21} {len(bugs):<5}"
    say(f"{row} {len(bugs) - len(gone)}")
    for line in [*accused, *(f"missed: {name}" for name in gone)]:
        say(f"  {line}")
    return Score(len(bugs), tuple(f"{vendor}/{name}" for name in gone), accused)


# -- all others, by `check` ------------------------------------------------------------------------------


def prove_check(vendors: Sequence[str]) -> Score:
    """Count what `check` catches, as its tests measure it, and run what it misses in the suites."""
    say("By check, and what it misses by the suites: bugs of shape and conduct")
    say("client       bugs  check  suite  neither")
    expected, total = expectations.read(), Score()
    for client in dict.fromkeys(name.partition("/")[0] for name in expected):
        if client.partition(".")[0] not in vendors:
            continue
        rows = {name: row for name, row in expected.items() if name.startswith(f"{client}/")}
        missed = [name for name, row in rows.items() if row.missed]
        gone = [name for name in missed if not _is_found_by_a_suite(client, name.partition("/")[2])]
        caught = len(missed) - len(gone)
        say(f"{client:<12} {len(rows):<5} {len(rows) - len(missed):<6} {caught:<6} {len(gone)}")
        for name in gone:
            say(f"  neither: {name}")
        total = total.plus(Score(len(rows), tuple(gone)))
    return total


def _is_found_by_a_suite(client: str, bug: str) -> bool:
    """Tell whether the client that does the tasks of its suite fails with this bug, theme by theme."""
    vendor, _, is_node = client.partition(".")
    name = TWINS.get(client, {}).get(bug, "" if is_node else bug)
    run = run_node if is_node else run_python
    return bool(name) and any(is_found(run(vendor, name, [part])) for part in _parts(vendor))


def _parts(vendor: str) -> Iterator[str]:
    return (f"{vendor.upper()}-{theme}" for theme in THEMES)


def main(words: Sequence[str]) -> int:
    """Print both tables; return 1 where a right client is accused, or too many bugs are missed."""
    vendors = [*words] or [*BUGS]
    suites = prove_suites(vendors)
    total = suites.plus(prove_check(vendors))
    caught = total.bugs - len(total.gone)
    say(f"{suites.bugs - len(suites.gone)} of {suites.bugs} bugs of understanding are found by the suites")
    say(f"{caught} of {total.bugs} planted bugs are found in all: {100 * caught / total.bugs:.1f} %")
    for line in total.accused:
        say(f"  {line}")
    few = not words and suites.bugs < LEAST_IN_ALL
    return 1 if total.accused or few or caught < LEAST * total.bugs else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
