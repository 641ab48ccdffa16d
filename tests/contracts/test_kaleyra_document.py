from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from simulator.conformance.contract import Contract, load_contract
from simulator.conformance.lint import lint_contract
from simulator.vendors.kaleyra import vendor
from simulator.vendors.kaleyra.refusals import CATALOGUE

VOICE = [
    "click_to_call",
    "click_to_call_status",
    "call_details",
    "blacklist",
    "undo_blacklist",
    "create_follow_up",
    "edit_follow_up",
    "follow_up_report",
    "health",
    "autodial_add",
    "autodial_import",
    "start_obd_call",
    "obd_call_json",
    "obd_status",
    "obd_group_status",
]
OBD = ["obd_api_start_call", "obd_api_status", "obd_api_group_status"]
OBSERVED = {"call_reports"}
OTHERS = {"recording"}


@pytest.fixture(scope="module")
def kaleyra() -> Contract:
    return load_contract("kaleyra")


def test_the_document_is_valid_openapi(kaleyra: Contract) -> None:
    assert list(OpenAPIV31SpecValidator(kaleyra.document).iter_errors()) == []


def test_nothing_in_the_document_lacks_its_mark_or_example(kaleyra: Contract) -> None:
    assert lint_contract(kaleyra) == []


def test_all_operations_are_there_and_no_other(kaleyra: Contract) -> None:
    documented = {operation.id for operation in kaleyra.operations if operation.provenance == "documented"}

    assert documented == {*VOICE, *OBD}
    assert {operation.id for operation in kaleyra.operations} == documented | OBSERVED | OTHERS


def test_the_document_and_the_routes_name_the_same_operations(kaleyra: Contract) -> None:
    assert {route.operation for route in vendor.operations()} == {
        operation.id for operation in kaleyra.operations
    }


@pytest.mark.parametrize("operation_id", [*VOICE, *OBD])
def test_every_operation_tells_its_formats(kaleyra: Contract, operation_id: str) -> None:
    formats = 5 if "obd" in operation_id else 3

    for variant in kaleyra.find(operation_id).variants:
        assert len(variant.replies["200"].bodies) == formats


def test_two_codes_are_the_vendors_word_and_all_others_are_marked() -> None:
    documented = {refusal.code for refusal in CATALOGUE.values() if refusal.provenance == "documented"}

    assert documented == {"E542", "E701"}
    assert {refusal.provenance for refusal in CATALOGUE.values()} == {"documented", "inferred"}


def test_every_refusal_has_a_code_and_words_of_its_own() -> None:
    codes = {fact: wording.code for fact, wording in CATALOGUE.items() if fact != "verb_refused"}

    assert len(set(codes.values())) == len(codes)
    assert CATALOGUE["verb_refused"].code == codes["any_other"]
    assert len({wording.message for wording in CATALOGUE.values()}) == len(CATALOGUE)


def test_the_document_tells_the_words_that_are_answered(kaleyra: Contract) -> None:
    texts = {name: error.text for name, error in kaleyra.errors.items()}

    assert texts == {name: wording.message for name, wording in CATALOGUE.items()}
