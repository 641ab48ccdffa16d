"""What the judge says of clients of Callo: what the vendor takes in silence, and what is in order."""

from __future__ import annotations

import pytest

from tests.vendors.callo.desk import API, KEY, PHONE, Desk, open_desk, read
from tests.vendors.customers import FORM

OTHER = "+380123456789"


def append(desk: Desk, phones: str, **parameters: object) -> int:
    answer = desk.post("phones/append/calls", campaign_id=desk.campaign().ref, phones=phones, **parameters)
    return int(read(answer)["calls_count"])


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
@pytest.mark.parametrize("kind", ["multipart/form-data", "application/json", "text/plain; charset=x"])
def test_a_request_without_a_body_may_announce_any_kind_of_it(verb: str, kind: str) -> None:
    desk = open_desk()

    answer = desk.ask(verb, f"{API}/users/balance/", f"public_key={KEY}", kind=kind)

    assert (answer.status, desk.accusations()) == (200, [])


def test_a_call_may_be_removed_by_get_and_its_result_asked_with_its_campaign() -> None:
    desk = open_desk()
    known = {"call_id": desk.call()["call_id"], "campaign_id": desk.campaign().ref}

    statuses = [desk.get(name, **known).status for name in ("phones/call_by_id", "phones/remove_call")]

    assert (statuses, desk.accusations()) == ([200, 200], [])


def test_numbers_beside_a_file_are_told_as_lost() -> None:
    desk = open_desk()
    files = {"phones_file": ("numbers.csv", OTHER.encode())}

    answer = desk.upload("phones/append/calls", files, campaign_id=desk.campaign().ref, phones=PHONE)

    assert (read(answer)["calls_count"], desk.accusations()) == (1, [("silent-loss", "phones")])


@pytest.mark.parametrize("label", ["метка", "étiquette_1", "標籤"])
def test_a_label_has_letters_of_any_alphabet(label: str) -> None:
    desk = open_desk()
    desk.call(label=label)

    rows = read(
        desk.get("phones/calls_by_label", campaign_id=desk.campaign().ref, labels=f"{label}, {label}")
    )

    assert ([row["label"] for row in rows], desk.accusations()) == ([label], [])


@pytest.mark.parametrize(
    ("phones", "count", "loss", "words"),
    [
        (f"{OTHER},{PHONE}", 1, "numbers_beside", "1 of 1 row; row 1"),
        (f"{OTHER}\n{PHONE},,{OTHER}", 2, "numbers_beside", "1 of 2 rows; row 2"),
        ("a b", 0, "rows_skipped", "1 of 1 row makes no call; row 1: Enter a valid phone number"),
        (f"name,phone\nAnna,{OTHER}", 0, "rows_skipped", "2 of 2 rows make no call; row 1: "),
        (f"name,phone\nAnna,{OTHER}", 0, "rows_skipped", "stands in column 1, not in the first"),
        (f"2026-03-02,{OTHER}", 0, "rows_skipped", "stands in column 1, not in the first"),
        (f"{OTHER}\n12.03.2026", 1, "rows_skipped", "1 of 2 rows makes no call; row 2: "),
    ],
)
def test_lines_that_give_no_call_are_named_with_the_reason(
    phones: str, count: int, loss: str, words: str
) -> None:
    desk = open_desk()

    assert append(desk, phones) == count
    losses = {finding.source.rpartition("/")[2]: finding.arrived for finding in desk.findings}

    assert words in losses[loss]


@pytest.mark.parametrize("phones", [f"phone\n{OTHER}", f"{OTHER},Hello there,order_17", f"{OTHER},1234567"])
def test_a_list_with_a_header_or_with_other_columns_is_in_order(phones: str) -> None:
    desk = open_desk()

    assert (append(desk, phones), desk.accusations()) == (1, [])


@pytest.mark.parametrize(
    ("name", "value", "accusation"),
    [
        ("ivr_lvl_1_btn_Disagree_sms_text", "x", ("silent-loss", "ivr_lvl_1_btn_Disagree_sms_text")),
        ("ivr_lvl_2_btn_ДА_webhook", "https://a.bc", ("silent-loss", "ivr_lvl_2_btn_ДА_webhook")),
        ("ivr_lvl_1_btn_1_to_email", "nope", ("bad-parameter", "ivr_lvl_1_btn_1_to_email")),
        ("ivr_lvl_1_btn_no_to_email", "a@b", ("bad-parameter", "ivr_lvl_1_btn_no_to_email")),
        ("ivr_lvl_1_btn_1_to_email", "toemail@example.com", None),
        ("ivr_lvl_1_btn_no_sms_text", "No?", None),
    ],
)
def test_a_reaction_that_cannot_come_about_is_a_finding(
    name: str, value: str, accusation: tuple[str, str] | None
) -> None:
    desk = open_desk()

    desk.call(**{name: value})

    assert desk.accusations() == ([accusation] if accusation else [])


def test_statistics_without_their_dates_are_answered_and_named() -> None:
    desk = open_desk()

    read(desk.get("phones/camp_stats", campaign_id=desk.campaign().ref, from_date="2026-03-01"))

    assert desk.accusations() == [("missing-parameter", "to_date")]


def test_a_form_sent_twice_over_counts_by_its_last_values() -> None:
    desk = open_desk()
    fields = f"public_key={KEY}&campaign_id={desk.campaign().ref}"
    body = f"{fields}&phone={PHONE}&{fields}&phone={OTHER}".replace("+", "%2B").encode()

    answer = desk.ask("POST", f"{API}/phones/call/", body=body, kind=FORM)

    assert read(answer)["phone"] == OTHER
    assert {code for code, _ in desk.accusations()} == {"repeated-parameter"}


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("phone", "+380 (12) 345-67-89", "write + and 7 to 15 digits alone"),
        ("phone", "380.12.3456789", "write + and 7 to 15 digits alone"),
        ("phone", "00380123456789", "the country's code first"),
        ("label", "order 17", "letters, digits and _ alone, as in order_17"),
        ("max_call_time", "0", "1..86400"),
        ("pincode", "12-34", "digits alone, as in 0042"),
        ("ivr_lvl_1_btn_2_webhook", "localhost:9000/x", "http://hook.localhost:PORT/path"),
        ("ivr_lvl_1_btn_2_to_email", "me", "toemail@example.com"),
        ("ivr_lvl_1_btn_2_to_phone", "+380 12", "write + and 7 to 15 digits alone"),
    ],
)
def test_a_finding_names_the_form_that_is_right(name: str, value: str, advice: str) -> None:
    desk = open_desk()

    desk.post("phones/call", **{"campaign_id": desk.campaign().ref, "phone": PHONE, name: value})

    assert [finding.where for finding in desk.findings] == [name]
    assert advice in desk.findings[0].fix


@pytest.mark.parametrize("name", ["text_from_column", "label_from_column"])
def test_a_column_that_a_type_of_campaign_does_not_read_is_named(name: str) -> None:
    desk = open_desk()
    ref = desk.campaign("pincode_incoming").ref

    desk.post("phones/append/calls", campaign_id=ref, phones=f"{PHONE},a", **{name: 1})

    assert desk.accusations() == [("silent-loss", name)]


@pytest.mark.parametrize(("phone", "accusations"), [(PHONE, []), (OTHER, [("silent-loss", "phone")])])
def test_a_phone_beside_an_id_is_not_looked_at_and_named_where_it_is_anothers(
    phone: str, accusations: list[tuple[str, str]]
) -> None:
    desk = open_desk()
    call = desk.call()["call_id"]

    read(desk.post("phones/remove_call", campaign_id=desk.campaign().ref, call_id=call, phone=phone))

    assert desk.accusations() == accusations


def test_the_scheme_of_a_webhook_may_be_in_capitals_as_it_is_called_all_the_same() -> None:
    desk = open_desk()

    desk.call(ivr_lvl_1_btn_1_webhook="HTTP://hook.localhost:9/called")

    assert desk.accusations() == []


@pytest.mark.parametrize(
    ("pincode", "asked", "mark"),
    [
        ("12-34", "Digits alone; leading zeros count.", "documented"),  # "Integer"
        ("12345678901", "at most 10 characters", "inferred"),
    ],
)
def test_that_a_code_is_a_number_is_documented_and_how_long_it_is_is_not(
    pincode: str, asked: str, mark: str
) -> None:
    desk = open_desk()

    desk.post("phones/confirm", campaign_id=desk.campaign("pincode").ref, phone=PHONE, pincode=pincode)

    assert [(finding.asked, finding.provenance) for finding in desk.findings] == [(asked, mark)]


def test_a_path_beside_the_document_is_named_as_such() -> None:
    desk = open_desk()

    answer = desk.ask("GET", f"{API}/def_codes/by_phone/", "phone=79680000000")

    assert answer.status == 404
    assert [(finding.code, finding.severity) for finding in desk.findings] == [
        ("unknown-operation", "warning")
    ]
    assert "exists at the vendor" in desk.findings[0].fix
