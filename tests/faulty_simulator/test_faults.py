"""Each planted fault of the simulator is noticed by a test of ours: a few in CI, all by `make faults`."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faulty_simulator.planting import ROOT, Fault, all_faults
from tests.faulty_simulator.running import run_fault

LEAST = 60
EVERY = 43
MOST_WITHOUT_A_PLACE = 8
"""Whoever rewrites a line need not rewrite its fault at once; the long form names them."""

FAULTS = all_faults()
PLANTED = [fault for fault in FAULTS if fault.has_place]


def test_there_are_enough_faults_and_each_has_a_name_of_its_own() -> None:
    names = Counter(fault.name for fault in FAULTS)

    assert len(PLANTED) >= LEAST
    assert [name for name, count in names.items() if count > 1] == []


def test_nearly_each_fault_still_has_its_place_and_all_have_their_tests() -> None:
    gone = [path.partition("::")[0] for fault in FAULTS for path in fault.tests.split() if "/" in path]

    assert [path for path in gone if not (ROOT / path).exists()] == []
    assert len([fault.name for fault in FAULTS if not fault.has_place]) <= MOST_WITHOUT_A_PLACE
    for fault in PLANTED:
        compile(fault.planted(), fault.file, "exec")


@pytest.mark.parametrize("fault", PLANTED[::EVERY], ids=lambda fault: fault.name)
@pytest.mark.thorough
def test_a_planted_fault_is_noticed(fault: Fault) -> None:
    result = run_fault(fault, ROOT)

    assert result.noticed, result.why
