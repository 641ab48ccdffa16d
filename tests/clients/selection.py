"""Which of the corpus every run of the tests looks at: enough of each kind, in the time tests may take."""

from __future__ import annotations

import os

from tests.clients.corpus import CLOCKS, VARIANTS, VENDORS, Case, bug_of, cases, clean_cases, control
from tests.clients.kinds import KINDS, SHAPE

EVERYTHING = "CORPUS"
"""Set to `all`, this variable makes the tests run the whole corpus; a number repeats the right clients."""


def setting() -> str:
    return os.environ.get(EVERYTHING, "")


def chosen_bugs() -> tuple[Case, ...]:
    """Return of each kind a bug in Python (of a kind of shape two) and one in Node, by turns; or all."""
    if setting() == "all":
        return cases()
    picked = (case for kind in KINDS for node in (False, True) for case in _in_turns(kind, node))
    return tuple(picked)


def _in_turns(kind: int, node: bool) -> list[Case]:
    """Return the first bug of the vendor whose turn it is, or of the next that has one."""
    turns = [VENDORS[(kind + step) % len(VENDORS)] for step in range(len(VENDORS))]
    rows = [case for case in cases() if bug_of(case).kind == kind and case.client.endswith(".mjs") == node]
    firsts = {case.vendor: case for case in reversed(rows)}
    count = 2 if kind in SHAPE and not node else 1
    return sorted(firsts.values(), key=lambda case: turns.index(case.vendor))[:count]


def chosen_clean() -> list[tuple[Case, str]]:
    """Return right clients with a clock: those beside the chosen bugs by turns, or all under every clock."""
    if setting() == "all" or setting().isdigit():
        times = int(setting()) if setting().isdigit() else 1
        return [(case, clock) for clock in CLOCKS for case in clean_cases()] * times
    rows = dict.fromkeys([*map(control, chosen_bugs()), *VARIANTS])
    return [(case, CLOCKS[place % len(CLOCKS)]) for place, case in enumerate(rows)]
