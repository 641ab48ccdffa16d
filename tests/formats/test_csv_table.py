"""CSV tables: every export people bring, and none that hurts."""

from __future__ import annotations

import itertools
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats.csv_table import MalformedTable, read_csv, write_csv

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ROWS = [["+79161234567", "Привет, мир"], ["79161234568", 'он сказал "да"']]


def refusal(body: bytes) -> MalformedTable:
    with pytest.raises(MalformedTable) as caught:
        for _ in read_csv(body):
            pass
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r"])
def test_every_common_export_reads_alike(encoding: str, delimiter: str, line_break: str) -> None:
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in ROWS]
    text = line_break.join(delimiter.join(row) for row in quoted)

    assert list(read_csv(text.encode(encoding))) == ROWS


def test_bare_numbers_make_rows_of_one_cell() -> None:
    assert list(read_csv(b"79161234567\r\n79161234568")) == [["79161234567"], ["79161234568"]]


@pytest.mark.parametrize("body", [b"", b"\n\r\n", b"\xef\xbb\xbf", b",,\n,,\n"])
def test_a_table_without_text_has_no_rows(body: bytes) -> None:
    assert list(read_csv(body)) == []


def test_empty_lines_are_left_out() -> None:
    assert list(read_csv(b"\r\n\r\n1;a\r\n\r\n;\r\n2;b\r\n")) == [["1", "a"], ["2", "b"]]


def test_the_first_delimiter_of_the_first_line_counts() -> None:
    assert list(read_csv(b"7916;hello, dear, friend\n7917;x")) == [
        ["7916", "hello, dear, friend"],
        ["7917", "x"],
    ]


def test_a_delimiter_inside_quotes_decides_nothing() -> None:
    assert list(read_csv(b'"a;b",c\n')) == [["a;b", "c"]]


def test_a_quoted_cell_may_hold_line_breaks() -> None:
    assert list(read_csv(b'1,"a\r\nb"\r\n2,c')) == [["1", "a\r\nb"], ["2", "c"]]


def test_quotes_inside_a_bare_cell_are_text() -> None:
    assert list(read_csv('1,ООО "Ромашка"'.encode())) == [["1", 'ООО "Ромашка"']]


@pytest.mark.parametrize(
    ("body", "reason", "line"),
    [
        (b"a,b\n1,\0\n", "NUL", 2),
        ("a,b".encode("utf-16-le"), "NUL", 1),
        ("a,b".encode("utf-32"), "NUL", 1),
        (b"\xff\xfea", "UTF-16", 1),
        (b"ok\n\xff\x98", "cp1251", 2),
        (b"a\n" + b"x" * 131_073, "131,072", 2),
        (b'a,b\n1,"' + b"x\n" * 2_000_000, "not closed", 2),
        (b'a,b\n1,"open\n2,c\n', "never closed", 2),
        (b'"', "never closed", 1),
        (b"a\n" + b"," * 64, "64 columns", 2),
    ],
)
def test_a_broken_table_is_refused_with_reason_and_line(body: bytes, reason: str, line: int) -> None:
    error = refusal(body)

    assert reason in str(error)
    assert str(error).startswith(f"line {line}: ")


def test_a_table_of_two_million_rows_is_full() -> None:
    error = refusal(b"1\n" * 2_000_001)

    assert str(error) == "line 2000001: The table has more than 2,000,000 rows."


def test_good_rows_come_before_the_broken_one() -> None:
    rows = read_csv(b"1\n2\n" + b"," * 64)

    assert [next(rows), next(rows)] == [["1"], ["2"]]


def test_a_large_table_is_streamed() -> None:
    body = b"79161234567,hello\r\n" * 100_000
    tracemalloc.start()
    count = sum(1 for _ in itertools.islice(read_csv(body), 20_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 20_000
    assert peak < 2_000_000


def test_the_machine_export_is_exact() -> None:
    assert write_csv([["+7916", 'a"b'], ["=1", ""]], ["phone", "text"]) == (
        b'phone,text\r\n+7916,"a""b"\r\n=1,\r\n'
    )


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6))
def test_what_we_write_is_read_back(rows: list[list[str]]) -> None:
    header = ["phone", "text"]

    assert list(read_csv(write_csv(rows, header))) == [header, *(row for row in rows if any(row))]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(MalformedTable):
        assert all(any(row) for row in read_csv(body))
