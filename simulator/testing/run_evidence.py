"""The evidence of a pytest run: a case for each test that had a world, also of workers, in one file."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from simulator.checking.run_files import Output
from simulator.conformance.report import ViolationGroups
from simulator.engine.real_time import host_now, host_seconds
from simulator.errors import SimulatorError
from simulator.reports.evidence import CaseEvidence, Evidence, Finding, Outcome, merge_evidence, seen
from simulator.reports.ledger import finding_of, finding_on
from simulator.reports.rendering import parse_report
from simulator.resources import contract_documents
from simulator.state.recorded import RecordedWorld
from simulator.suites.runs import digest
from simulator.testing.worlds import FixtureWorld

NAME = "vendor_simulator_run_evidence"
"""By what a plugin manager knows it."""

FROM_WORKER = "simulator_evidence"
LONGEST_REASON = 2_000
CRASHED = "its process crashed; what that one did before is not in this report"


Part = tuple[Evidence, list[RecordedWorld]]
"""What a worker tells of its part of the run."""


class RunEvidence:
    """Gathers a case for each test with a world, which is in its stash under `world`, and writes reports.

    What masks texts is in the stash of the run under `mask`.
    """

    def __init__(
        self,
        config: pytest.Config,
        reports: list[str],
        world: pytest.StashKey[FixtureWorld],
        mask: pytest.StashKey[Callable[[str], str]],
    ) -> None:
        self._config, self._mask = config, mask
        try:
            self._output = Output(reports=tuple(map(parse_report, reports)))
        except SimulatorError as error:
            raise pytest.UsageError(f"--simulator-report: {error}") from None
        self.record = self._output.new_record()
        self._world = world
        self._cases: dict[str, CaseEvidence] = {}
        self._parts: list[Part] = []
        self._started, self._begun = host_now(), host_seconds()
        self.written: list[Path | str] = []

    def add(self, case: CaseEvidence) -> None:
        """Add the case of a suite."""
        self._cases[case.id] = case

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take a test's world in when it is over, or cannot begin; what fails later fails its case, too."""
        report = yield
        world, is_new = item.stash.get(self._world, None), item.nodeid not in self._cases
        if world is not None and (report.when == "call" or (report.failed and is_new)):
            self._cases[item.nodeid] = self._case(item, world, report)
        elif report.failed and not is_new:
            failed = self._own_failure(report)
            case = self._cases[item.nodeid]
            findings = (*case.findings, failed)
            self._cases[item.nodeid] = msgspec.structs.replace(case, outcome="FAIL", findings=findings)
        return report

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str) -> None:
        """Tell of a test whose worker of pytest-xdist crashed, and took with it what it knew."""
        group, _, title = crashitem.partition("::")
        lost = Finding(about="test", subject="call", asked="the test passes", arrived=CRASHED)
        self.add(CaseEvidence(id=crashitem, title=title, group=group, outcome="FAIL", findings=(lost,)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what a worker of pytest-xdist tells at its end."""
        if text := getattr(node, "workeroutput", {}).get(FROM_WORKER):
            self._parts.append(msgspec.json.decode(text, type=Part))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the controller, or write the reports where there is none; what cannot be fails the run."""
        part: Part = (self._evidence(), self.record.worlds)
        if (output := getattr(self._config, "workeroutput", None)) is not None:
            output[FROM_WORKER] = msgspec.json.encode(part).decode()
            return
        parts = [part, *self._parts]
        whole = merge_evidence([evidence for evidence, _ in parts])
        worlds = [world for _, some in parts for world in some]
        try:
            self._output.finish((whole, worlds), self.written.append)
        except SimulatorError as error:
            self.written.append(str(error))
            session.exitstatus = session.exitstatus or pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say which files were written."""
        for line in self.written:
            terminalreporter.write_line(f"simulator: {line}")

    def _evidence(self) -> Evidence:
        coverage, documents = self.record.ledger.coverage(), contract_documents()
        return Evidence(
            made_by="pytest",
            title="What tests did to their vendors",
            command="pytest",
            started=self._started.isoformat(timespec="seconds"),
            seconds=round(host_seconds() - self._begun, 2),
            contracts={vendor: digest(documents[vendor].read_bytes()) for vendor in coverage},
            cases=tuple(self._cases.values()),
            coverage=coverage,
        )

    def _case(self, item: pytest.Item, world: FixtureWorld, report: pytest.TestReport) -> CaseEvidence:
        case = CaseEvidence(
            id=item.nodeid,
            title=item.name,
            group=item.nodeid.partition("::")[0],
            outcome=_outcome(report),
            place=_place(item),
            reason=_reason(report),
            seconds=round(report.duration, 3),
            findings=(self._own_failure(report),) if report.failed else (),
        )
        return self._with_world(case, world, report) if world.is_open else case

    def _own_failure(self, report: pytest.TestReport) -> Finding:
        crash = getattr(report.longrepr, "reprcrash", None)
        lines = (crash.message if crash is not None else report.longreprtext).strip().splitlines()
        arrived = self._config.stash.get(self._mask, str)(lines[0] if lines else "it failed")
        return Finding(about="test", subject=str(report.when), asked="the test passes", arrived=arrived)

    def _with_world(self, case: CaseEvidence, world: FixtureWorld, report: pytest.TestReport) -> CaseEvidence:
        sandbox = world.sandbox
        masker = sandbox.recorder.masker
        with sandbox.lock:
            asked = [*map(masker.exchange, (*sandbox.recorder.journal, *sandbox.recorder.callbacks))]
        for exchange in asked:
            self.record.ledger.note(exchange)
        self.record.keep(sandbox, case=case.id)
        exchanges, left_out = seen(asked)
        findings = (*_contract(world), *_verdicts(world)) if report.failed else ()
        return msgspec.structs.replace(
            case,
            scenario=sandbox.scenario.title,
            seed=str(sandbox.world.random.seed),
            findings=findings or case.findings,
            exchanges=exchanges,
            left_out=left_out,
        )


def _contract(world: FixtureWorld) -> Iterator[Finding]:
    """Yield what the test answers for of its client's requests, each mistake once."""
    groups, masker = ViolationGroups(), world.sandbox.recorder.masker
    for exchange in world.exchanges:
        groups.note(masker.exchange(exchange))
    originals = {exchange.id: exchange for exchange in world.exchanges}
    for group in groups:
        own = originals[group.exchange.id]
        if not all(world.judge.forgives(own, violation) for violation in own.violations):
            yield finding_of(group)


def _verdicts(world: FixtureWorld) -> Iterator[Finding]:
    mask = world.sandbox.recorder.masker.text
    broken = [verdict for verdict in world.concluded if verdict.held is False]
    yield from (finding_on(verdict, mask) for verdict in (*broken, *world.conduct().broken))


def _outcome(report: pytest.TestReport) -> Outcome:
    return "FAIL" if report.failed else "UNIMPLEMENTED" if report.skipped else "PASS"


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2])[:LONGEST_REASON] if isinstance(report.longrepr, tuple) else ""


def _place(item: pytest.Item) -> str:
    file, line, _ = item.location
    return f"{file}:{line + 1}" if line is not None else file
