"""Excel workbooks: exact rows out of honest ones, a quick refusal for bombs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest

from simulator.formats.csv_table import MalformedTable
from simulator.formats.spreadsheet import looks_like_xlsx, read_xlsx

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def archive(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return target.getvalue()


def with_parts(parts: dict[str, bytes]) -> bytes:
    """Return a sound workbook in which `parts` are added or replaced."""
    with zipfile.ZipFile(io.BytesIO(workbook(["1"]))) as sound:
        return archive({name: sound.read(name) for name in sound.namelist()} | parts)


def with_sheet(content: str, head: str = "") -> bytes:
    return with_parts({SHEET: f"{head}<worksheet {NAMESPACE}>{content}</worksheet>".encode()})


def refusal(body: bytes) -> MalformedTable:
    with pytest.raises(MalformedTable) as caught:
        for _ in read_xlsx(body):
            pass
    return caught.value


def test_rows_come_back_as_strings() -> None:
    assert list(read_xlsx(workbook(["+79161234567", "Привет"], [None, 7, None]))) == [
        ["+79161234567", "Привет"],
        ["", "7"],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (393331234567.0, "393331234567"),
        (79161234567, "79161234567"),
        (1e22, "10000000000000000000000"),
        (0.000001, "0.000001"),
        (-1.50, "-1.5"),
        (100.0, "100"),
        (True, "TRUE"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 10, 5), "2026-03-01T10:05:00"),  # noqa: DTZ001  Excel knows no zones
        (time(10, 5), "10:05:00"),
        (timedelta(hours=26, minutes=3), "26:03:00"),
        ("007", "007"),
    ],
)
def test_a_value_is_spelled_exactly(value: object, text: str) -> None:
    assert list(read_xlsx(workbook([value]))) == [[text]]


def test_rows_without_text_are_left_out() -> None:
    assert list(read_xlsx(workbook(["1"], [], [None, ""], ["2"]))) == [["1"], ["2"]]


def test_cells_that_only_carry_a_style_are_no_columns() -> None:
    sheet = with_sheet('<sheetData><row r="1"><c r="A1"><v>7</v></c><c r="XFD1"/></row></sheetData>')

    assert list(read_xlsx(sheet)) == [["7"]]


def test_a_false_claim_of_size_is_ignored() -> None:
    cells = '<sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData>'
    sheet = with_sheet(f'<dimension ref="A1:XFD1048576"/>{cells}')

    assert list(read_xlsx(sheet)) == [["7"]]


def test_warnings_of_the_codec_stay_inside() -> None:
    unknown = '<extLst><ext uri="{X}"/></extLst>'
    sheet = with_sheet(f'<sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData>{unknown}')

    assert list(read_xlsx(sheet)) == [["7"]]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("XFD1", "64 columns"),
        ("BM1", "64 columns"),
        ("A1048576", "100,000 rows"),
        ("XFD1048576", "64 columns"),
    ],
)
def test_a_cell_in_a_far_corner_is_refused(cell: str, reason: str) -> None:
    row = cell.lstrip("ABDFMX")
    sheet = with_sheet(f'<sheetData><row r="{row}"><c r="{cell}"><v>7</v></c></row></sheetData>')

    assert reason in str(refusal(sheet))


def nested_archive() -> bytes:
    return with_parts({"xl/embeddings/inner.bin": archive({"a": b"b"}, zipfile.ZIP_STORED)})


def lying_sizes() -> bytes:
    honest = archive({SHEET: b"x" * 1_000_000})
    return honest.replace((1_000_000).to_bytes(4, "little"), (9_000).to_bytes(4, "little"))


def padded(size: int) -> bytes:
    return with_parts({"xl/media/padding.bin": b"\0" * size})


def locked() -> bytes:
    body = bytearray(archive({SHEET: b"x"}))
    body[body.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


ENTITIES = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: padded(60_000_000), "50 MB"),
        (lambda: padded(5_000_000), "100 times"),
        (lambda: archive({str(number): b"" for number in range(201)}), "200 entries"),
        (lambda: archive({str(number): b"" for number in range(10_000)}), "200 entries"),
        (nested_archive, "another archive"),
        (lying_sizes, "no readable"),
        (locked, "password"),
        (lambda: archive({SHEET: b"x"}, zipfile.ZIP_LZMA), "packed"),
        (lambda: with_sheet("", ENTITIES), "DTD"),
        (lambda: with_sheet("", EXTERNAL), "DTD"),
        (lambda: with_parts({SHEET: f'<?xml version="1.0"?>{ENTITIES}'.encode("utf-16")}), "DTD"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, ".xls"),
        (lambda: b"PK\x03\x04 and no more", "no readable"),
        (lambda: b"1,2\n", "no readable"),
        (lambda: archive({"a.txt": b"hello"}), "damaged"),
        (lambda: with_sheet("", '<?xml version="1.0" encoding="none"?>'), "damaged"),
        (lambda: with_sheet("", '<?xml version="1.0" encoding="big5"?>'), "no readable"),
        (lambda: with_sheet("<sheetData><row>"), "damaged"),
        (lambda: with_sheet('<sheetData><row r="1"><c r="A1"><v>x</v></c></row></sheetData>'), "damaged"),
        (lambda: with_sheet('<sheetData><row r="1"><c t="s"><v>9</v></c></row></sheetData>'), "damaged"),
        (
            lambda: with_sheet('<sheetData><row r="1"><c r="A1"><v>1e999</v></c></row></sheetData>'),
            "too large",
        ),
        (lambda: workbook(["1"])[:-30], "no readable"),
    ],
)
def test_a_hostile_workbook_is_refused_with_its_reason(make: Callable[[], bytes], reason: str) -> None:
    assert reason in str(refusal(make()))


def test_one_endless_row_is_refused_before_it_is_read() -> None:
    noise = "".join(f'<c r="A{number}"/>' for number in range(200_000))

    assert "far more" in str(refusal(with_sheet(f"<sheetData><row>{noise}</row></sheetData>")))


def test_a_flood_of_foreign_elements_is_refused_before_it_is_read() -> None:
    assert "far more" in str(refusal(with_sheet(("<x/>" * 200 + "<row/>") * 200)))


def test_too_many_rows_are_refused_before_they_are_read() -> None:
    rows = "".join(f'<row r="{number}"/>' for number in range(1, 100_200))

    with pytest.raises(MalformedTable, match="100,000 rows"):
        read_xlsx(with_sheet(f"<sheetData>{rows}</sheetData>"))


def test_workbooks_are_told_from_text() -> None:
    assert looks_like_xlsx(workbook(["1"]))
    assert looks_like_xlsx(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert not looks_like_xlsx(b"PK,1\n")
