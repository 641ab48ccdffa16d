"""`append/calls`: lists as text, CSV and Excel, taken at once and called later."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from simulator.telephony.calls import Call
from simulator.telephony.campaigns import PhoneList
from tests.vendors.callo.desk import PHONE, Desk, open_desk, read, refusal

NUMBERS = [f"+4479000000{place:02}" for place in range(1, 4)]


AT_LEAST_0 = "Ensure this value is greater than or equal to 0."
AT_MOST_EXCEL_HAS = "Ensure this value is less than or equal to 16383."


def append(desk: Desk, **parameters: object) -> PhoneList:
    body = read(desk.post("phones/append/calls", campaign_id=desk.campaign().ref, **parameters))
    return desk.campaign().phone_list(body["phonelist_id"])


def append_file(desk: Desk, body: bytes, **parameters: object) -> PhoneList:
    files = {"phones_file": ("numbers", body)}
    answer = desk.upload("phones/append/calls", files, campaign_id=desk.campaign().ref, **parameters)
    return desk.campaign().phone_list(read(answer)["phonelist_id"])


def workbook(rows: list[list[object]]) -> bytes:
    book, body = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(body)
    return body.getvalue()


def calls_of(desk: Desk, phones: PhoneList) -> list[Call]:
    desk.advance(minutes=1)
    return phones.calls


def test_a_list_is_answered_at_once_and_called_later() -> None:
    desk = open_desk()

    phone_list = read(
        desk.post("phones/append/calls", campaign_id=desk.campaign().ref, phones="\r\n".join(NUMBERS))
    )
    at_once = len(desk.campaign().calls)
    desk.advance(minutes=1)

    assert (phone_list["campaign_id"], phone_list["calls_count"]) == (desk.campaign().ref, 3)
    assert len(str(phone_list["phonelist_id"])) == 12
    assert (at_once, len(desk.campaign().calls)) == (0, 3)


def test_no_two_lists_of_an_account_have_one_id_whatever_their_campaigns() -> None:
    desk = open_desk()
    first = desk.campaign()
    second = desk.world.open_campaign(desk.account, "another", first.kind)
    sent = [(campaign.ref, {"phones": NUMBERS[0]}) for campaign in (first, second, first, second)]
    lists = [read(desk.post("phones/append/calls", campaign_id=ref, **form)) for ref, form in sent]

    assert len({one["phonelist_id"] for one in lists}) == 4


@pytest.mark.parametrize(
    "phones",
    [
        "\n".join(NUMBERS),
        "\r\n".join(NUMBERS) + "\r\n",
        "\n".join(number[1:] for number in NUMBERS),
        "\n".join(f'"{number}"' for number in NUMBERS),
        "phone\n" + "\n".join(NUMBERS),
    ],
)
def test_numbers_are_taken_however_their_lines_are_written(phones: str) -> None:
    desk = open_desk()

    assert [call.callee for call in calls_of(desk, append(desk, phones=phones))] == NUMBERS


def test_texts_and_labels_come_from_the_columns_named_counted_from_zero() -> None:
    desk = open_desk()
    phones = f'{NUMBERS[0]},"Hello, Ann",ann\n{NUMBERS[1]},,\n'

    calls = calls_of(desk, append(desk, phones=phones, text_from_column=1, label_from_column=2))

    assert [
        (call.order.script.opening.text if call.order.script else None, call.order.label) for call in calls
    ] == [
        ("Hello, Ann", "ann"),
        (None, None),
    ]


def test_bad_rows_get_a_verdict_and_never_sink_the_good_ones() -> None:
    desk = open_desk()
    rows = [f"{NUMBERS[0]},one", "nobody 5,two", f"{NUMBERS[1]},a b", f"{NUMBERS[2]},one"]

    phones = append(desk, phones="\n".join(rows), label_from_column=1)

    assert phones.accepted == 1
    assert [(verdict.row, verdict.reason) for verdict in phones.refused] == [
        (2, "Enter a valid phone number (e.g. +12125552368)."),
        (3, "label: Enter a valid value."),
        (4, "Duplicate label"),
    ]


def test_a_label_that_the_campaign_has_already_is_a_duplicate() -> None:
    desk = open_desk()
    desk.call(label="one")

    assert (
        append(desk, phones=f"{NUMBERS[0]},one", label_from_column=1).refused[0].reason == "Duplicate label"
    )


def test_a_csv_file_of_ten_thousand_numbers_is_called() -> None:
    desk = open_desk()
    desk.campaign().lines = 0
    body = "\n".join(f"+4479{place:08}" for place in range(10_000)).encode()

    assert len(calls_of(desk, append_file(desk, body))) == 10_000


def test_an_excel_file_is_known_by_its_bytes() -> None:
    desk = open_desk()
    body = workbook([["phone", "text"], [447900000001, "Hello"], ["+447900000002", "Good bye"]])

    calls = calls_of(desk, append_file(desk, body, text_from_column=1))

    assert [call.callee for call in calls] == NUMBERS[:2]
    assert [call.order.script.opening.text for call in calls if call.order.script] == ["Hello", "Good bye"]


@pytest.mark.parametrize(
    "text", ["\ufeffТелефон;Текст\n+447900000001;Привет", "phone\ttext\n447900000001\tПривет"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_files_are_read_as_people_export_them(text: str, encoding: str) -> None:
    desk = open_desk()
    body = text.removeprefix("\ufeff").encode(encoding)

    calls = calls_of(desk, append_file(desk, body, text_from_column=1))

    assert [(call.callee, call.order.script and call.order.script.opening.text) for call in calls] == [
        (NUMBERS[0], "Привет")
    ]


def test_markup_in_a_text_plays_a_clip_of_the_account() -> None:
    desk = open_desk()
    clip = desk.call(text="Jingle")["audioclip_id"]

    phones = append(desk, phones=f"""{NUMBERS[0]},'<audio id="{clip}"/>'""", text_from_column=1)

    opening = calls_of(desk, phones)[0].order.script
    assert opening
    assert opening.opening.clip == clip


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "* phones\n  * This field is required."),
        ({"phones": " \r\n "}, "* phones\n  * This field is required."),
        ({"phones": PHONE, "text_from_column": "x"}, "* text_from_column\n  * Enter a whole number."),
        ({"phones": PHONE, "label_from_column": "-1"}, f"* label_from_column\n  * {AT_LEAST_0}"),
        ({"phones": PHONE, "text_from_column": "16384"}, f"* text_from_column\n  * {AT_MOST_EXCEL_HAS}"),
        ({"phones": PHONE, "text_from_column": "9" * 30}, f"* text_from_column\n  * {AT_MOST_EXCEL_HAS}"),
    ],
)
def test_a_wrong_request_is_told_so(parameters: dict[str, str], words: str) -> None:
    desk = open_desk()

    answer = desk.post("phones/append/calls", campaign_id=desk.campaign().ref, **parameters)

    assert refusal(answer) == f"Form isn't valid: {words}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The submitted file is empty."),
        (b"PK\x03\x04 broken", "Upload a valid CSV or Excel file."),
        (b"+447900000001\n\0", "Upload a valid CSV or Excel file."),
        (b'+447900000001\n"never closed', "Upload a valid CSV or Excel file."),
    ],
)
def test_a_file_that_cannot_be_read_is_told_so(body: bytes, words: str) -> None:
    desk = open_desk()

    answer = desk.upload("phones/append/calls", {"phones_file": ("x", body)}, campaign_id=desk.campaign().ref)

    assert refusal(answer) == f"Form isn't valid: * phones_file\n  * {words}"


def test_text_with_an_open_quote_is_read_line_by_line() -> None:
    desk = open_desk()

    phones = append(desk, phones=f'{NUMBERS[0]}\n"{NUMBERS[1]}')

    assert (phones.accepted, len(phones.refused)) == (1, 1)


def test_the_ids_of_a_lists_calls_are_told_as_csv_newest_first() -> None:
    desk = open_desk()
    phones = append(desk, phones="\n".join(NUMBERS))
    desk.advance(minutes=1)

    sent = {"campaign_id": desk.campaign().ref, "phonelist_id": phones.ref}
    answer = desk.get("phonelists/call_ids_by_phonelist", **sent)
    lines = answer.body.decode().split("\r\n")

    assert answer.content_type == "text/csv"
    assert lines[0] == "phoneval,ats_call_id,created"
    assert lines[1].startswith(f"{NUMBERS[2]},{phones.calls[2].ref},2026-03-02T10:00:03.000Z")
    assert len(lines) == 5


def test_an_unknown_list_is_told() -> None:
    desk = open_desk()

    sent = {"campaign_id": desk.campaign().ref, "phonelist_id": 128345830123}

    message = refusal(desk.get("phonelists/call_ids_by_phonelist", **sent))
    assert message == "Phonelist by id=128345830123 not found"
