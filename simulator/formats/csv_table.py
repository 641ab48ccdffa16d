"""Tables as CSV: rows of strings out of whatever people export, and a way to write them."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

MAX_ROWS = 2_000_000
MAX_COLUMNS = 64
MAX_CELL = 131_072  # the field limit of the csv module, which we leave as it is

_QUOTED = re.compile('"[^"]*"?')
# Two cells fed behind the last line; they come back as a row of their own unless a quote is open.
_NUL = "\0"
_END = [_NUL, _NUL]


class MalformedTable(ValueError):
    """A table that cannot be read: `reason` is a sentence, `line` counts from 1 or is None."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")


def read_csv(body: bytes) -> Iterator[list[str]]:
    """Yield the rows of a CSV file lazily; rows without any text in them are left out.

    UTF-8 with or without a byte-order mark, UTF-16 with one, else cp1251. The first line that is not empty
    decides the delimiter: a tab if it has one, else the first comma or semicolon outside quotes.
    Raises MalformedTable, for the encoding and NUL at once, for rows when they are reached: a cell over
    131,072 characters, more than 64 columns or 2,000,000 rows, a quote left open.
    """
    text = _as_utf8(body)
    position = text.find(b"\0")
    if position >= 0:
        raise MalformedTable("The table holds a NUL character; it is no text file.", _line_of(text, position))
    return _rows(text)


def write_csv(rows: Iterable[Sequence[str]], header: Sequence[str]) -> bytes:
    """Return a UTF-8 table for machines: comma, CRLF, every cell exactly as it is."""
    target = io.StringIO(newline="")
    csv.writer(target).writerows(itertools.chain([header], rows))
    return target.getvalue().encode()


def _as_utf8(body: bytes) -> bytes:
    """Return the table as UTF-8 bytes, which can be read line by line without holding it as text."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode(body, "utf-16").encode()
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        body.isascii() or body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(body, "cp1251").encode()
    return body


def _decode(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        tried = "UTF-16, as its first bytes say" if encoding == "utf-16" else "UTF-8 nor cp1251"
        raise MalformedTable(f"The table is not {tried}.", _line_of(body, error.start)) from error


def _line_of(body: bytes, position: int) -> int:
    return body.count(b"\n", 0, position) + 1


def _delimiter(text: bytes) -> str:
    head = text[:MAX_CELL].decode("utf-8", "ignore").lstrip("\r\n")
    line = next(iter(_QUOTED.sub("", head).splitlines()), "")
    if "\t" in line:
        return "\t"
    return next((letter for letter in line if letter in ",;"), ",")


def _rows(text: bytes) -> Iterator[list[str]]:
    delimiter = _delimiter(text)
    lines = io.TextIOWrapper(io.BytesIO(text), "utf-8", newline="")
    reader = csv.reader(itertools.chain(lines, [delimiter.join(_END)]), delimiter=delimiter)
    line = 0
    try:
        for count, row in enumerate(reader):
            if row and row[-1][-1:] == _NUL:
                if row != _END:
                    raise MalformedTable("A quote that opens in this row is never closed.", line + 1)
                return
            if len(row) > MAX_COLUMNS:
                raise MalformedTable(f"The row has more than {MAX_COLUMNS} columns.", line + 1)
            if count >= MAX_ROWS:
                raise MalformedTable(f"The table has more than {MAX_ROWS:,} rows.", line + 1)
            line = reader.line_num
            if any(row):
                yield row
    except csv.Error as error:
        reason = f"A cell is longer than {MAX_CELL:,} characters; perhaps a quote is not closed."
        raise MalformedTable(reason, line + 1) from error
