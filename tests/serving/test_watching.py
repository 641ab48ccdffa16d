"""`serve --watch`: a scenario file that changes is taken whole or not at all, with its parents and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.cli.serve import serve
from simulator.engine.settings import WatchedFile
from simulator.scenario.files import files_of
from simulator.serving.watching import LOOK_SECONDS, Watch

FILE = """sim: 1
title: {title}
extends: [happy, parent]
accounts: {{shop: {{vendors: [callo], key: {key}}}}}
"""
KEY = "0123456789abcdef" * 2
BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/?public_key="


class Followed:
    """A simulator that follows a file, and the looks that its pump would have at it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "shop.yaml"
        self.parent = folder / "parent.yaml"
        self.parent.write_text("sim: 1\nseed: 3\n")
        self.write("One")
        watched = WatchedFile(self.file)
        self.simulator = Simulator(vendors=("callo",), scenario=self.file, watched=watched, clock="virtual")
        self.http = Client(self.simulator)
        self._watch = Watch(self.simulator.worlds, watched)
        self._now = 0.0

    def write(self, title: str, key: str = KEY, more: str = "") -> None:
        self.file.write_text(FILE.format(title=title, key=key) + more)

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self._now += LOOK_SECONDS
            self._watch.look(self._now)

    @property
    def title(self) -> str:
        return str(self.http.get("/_simulator/v1/scenario").get_json()["scenario"]["title"])

    @property
    def findings(self) -> list[str]:
        findings: list[str] = self.http.get("/_simulator/v1/scenario").get_json()["watched"]["findings"]
        return findings


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Followed]:
    it = Followed(tmp_path)
    yield it
    it.simulator.close()


def test_a_changed_file_begins_all_its_worlds_again(
    followed: Followed, caplog: pytest.LogCaptureFixture
) -> None:
    followed.http.get(f"/@mine{BALANCE}{KEY}")
    followed.write("Two", "f" * 32)
    followed.look()

    assert followed.title == "Two"
    assert followed.http.get(f"/@mine{BALANCE}{'f' * 32}").status_code == 200
    assert "shop.yaml is taken; worlds that began again: main, mine" in caplog.text


def test_a_file_that_is_being_written_is_let_alone_until_it_rests(followed: Followed) -> None:
    for title in ("Two", "Three...", "Four"):
        followed.write(title)
        followed.look(1)
        assert followed.title == "One"
    followed.look(1)

    assert followed.title == "Four"


def test_a_broken_file_changes_nothing_and_is_told_everywhere(
    followed: Followed, caplog: pytest.LogCaptureFixture
) -> None:
    followed.http.get(BALANCE + KEY)
    followed.write("Two", more="stangers: nobody\n")
    followed.look()

    line = f"{followed.file}:5:1: unknown word 'stangers'; did you mean 'strangers'?"
    assert followed.title == "One"
    assert followed.simulator.worlds.sandbox().recorder.journal.recorded == 1
    assert followed.findings[0].startswith(line)
    assert line in caplog.text
    page = followed.http.get("/_simulator/", headers={"Accept": "text/html"}).text
    assert "is broken; the last good one goes on" in page
    assert "did you mean" in page
    events = followed.http.get("/_simulator/v1/events").get_json()["events"]
    assert events[-1]["what"] == "scenario.broken"


def test_a_world_that_is_opened_meanwhile_is_of_the_last_good_one(followed: Followed) -> None:
    followed.write("Two", more="stangers: nobody\n")
    followed.look()

    assert followed.http.get(f"/@mine{BALANCE}{KEY}").status_code == 200


def test_a_file_that_is_mended_to_what_it_was_lets_the_world_go_on(followed: Followed) -> None:
    followed.http.get(BALANCE + KEY)
    followed.write("One", more="oops\n")
    followed.look()
    followed.write("One", more="# as before\n")
    followed.look()

    assert followed.findings == []
    assert followed.simulator.worlds.sandbox().recorder.journal.recorded == 1


def break_parent(followed: Followed) -> None:
    followed.parent.write_text("sim: 1\nseed: x\n")


def lose_parent(followed: Followed) -> None:
    followed.parent.unlink()


def lose_file(followed: Followed) -> None:
    followed.file.unlink()


@pytest.mark.parametrize("act", [break_parent, lose_parent, lose_file])
def test_parents_count_and_what_is_gone_may_come_again(
    followed: Followed, act: Callable[[Followed], None]
) -> None:
    act(followed)
    followed.look()
    assert followed.findings != []
    assert followed.title == "One"

    followed.parent.write_text("sim: 1\nseed: 4\n")
    followed.write("Two")
    followed.look()
    assert (followed.findings, followed.title) == ([], "Two")
    followed.parent.write_text("sim: 1\nseed: 55\n")
    followed.look()
    assert followed.http.get("/_simulator/v1/scenario").get_json()["scenario"]["seed"] == 55


def test_a_scenario_is_made_of_all_that_its_files_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: [b, sub/c.yml, happy]\npeople: {from: people.csv}\n")
    (tmp_path / "b.yaml").write_text("extends: a\nx: [more.csv\n")

    names = {str(file.relative_to(tmp_path)) for file in files_of(tmp_path / "a.yaml")}
    assert {"a.yaml", "b.yaml", "b.yml", "sub/c.yml", "people.csv"} <= names
    assert "happy.csv" not in names


def test_a_table_of_people_counts_as_the_file_itself(followed: Followed) -> None:
    table = followed.file.with_name("people.csv")
    table.write_text("number,persona\n+447700900301,listens\n")
    followed.write("Two", more="people: [{file: people.csv}]\n")
    followed.look()
    assert (followed.findings, followed.title) == ([], "Two")
    table.write_text("number,persona\n+447700900301,lisstens\n")
    followed.look()

    assert "people.csv:2" in followed.findings[0]
    table.write_text("number,persona\n+447700900302,listens\n")
    followed.look()
    assert followed.findings == []
    assert "+447700900302" in str(followed.simulator.worlds.sandbox().scenario.people)


def test_a_world_of_another_scenario_is_let_alone(followed: Followed) -> None:
    followed.http.put("/_simulator/v1/scenario", json={"name": "flaky"})
    title = followed.title
    followed.write("Two")
    followed.look()

    assert followed.title == title != "Two"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--watch"], "name it by --scenario FILE.yaml"),
        (["--watch", "--scenario", "x.yaml", "--state", "redis://localhost"], "those that share worlds"),
    ],
)
def test_what_cannot_be_followed_is_refused(arguments: list[str], reason: str) -> None:
    result = CliRunner().invoke(serve, arguments)

    assert result.exit_code == 2
    assert reason in result.output
