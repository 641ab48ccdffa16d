import pytest

from simulator.exchange import Request
from simulator.state.inputs import IncompleteLog, Input, InputLog, RequestArrived, TimeReached
from tests.telephony.network import START


def test_a_log_gives_back_its_inputs_in_order() -> None:
    log = InputLog()
    entries = [Input(START, RequestArrived("callo", Request("GET", "/"))), Input(START, TimeReached())]
    for entry in entries:
        log.append(entry)

    assert list(log) == entries


def test_a_log_that_ran_over_says_so_instead_of_giving_half_a_story() -> None:
    log = InputLog(max_bytes=1_000)
    for _ in range(2):
        log.append(Input(START, RequestArrived("callo", Request("POST", "/", body=b"x" * 600))))

    with pytest.raises(IncompleteLog, match="passed 1000 bytes"):
        list(log)
