"""The files that a run leaves: its evidence in every form, and beside that the inputs to play it again."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from simulator.checking.replaying import recorded_beside
from simulator.reports.evidence import CaseEvidence, Evidence
from simulator.reports.rendering import own_file, write_reports
from simulator.reports.run_gates import RunGates, pass_gates
from simulator.state.recorded import RecordedWorld, write_recorded
from simulator.suites.runs import RunRecord

Run = tuple[Evidence, Sequence[RecordedWorld]]
"""The evidence of a run, and its worlds with what came in."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What a run leaves: `reports` by form and file, and what of it has to be kept."""

    reports: tuple[tuple[str, Path], ...] = ()
    gates: RunGates = RunGates()

    def __bool__(self) -> bool:
        """Tell whether anything is asked for."""
        return bool(self.reports or self.gates)

    def new_record(self) -> RunRecord:
        """Return a record to be filled, with inputs where evidence is left, beside which they stand."""
        return RunRecord(any(form == "evidence" for form, _ in self.reports))

    def finish(self, run: Run, write: Callable[[str], object]) -> tuple[Evidence, bool]:
        """Write what is asked for and tell of it; return the run as it is accepted, and if its gates hold."""
        evidence, lines, holds = pass_gates(run[0], self.gates)
        files = write_runs([(evidence, run[1])], self.reports)
        for line in (*lines, *(f"written: {file}" for file in files)):
            write(line)
        return evidence, holds


def write_runs(runs: Sequence[Run], reports: Sequence[tuple[str, Path]]) -> Iterator[Path]:
    """Write runs in each form to its file, and yield the files.

    Beside evidence the inputs are left for `simulator replay`, and each case says how to play it again.
    """
    if not runs or not reports:
        return
    kept = next((file for form, file in reports if form == "evidence"), None)
    several = len(runs) > 1
    if kept is not None:
        runs = [(_replayable(run, worlds, own_file(kept, run, several)), worlds) for run, worlds in runs]
    yield from write_reports([run for run, _ in runs], reports)
    for run, worlds in runs if kept is not None else ():
        if worlds and kept is not None:
            inputs = recorded_beside(own_file(kept, run, several))
            write_recorded(inputs, worlds)
            yield inputs


def _replayable(evidence: Evidence, worlds: Sequence[RecordedWorld], file: Path) -> Evidence:
    """Return a run whose cases tell the command that plays them again."""
    cases, names = {world.case for world in worlds} - {""}, {world.world for world in worlds}

    def replayable(case: CaseEvidence) -> CaseEvidence:
        shown = [name for finding in case.findings for name in finding.exchanges]
        seen = next(iter([*shown, *(exchange.id for exchange in case.exchanges)]), "")
        name = case.id if case.id in cases else seen.rpartition("-")[0]
        if name not in cases | names:
            return case
        return replace(case, replay=shlex.join(["simulator", "replay", str(file), name]))

    return replace(evidence, cases=tuple(map(replayable, evidence.cases)))
