"""The corpus at the command line: measure it anew, run the right clients often, show one run."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from tests.clients import expectations
from tests.clients.corpus import CLOCKS, Case, cases, clean_cases, run
from tests.clients.expectations import Expectation, reason_for


def measure(names: Sequence[str], clock: str | None = None) -> int:
    """Run the bugs that are named, or all; write what is caught and tell what changed."""
    before = expectations.read()
    after = dict(before)
    for case in chosen(cases(), names):
        outcome = run(case, clock)
        accusation = outcome.accusation if outcome.code else ""
        former = before.get(case.name)
        after[case.name] = (
            Expectation(caught=accusation) if accusation else Expectation(missed=reason_for(case, former))
        )
        mark = (
            "" if former == after[case.name] else "  (was: {})".format(former and (former.caught or "missed"))
        )
        say(f"{case.name}: {accusation or 'missed'}{mark}")
    expectations.write(after)
    say(expectations.table(after))
    return 0


def repeat_clean(times: int, names: Sequence[str], clocks: Sequence[str] = CLOCKS) -> int:
    """Run the right clients so often under each clock, and tell which were accused."""
    accused: Counter[str] = Counter()
    for _time in range(times):
        for clock in clocks:
            for case in chosen(clean_cases(), names):
                outcome = run(case, clock)
                if outcome.code:
                    accused[f"{case.name} under {clock}"] += 1
                    say(f"{case.name} under {clock}: {outcome}")
    runs = f"{len(chosen(clean_cases(), names))} right clients, {times} times under {', '.join(clocks)}"
    say(f"{runs}: {sum(accused.values())} accused")
    for name, count in accused.items():
        say(f"  {name}: {count}")
    return 1 if accused else 0


def show(names: Sequence[str]) -> int:
    """Run the cases named and print all that was said."""
    for case in chosen((*cases(), *clean_cases()), names):
        say(f"{case.name}\n{run(case)}")
    return 0


def chosen(rows: Sequence[Case], names: Sequence[str]) -> list[Case]:
    """Return the cases of the clients, or with the names, that are asked for; all when none is."""
    return [case for case in rows if not names or case.name in names or case.client in names]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Do what the first word asks; the rest are names of clients or cases."""
    verb, *names = arguments or ["--table"]
    if verb == "--measure":
        return measure(names)
    if verb == "--clean":
        times = int(names.pop(0)) if names and names[0].isdigit() else 1
        return repeat_clean(times, names)
    if verb == "--show":
        return show(names)
    rows = expectations.read()
    say(expectations.kinds_table(rows))
    say(expectations.table(rows))
    return 0
