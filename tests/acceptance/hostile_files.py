"""Spreadsheets, tables and sounds that are not what they claim, or far too much of it.

They are made where they are used: together they would be 200 MB.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO

from simulator.formats.sound import tone
from tests.acceptance.stage_hands import numbers


def packed(**files: bytes) -> bytes:
    """Return an xlsx of these parts."""
    room = BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(PLACES[name], content)
    return room.getvalue()


PLACES = {
    "types": "[Content_Types].xml",
    "rels": "_rels/.rels",
    "book": "xl/workbook.xml",
    "links": "xl/_rels/workbook.xml.rels",
    "sheet": "xl/worksheets/sheet1.xml",
    "strings": "xl/sharedStrings.xml",
}
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = b"http://schemas.openxmlformats.org/package/2006"


def workbook(sheet: bytes, prolog: bytes = b"") -> bytes:
    """Return an xlsx with one sheet of this XML."""
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
    return packed(
        types=b'<Types xmlns="' + PACKAGE + b'/content-types"><Default Extension="rels" ContentType='
        b'"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        b'ContentType="' + kind + b'sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
        b'ContentType="' + kind + b'worksheet+xml"/></Types>',
        rels=b'<Relationships xmlns="'
        + PACKAGE
        + b'/relationships"><Relationship Id="r1" Type="'
        + OFFICE
        + b'/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        book=b'<workbook xmlns="' + MAIN + b'" xmlns:r="' + OFFICE + b'"><sheets>'
        b'<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        links=b'<Relationships xmlns="'
        + PACKAGE
        + b'/relationships"><Relationship Id="r1" Type="'
        + OFFICE
        + b'/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        sheet=prolog + b'<worksheet xmlns="' + MAIN + b'"><sheetData>' + sheet + b"</sheetData></worksheet>",
    )


def cell(place: str, text: str) -> bytes:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


def row(number: int, *cells: bytes) -> bytes:
    return b'<row r="%d">' % number + b"".join(cells) + b"</row>"


GOOD = numbers(1)[0]
ENTITIES = (
    b"<!DOCTYPE x ["
    + b"".join(b'<!ENTITY e%d "%s">' % (place + 1, b"&e%d;" % place * 10) for place in range(9))
    + b'<!ENTITY e0 "boom">]>'
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'

BOMBS: Mapping[str, Callable[[], bytes]] = {
    "100 MB of padding": lambda: workbook(b" " * 100_000_000),
    "60 MB of one string": lambda: workbook(row(1, cell("A1", "9" * 60_000_000))),
    "entities in entities": lambda: workbook(row(1, cell("A1", "&e9;")), ENTITIES),
    "an entity from a file": lambda: workbook(row(1, cell("A1", "&e;")), OUTSIDE),
    "an archive in an archive": lambda: packed(sheet=packed(sheet=b"\x00" * 10_000_000)),
    "a directory that lies": lambda: workbook(row(1, cell("A1", GOOD))).replace(b"PK\x01\x02", b"PK\x01\x03"),
    "cut off": lambda: workbook(row(1, cell("A1", GOOD)))[:-40],
    "no archive at all": lambda: b"PK\x03\x04" + b"\x00" * 200,
    "XML that never ends": lambda: workbook(b"<row>" * 1_000),
}


TABLES: Mapping[str, Callable[[], bytes]] = {
    "a field beyond csv's own limit": lambda: b"x" * 200_000 + b"," + GOOD.encode(),
    "an unclosed quote of 20 MB": lambda: b'"' + b"1234567\n" * 2_500_000,
    "NUL": lambda: b"1\x002\n" + GOOD.encode(),
    "UTF-16": lambda: f"{GOOD}\r\n".encode("utf-16"),
    "UTF-16 without its mark": lambda: f"{GOOD}\r\n".encode("utf-16-le"),
    "cp1251": lambda: f"{GOOD},Привет\r\n".encode("cp1251"),
    "a byte order mark": lambda: f"{GOOD}\r\n".encode("utf-8-sig"),
    "a million line ends": lambda: b"\n" * 1_000_000,
    "a million commas": lambda: b"," * 1_000_000,
    "control characters": partial(bytes, range(1, 32)),
    "nothing but quotes": lambda: b'"' * 99_999,
}


def claiming(seconds: int, rate: int = 8_000) -> bytes:
    """Return a WAV whose header claims this length over 100 bytes of sound."""
    size = min(seconds * rate * 2, 2**32 - 40)
    format_ = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE")
        + format_
        + struct.pack("<4sI", b"data", size)
        + b"\0" * 100
    )


SOUNDS: Mapping[str, bytes] = {
    "no sound": b"hello",
    "a page": b"<html><script>alert(1)</script>",
    "no rate": claiming(0, rate=0),
    "half a header": tone(1, 0)[:30],
    "an endless tag": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + b"\x00" * 1_000,
    "an empty ogg": b"OggS" + b"\x00" * 100,
    "an empty flac": b"fLaC" + b"\xff" * 100,
    "an empty m4a": b"\x00\x00\x00\x20ftypM4A " + b"\xff" * 100,
}
