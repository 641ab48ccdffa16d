from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from simulator.conformance.contract import Contract, load_contract
from simulator.conformance.lint import lint_contract

OPERATIONS = [
    "add_call",
    "add_confirm_call",
    "add_tellcode_call",
    "add_flashcall",
    "append_calls",
    "call_by_id",
    "calls_by_phone",
    "all_calls",
    "calls_by_label",
    "camp_stats",
    "remove_call",
    "upload_audio",
    "audio_info",
    "stoplist",
    "call_ids_by_phonelist",
    "balance",
    "campaign_cost",
    "campaigns",
]
TWO_VERBS = {"add_call", "add_confirm_call", "add_tellcode_call", "add_flashcall", "remove_call"}
POSTED = TWO_VERBS | {"append_calls", "remove_call", "upload_audio", "stoplist"}


@pytest.fixture(scope="module")
def callo() -> Contract:
    return load_contract("callo")


def test_the_document_is_valid_openapi(callo: Contract) -> None:
    errors = list(OpenAPIV31SpecValidator(callo.document).iter_errors())

    assert errors == []


def test_all_18_operations_are_there_and_no_other(callo: Contract) -> None:
    assert [operation.id for operation in callo.operations] == OPERATIONS


def test_nothing_in_the_document_lacks_its_mark_or_example(callo: Contract) -> None:
    assert lint_contract(callo) == []


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_add_operations_and_removal_also_answer_get_and_readers_never_answer_post(
    callo: Contract, operation_id: str
) -> None:
    verbs = set(callo.find(operation_id).verbs)

    assert ("POST" in verbs) == (operation_id in POSTED)
    assert ("GET" in verbs) == (operation_id in TWO_VERBS or operation_id not in POSTED)


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_form_tells_of_refusals_redirects_verbs_and_the_rate_limit(
    callo: Contract, operation_id: str
) -> None:
    for variant in callo.find(operation_id).variants:
        known = set(variant.replies)

        assert {"200", "301", "400", "405", "429"} <= known
        assert ("413" in known) == (variant.method == "POST")
        assert variant.errors


def test_links_lead_to_operations_that_exist(callo: Contract) -> None:
    links = [
        link["operationId"]
        for operation in callo.document["paths"].values()
        for form in operation.values()
        for link in form["responses"]["200"].get("links", {}).values()
    ]

    assert set(links) == {"call_by_id", "remove_call", "call_ids_by_phonelist", "audio_info"}
    assert all(callo.find(link) for link in links)
