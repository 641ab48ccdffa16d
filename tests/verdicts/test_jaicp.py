"""Verdicts where a vendor tells how long to wait, knows keys that make requests one, and reads by POST."""

from __future__ import annotations

import pytest

from simulator.conformance.contract import list_contracts, load_contract
from simulator.engine.verification import verdicts_on
from simulator.verdicts.findings import Verdict
from tests.vendors.jaicp.test_simulator import Customer

JOBS = [{"phone": "79160000000"}]


def customer(words: str, more: str = "") -> Customer:
    return Customer(extra=f"{more}\nexpect:\n  - client: {{{words}}}\n")


def judged(client: Customer) -> Verdict:
    (verdict,) = verdicts_on(client.simulator.worlds, client.sandbox)
    return verdict


def add(client: Customer, key: str) -> None:
    assert client.post("addPhones", JOBS, headers={"Idempotence-Key": key}).status_code == 200


def add_in_vain(client: Customer, key: str) -> None:
    """Add the jobs, and never hear of it."""
    client.sandbox.act("arm", fault="test", where="jaicp.add_phones", do="hang 35s")
    with pytest.raises(TimeoutError):
        client.post("addPhones", JOBS, headers={"Idempotence-Key": key})
    client.sandbox.act("disarm", fault="test")


@pytest.mark.parametrize(("key", "held"), [("one", True), ("two", False)])
def test_whoever_repeats_a_lost_request_under_its_key_dials_once(key: str, held: bool) -> None:
    client = customer("double_dials: 0")
    add_in_vain(client, "one")
    client.advance(600)
    add(client, key)

    assert judged(client).held is held


def test_who_dials_twice_is_told_of_the_key_that_makes_requests_one() -> None:
    client = customer("double_dials: 0")
    add_in_vain(client, "one")
    add(client, "two")

    assert "send both with one idempotence-key" in judged(client).write().lower()


def test_two_keys_are_two_wishes() -> None:
    client = customer("double_dials: 0")
    add(client, "one")
    add(client, "two")

    assert judged(client).held


def test_a_lost_answer_is_made_good_once() -> None:
    client = customer("double_dials: at most 1")
    add_in_vain(client, "one")
    for key in ("two", "three"):
        client.advance(600)
        add(client, key)

    assert judged(client).found.startswith("1 of 3 calls")


@pytest.mark.parametrize(("seconds", "status", "held"), [(9, 429, False), (10, 200, True)])
def test_a_client_waits_as_long_as_it_was_told(seconds: float, status: int, held: bool) -> None:
    client = customer("honours: retry_after", "limits: [{where: jaicp.*, allow: 1 per 10s, by: key}]")
    first = [client.post("addPhones", JOBS).status_code for _ in range(2)]
    client.advance(seconds)

    assert [*first, client.post("addPhones", JOBS).status_code] == [200, 429, status]
    assert judged(client).held is held


@pytest.mark.parametrize(("seconds", "held"), [(29, False), (30, True)])
def test_a_report_that_is_asked_for_by_post_is_a_poll(seconds: float, held: bool) -> None:
    client = customer("polls: at most 1 per 30s")
    (job,) = client.add(1)
    for _ in range(2):
        client.read("callJob/getReport", {"ids": [job]})
        client.advance(seconds)

    assert judged(client).held is held


def test_contracts_name_as_readings_only_what_they_have() -> None:
    for contract in map(load_contract, list_contracts()):
        assert contract.reads
        assert contract.reads <= {operation.id for operation in contract.operations}
