"""Forms: what a request says in its query and its body."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats.forms import Field, Form, MalformedForm, read_form

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=xyz"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def part(disposition: str, content: bytes = b"v", headers: str = "") -> bytes:
    head = f"--xyz\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n"
    return head.encode() + content + b"\r\n"


def multipart(*parts: bytes) -> Form:
    return read_form("", MULTIPART, b"".join(parts) + b"--xyz--\r\n")


def refusal(content_type: str, body: bytes, query: str = "") -> MalformedForm:
    with pytest.raises(MalformedForm) as caught:
        read_form(query, content_type, body)
    return caught.value


def test_query_and_body_are_merged_and_the_body_wins() -> None:
    form = read_form("phone=1&key=k", URLENCODED, b"phone=2")

    assert form.get("phone") == "2"
    assert form.all("phone") == ["1", "2"]
    assert form.fields[0] == Field("phone", "1", "query")
    assert form.names() == ("phone", "key")


def test_the_last_of_several_values_counts() -> None:
    assert read_form("a=1&a=2", "", b"").get("a") == "2"


def test_an_absent_name_has_no_value() -> None:
    form = read_form("", "", b"")

    assert (form.get("a"), form.all("a"), form.file("a"), form.names()) == (None, [], None, ())


def test_blank_values_are_kept() -> None:
    assert read_form("text=&flag", "", b"").fields == (Field("text", "", "query"), Field("flag", "", "query"))


def test_the_media_type_may_come_in_any_case_and_with_a_charset() -> None:
    form = read_form("", "Application/X-WWW-Form-URLEncoded; charset=latin-1", b"a=%D0%9F")

    assert form.get("a") == "П"


def test_raw_utf_8_in_a_urlencoded_body_is_read_like_the_escaped_one() -> None:
    assert read_form("", URLENCODED, "text=Привет+мир".encode()).get("text") == "Привет мир"


@pytest.mark.parametrize("content_type", ["", "application/json", "text/plain"])
def test_any_other_body_adds_nothing(content_type: str) -> None:
    assert read_form("a=1", content_type, b"a=2").all("a") == ["1"]


def test_a_multipart_body_brings_fields_and_files() -> None:
    upload = part('name="sheet"; filename="список.csv"', b"1\r\n2", "Content-Type: text/csv\r\n")
    form = multipart(part('name="text"', "Привет".encode()), upload)

    sheet = form.file("sheet")
    assert form.get("text") == "Привет"
    assert sheet is not None
    assert (sheet.filename, sheet.content_type, sheet.body) == ("список.csv", "text/csv", b"1\r\n2")
    assert form.names() == ("text", "sheet")


def test_a_file_input_left_alone_is_no_file() -> None:
    assert multipart(part('name="sheet"; filename=""', b"")).files == ()


def test_a_part_may_name_a_western_charset() -> None:
    form = multipart(part('name="a"', b"\xe9", "Content-Type: text/plain; charset=iso-8859-1\r\n"))

    assert form.get("a") == "é"


def test_an_empty_multipart_body_is_an_empty_form() -> None:
    assert multipart() == Form()


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        (URLENCODED, b"a=%ff", "not percent-encoded UTF-8"),
        (URLENCODED, b"a=\xff", "0xff"),
        (MULTIPART, part('name="a"', b"\xff") + b"--xyz--", "not UTF-8"),
        (MULTIPART, part('filename="a"') + b"--xyz--", "has no name"),
        (MULTIPART, b"--xyz\r\nA: b\r\n\r\nv\r\n--xyz--", "do not follow"),
        (MULTIPART, part('name="a"'), "cut short"),
        (MULTIPART, b"\r\n", "cut short"),
        (MULTIPART, b"--other--", "cut short"),
        (MULTIPART, b"--xyz\r\nA: \xff\r\n\r\nv\r\n--xyz--", "not UTF-8"),
        ("multipart/form-data", b"x", "boundary"),
        ("multipart/form-data; boundary=" + "b" * 202, b"x", "boundary"),
    ],
)
def test_a_broken_form_is_refused_with_its_reason(content_type: str, body: bytes, reason: str) -> None:
    error = refusal(content_type, body)

    assert reason in error.reason
    assert error.status == 400


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        (URLENCODED, b"a=1&" * 1_000_000, "1000 fields"),
        (URLENCODED, b"a=" + b"x" * 8_000_001, "8 MB"),
        (URLENCODED, b"a=" + "ы".encode() * 4_000_001, "8 MB"),
        (MULTIPART, part('name="a"') * 1_001 + b"--xyz--", "1000 parts"),
        (MULTIPART, part('name="a"; filename="b"') * 1_001 + b"--xyz--", "1000 parts"),
        (MULTIPART, part('name="a"', b"x" * 8_000_001) + b"--xyz--", "8 MB"),
        (MULTIPART, part('name="a"', b"", "X: y\r\n" * 200_000) + b"--xyz--", "16 KB"),
        (MULTIPART, b"--xyz\r\nA: " + b"x" * 5_000_000, "16 KB"),
    ],
)
def test_a_flood_is_refused_as_too_much(content_type: str, body: bytes, reason: str) -> None:
    error = refusal(content_type, body)

    assert reason in error.reason
    assert error.status == 413


def test_fields_of_query_and_body_are_counted_together() -> None:
    assert refusal(URLENCODED, b"b=2&" * 600, "&".join(["a=1"] * 600)).status == 413


def test_exactly_the_limits_are_accepted() -> None:
    assert len(read_form("&".join(["a=1"] * 1_000), "", b"").fields) == 1_000
    assert len(multipart(part('name="a"') * 1_000).fields) == 1_000
    assert len(multipart(part('name="a"', b"x" * 262_144)).get("a") or "") == 262_144


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_what_urlencode_writes_is_read_back(pairs: list[tuple[str, str]]) -> None:
    form = read_form("", URLENCODED, urlencode(pairs).encode())

    assert [(field.name, field.value) for field in form.fields] == pairs


def test_a_boundary_is_read_as_long_as_werkzeug_writes_some() -> None:
    boundary = "---------------WerkzeugFormPart_1764509776.12345670.0012345678901234567"
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n--{boundary}--\r\n'

    assert len(boundary) > 70
    assert read_form("", f"multipart/form-data; boundary={boundary}", body.encode()).values == {"a": "v"}


@given(st.binary(max_size=200), st.sampled_from([URLENCODED, MULTIPART]))
def test_any_bytes_are_read_or_refused(body: bytes, content_type: str) -> None:
    with suppress(MalformedForm):
        assert all(field.place == "body" for field in read_form("", content_type, body).fields)


@pytest.mark.parametrize(
    "kind", [MULTIPART, "multipart/form-data", "multipart/form-data; boundary=" + "b" * 202]
)
def test_a_body_that_is_not_there_is_no_broken_form(kind: str) -> None:
    assert read_form("a=1", kind, b"").values == {"a": "1"}
