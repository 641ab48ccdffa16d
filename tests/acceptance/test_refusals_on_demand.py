"""Every refusal that a contract writes down can be asked for by its name, and comes in exactly its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client

from simulator import Simulator
from simulator.conformance.error_texts import ErrorText, error_called
from simulator.conformance.operations import Operation, Variant
from simulator.conformance.refusals import find_errors, words_of
from simulator.errors import BrokenScenario
from simulator.exchange import Exchange
from simulator.scenario.loading import load_text
from simulator.vendors import vendor_names
from simulator.web.handover import ConnectionCut
from tests.acceptance.stage_hands import enter, written


def refused(simulator: Simulator, vendor: str, operation: Operation, error: ErrorText) -> Exchange:
    """Ask for one refusal of one operation, and return what was said."""
    sandbox, form = simulator.worlds.sandbox(), operation.variants[0]
    where = f"{vendor}.{operation.id}"
    sandbox.act("arm", fault="on demand", where=where, do=f"refuse {error.name}")
    selected = {name: value or "1" for name, value in form.selectors.items()}
    path = re.sub(r"\{[^{}]+\}", "1", form.path.partition("#")[0])
    Client(simulator).open(f"/{vendor}{path}?{urlencode(selected)}", method=form.method)
    sandbox.act("disarm", fault="on demand")
    exchange: Exchange = [*sandbox.recorder.journal][-1]
    return exchange


def staged(simulator: Simulator, vendor: str) -> Iterator[tuple[Variant, ErrorText, Exchange]]:
    for operation in simulator.worlds.setup.contract(vendor).operations:
        for error in operation.errors:
            yield operation.variants[0], error, refused(simulator, vendor, operation, error)


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_refusal_of_every_operation_comes_in_the_words_of_its_contract(vendor: str) -> None:
    simulator = Simulator(vendors=(vendor,), show_numbers=True)
    contract, wrong, count = simulator.worlds.setup.contract(vendor), [], 0
    for form, error, exchange in staged(simulator, vendor):
        count += 1
        words = words_of(contract, form, exchange.answer).text
        met = find_errors(contract, form, exchange.answer.status, words or "") or []
        ours = [violation for violation in exchange.violations if violation.blame == "simulator"]
        right = error.text in {refusal.text for refusal in met} and exchange.answer.status == error.status
        if not right or ours or exchange.rule != "fault: on demand":
            wrong.append((form.operation, error.name, exchange.answer.status, words, ours, exchange.rule))

    assert wrong == []
    assert count > 100


JOBS = "/jaicp/api/calls/campaign/{token}"
PHONE = "447911123770"


@pytest.mark.parametrize(
    ("vendor", "operation", "name", "path", "sent", "envelope"),
    [
        (
            *("jaicp", "add_phones", "phone_duplicated", f"{JOBS}/addPhones"),
            *({"json": [{"phone": PHONE}]}, {"phone": PHONE, "phonesDuplicates": [PHONE]}),
        ),
        (
            *("jaicp", "add_phones", "zone_invalid", f"{JOBS}/addPhones"),
            *({"json": [{"phone": 447911123770, "gmtZone": "+3"}]}, {"phone": PHONE, "gmtZone": "+3"}),
        ),
        (
            *("jaicp", "call_job_report", "id_unknown", f"{JOBS}/callJob/getReport"),
            *({"json": {"ids": ["7", "8"]}}, {"message": "Not found: 7"}),
        ),
        (
            *("kaleyra", "click_to_call", "caller_id_unknown", "/kaleyra/v1/"),
            {"data": {"method": "dial.click2call", "caller_id": "8000000009", "receiver": "9123456789"}},
            {"message": "Caller ID 8000000009 is not assigned to the account"},
        ),
        (
            *("kaleyra", "obd_group_status", "group_unknown", "/kaleyra/v1/"),
            *({"data": {"method": "voice.groupstatus", "groupid": "77"}}, {"message": "Group 77 not found"}),
        ),
    ],
)
def test_a_refusal_on_demand_names_what_the_request_has(
    vendor: str, operation: str, name: str, path: str, sent: dict[str, Any], envelope: dict[str, Any]
) -> None:
    simulator = Simulator(vendors=(vendor,))
    credentials = simulator.worlds.credentials(vendor)
    where = f"{vendor}.{operation}"
    simulator.worlds.sandbox().act("arm", fault="on demand", where=where, do=f"refuse {name}")
    if "data" in sent:
        sent = {"data": {**sent["data"], "format": "json", "api_key": credentials["api_key"]}}
    answer = Client(simulator).post(path.format(**credentials), **sent)

    assert answer.json is not None
    assert answer.json.items() >= envelope.items()


@pytest.mark.parametrize(
    ("vendor", "operation", "code", "name"),
    [
        ("kaleyra", "health", "E542", "plugin_inactive"),
        ("callo", "add_call", "phone_invalid", "phone_invalid"),
        ("jaicp", "add_phones", "invalid.call.task.state", "campaign_finished"),
        ("callr", "send_sms", "insufficient-credit", "credit_short"),
    ],
)
def test_a_refusal_may_be_asked_for_by_the_code_that_programs_read(
    vendor: str, operation: str, code: str, name: str
) -> None:
    errors = Simulator(vendors=(vendor,)).worlds.setup.contract(vendor).find(operation).errors
    error = error_called(errors, code)

    assert error is not None
    assert error.name == name


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_name_and_every_code_of_an_operation_s_refusals_may_stand_in_a_scenario(vendor: str) -> None:
    simulator = Simulator(vendors=(vendor,))
    rules = [
        f"- {{where: {vendor}.{operation.id}, do: refuse {name}}}"
        for operation in simulator.worlds.setup.contract(vendor).operations
        for error in operation.errors
        for name in filter(None, (error.name, None if error.is_open else error.code))
    ]
    text = "\n".join(["sim: 1", "faults:", *rules])

    assert len(simulator.worlds.open("all", load_text(text.encode(), "all.yaml")).faults.list()) == len(rules)


@pytest.mark.parametrize("vendor", vendor_names())
def test_there_is_no_refusal_that_no_operation_can_be_made_to_answer(vendor: str) -> None:
    contract = Simulator(vendors=(vendor,)).worlds.setup.contract(vendor)
    staged = {error.name for operation in contract.operations for error in operation.errors}

    assert staged == set(contract.errors)


def test_a_refusal_of_all_operations_befalls_those_that_have_it_and_passes_the_others_by() -> None:
    plan = "faults: [{where: callo.*, do: refuse label_taken}]"
    stranger = enter(written(plan))
    balance, call = stranger.get("users/balance"), stranger.call("+493012345678")

    assert (balance.status_code, call.status_code) == (200, 400)
    assert call.json == {"status": "error", "data": "Form isn't valid: * label\n  * Duplicate label"}
    assert stranger.sandbox.world.calls == []


def test_a_refusal_on_demand_is_nobody_s_fault() -> None:
    stranger = enter(written("faults: [{where: callo.add_call, do: refuse phone_missing}]"))
    stranger.call("+493012345678")
    (exchange,) = stranger.sandbox.recorder.journal

    assert exchange.violations == ()
    assert str(exchange.rule).startswith("fault: stranger.yaml:")


@pytest.mark.parametrize(
    ("where", "name", "message"),
    [
        ("callo.add_call", "phone_mising", "did you mean 'phone_missing'?"),
        ("callo.balance", "phone_missing", "callo.balance has no refusal 'phone_missing'; "),
        ("kaleyra.*", "E543", "kaleyra.* has no refusal 'E543'; did you mean 'E542'?"),
        ("callr.send_sms", "insufficient-credits", "did you mean 'insufficient-credit'?"),
    ],
)
def test_a_refusal_that_no_operation_there_has_is_refused_when_loaded(
    where: str, name: str, message: str
) -> None:
    scenario = load_text(f"sim: 1\nfaults: [{{where: {where}, do: refuse {name}}}]".encode(), "mine.yaml")
    with pytest.raises(BrokenScenario, match=re.escape(message)) as caught:
        Simulator().worlds.open("mine", scenario)

    assert caught.value.findings[0].startswith("mine.yaml:2:")


def test_a_call_that_was_accepted_is_placed_though_the_client_sees_a_503() -> None:
    stranger = enter(
        written("faults: [{where: callo.add_call, when: request 1, do: accept then status 503}]")
    )
    answer = stranger.call("+493012345678")
    stranger.advance(minutes=1)
    (exchange,) = stranger.sandbox.recorder.journal

    assert (answer.status_code, answer.data) == (503, b"")
    assert [call.callee for call in stranger.sandbox.world.calls] == ["+493012345678"]
    assert exchange.lost
    assert exchange.violations == ()


def test_a_connection_that_is_reset_after_the_work_leaves_a_call() -> None:
    stranger = enter(written("faults: [{where: callo.add_call, do: accept then reset}]"))
    with pytest.raises(ConnectionCut):
        stranger.call("+493012345678")

    assert [call.callee for call in stranger.sandbox.world.calls] == ["+493012345678"]
