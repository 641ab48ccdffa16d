from __future__ import annotations

import pytest

from simulator.conformance.contract import Contract, load_contract


@pytest.fixture(scope="session")
def callo() -> Contract:
    return load_contract("callo")
