"""Each planted fault of the simulator is noticed by a test of ours: a few in CI, all by `make faults`."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faulty_simulator.planting import ROOT, Fault, all_faults
from tests.faulty_simulator.running import run_fault

LEAST = 60
EVERY = 43
FAULTS = all_faults()


def test_there_are_enough_faults_and_each_has_a_name_of_its_own() -> None:
    names = Counter(fault.name for fault in FAULTS)

    assert len(FAULTS) >= LEAST
    assert [name for name, count in names.items() if count > 1] == []


def test_each_fault_still_has_its_place_and_its_tests() -> None:
    gone = [path.partition("::")[0] for fault in FAULTS for path in fault.tests.split() if "/" in path]

    assert [path for path in gone if not (ROOT / path).exists()] == []
    for fault in FAULTS:
        compile(fault.planted(), fault.file, "exec")


@pytest.mark.parametrize("fault", FAULTS[::EVERY], ids=lambda fault: fault.name)
def test_a_planted_fault_is_noticed(fault: Fault) -> None:
    result = run_fault(fault, ROOT)

    assert result.noticed, result.why
