"""`python -m tests.faulty_simulator [NAME]...` plants each fault, and prints what no test of ours notices."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from tests.faulty_simulator.planting import ROOT, Fault, all_faults
from tests.faulty_simulator.running import Result, run_fault

LEAST = 0.97
AT_ONCE = 2


def main(names: Iterable[str]) -> int:
    """Print the table; return 1 where too many faults are not noticed."""
    chosen = {*names}
    faults = [fault for fault in all_faults() if not chosen or fault.name in chosen]
    for fault in faults:
        if not fault.has_place:
            say(f"has lost its place: {fault.name} ({fault.file})")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = [*pool.map(_run, [fault for fault in faults if fault.has_place])]
    noticed = [result for result in results if result.noticed]
    say(f"{len(noticed)} of {len(results)} planted faults of the simulator are noticed")
    for result in results:
        if not result.noticed:
            say(f"  not noticed: {result.fault.name} ({result.fault.file})\n{result.why}")
    return 1 if len(noticed) < LEAST * len(results) else 0


def _run(fault: Fault) -> Result:
    result = run_fault(fault, ROOT)
    word = "noticed" if result.noticed else "SURVIVES"
    say(f"{word:<9} {result.seconds:5.1f} s  {fault.file:<48} {fault.name}")
    return result


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
