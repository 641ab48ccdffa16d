"""One planted fault, tried: a process of its own, in which the tests nearest to it run until one fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from simulator.engine.real_time import host_seconds
from tests.faulty_simulator.planting import NOTICED, Fault

LONGEST = 300.0


class Result(NamedTuple):
    """Whether a test noticed a fault; if not, what pytest printed last."""

    fault: Fault
    noticed: bool
    seconds: float
    why: str


def run_fault(fault: Fault, root: Path) -> Result:
    """Run the tests of a fault; none that can be collected, or no end of them, is no notice taken."""
    begun = host_seconds()
    command = [sys.executable, "-m", "tests.faulty_simulator.planting", fault.name]
    try:
        ended = subprocess.run(
            command, cwd=root, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return Result(fault, False, LONGEST, "its tests had not ended")
    why = "\n".join((ended.stdout + ended.stderr).splitlines()[-8:])
    return Result(fault, ended.returncode == NOTICED, host_seconds() - begun, why)
