"""When a run of a suite fails: outcomes, how many there are, and which failures were expected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from simulator.errors import SimulatorError, counted
from simulator.reports.evidence import CaseEvidence
from simulator.reports.run_gates import read_text
from simulator.suites.cases import Case, Suite

FAILED, OURS = 1, 3
RAN = ("PASS", "NON-STRICT", "INFO", "FAIL")
LINE = re.compile(r"(?P<id>[A-Z]+-\d+\.\d+)\s*(?:#\s*(?P<why>.*))?")


class UnreadableList(SimulatorError):
    """A list of expected failures with a line that is none."""


class Gates(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has to keep: so many cases judged, and no failure but those expected, with their reasons."""

    least: int = 0
    expected: dict[str, str] = {}


def read_expected(file: Path, suite: Suite) -> dict[str, str]:
    """Read a list of expected failures, `CALLO-4.2  # why it fails` a line; other vendors may share it.

    Raises UnreadableList, also for a case that the suite does not have, and UnreadableGate for no text.
    """
    expected: dict[str, str] = {}
    known = [case.id for case in suite.cases]
    for number, line in enumerate(read_text(file).splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = LINE.fullmatch(text)
        if match is None or not match["why"]:
            raise UnreadableList(
                f"{file}:{number}: {text!r} is no case with its reason",
                "write `CALLO-4.2  # why it fails still`",
            )
        if match["id"] not in known and match["id"].startswith(f"{suite.vendor.upper()}-"):
            what = f"{file}:{number}: {suite.vendor} has no case {match['id']}"
            raise UnreadableList(what, f"`simulator suite {suite.vendor} --list` shows those there are")
        expected[match["id"]] = match["why"]
    return expected


def accept(results: Sequence[CaseEvidence], gates: Gates) -> list[CaseEvidence]:
    """Mark the failures that are expected."""
    return [
        replace(one, accepted=True) if one.outcome == "FAIL" and one.id in gates.expected else one
        for one in results
    ]


def check_gates(results: Sequence[CaseEvidence], gates: Gates) -> Iterator[str]:
    """Yield why a run fails, in words; nothing where it does not."""
    ran = [one for one in results if one.outcome in RAN]
    failed = [one.id for one in results if one.failed]
    if failed:
        yield f"{len(failed)} failed: {', '.join(failed)}"
    if not ran:
        yield "nothing ran: is there a --task for any of the cases? `--tasks` lists the vocabulary"
    elif len(ran) < gates.least:
        yield f"{counted(len(ran), 'case')} ran, and --min-cases asks for {gates.least}"
    outcomes = {one.id: one.outcome for one in results}
    for name in gates.expected:
        if outcomes.get(name) in ("PASS", "NON-STRICT", "INFO"):
            yield f"{name} was expected to fail and does not: take its line out, the list may only shrink"


def exit_code(results: Sequence[CaseEvidence], gates: Gates) -> int:
    """Return 1 where the run fails, 3 where only the simulator is to blame, else 0."""
    if any(check_gates(results, gates)):
        return FAILED
    return OURS if any(one.outcome == "BROKEN-US" for one in results) else 0


def choose(suite: Suite, only: Sequence[str], profiles: Sequence[str]) -> list[Case]:
    """Return the cases of some ids (`CALLO-6` is a theme, `CALLO-6.2` a case) and profiles.

    Each may be several with commas between. Raises SimulatorError where nothing is left.
    """
    only, profiles = _words(only), _words(profiles)
    chosen = [
        case
        for case in suite.cases
        if (not only or any(case.id == name or case.id.startswith(f"{name}.") for name in only))
        and (not profiles or case.profile in profiles)
    ]
    if not chosen:
        known = ", ".join(dict.fromkeys(case.profile for case in suite.cases))
        raise SimulatorError(
            f"no case of {suite.vendor} is called {', '.join(only) or 'anything'}"
            + (f" and has the profile {', '.join(profiles)}" if profiles else ""),
            f"`simulator suite {suite.vendor} --list` shows the ids; profiles: {known}",
        )
    return chosen


def _words(texts: Iterable[str]) -> list[str]:
    return [word for text in texts for word in text.split(",") if word]
