"""Form parameters of a request: query string, urlencoded body and multipart body in one value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple
from urllib.parse import unquote

from msgspec import Struct, field
from msgspec.structs import force_setattr
from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio import multipart

LONGEST_BOUNDARY = 201
"""As Django reads them, which is Callo's; of other vendors it is inferred. RFC 2046 allows 70, and Werkzeug's
test client writes a longer one now and then."""

MAX_FIELDS = 1_000
MAX_PARTS = 1_000
MAX_PART_HEADER = 16 * 1024
MAX_TEXT = 8_000_000

BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})
"""Verbs of which no vendor reads a body as a form, whatever its headers say."""

_BLANK_LINE = re.compile(rb"\r\n\r\n|\r\r|\n\n")
_PART_CHARSETS = ("utf-8", "ascii", "us-ascii", "iso-8859-1")


class MalformedForm(ValueError):
    """A form that cannot be read: `reason` is a sentence, `status` 400 (broken) or 413 (too much)."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class Field(NamedTuple):
    """One text parameter and where it stood."""

    name: str
    value: str
    place: Literal["query", "body"]


class Upload(Struct, frozen=True):
    """One file of a multipart body; `filename` is the client's word and never a path of ours."""

    name: str
    filename: str
    content_type: str
    body: bytes


class Form(Struct, frozen=True):
    """Everything a request said in parameters, in order of arrival: the query first, then the body.

    `values` holds the last value of each name, so the body wins over the query.
    """

    fields: tuple[Field, ...] = ()
    files: tuple[Upload, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the values by name: everybody asks for them."""
        force_setattr(self, "values", {name: value for name, value, _ in self.fields})

    def get(self, name: str) -> str | None:
        """Return the last value called `name`, or None."""
        return self.values.get(name)

    def all(self, name: str) -> list[str]:
        """Return every value called `name`, in order of arrival."""
        return [field.value for field in self.fields if field.name == name]

    def file(self, name: str) -> Upload | None:
        """Return the last file called `name`, or None."""
        return next((upload for upload in reversed(self.files) if upload.name == name), None)

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields, then of all files, each once, in order of arrival."""
        if not self.files:
            return tuple(self.values)
        return tuple(dict.fromkeys([*self.values, *[upload.name for upload in self.files]]))


NO_FORM = Form()


def read_form(query: str, content_type: str, body: bytes) -> Form:
    """Merge the raw `query` and, if `content_type` is a form's, the `body`; text is always UTF-8.

    Raises MalformedForm for what is no text or holds a NUL, with status 413 above 1,000 fields, 1,000 parts,
    16 KB of headers in a part or 8 MB in a text value. The size of the whole body is the caller's to limit.
    """
    fields = _read_pairs(query, "query") if query else []
    files: list[Upload] = []
    kind = content_type.partition(";")[0].strip().lower()
    if body and kind == "application/x-www-form-urlencoded":
        fields += _read_pairs(_decode(body, "utf-8", "the body"), "body")
    elif body and kind == "multipart/form-data":
        _read_parts(content_type, body, fields, files)
    if len(fields) > MAX_FIELDS:
        raise MalformedForm(f"The form has more than {MAX_FIELDS} fields.", 413)
    if b"\0" in body or b"%00" in body or "\0" in query or "%00" in query:
        _check_for_nul(fields, files)
    return Form(tuple(fields), tuple(files))


def _check_for_nul(fields: list[Field], files: list[Upload]) -> None:
    """Raise MalformedForm for a NUL character, which no database column and no file name can hold."""
    for name, text, *_ in (*fields, *[(file.name, file.filename) for file in files]):
        if "\0" in text or "\0" in name:
            raise MalformedForm(f"The value of {name[:80]!r} holds a NUL character.")


def _read_pairs(text: str, place: Literal["query", "body"]) -> list[Field]:
    """Return the fields of a query or a body, decoded as `parse_qsl` does, at half its cost."""
    if text.count("&") >= MAX_FIELDS:
        raise MalformedForm(f"The {place} has more than {MAX_FIELDS} fields.", 413)
    plain = text.replace("+", " ").replace("%2B", "+")  # a plus is what is escaped most
    pairs = [pair.partition("=")[::-2] for pair in plain.split("&") if pair]
    if "%" in plain:
        try:
            pairs = [(_unescaped(value), _unescaped(name)) for value, name in pairs]
        except ValueError as error:
            raise MalformedForm(f"The {place} is not percent-encoded UTF-8: {error}.") from error
    fields = [tuple.__new__(Field, (name, value, place)) for value, name in pairs]
    if len(text) * 4 > MAX_TEXT:  # a character takes up to four bytes
        for name, value, _ in fields:
            _check_size(name, len(name.encode()) + len(value.encode()))
    return fields


def _unescaped(text: str) -> str:
    return unquote(text, errors="strict") if "%" in text else text


def _check_size(name: str, size: int) -> None:
    if size > MAX_TEXT:
        raise MalformedForm(f"The value of {name[:80]!r} is longer than {MAX_TEXT // 1_000_000} MB.", 413)


def _decode(text: bytes, charset: str, what: str) -> str:
    try:
        return text.decode(charset)
    except UnicodeDecodeError as error:
        byte = text[error.start]
        message = f"Byte {error.start} of {what} (0x{byte:02x}) is not {charset.upper()} text."
        raise MalformedForm(message) from error


def _read_parts(content_type: str, body: bytes, fields: list[Field], files: list[Upload]) -> None:
    for name, filename, headers, content in _walk_parts(_boundary(content_type), body):
        kind = headers.get("Content-Type", "")
        if filename is None:
            _check_size(name, len(content))
            value = _decode(content, _charset(kind), f"the value of {name[:80]!r}")
            fields.append(Field(name, value, "body"))
        elif filename:  # a browser sends an empty name for a file input left alone
            files.append(Upload(name, filename, kind, content))


def _boundary(content_type: str) -> bytes:
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not (0 < len(boundary) <= LONGEST_BOUNDARY and boundary.isascii()):
        allowed = f"1 to {LONGEST_BOUNDARY} ASCII characters"
        raise MalformedForm(f"The multipart Content-Type needs a boundary of {allowed}.")
    return boundary.encode("ascii")


def _charset(content_type: str) -> str:
    charset = parse_options_header(content_type)[1].get("charset", "utf-8").lower()
    return charset if charset in _PART_CHARSETS else "utf-8"


_Part = tuple[str, str | None, Headers, bytes]


def _walk_parts(boundary: bytes, body: bytes) -> Iterator[_Part]:
    """Yield each part as name, filename or None, headers and content."""
    decoder = multipart.MultipartDecoder(boundary, max_parts=MAX_PARTS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    while not isinstance(event := _next_event(decoder), multipart.Epilogue):
        if isinstance(event, multipart.Field | multipart.File):
            content = _read_content(decoder)
            filename = event.filename if isinstance(event, multipart.File) else None
            yield _name(event), filename, event.headers, content


def _name(event: multipart.Field | multipart.File) -> str:
    name: str | None = event.name  # Werkzeug types it as str, yet passes None on
    if name is None:
        raise MalformedForm('A part of the multipart body has no name="..." in its Content-Disposition.')
    return name


def _read_content(decoder: multipart.MultipartDecoder) -> bytes:
    pieces = []
    while isinstance(event := _next_event(decoder), multipart.Data):
        pieces.append(event.data)
        if not event.more_data:
            break
    return b"".join(pieces)


def _next_event(decoder: multipart.MultipartDecoder) -> multipart.Event:
    if decoder.state is multipart.State.PART:
        _check_part_header(decoder.buffer)
    try:
        return decoder.next_event()
    except RequestEntityTooLarge as error:
        raise MalformedForm(f"The multipart body has more than {MAX_PARTS} parts.", 413) from error
    except UnicodeDecodeError as error:
        raise MalformedForm("The headers of a multipart part are not UTF-8.") from error
    except ValueError as error:
        reason = "The multipart body is cut short or its parts do not follow the boundary it declares."
        raise MalformedForm(reason) from error


def _check_part_header(buffer: bytearray) -> None:
    if len(buffer) > MAX_PART_HEADER and not _BLANK_LINE.search(buffer, 0, MAX_PART_HEADER + 4):
        raise MalformedForm(f"The headers of a part take more than {MAX_PART_HEADER // 1024} KB.", 413)
