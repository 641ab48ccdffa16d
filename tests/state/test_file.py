"""A state file: what it keeps, what it refuses, and what it says of damage."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from subprocess import run
from sys import executable
from typing import Any

import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.errors import StateError, StateUnavailable
from simulator.exchange import Answer, DeliveryAttempt, Request
from simulator.state.file import StateFile
from simulator.state.inputs import ActionTaken, DeliverySettled, Input, RequestArrived, Segment, TimeReached

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ODD = Request(
    "P\udc80ST",
    "/a\udcffb\ud800",
    "q=\udcfe",
    (("X-A", "\udc80"),),
    b"\x00\xff",
    remote="::1",
    base="http://x",
)
TAKEN = DeliveryAttempt(
    200, reply=Answer(200, b"ok", (("A", "b"),)), took=timedelta(seconds=2, microseconds=7)
)
INPUTS = [
    Input(NOW, RequestArrived("callo", ODD)),
    Input(NOW + timedelta(microseconds=1), ActionTaken("press", {"number": "+447700900000", "key": "1"})),
    Input(NOW, DeliverySettled("delivery-1", 1, TAKEN, 3, NOW - timedelta(seconds=1))),
    Input(NOW, DeliverySettled("delivery-2", 2, DeliveryAttempt(error="timeout", reason="t\udc80"), 0, NOW)),
    Input(NOW, TimeReached()),
]


def begun(file: StateFile, world: str = "main") -> Segment:
    return file.begin(Segment(id=0, world=world, version="1", scenario="{}", setup="{}", start=NOW))


def filled(path: Path) -> None:
    with closing(StateFile(path)) as file:
        segment = begun(file)
        for number, entry in enumerate(INPUTS, 1):
            file.append(segment, number, entry, NOW)


def read(path: Path) -> list[Input]:
    with closing(StateFile(path)) as file:
        return [entry for _, entry in file.inputs(file.segments()[0])]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "worlds.sqlite"
    filled(path)
    return path


def test_inputs_come_back_as_they_were_whatever_letters_they_hold(path: Path) -> None:
    assert read(path) == INPUTS


def test_a_name_that_means_memory_to_sqlite_names_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    filled(Path(":memory:"))

    assert read(Path(":memory:")) == INPUTS


def test_nobody_else_may_read_it(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_world_that_begins_again_drops_what_it_was(path: Path) -> None:
    with closing(StateFile(path)) as file:
        begun(file, "other")
        segment = begun(file)

        assert list(file.inputs(segment)) == []
        assert [segment.world for segment in file.segments()] == ["other", "main"]


@pytest.mark.parametrize(
    ("environment", "remedy"),
    [
        ({}, "end that one, or name another file"),
        ({"WERKZEUG_RUN_MAIN": "true"}, "use `flask run --no-reload`"),
    ],
)
def test_a_second_process_is_told_that_it_comes_second(
    path: Path, environment: dict[str, str], remedy: str
) -> None:
    with closing(StateFile(path)):
        command = [executable, "-m", "simulator", "state", "show", str(path)]
        given = {**os.environ, **environment}
        second = run(command, capture_output=True, text=True, check=False, env=given)

    assert second.returncode == 2
    assert f"is in use by another process\n  {remedy}\n" in second.stderr


def test_a_file_that_is_refused_is_let_go_of_at_once(path: Path) -> None:
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA user_version=1")
    with pytest.raises(StateError, match="format 1") as refused:
        StateFile(path)

    assert refused.traceback  # which holds all that was made on the way
    with closing(sqlite3.connect(path, timeout=0)) as base:
        base.execute("BEGIN EXCLUSIVE")


@pytest.mark.parametrize(
    ("column", "change"),
    [("at", "at + 1"), ("host", "host - 1"), ("kind", "'tim'"), ("body", "CAST(body || x'00' AS BLOB)")],
)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_damaged_input_is_named_with_the_way_to_keep_the_rest(
    path: Path, column: str, change: str, n: int
) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(f"UPDATE input SET {column} = {change} WHERE n = ?", (n,))  # noqa: S608 - no value

    with pytest.raises(StateError, match=rf"input {n} of world main cannot be read: its checksum") as caught:
        read(path)
    assert f"--world main --after {n - 1}`" in caught.value.remedy


@pytest.mark.parametrize(
    ("column", "remedy"),
    [("scenario", "state drop \\S+ --world main"), ("world", "put a copy of it in its place")],
)
def test_how_a_world_began_is_not_printed_where_letters_of_it_are_damaged(
    path: Path, column: str, remedy: str
) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(f"UPDATE segment SET {column} = CAST(x'6b6579c3' AS TEXT)")  # noqa: S608 - no value

    with pytest.raises(StateError, match=r"how world \S+ began is damaged \(1\)") as caught:
        read(path)
    assert re.search(remedy, caught.value.remedy)
    if column == "scenario":
        with closing(StateFile(path)) as file:
            assert file.drop("main")


@pytest.mark.skipif(sys.platform == "win32", reason="there, a file in use cannot be removed")
def test_nothing_is_kept_in_a_file_that_was_removed_until_it_is_put_back(path: Path) -> None:
    with closing(StateFile(path)) as file:
        segment = file.segments()[0]
        aside = path.rename(path.with_suffix(".aside"))
        for content in (None, b"another"):
            if content is not None:
                path.write_bytes(content)
            with pytest.raises(StateUnavailable, match="was removed or replaced"):
                file.append(segment, 6, INPUTS[0], NOW)
        aside.rename(path)
        file.append(segment, 6, INPUTS[0], NOW)

    assert read(path) == [*INPUTS, INPUTS[0]]


def test_a_missing_input_is_told_and_what_is_before_it_can_be_kept(path: Path) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("DELETE FROM input WHERE n = 3")
    with pytest.raises(StateError, match="input 3 of world main cannot be read: it is missing"):
        read(path)
    with closing(StateFile(path)) as file:
        assert file.truncate("main", 2) == 2

    assert read(path) == INPUTS[:2]


def long_file(path: Path) -> bytes:
    """Return a file of several pages, with two worlds."""
    with closing(StateFile(path)) as file:
        for world, count in (("main", 200), ("other", 30)):
            segment = begun(file, world)
            for number in range(1, count + 1):
                file.append(segment, number, INPUTS[number % 5], NOW)
    return path.read_bytes()


def all_of(path: Path) -> list[Any]:
    with closing(StateFile(path)) as file:
        return [(segment, list(file.inputs(segment))) for segment in file.segments()]


def damaged(whole: bytes) -> Iterator[bytes]:
    yield from (whole[:cut] for cut in range(0, len(whole), 512))
    random = Random(3)  # noqa: S311
    for flips in (1, 16):
        for _ in range(100):
            content = bytearray(whole)
            for _ in range(flips):
                content[random.randrange(len(content))] ^= 1 << random.randrange(8)
            yield bytes(content)


def test_a_file_that_was_cut_or_has_other_bits_is_refused_or_as_it_was_and_never_less(tmp_path: Path) -> None:
    path, other = tmp_path / "worlds.sqlite", tmp_path / "other.sqlite"
    whole = long_file(path)
    expected, refused, equal = all_of(path), 0, 0
    for content in damaged(whole):
        for file in tmp_path.glob("other.sqlite*"):
            file.unlink()
        other.write_bytes(content)
        try:
            assert all_of(other) == expected
            equal += 1
        except StateError:
            refused += 1

    assert refused > len(whole) // 512
    assert 0 < equal < 100  # what was cut or flipped where nothing is kept


def test_inputs_that_are_gone_without_a_trace_are_told_and_what_is_left_can_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "worlds.sqlite"
    content = bytearray(long_file(path))
    leaves = [at for at in range(4_096, len(content), 4_096) if content[at] == 10 and content[at + 4] > 10]
    content[leaves[0] + 4] = 3  # of the inputs on a page, SQLite takes three for all
    path.write_bytes(bytes(content))
    state = partial(CliRunner().invoke, main)
    verified = state(["state", "verify", str(path)])
    assert verified.exit_code == 2
    way_out = re.search(r"truncate (\S+ --world main --after (\d+))`", verified.output)
    assert way_out is not None
    cut = state(["state", "truncate", *way_out[1].split()])

    assert (cut.exit_code, state(["state", "verify", str(path)]).exit_code) == (0, 0)
    assert [len(inputs) for _, inputs in all_of(path)] == [int(way_out[2]), 30]
    assert int(way_out[2]) < 200


@pytest.mark.parametrize("content", [b"", b"{}", b"SQLite format 3\x00" + bytes(100)])
def test_a_file_that_is_none_is_refused_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.json"
    path.write_bytes(content)
    with pytest.raises(StateError, match="no state file") as caught:
        StateFile(path)
    assert "name another file" in caught.value.remedy

    assert path.read_bytes() == content


def test_a_file_of_another_format_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA user_version=1")

    with pytest.raises(StateError, match=r"has the format 1, this simulator writes 3"):
        StateFile(path)


def test_an_argument_that_is_not_plain_is_refused_before_anything_is_kept(path: Path) -> None:
    with closing(StateFile(path)) as file:
        segment = file.segments()[0]
        with pytest.raises(TypeError, match="arm: set is no plain argument"):
            file.append(segment, 6, Input(NOW, ActionTaken("arm", {"fault": [{"x"}]})), NOW)

    assert read(path) == INPUTS
