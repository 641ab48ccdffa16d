from __future__ import annotations

import gc

import pytest

from simulator.collecting import LARGE, collecting_later


def test_the_collector_rests_during_a_large_request_alone() -> None:
    with collecting_later(LARGE):
        assert gc.isenabled()
    with collecting_later(LARGE + 1):
        assert not gc.isenabled()

    assert gc.isenabled()


def test_it_wakes_after_a_request_that_failed() -> None:
    with pytest.raises(ValueError, match="broken"), collecting_later(LARGE + 1):
        raise ValueError("broken")

    assert gc.isenabled()


def test_whoever_put_it_to_rest_before_wakes_it() -> None:
    gc.disable()
    try:
        with collecting_later(LARGE + 1):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
