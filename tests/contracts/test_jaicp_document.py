from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from simulator.conformance.contract import Contract, load_contract
from simulator.conformance.lint import lint_contract
from simulator.vendors.jaicp import vendor

OLD = ["add_phones", "get_report", "cancel", "start", "pause", "resume", "stop"]
CURRENT = [
    "call_job_report",
    "call_job_report_by_date",
    "unfinished_call_jobs",
    "call_attempt_report",
    "call_attempt_report_by_date",
    "campaign_info",
    "campaign_status",
    "crm_add_phone_post",
    "crm_add_phone_get",
    "crm_add_phone_test",
    "add_phone",
]


@pytest.fixture(scope="module")
def jaicp() -> Contract:
    return load_contract("jaicp")


def test_the_document_is_valid_openapi(jaicp: Contract) -> None:
    assert list(OpenAPIV31SpecValidator(jaicp.document).iter_errors()) == []


def test_all_18_operations_are_there_and_no_other(jaicp: Contract) -> None:
    assert [operation.id for operation in jaicp.operations] == OLD + CURRENT


def test_nothing_in_the_document_lacks_its_mark_or_example(jaicp: Contract) -> None:
    assert lint_contract(jaicp) == []


def test_every_operation_is_served_and_none_that_the_document_lacks(jaicp: Contract) -> None:
    served = {
        (verb, route.path.replace("<", "{").replace(">", "}"))
        for route in vendor.operations()
        for verb in route.verbs
    }

    assert served == {
        (form.method, form.path) for operation in jaicp.operations for form in operation.variants
    }


def test_the_documented_seven_belong_to_the_former_edition_or_to_both(jaicp: Contract) -> None:
    editions = {operation.id: operation.variants[0].editions for operation in jaicp.operations}

    assert {name for name, listed in editions.items() if listed == ("1.10.3",)} == {"get_report", "start"}
    assert all(editions[name] == ("current",) for name in CURRENT)


def test_the_known_drift_of_times_is_told(jaicp: Contract) -> None:
    moment = jaicp.document["components"]["schemas"]["Moment"]

    assert moment["type"] == ["integer", "null"]
    assert "date-time" in moment["x-drift"]["declared"]
    assert moment["x-drift"]["wire"] == "integer of milliseconds"
