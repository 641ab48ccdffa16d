"""A run of a suite: which cases, whose client, and the evidence that becomes of the results."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from simulator.engine.real_time import host_seconds
from simulator.engine.sandbox import Sandbox
from simulator.engine.settings import Settings
from simulator.engine.snapshots import record_world
from simulator.reports.evidence import CaseEvidence, Evidence
from simulator.reports.ledger import Ledger
from simulator.resources import contract_documents, suite_documents
from simulator.state.inputs import IncompleteLog
from simulator.state.recorded import RecordedWorld
from simulator.suites.cases import Case, Suite
from simulator.suites.worlds import PAUSE


class RunRecord:
    """The ledger of a run, and its worlds as they went where it `keeps_inputs`. Safe for threads."""

    def __init__(self, keeps_inputs: bool = False) -> None:
        self.keeps_inputs = keeps_inputs
        self.ledger = Ledger()
        self.worlds: list[RecordedWorld] = []

    def keep(self, sandbox: Sandbox, clock: str | None = None, case: str = "") -> None:
        """Keep a world as it is now, unless its inputs were too many to be kept."""
        if self.keeps_inputs:
            with suppress(IncompleteLog):
                self.worlds.append(record_world(sandbox, clock, case))

    def anew(self) -> RunRecord:
        """Return an empty one like this."""
        return RunRecord(self.keeps_inputs)


class SuiteRun(msgspec.Struct, frozen=True, kw_only=True):
    """What is run of a suite: its cases, so many at once; `agent` and `command` tell whose client it is.

    What came of it is kept in its `record`.
    """

    suite: Suite
    cases: Sequence[Case]
    agent: str = ""
    command: str = ""
    jobs: int = 2
    locked: int = 0
    show_numbers: bool = False
    record: RunRecord = msgspec.field(default_factory=RunRecord)

    @property
    def version(self) -> int:
        """The version of the suite beyond which cases are pending."""
        return self.locked or self.suite.file.version

    @property
    def settings(self) -> Settings:
        """How the simulator is run that the cases play in."""
        return Settings(
            vendors=(self.suite.vendor,),
            clock="idle",
            pause=PAUSE,
            vouches_for_keys=True,
            show_numbers=self.show_numbers,
            keeps_inputs=self.record.keeps_inputs,
        )


def run_evidence(
    run: SuiteRun, results: Sequence[CaseEvidence], started: datetime, begun: float, seed: int | str
) -> Evidence:
    """Return the evidence of a run that `started` then, which is `begun` by the host's stopwatch."""
    vendor = run.suite.vendor
    return Evidence(
        made_by="suite",
        title=run.suite.file.title,
        agent=run.agent,
        command=run.command,
        started=started.isoformat(timespec="seconds"),
        seconds=round(host_seconds() - begun, 2),
        seed=str(seed),
        clock="idle",
        suite=vendor,
        suite_version=run.suite.file.version,
        suite_digest=digest(suite_documents()[vendor].read_bytes()),
        contracts={vendor: digest(contract_documents()[vendor].read_bytes())},
        cases=tuple(results),
        coverage=run.record.ledger.coverage(),
    )


def digest(content: bytes) -> str:
    """Return by what a document is known: its SHA-256."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
