"""A state file: what it keeps, what it refuses, and what it says of damage."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run
from sys import executable

import pytest

from simulator.errors import StateError
from simulator.exchange import Answer, DeliveryAttempt, Request
from simulator.state.file import Segment, StateFile
from simulator.state.inputs import ActionTaken, DeliverySettled, Input, RequestArrived, TimeReached

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


def test_nobody_else_may_read_it(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_world_that_begins_again_drops_what_it_was(path: Path) -> None:
    with closing(StateFile(path)) as file:
        begun(file, "other")
        segment = begun(file)

        assert list(file.inputs(segment)) == []
        assert [segment.world for segment in file.segments()] == ["other", "main"]


def test_a_second_process_is_told_that_it_comes_second(path: Path) -> None:
    with closing(StateFile(path)):
        command = [executable, "-m", "simulator", "state", "show", str(path)]
        second = run(command, capture_output=True, text=True, check=False)

    assert second.returncode == 2
    assert "is in use by another process" in second.stderr


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


def test_a_missing_input_is_told_and_what_is_before_it_can_be_kept(path: Path) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("DELETE FROM input WHERE n = 3")
    with pytest.raises(StateError, match="input 3 of world main cannot be read: it is missing"):
        read(path)
    with closing(StateFile(path)) as file:
        assert file.truncate("main", 2) == 2

    assert read(path) == INPUTS[:2]


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
