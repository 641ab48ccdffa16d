"""Tables as Excel workbooks: rows of strings out of the first sheet, behind guards against bombs.

openpyxl holds one row at a time in its read-only mode and never allocates by coordinates, so a cell in a far
corner costs nothing. What it does not guard (sizes, entities, a single endless row) is checked before it starts.
"""

from __future__ import annotations

import io
import itertools
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from simulator.formats.csv_table import MalformedTable

MAX_INFLATED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_ENTRIES = 200
MAX_ROWS = 100_000
MAX_COLUMNS = 64

_MAX_STRETCH = 1024 * 1024
_CHUNK = 64 * 1024
_BATCH = 500
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DIRECTORY_ENTRY = b"PK\x01\x02"
_ROW_OR_STRING = re.compile(rb"<(?:\w+:)?(row|si)\b")

_Row = tuple[Any, ...]


def looks_like_xlsx(body: bytes) -> bool:
    """Tell whether `body` is a workbook rather than text; the old .xls too, which `read_xlsx` refuses by name."""
    return body.startswith((_ZIP, _OLE))


def read_xlsx(body: bytes) -> Iterator[list[str]]:
    """Yield the rows of the first sheet lazily; rows without any text in them are left out.

    Numbers come as exact digits without exponent or `.0`, dates and times as ISO 8601, truth as TRUE and FALSE.
    Raises MalformedTable, at once for a file that is no sane .xlsx (more than 50 MB inflated, 100 times its
    size, 200 entries, an archive inside, a DTD), and when reached for a broken sheet, more than 100,000 rows
    or 64 columns.
    """
    if body.startswith(_OLE):
        raise MalformedTable("This is the old Excel format (.xls) or a locked workbook; save it as a plain .xlsx.")
    try:
        _check_archive(body)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        if isinstance(error, MalformedTable):
            raise
        raise MalformedTable(f"The file is no readable .xlsx workbook: {error}.") from error
    return _rows(body)


def _check_archive(body: bytes) -> None:
    if body.count(_DIRECTORY_ENTRY) > MAX_ENTRIES:
        raise MalformedTable(f"The workbook holds more than {MAX_ENTRIES} entries.")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        entries = archive.infolist()
        _check_sizes(entries, len(body))
        inflated = rows = 0
        for entry in entries:
            with archive.open(entry) as content:
                for chunk, rows_here in _check_entry(entry.filename, content):
                    inflated += chunk
                    rows += rows_here
                    _check_totals(inflated, rows, len(body))


def _check_sizes(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Judge the directory alone, before a byte is inflated."""
    if len(entries) > MAX_ENTRIES:
        raise MalformedTable(f"The workbook holds more than {MAX_ENTRIES} entries.")
    for entry in entries:
        if entry.flag_bits & 1:
            raise MalformedTable("The workbook is locked with a password.")
        # Only these two inflate in bounded steps, and the format allows no other.
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise MalformedTable("The workbook is packed by a method that Excel does not use.")
    _check_totals(sum(entry.file_size for entry in entries), 0, size)


def _check_totals(inflated: int, rows: int, size: int) -> None:
    if inflated > MAX_INFLATED:
        raise MalformedTable(f"The workbook inflates to more than {MAX_INFLATED // 1024**2} MB.")
    if inflated > MAX_RATIO * size:
        raise MalformedTable(f"The workbook inflates to more than {MAX_RATIO} times its size.")
    if rows > MAX_ROWS:
        raise MalformedTable(f"The workbook has more than {MAX_ROWS:,} rows.")


def _check_entry(name: str, content: Any) -> Iterator[tuple[int, int]]:
    """Yield the size and the number of rows of each inflated piece; refuse what no sheet contains."""
    is_xml = name.lower().endswith((".xml", ".rels"))
    stretch, tail = 0, b""
    while chunk := content.read(_CHUNK):
        if not tail and chunk.startswith(_ZIP):
            raise MalformedTable(f"The workbook holds another archive, {name[:80]!r}.")
        marks = _ROW_OR_STRING.findall(chunk)
        stretch = 0 if marks else stretch + len(chunk)
        text = (tail + chunk).replace(b"\0", b"")  # so that UTF-16 hides nothing
        if is_xml and b"<!DOCTYPE" in text:
            raise MalformedTable(f"The part {name[:80]!r} declares a DTD, which no workbook needs.")
        if is_xml and stretch > _MAX_STRETCH:
            raise MalformedTable(f"The part {name[:80]!r} has over 1 MB without a row or a string.")
        tail = chunk[-32:]
        yield len(chunk), marks.count(b"row")


def _rows(body: bytes) -> Iterator[list[str]]:
    try:
        for count, values in enumerate(_sheet_rows(body), start=1):
            if count > MAX_ROWS:
                raise MalformedTable(f"The sheet has more than {MAX_ROWS:,} rows.", count)
            if len(values) > MAX_COLUMNS and any(value is not None for value in values[MAX_COLUMNS:]):
                raise MalformedTable(f"The row has more than {MAX_COLUMNS} columns.", count)
            row = [_cell(value) for value in values[:MAX_COLUMNS]]
            if any(row):
                yield row
    except MalformedTable:
        raise
    except Exception as error:  # openpyxl lets out whatever its insides trip over
        raise MalformedTable("The workbook is damaged; open it in Excel and save it again.") from error


def _sheet_rows(body: bytes) -> Iterator[_Row]:
    """Yield the raw values of the first sheet, in batches: openpyxl warns of every extension it skips."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = _open(body)
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            batch = list(itertools.islice(rows, _BATCH))
        if not batch:
            return
        yield from batch


def _open(body: bytes) -> Iterator[_Row]:
    import openpyxl  # noqa: PLC0415  a fifth of a second that most runs never need

    workbook = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
    if not workbook.worksheets:
        raise MalformedTable("The workbook has no sheet.")
    sheet: Any = workbook.worksheets[0]
    sheet.reset_dimensions()  # the file's own claim, which pads every row as far as it likes
    rows: Iterator[_Row] = iter(sheet.iter_rows(values_only=True))
    return rows


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()  # Excel has no dates without a time
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return _hours(value) if isinstance(value, timedelta) else str(value)


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise MalformedTable("A cell holds a number too large to be one.")
    digits = format(Decimal(repr(value)), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _hours(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
