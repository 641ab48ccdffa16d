"""What is kept of a run besides its cases: what of contracts was met, and worlds with what came in."""

from __future__ import annotations

from contextlib import suppress

from simulator.engine.sandbox import Sandbox
from simulator.engine.snapshots import record_world
from simulator.reports.ledger import Ledger
from simulator.state.inputs import IncompleteLog
from simulator.state.recorded import RecordedWorld


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
