"""What is caught today, bug by bug: one file, read by the tests and written by a measurement."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.clients.corpus import Case, bug_of, cases
from tests.clients.kinds import CONDUCT, GROUPS, SHAPE, Group

FILE = Path(__file__).with_name("expectations.yaml")
HEAD = """\
# What `simulator check` says of each planted bug: `caught` with words that its report must hold, or `missed`
# with the reason. `python -m tests.clients.corpus --measure` writes it, and keeps reasons that still hold.
"""
NOT_YET = "no verdict looks at it yet"
ONLY_CONCLUDED = "shows in what the client concludes, not in what it sends"


class Expectation(NamedTuple):
    """Either the words of the report that catches a bug, or why it is missed."""

    caught: str = ""
    missed: str = ""


def read() -> dict[str, Expectation]:
    """Return the expectation of every bug by its case's name."""
    rows = yaml.safe_load(FILE.read_text()) if FILE.exists() else {}
    return {name: Expectation(**row) for name, row in (rows or {}).items()}


def write(expectations: Mapping[str, Expectation]) -> None:
    """Write what was measured, in the order of the corpus."""
    names = [case.name for case in cases() if case.name in expectations]
    rows = {
        name: {key: value for key, value in expectations[name]._asdict().items() if value} for name in names
    }
    lines = yaml.safe_dump(rows, sort_keys=False, allow_unicode=True, width=200, default_flow_style=None)
    FILE.write_text(HEAD + lines)


def reason_for(case: Case, former: Expectation | None) -> str:
    """Return why a bug is missed: as it was said before, else what can be said of its kind."""
    if former and former.missed:
        return former.missed
    return ONLY_CONCLUDED if bug_of(case).seen == "concluded" else NOT_YET


def table(expectations: Mapping[str, Expectation]) -> str:
    """Return how many are caught: by client, by group of kinds, and in all."""
    clients = list(dict.fromkeys(case.client for case in cases()))
    rows = [_row(name, [case for case in cases() if case.client == name], expectations) for name in clients]
    rows += [_row(group.name, _of(group), expectations) for group in (*GROUPS, SHAPE, CONDUCT)]
    return "\n".join([_head(), *rows, _row("all", list(cases()), expectations)])


def kinds_table(expectations: Mapping[str, Expectation]) -> str:
    """Return how many are caught of each kind that the corpus holds."""
    from tests.clients.kinds import KINDS  # noqa: PLC0415 - long, and only for people

    by_kind = {kind: [case for case in cases() if bug_of(case).kind == kind] for kind in KINDS}
    return "\n".join(
        [
            _head(),
            *(_row(f"{kind} {KINDS[kind]}", rows, expectations) for kind, rows in by_kind.items() if rows),
        ]
    )


def _of(group: Group) -> list[Case]:
    return [case for case in cases() if bug_of(case).kind in group]


def _head() -> str:
    return f"{'':44} {'bugs':>5} {'plain':>9} {'provoked':>9} {'caught':>7} {'':>5}"


def _row(name: str, rows: list[Case], expectations: Mapping[str, Expectation]) -> str:
    plain = [case for case in rows if not case.situation]
    provoked = [case for case in rows if case.situation]
    caught = [
        sum(bool(expectations.get(case.name, Expectation()).caught) for case in part)
        for part in (plain, provoked)
    ]
    share = f"{100 * sum(caught) // len(rows)} %"
    first, second = f"{caught[0]}/{len(plain)}", f"{caught[1]}/{len(provoked)}"
    return f"{name[:44]:44} {len(rows):5} {first:>9} {second:>9} {sum(caught):7} {share:>5}"
