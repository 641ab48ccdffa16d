from __future__ import annotations

from typing import get_args

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from simulator.conformance.contract import Contract, load_contract
from simulator.conformance.lint import lint_contract
from simulator.vendors.callr.settings import WebhookType

OPERATIONS = [
    "ping_the_api",
    "search_scenarios",
    "create_scenario",
    "get_scenario",
    "update_scenario",
    "delete_scenario",
    "start_scenario",
    "get_an_offline_run",
    "cancel_an_offline_run",
    "attach_number_to_scenario",
    "detach_number_from_scenario",
    "search_audio_files",
    "upload_audio_file",
    "get_audio_file",
    "delete_audio_file",
    "update_audio_file_properties",
    "update_audio_file_with_upload",
    "update_audio_file_on_the_phone",
    "get_credit_balance",
    "get_billing_destinations",
    "hangup_a_live_call",
    "export_calls",
    "search_end_users",
    "create_end_user",
    "get_end_user",
    "update_end_user",
    "delete_end_user",
    "search_phone_numbers",
    "get_phone_number",
    "remove_phone_number_from_your_account",
    "update_a_phone_number",
    "detach_phone_number_from_scenario",
    "attach_phone_number_to_scenario",
    "assign_phone_number_to_end_user",
    "reserve_numbers",
    "buy_phone_numbers",
    "get_reservation_status",
    "cancel_reservation",
    "list_available_countries",
    "list_available_number_types",
    "list_available_prefixes",
    "search_recordings",
    "update_recordings",
    "delete_recordings",
    "get_recording",
    "update_recording",
    "delete_recording",
    "search_sms",
    "send_sms",
    "get_sms",
    "get_task",
    "cancel_task",
    "search_webhooks",
    "create_webhook",
    "get_webhook",
    "update_webhook",
    "delete_webhook",
    "search_webhook_logs",
]
EVENTS = [*get_args(WebhookType)]
SEVERAL_FORMS = {
    "update_audio_file_with_upload": [("PUT", "/file"), ("POST", "/file")],
    "hangup_a_live_call": [("DELETE", "/{callid}"), ("POST", "/hangup")],
    "search_end_users": [("GET", "/end-users"), ("GET", "/endusers")],
    "detach_phone_number_from_scenario": [("DELETE", "/scenario"), ("DELETE", "/{sid}")],
    "assign_phone_number_to_end_user": [("PUT", "/enduser/{sid}"), ("PUT", "/end-user/{sid}")],
    "get_task": [("GET", "/{taskid}"), ("POST", "/{taskid}")],
}


@pytest.fixture(scope="module")
def callr() -> Contract:
    return load_contract("callr")


def test_the_document_is_valid_openapi(callr: Contract) -> None:
    assert list(OpenAPIV31SpecValidator(callr.document).iter_errors()) == []


def test_all_58_operations_are_there_and_no_other(callr: Contract) -> None:
    assert sorted(operation.id for operation in callr.operations) == sorted(OPERATIONS)
    assert len(OPERATIONS) == 58


def test_all_14_events_are_there_and_no_other(callr: Contract) -> None:
    assert len(EVENTS) == 14
    assert [event.id for event in callr.events] == EVENTS
    assert callr.document["components"]["schemas"]["WebhookType"]["enum"] == EVENTS


def test_nothing_in_the_document_lacks_its_mark_or_example(callr: Contract) -> None:
    assert lint_contract(callr) == []


@pytest.mark.parametrize("operation_id", SEVERAL_FORMS)
def test_where_sources_disagree_both_forms_are_served(callr: Contract, operation_id: str) -> None:
    forms = callr.find(operation_id).variants

    for form, (verb, end) in zip(forms, SEVERAL_FORMS[operation_id], strict=True):
        assert (form.method, form.path[-len(end) :]) == (verb, end)


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_form_tells_of_the_refusals_that_may_always_come(callr: Contract, operation_id: str) -> None:
    for form in callr.find(operation_id).variants:
        assert {"400", "401", "403", "404", "405", "413", "429", "500"} <= set(form.replies)
        assert ("415" in form.replies) == bool(form.bodies or form.json_bodies)
        assert {error.status for error in form.errors} <= {int(status) for status in form.replies}
        assert all(error.code for error in form.errors)


def test_links_lead_to_operations_that_exist(callr: Contract) -> None:
    links = [
        link["operationId"]
        for path in callr.document["paths"].values()
        for form in path.values()
        for answer in form["responses"].values()
        for link in answer.get("links", {}).values()
    ]

    assert len(links) > 20
    assert all(callr.find(link) for link in links)
