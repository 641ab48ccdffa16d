"""The evidence of `check`: a case an operation, a subject of conduct, an expectation, and the command."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from simulator.app import Simulator
from simulator.checking.ended_worlds import EndedWorlds
from simulator.checking.run_files import Run
from simulator.engine.real_time import host_now
from simulator.reports.evidence import CaseEvidence, Evidence, Finding, Outcome
from simulator.reports.ledger import finding_on
from simulator.resources import contract_documents
from simulator.suites.runs import RunRecord, digest
from simulator.verdicts.conduct import CONDUCT, SUBJECTS, Conduct
from simulator.verdicts.findings import Verdict

Mask = Callable[[str], str]
Judge = Literal["conduct", "wire", "test", "simulator"]
EXPECTED, RUN = "what the scenario expects", "the run"


class CheckRun(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run of `check`: the `code` of its command, verdicts, and what was tried past us."""

    command: Sequence[str]
    code: int
    started: datetime
    findings: Sequence[Verdict] = ()
    conduct: Conduct
    ended: EndedWorlds
    past_us: Sequence[str] = ()


def check_evidence(run: CheckRun, simulator: Simulator, record: RunRecord) -> Run:
    """Return the evidence of a run, masked, and its worlds with what came in."""
    mask = simulator.worlds.masker.text
    cases = [*_of_command(run, mask), *record.ledger.cases(), *_of_bugs(simulator)]
    cases += [*_of_expectations(run.findings, mask), *_of_conduct(run.conduct, mask)]
    for sandbox in simulator.worlds:
        record.keep(sandbox, simulator.settings.clock)
    coverage = record.ledger.coverage()
    documents = contract_documents()
    evidence = Evidence(
        made_by="check",
        title="What a command did to its vendors",
        command=mask(shlex.join(run.command)),
        started=run.started.isoformat(timespec="seconds"),
        seconds=round((host_now() - run.started).total_seconds(), 2),
        seed=str(simulator.worlds.sandbox().world.random.seed),
        clock=str(simulator.worlds.setup.pace(simulator.worlds.sandbox().scenario)),
        contracts={vendor: digest(documents[vendor].read_bytes()) for vendor in coverage},
        cases=tuple(cases),
        coverage=coverage,
    )
    return evidence, record.worlds


def _of_command(run: CheckRun, mask: Mask) -> Iterator[CaseEvidence]:
    """Yield whether the command ended well, and kept to the simulator."""
    findings = [] if not run.code else [_finding("test", "exit code", "0", str(run.code))]
    findings += [
        _finding("test", "a real vendor", "nothing past the simulator", mask(one)) for one in run.past_us
    ]
    title = "The command ends well, and reaches no real vendor"
    yield _case("command", title, RUN, *findings)


def _of_bugs(simulator: Simulator) -> Iterator[CaseEvidence]:
    findings = [_finding("simulator", "bug", "no failure of ours", line) for line in simulator.worlds.bugs]
    if findings:
        case = _case("simulator", "The simulator does not fail", RUN, *findings)
        yield msgspec.structs.replace(case, outcome="BROKEN-US")


def _of_expectations(verdicts: Sequence[Verdict], mask: Mask) -> Iterator[CaseEvidence]:
    for number, verdict in enumerate(verdicts, 1):
        findings = [finding_on(verdict, mask)] if verdict.held is False else []
        case = _case(f"expect.{number}", mask(verdict.expected), EXPECTED, *findings)
        place = msgspec.structs.replace(case, place=verdict.place)
        yield place if verdict.held is not None else _unjudged(place, mask(verdict.found))


def _of_conduct(conduct: Conduct, mask: Mask) -> Iterator[CaseEvidence]:
    """Yield a case for each subject, of all worlds together."""
    broken = conduct.broken
    for name in dict.fromkeys([*(verdict.expected for verdict in broken), *conduct.kept]):
        own = [finding_on(verdict, mask) for verdict in broken if verdict.expected == name]
        yield _case(f"conduct.{name}", SUBJECTS[name].rule, CONDUCT, *own)
    for name, why in conduct.unjudged:
        yield _unjudged(_case(f"conduct.{name}", SUBJECTS[name].rule, CONDUCT), mask(why))


def _finding(about: Judge, subject: str, asked: str, arrived: str) -> Finding:
    return Finding(about=about, subject=subject, asked=asked, arrived=arrived)


def _case(name: str, title: str, group: str, *findings: Finding) -> CaseEvidence:
    outcome: Outcome = "FAIL" if findings else "PASS"
    return CaseEvidence(id=name, title=title, group=group, outcome=outcome, findings=findings)


def _unjudged(case: CaseEvidence, why: str) -> CaseEvidence:
    return msgspec.structs.replace(case, outcome="UNIMPLEMENTED", reason=f"not judged: {why}")
