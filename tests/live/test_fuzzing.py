"""`contracts fuzz`: requests made from a contract, whose answers are judged; drift is named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec import structs

from simulator import Simulator
from simulator.cli import main
from simulator.conformance.contract import load_contract
from simulator.errors import SimulatorError
from simulator.exchange import Answer, Request
from simulator.live.fuzz_command import describe_finding, fuzz_simulated, fuzz_target
from simulator.live.fuzzing import FuzzPlan, _schemathesis

READS = FuzzPlan(examples=2, seconds=8, phases=("examples", "fuzzing"))


class Vendor:
    """A simulated Callo in the place of a real one, whose answers may be changed on their way."""

    url = "https://callo.test"

    def __init__(self, simulator: Simulator) -> None:
        self.sandbox = simulator.worlds.sandbox()
        self.known: Mapping[str, Any] = simulator.worlds.credentials("callo")
        self.asked: list[str | None] = []
        self.renamed: tuple[bytes, bytes] = (b"", b"")

    def __call__(self, request: Request) -> Answer:
        reply = self.sandbox.answer("callo", request)
        self.asked.append(reply.exchange.operation)
        answer = reply.answer
        return structs.replace(answer, body=answer.body.replace(*self.renamed)) if self.renamed[0] else answer


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    simulator = Simulator(vendors=("callo",))
    yield Vendor(simulator)
    simulator.close()


@pytest.mark.parametrize("name", ["callr", "jaicp", "control"])
@pytest.mark.thorough
def test_whatever_is_asked_the_answers_keep_the_contract(name: str) -> None:
    result = CliRunner().invoke(main, ["contracts", "fuzz", name, "--examples", "1", "--seconds", "12"])

    assert result.exit_code == 0, result.output
    assert result.output.endswith("no findings\n")
    assert "examples" in result.output


def queries_of(vendor: Vendor, seed: int) -> list[str]:
    """Return what a fuzz by a seed asks for calls."""
    queries: list[str] = []

    def ask(request: Request) -> Answer:
        queries.append(request.query)
        return vendor(request)

    plan = FuzzPlan(examples=3, phases=("fuzzing",), known=vendor.known, seed=seed)
    fuzz_target(load_contract("callo"), ask, replace(plan, operations=frozenset(["all_calls"])))
    return queries


def test_a_seed_makes_other_requests_and_the_same_ones_again(vendor: Vendor) -> None:
    first, again, other = (queries_of(vendor, seed) for seed in (1, 1, 2))

    assert first
    assert first == again != other


def test_a_renamed_field_is_named_and_nothing_else(vendor: Vendor) -> None:
    vendor.renamed = (b'"balance"', b'"credit"')
    contract = load_contract("callo")
    plan = replace(READS, known=vendor.known, operations=frozenset(["balance", "campaigns"]))
    result = fuzz_target(contract, vendor, plan)

    lines = [describe_finding(finding, vendor.known) for finding in result.findings.values()]
    assert {first.split(":")[0] for first, *_ in lines} == {"balance"}
    assert "credit" in lines[0][1], lines
    assert str(vendor.known["public_key"]) not in str(lines)
    assert result.operations >= {"campaigns"}


def break_down(*_given: object) -> None:
    raise ZeroDivisionError("on purpose")


def test_a_handler_that_fails_is_a_finding_though_its_vendor_documents_a_500(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simulator.vendors.callr.routes.account.render_destinations", break_down)

    plan = FuzzPlan(examples=20, phases=("fuzzing",), operations=frozenset(["get_billing_destinations"]))
    findings = fuzz_simulated("callr", plan).findings.values()

    failed = [one for one in findings if one.violation.code == "failed"]
    assert {one.exchange.operation for one in failed} == {"get_billing_destinations"}
    assert "(ZeroDivisionError: on purpose)" in failed[0].violation.arrived


def test_a_name_with_a_question_mark_stays_a_part_of_the_path() -> None:
    paths: set[str] = set()

    def ask(request: Request) -> Answer:
        paths.add(request.path)
        return Answer(404)

    plan = FuzzPlan(examples=20, phases=("fuzzing",), known={"sid": "why?#me"})
    result = fuzz_target(load_contract("callr"), ask, replace(plan, operations=frozenset(["get_audio_file"])))

    assert result.troubles == []
    assert paths == {"/v2.0/audio-files/why?#me"}


def test_what_is_ended_early_does_not_tell_that_all_was_tried(vendor: Vendor) -> None:
    def ended(request: Request) -> Answer:
        if len(vendor.asked) == 3:
            raise KeyboardInterrupt
        return vendor(request)

    plan = replace(READS, known=vendor.known, operations=frozenset(["balance", "campaigns"]))
    result = fuzz_target(load_contract("callo"), ended, plan)

    assert result.troubles == ["it was ended before all was tried"]
    assert len(vendor.asked) == 3


def test_a_real_vendor_is_asked_nothing_but_what_reads(vendor: Vendor) -> None:
    contract = load_contract("callo")
    reading = frozenset(contract.allowed([]))
    plan = FuzzPlan(examples=1, phases=("coverage",), known=vendor.known, operations=reading)
    result = fuzz_target(contract, vendor, plan)

    assert {*vendor.asked} <= reading
    assert len({*vendor.asked}) > 5
    assert sum(result.requests.values()) == len(vendor.asked)
    assert len(vendor.sandbox.world.calls) == 0


def test_effects_are_let_in_by_name() -> None:
    contract = load_contract("callr")

    assert "send_sms" in contract.allowed(["messages"])
    assert {"send_sms", "buy_phone_numbers", "delete_webhook"}.isdisjoint(contract.allowed(["calls"]))
    assert contract.effect_of("search_sms") == ""
    assert contract.effect_of("delete_webhook") == "changes"


def test_without_schemathesis_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "schemathesis", None)

    with pytest.raises(SimulatorError, match="extra `contract`"):
        _schemathesis()


def test_a_key_is_read_from_a_file_or_refused(tmp_path: Any) -> None:
    (tmp_path / "key").write_text("0123\n")
    shown = CliRunner().invoke(main, ["contracts", "fuzz", "callo", "--key", "public_key"])
    missing = CliRunner().invoke(main, ["contracts", "fuzz", "callo", "--key", f"public_key=@{tmp_path}/no"])

    assert (shown.exit_code, missing.exit_code) == (2, 2)
    assert "write public_key=..." in shown.output
    assert json.dumps("No such file")[1:-1] in missing.output
