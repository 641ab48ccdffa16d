"""Tables as Excel workbooks: rows of strings out of the first sheet, behind guards against bombs.

openpyxl holds one row at a time in its read-only mode and never allocates by coordinates, so a cell in a far
corner costs nothing. What it does not guard (sizes, entities, floods of elements) is checked before.
"""

from __future__ import annotations

import io
import itertools
import math
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from simulator.formats.csv_table import MalformedTable

MAX_INFLATED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_ENTRIES = 200
MAX_ROWS = 100_000
MAX_COLUMNS = 64
MAX_STRINGS = 400_000
MAX_ELEMENTS = 3_000_000

_MAX_LOOSE = 20_000
_MAX_IN_ROW = 4_096
_CHUNK = 64 * 1024
_BATCH = 500
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DIRECTORY_ENTRY = b"PK\x01\x02"
_LAST_COLUMN = (2, "BL")  # the 64th
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
# What openpyxl forgets as soon as it has read it, by the root of the part; all else stays in memory.
_UNITS = {"worksheet": ("row", MAX_ROWS), "sst": ("si", MAX_STRINGS)}

_Row = tuple[Any, ...]


def looks_like_xlsx(body: bytes) -> bool:
    """Return whether bytes are a workbook; True for an old .xls too, which `read_xlsx` refuses by name."""
    return body.startswith((_ZIP, _OLE))


def read_xlsx(body: bytes) -> Iterator[list[str]]:
    """Yield the rows of the first sheet lazily, without the empty cells at their ends and without empty rows.

    Numbers come as exact digits without exponent or `.0`, dates and times as ISO 8601, truth as TRUE, FALSE.
    Raises MalformedTable, at once for a file that is no sane .xlsx (more than 50 MB inflated, 100 times its
    size, 200 entries, an archive inside, a DTD), and when reached for a broken sheet, more than 100,000 rows
    or 64 columns.
    """
    if body.startswith(_OLE):
        raise MalformedTable("This is an old Excel file (.xls) or a locked one; save it as a plain .xlsx.")
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
        _check_sizes(archive.infolist(), len(body))
        inflated = elements = 0
        for entry in archive.infolist():
            part = _Part()
            with archive.open(entry) as content:
                while chunk := content.read(_CHUNK):
                    part.feed(chunk)
                    inflated += len(chunk)
                    _check_totals(inflated, elements + part.elements, len(body))
            elements += part.elements


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


def _check_totals(inflated: int, elements: int, size: int) -> None:
    if inflated > MAX_INFLATED:
        raise MalformedTable(f"The workbook inflates to more than {MAX_INFLATED // 1024**2} MB.")
    if inflated > MAX_RATIO * size:
        raise MalformedTable(f"The workbook inflates to more than {MAX_RATIO} times its size.")
    if elements > MAX_ELEMENTS:
        raise MalformedTable(f"The workbook has more than {MAX_ELEMENTS:,} XML elements.")


class _Part:
    """The shape of one part, judged while expat walks it and keeps nothing."""

    def __init__(self) -> None:
        self.elements = 0
        self._fed = self._walking = False
        self._loose = self._units = self._in_unit = 0
        self._unit, self._most = "", 0
        self._inside = self._far = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_dtd

    def feed(self, chunk: bytes) -> None:
        if not self._fed:
            self._fed = True
            self._walking = chunk.lstrip(_BEFORE_XML).startswith(b"<")
            if chunk.startswith(_ZIP):
                raise MalformedTable("The workbook holds another archive.")
        if self._walking:
            try:
                self._parser.Parse(chunk, False)
            except (expat.ExpatError, LookupError):
                self._walking = False  # openpyxl stumbles over the same place, if it comes here

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if not self.elements:
            self._unit, self._most = _UNITS.get(tag, ("", 0))
        self.elements += 1
        if tag == self._unit and not self._inside:
            self._inside, self._in_unit = True, 0
            self._units += 1
        if self._inside:
            self._in_unit += 1
            self._check_column(tag, attributes.get("r", ""))
        else:
            self._loose += 1
        self._check_counts()

    def _end(self, name: str) -> None:
        if self._inside and name.rpartition(":")[2] == self._unit:
            self._inside = False

    def _check_column(self, tag: str, reference: str) -> None:
        if tag == "c":
            letters = reference.rstrip("0123456789")
            self._far = (len(letters), letters) > _LAST_COLUMN
        elif self._far and tag in ("v", "is"):
            raise MalformedTable(f"The sheet has more than {MAX_COLUMNS} columns.")

    def _check_counts(self) -> None:
        if self._units > self._most:
            what = "rows" if self._unit == "row" else "strings"
            raise MalformedTable(f"The sheet has more than {self._most:,} {what}.")
        if self._in_unit > _MAX_IN_ROW or self._loose > _MAX_LOOSE:
            raise MalformedTable("The workbook holds far more XML elements than its rows need.")

    def _refuse_dtd(self, *_: object) -> None:
        raise MalformedTable("A part of the workbook declares a DTD, which no workbook needs.")


def _rows(body: bytes) -> Iterator[list[str]]:
    try:
        for count, values in enumerate(_sheet_rows(body), start=1):
            if count > MAX_ROWS:
                raise MalformedTable(f"The sheet has more than {MAX_ROWS:,} rows.", count)
            if values[MAX_COLUMNS:] != (None,):
                raise MalformedTable(f"The row has more than {MAX_COLUMNS} columns.", count)
            row = [_cell(value) for value in values[: _width(values)]]
            while row and not row[-1]:
                row.pop()
            if row:
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
    rows: Iterator[_Row] = iter(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True))
    return rows


def _width(values: _Row) -> int:
    """Return how many cells there are before the padding, of which there is some; counting is quick."""
    first = values.index(None)
    if values.count(None) == len(values) - first:
        return first
    return max(place for place, value in enumerate(values, start=1) if value is not None)


def _cell(value: object) -> str:
    if value is None or type(value) is str:
        return value or ""
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
