"""A list of ten thousand, from CSV and Excel, and steady walks that miss and double no call."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import cache, partial
from io import BytesIO, StringIO
from typing import Literal

import openpyxl
import pytest

from tests.acceptance.stage_hands import Stranger, enter, numbers, written

CROWD = numbers(10_000)
IMPORTS = "imports: {lag: 3s, portion: 2500, every: 1s}"
ROWS = [["Phone", "Text", "Label"], *([phone, f"Hello {phone}", f"order_{phone[1:]}"] for phone in CROWD)]


@cache
def as_csv(delimiter: str = ",", quoting: Literal[0, 1] = csv.QUOTE_ALL) -> bytes:
    table = StringIO()
    csv.writer(table, delimiter=delimiter, quoting=quoting).writerows(ROWS)
    return table.getvalue().encode()


@cache
def as_xlsx() -> bytes:
    book, room = openpyxl.Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet()
    for row in ROWS:
        sheet.append(row)
    book.save(room)
    return room.getvalue()


def append(stranger: Stranger, file: bytes, name: str) -> int:
    """Hand a list in and return its id; it must be taken whole."""
    answer = stranger.upload(
        "phones/append/calls",
        "phones_file",
        name,
        file,
        campaign_id=stranger.campaign(),
        text_from_column=1,
        label_from_column=2,
    )
    assert answer.status_code == 200, answer.data
    assert answer.get_json()["calls_count"] == len(CROWD)
    return int(answer.get_json()["phonelist_id"])


def walk(stranger: Stranger, **filters: object) -> Iterator[list[dict[str, object]]]:
    """Yield the pages of all calls, from the first to the last that is not empty."""
    page = 1
    while rows := stranger.get(
        "phones/all_calls", campaign_id=stranger.campaign(), page=page, **filters
    ).get_json():
        yield rows
        page += 1


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (as_csv, "list.csv"),
        pytest.param(partial(as_csv, ";", csv.QUOTE_MINIMAL), "list.csv", marks=pytest.mark.thorough),
        pytest.param(as_xlsx, "list.xlsx", marks=pytest.mark.thorough),
        pytest.param(as_xlsx, "list.bin", marks=pytest.mark.thorough),
    ],
    ids=["csv", "semicolons", "xlsx", "xlsx by another name"],
)
def test_ten_thousand_numbers_become_calls_in_portions_and_each_is_paged_once(
    write: Callable[[], bytes], name: str
) -> None:
    stranger = enter(written(IMPORTS))
    append(stranger, write(), name)

    sizes = [sum(map(len, walk(stranger)))]
    for seconds in (2.9, 0.2, 1, 1, 1, 1):
        stranger.advance(seconds=seconds)
        sizes.append(sum(map(len, walk(stranger))))
    rows = [row for page in walk(stranger) for row in page]

    assert sizes == [0, 0, 2_500, 5_000, 7_500, 10_000, 10_000]
    assert [row["phone"] for row in rows] == CROWD[::-1]


def test_the_ids_of_a_list_come_newest_first_and_lead_to_their_calls() -> None:
    stranger = enter(written(IMPORTS))
    first, second = (
        append(stranger, as_csv(), "list.csv"),
        stranger.post(
            "phones/append/calls",
            campaign_id=stranger.campaign(),
            phones="\r\n".join(numbers(3, first=20_000)),
        ).get_json()["phonelist_id"],
    )
    stranger.advance(seconds=10)

    tables = [
        stranger.get("phonelists/call_ids_by_phonelist", campaign_id=stranger.campaign(), phonelist_id=ref)
        for ref in (first, second)
    ]
    rows = [list(csv.reader(StringIO(table.text))) for table in tables]

    assert {table.mimetype for table in tables} == {"text/csv"}
    assert [len(table) for table in rows] == [10_001, 4]
    assert [row[0] for row in rows[0][1:]] == CROWD[::-1]
    ids = ",".join(row[1] for row in rows[0][1:201])
    calls = stranger.get("phones/call_by_id", call_ids=ids).get_json()
    assert [call["phone"] for call in calls] == CROWD[:-201:-1]


def test_labels_and_texts_of_a_list_belong_to_their_calls() -> None:
    stranger = enter(written(IMPORTS))
    append(stranger, as_xlsx(), "list.xlsx")
    stranger.advance(seconds=10)

    labels = ",".join(f"order_{phone[1:]}" for phone in CROWD[5_000:5_100])
    calls = stranger.get("phones/calls_by_label", campaign_id=stranger.campaign(), labels=labels).get_json()

    assert [call["phone"] for call in calls] == CROWD[5_000:5_100]


@pytest.fixture(scope="module")
def crowded() -> Stranger:
    """A stranger with 2,200 calls and steady pages, to whom more go on arriving and ending."""
    stranger = enter(written(f"{IMPORTS}\nprofiles: {{callo: {{paging: steady}}}}"))
    lines = "\n".join(numbers(2_200))
    stranger.post("phones/append/calls", campaign_id=stranger.campaign(), phones=lines)
    stranger.advance(seconds=30)
    return stranger


@pytest.mark.parametrize(("walks", "filters"), [(20, {}), (5, {"call_status": "compl_finished"})])
@pytest.mark.thorough
def test_each_steady_walk_meets_every_call_that_was_there_exactly_once(
    crowded: Stranger, walks: int, filters: dict[str, str]
) -> None:
    for turn in range(walks):
        there = {row["call_id"] for page in walk(crowded, **filters) for row in page}
        met = []
        for place, page in enumerate(walk(crowded, **filters)):
            met += [row["call_id"] for row in page]
            crowded.call(f"+4420{turn:03}{place:03}{len(filters)}")
            crowded.post(
                "phones/remove_call", campaign_id=crowded.campaign(), phone=numbers(1, first=turn)[0]
            )
            crowded.advance(seconds=5)

        assert len(met) == len(set(met))
        assert there <= set(met)


def test_a_page_past_the_end_is_an_empty_array(crowded: Stranger) -> None:
    answers = [
        crowded.get("phones/all_calls", campaign_id=crowded.campaign(), page=page)
        for page in (1_000, 1_000_000)
    ]

    assert [answer.get_json() for answer in answers] == [[], []]


def test_bad_rows_never_sink_the_good_ones() -> None:
    stranger = enter(written(IMPORTS))
    rows = [*numbers(5), "nobody", "", '"+4930', "12", "+49 (30) 100-00-09", "\u0661" * 11, "=1+1"]

    answer = stranger.post("phones/append/calls", campaign_id=stranger.campaign(), phones="\r\n".join(rows))
    stranger.advance(seconds=10)

    assert answer.get_json()["calls_count"] == 6
    assert sum(map(len, walk(stranger))) == 6
