from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from simulator.conformance.checks import check
from simulator.conformance.contract import Contract
from simulator.exchange import Request, Violation
from tests.conformance.exchanges import CALL, KEY, ROW, answer, exchange, get, post, refusal
from tests.contracts.recorded import BOUNDARY, multipart

RESULTS = answer([ROW])
IVR = "ivr_lvl_1_btn_1_sms_text"


def judge(contract: Contract, request: Request, answered: Any = None) -> Violation:
    """Return the one breach that the judge finds."""
    (violation,) = check(contract, exchange(request, answered))
    return violation


def added(**changes: str) -> Request:
    """Return an add_call with some fields more, or other ones."""
    return post("/phones/call/", {**CALL, **changes})


@pytest.mark.parametrize(
    "name", ["text", IVR, "ivr_lvl_2_btn_с_to_email", "ivr_lvl_1_btn_not now_sms_text", "json"]
)
def test_documented_and_observed_parameters_are_in_order(callo: Contract, name: str) -> None:
    value = "1" if name == "json" else "a@example.com"

    assert check(callo, exchange(added(**{name: value}))) == []


def test_parameters_of_a_post_may_stand_in_the_query(callo: Contract) -> None:
    in_query = replace(get("/phones/call/", CALL), method="POST")

    assert check(callo, exchange(in_query)) == []
    assert check(callo, exchange(get("/phones/call/", CALL))) == []


def test_a_misspelt_parameter_is_named_with_the_one_that_was_meant(callo: Contract) -> None:
    violation = judge(callo, added(speeker="Maxim"))

    assert (violation.code, violation.where, violation.blame) == ("unknown-parameter", "speeker", "client")
    assert violation.fix == "did you mean `speaker`?"
    assert "Maxim" not in violation.arrived


def test_a_misspelt_individual_parameter_is_recognised_by_its_sample(callo: Contract) -> None:
    violation = judge(callo, added(ivr_lvl_1_btn_1_smstext="Hi"))

    assert violation.fix == "did you mean `ivr_lvl_1_btn_1_sms_text`?"


def test_a_parameter_that_came_itself_is_not_what_was_meant(callo: Contract) -> None:
    violation = judge(callo, added(speaker="Maxim", speeker="Maxim"))

    assert violation.fix == "leave `speeker` out: it is silently ignored"


def test_a_parameter_like_no_other_gets_no_guess(callo: Contract) -> None:
    violation = judge(callo, added(zzz="1"))

    assert violation.fix == "leave `zzz` out: it is silently ignored"


def test_a_thousand_unknown_parameters_give_twenty_breaches(callo: Contract) -> None:
    violations = check(callo, exchange(added(**{f"x{number}": "" for number in range(900)})))

    assert [violation.code for violation in violations] == ["unknown-parameter"] * 20


def test_a_missing_parameter_is_told_with_its_place_in_the_document(callo: Contract) -> None:
    fields = {"public_key": KEY, "phone": "+380123456789"}
    violation = judge(callo, post("/phones/call/", fields))

    assert (violation.code, violation.where) == ("missing-parameter", "campaign_id")
    assert (
        violation.source
        == "contracts/callo/openapi.yaml#/components/schemas/AddCallForm/properties/campaign_id"
    )
    assert violation.provenance == "documented"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("campaign_id", "12a"),
        ("campaign_id", "١٢"),
        ("campaign_id", "1_2"),
        ("campaign_id", " 12"),
        ("campaign_id", "0"),
        ("label", "two words"),
        ("label", "line\n"),
        ("pincode", "12\n"),
        ("pincode", "١٢٣٤"),
        ("max_call_time", "1.5"),
        ("record", "yes"),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_breach(callo: Contract, name: str, value: str) -> None:
    violation = judge(callo, added(**{name: value}))

    assert (violation.code, violation.where) == ("bad-parameter", name)


def test_an_observed_keyword_keeps_its_own_mark(callo: Contract) -> None:
    assert judge(callo, added(public_key="1")).provenance == "observed"


@pytest.mark.parametrize(("name", "value"), [("phone", "+38-0123456789"), ("public_key", KEY.upper())])
def test_a_violation_holds_what_came_for_whoever_shows_it_masks_it(
    callo: Contract, name: str, value: str
) -> None:
    violation = judge(callo, added(**{name: value}))

    assert (violation.code, violation.arrived) == ("bad-parameter", f'"{value}"')


def test_a_bare_plus_in_a_query_is_explained(callo: Contract) -> None:
    request = get("/phones/call/", {**CALL, "phone": " 380123456789"})
    violation = judge(callo, request)

    assert violation.fix == "encode the + of `phone` as %2B: a bare + in a query or a form means a space"


def test_one_parameter_in_query_and_body_is_repeated(callo: Contract) -> None:
    request = replace(added(), query="campaign_id=1127902348")
    violation = judge(callo, request)

    assert (violation.code, violation.where, violation.arrived) == (
        "repeated-parameter",
        "campaign_id",
        "2 times",
    )


def test_the_single_and_the_plural_form_exclude_each_other(callo: Contract) -> None:
    fields = {"public_key": KEY, "call_id": "170925203120219", "call_ids": "1,2"}
    violation = judge(callo, get("/phones/call_by_id/", fields), RESULTS)

    assert (violation.code, violation.where) == ("exclusive-parameters", "call_id,call_ids")


def test_neither_the_single_nor_the_plural_form_is_a_breach_too(callo: Contract) -> None:
    violation = judge(callo, get("/phones/call_by_id/", {"public_key": KEY}), RESULTS)

    assert (violation.code, violation.where) == ("missing-choice", "call_id,call_ids")


@pytest.mark.parametrize(("count", "codes"), [(200, []), (201, ["too-many-items"])])
def test_at_most_200_ids_go_into_one_request(callo: Contract, count: int, codes: list[str]) -> None:
    ids = ",".join(str(170925203120219 + number) for number in range(count))
    violations = check(
        callo, exchange(get("/phones/call_by_id/", {"public_key": KEY, "call_ids": ids}), RESULTS)
    )

    assert [violation.code for violation in violations] == codes


def test_labels_may_be_parted_by_a_comma_and_a_space(callo: Contract) -> None:
    fields = {"public_key": KEY, "campaign_id": "1", "labels": "call_label1, call_label2, 3345"}
    row = {**ROW, "label": "3345"}

    assert check(callo, exchange(get("/phones/calls_by_label/", fields), answer([row]))) == []


@pytest.mark.parametrize("path", ["/phones/remove_call/", "/phones/append/calls/"])
def test_one_of_two_ways_to_name_the_calls_is_needed(callo: Contract, path: str) -> None:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    request = replace(post(path, {}, kind), body=multipart({"public_key": KEY, "campaign_id": "1"}, {}))
    violations = check(callo, exchange(request, refusal("Campaign by id=1 don't found")))

    assert [violation.code for violation in violations] == ["missing-choice"]


def test_a_file_sent_as_text_is_told_apart_from_a_missing_one(callo: Contract) -> None:
    request = upload({"public_key": KEY, "clip_name": "Hi", "clip_file": "RIFF"}, {})
    violation = judge(callo, request, refusal("Form isn't valid: * clip_file\n  * This field is required."))

    assert (violation.code, violation.where, violation.asked) == ("wrong-part", "clip_file", "a file")


def test_text_sent_as_a_file_is_a_breach(callo: Contract) -> None:
    file = {"filename": "a.wav", "content_type": "audio/wav", "body": "RIFF"}
    request = upload({"public_key": KEY}, {"clip_name": file, "clip_file": file})
    violation = judge(callo, request, refusal("Form isn't valid: * clip_name\n  * This field is required."))

    assert (violation.code, violation.where, violation.asked) == ("wrong-part", "clip_name", "text")


def upload(fields: dict[str, str], files: dict[str, dict[str, str]]) -> Request:
    """Return an upload of a clip."""
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return replace(post("/audio/upload/", {}, kind), body=multipart(fields, files))


@pytest.mark.parametrize(
    ("headers", "arrived"), [((("Content-Type", "application/json"),), "application/json"), ((), "none")]
)
def test_a_body_that_this_vendor_does_not_read_is_the_one_breach(
    callo: Contract, headers: tuple[tuple[str, str], ...], arrived: str
) -> None:
    request = replace(added(), body=b'{"phone": "+380123456789"}', headers=headers)
    violation = judge(callo, request, refusal("Form isn't valid: * phone\n  * This field is required."))

    assert (violation.code, violation.arrived) == ("wrong-body-type", arrived)


def test_a_get_has_no_body(callo: Contract) -> None:
    request = replace(get("/phones/call_by_id/", {"public_key": KEY, "call_id": "7"}), body=b"expand=1")

    assert judge(callo, request, RESULTS).asked == "no body"


def test_a_form_that_cannot_be_read_is_one_breach_not_many(callo: Contract) -> None:
    request = replace(added(), body=b"phone=%ff")
    violation = judge(callo, request, refusal("Form isn't valid: * phone\n  * This field is required."))

    assert violation.code == "malformed-body"


def test_a_request_that_was_refused_is_judged_all_the_same(callo: Contract) -> None:
    refused = refusal("Form isn't valid: * campaign_id\n  * Enter a whole number.")

    assert judge(callo, added(campaign_id="x"), refused).code == "bad-parameter"
    assert check(callo, exchange(added(), refusal("Campaign by id=1127902348 don't found"))) == []
