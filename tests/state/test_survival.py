"""Worlds that survive their process: made again of a state file, as if nothing had been."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simulator import Simulator
from simulator.cli import main
from simulator.engine.sandbox import Sandbox
from simulator.errors import StateError
from simulator.testing.transports import WsgiAnswer, ask
from simulator.web.journal import Journal
from tests.serving_process import ADD_CALL, call_form
from tests.state.digest import digest

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


@contextmanager
def simulator(path: Path, **settings: Any) -> Iterator[Simulator]:
    made = Simulator(**{"state": path, "clock": "virtual", **settings})
    with closing(made):
        yield made


def call(one: Simulator, phone: str = "+447700900000") -> dict[str, Any]:
    credentials = one.worlds.credentials("callo")
    form = call_form({"credentials": {"callo": credentials}}, phone=phone)
    answer = ask(one, "POST", f"http://localhost{ADD_CALL}", FORM, form.encode())
    content: dict[str, Any] = json.loads(answer.body)
    return content


def state_of(sandbox: Sandbox) -> str:
    return digest([sandbox.world, sandbox.faults])


def busy(one: Simulator) -> str:
    """Let much happen, one thing after the other, and return a digest of what came of it."""
    sandbox = one.worlds.sandbox()
    for number in range(3):
        call(one, f"+44770090000{number}")
        sandbox.advance(sandbox.now() + timedelta(seconds=7))
    sandbox.act("next_outcome", number="+447700900007", outcome="busy")
    sandbox.act("arm", fault="mine", where="callo.balance", when="always", do="status 503")
    reply = {"status": 502, "headers": {"Via": "1.1 proxy"}, "body": "late"}
    sandbox.act("arm", fault="late", where="callo.*", when="request 9", do="reply", reply=reply)
    sandbox.act("limit", rule="few", where="callo.*", allow="9 per 1s", by=["public_key"])
    sandbox.advance()
    return state_of(sandbox)


def test_a_world_is_made_again_with_all_that_happened_in_it(tmp_path: Path) -> None:
    path = tmp_path / "worlds.sqlite"
    with simulator(path) as first:
        before, identity = busy(first), call(first)
        at = first.worlds.sandbox().now()
    with simulator(path) as second:
        sandbox = second.worlds.sandbox()

        assert sandbox.world.calls[-1].ref == identity["call_id"]
        assert sandbox.now() == at
        assert len(sandbox.recorder.journal) == 4
        assert before != state_of(sandbox)  # by the last call, which was made after it


def test_every_cut_of_a_log_goes_on_to_the_same_world(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.sqlite", tmp_path / "cut.sqlite"
    with simulator(whole) as first:
        busy(first)
        inputs = list(first.worlds.sandbox().inputs)
        expected = state_of(first.worlds.sandbox())
    for kept in range(len(inputs) + 1):
        shutil.copy(whole, cut)
        with closing(sqlite3.connect(cut)) as base, base:
            base.execute("DELETE FROM input WHERE n > ?", (kept,))
        with simulator(cut) as again:
            sandbox = again.worlds.sandbox()
            sandbox.replay(inputs[kept:])

            assert state_of(sandbox) == expected, kept


def test_a_command_that_failed_is_no_poison(tmp_path: Path) -> None:
    with simulator(tmp_path / "worlds.sqlite") as first:
        call(first)
        key = first.worlds.credentials("callo")["public_key"]
        with pytest.raises(ArithmeticError):
            first.worlds.sandbox().act("top_up", vendor="callo", credential=key, amount="abc")
        expected = state_of(first.worlds.sandbox())
    with simulator(tmp_path / "worlds.sqlite") as second:
        assert state_of(second.worlds.sandbox()) == expected


def test_a_world_of_ones_own_comes_again_and_one_that_was_reset_begins_anew(tmp_path: Path) -> None:
    with simulator(tmp_path / "worlds.sqlite") as first:
        first.worlds.open("mine", "campaign")
        first.worlds.open("gone", "happy")
        first.worlds.close("gone")
        first.worlds.open("idle", "happy")
        first.worlds.memory.note("idle", 0, -7_200.0)
        first.worlds.close_idle()
        call(first)
        first.worlds.open("main", first.worlds.sandbox().scenario)
        assert first.worlds.survival is not None
        assert [segment.world for segment in first.worlds.survival.file.segments()] == ["mine", "main"]
    with simulator(tmp_path / "worlds.sqlite") as second:
        names = [(sandbox.world.name, sandbox.scenario.title) for sandbox in second.worlds]

        assert [name for name, _ in names] == ["main", "mine"]
        assert names[1][1] != names[0][1]
        assert not second.worlds.sandbox().world.calls


def test_a_world_comes_again_whose_scenario_lay_beside_others_that_are_gone(tmp_path: Path) -> None:
    base, people, mine = (tmp_path / name for name in ("base.yaml", "town.csv", "mine.yaml"))
    base.write_text("sim: 1\nextends: happy\nfaults: [{where: callo.balance, when: 40%, do: status 503}]\n")
    people.write_text("number\n+447700900310\n")
    town = "personas: {town: {attempts: [busy]}}\npeople: [{file: town.csv, persona: town}]"
    mine.write_text(f"sim: 1\nextends: base.yaml\n{town}\n")
    with simulator(tmp_path / "worlds.sqlite") as first:
        sandbox = first.worlds.open("mine", str(mine))
        sandbox.act("next_outcome", number="+447700900007", outcome="busy")
        expected, ids = state_of(sandbox), [rule.id for rule in sandbox.scenario.faults]
    for file in (base, people, mine):
        file.unlink()
    with simulator(tmp_path / "worlds.sqlite") as second:
        again = second.worlds.sandbox("mine")

        assert state_of(again) == expected
        assert [rule.id for rule in again.scenario.faults] == ids
        assert "+447700900310" in str(again.scenario.document.value["people"])


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"scenario": "campaign"}, "was begun with the scenario"),
        ({"seed": 7}, r"was begun with the scenario's own seed\n  start with that, not the seed 7, or"),
        ({"clock": "x60"}, r"was begun with the .*clock.*\n  start with that, not the clock x60, or"),
        (
            {"vendors": ("callo",)},
            r"was begun with the vendors .*\n  start with that, not the vendors callo, or",
        ),
    ],
)
def test_what_would_make_another_world_is_refused(tmp_path: Path, changed: Any, problem: str) -> None:
    with simulator(tmp_path / "worlds.sqlite") as first:
        call(first)

    with pytest.raises(StateError, match=problem), simulator(tmp_path / "worlds.sqlite", **changed):
        pass


def test_a_log_of_another_version_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "worlds.sqlite"
    with monkeypatch.context() as older:
        older.setattr("simulator.engine.restoring.VERSION", "0.0.9")
        with simulator(path):
            pass

    with pytest.raises(StateError, match=r"begun with version 0\.0\.9") as caught, simulator(path):
        pass
    assert f"simulator state drop {path} --world main" in caught.value.remedy


def test_what_cannot_be_kept_is_answered_503_and_not_done(tmp_path: Path) -> None:
    with simulator(tmp_path / "worlds.sqlite") as one:
        sandbox, credentials = one.worlds.sandbox(), one.worlds.credentials("callo")
        assert one.worlds.survival is not None
        one.worlds.survival.file._base.execute("PRAGMA max_page_count=1")
        form = call_form({"credentials": {"callo": credentials}}, phone="+447700900000", text="a" * 9_000)
        answer = ask(one, "POST", f"http://localhost{ADD_CALL}", FORM, form.encode())

        assert answer.status == 503
        assert "nothing was done" in dict(answer.headers)["X-Simulator-Rule"]
        assert (len(sandbox.world.calls), sandbox.world.inputs) == (0, 0)


def fill(one: Simulator) -> WsgiAnswer:
    """Fill the pages that are there already, and return how the first input was answered that had no room."""
    body = json.dumps({"outcome": "busy"}).encode()
    kind = (("Content-Type", "application/json"),)
    for _ in range(200):
        answer = ask(one, "POST", "http://localhost/_simulator/v1/people/+447700900007/next", kind, body)
        if answer.status != 200:
            break
    return answer


def probe(one: Simulator) -> WsgiAnswer:
    return ask(one, "GET", "http://localhost/readyz", (), b"")


@pytest.mark.parametrize("harm", ["full", "gone"])
def test_who_can_take_no_more_input_is_not_ready(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "worlds.sqlite"
    with simulator(path) as one:
        assert one.worlds.survival is not None
        base = one.worlds.survival.file._base
        before = [probe(one), probe(one)]
        if harm == "full":
            base.execute("PRAGMA max_page_count=1")
            fill(one)
        else:
            path.rename(tmp_path / "elsewhere.sqlite")
        meanwhile, alive = probe(one), ask(one, "GET", "http://localhost/livez", (), b"")
        if harm == "full":
            base.execute("PRAGMA max_page_count=1000000")
        else:
            (tmp_path / "elsewhere.sqlite").rename(path)
        after, inputs = probe(one), base.execute("SELECT min(segment) FROM input").fetchone()

    assert [answer.status for answer in (*before, meanwhile, alive, after)] == [200, 200, 503, 200, 200]
    assert meanwhile.body.startswith(b"nothing was done: ")
    assert (before[0].body, inputs) == (b"ok\n", (None,) if harm == "gone" else (1,))


def test_a_tester_is_told_as_well_that_nothing_was_kept(tmp_path: Path) -> None:
    with simulator(tmp_path / "worlds.sqlite") as one:
        assert one.worlds.survival is not None
        one.worlds.survival.file._base.execute("PRAGMA max_page_count=1")
        answer = fill(one)
        problem = json.loads(answer.body)

        assert (answer.status, problem["title"]) == (503, "state unavailable")
        assert "nothing was done" in problem["detail"]
        assert "--state-size" in problem["remedy"]


def test_what_a_file_holds_is_bounded_and_told(tmp_path: Path) -> None:
    with simulator(tmp_path / "worlds.sqlite", state_size=1) as one:
        assert one.worlds.survival is not None
        pages = one.worlds.survival.file._base.execute("PRAGMA max_page_count").fetchone()
        answer = ask(one, "GET", "http://localhost/_simulator/metrics", (), b"")

        assert pages == (256,)
        assert b"simulator_state_allowed_bytes 1048576" in answer.body
        assert dict(answer.headers)["X-Simulator-State"] == "file"


def test_coverage_counts_what_no_journal_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with simulator(tmp_path / "worlds.sqlite") as first:
        for number in range(6):
            call(first, f"+44770090000{number}")
        call(first, "what")
        inputs = list(first.worlds.sandbox().inputs)
        expected = first.worlds.sandbox().recorder.coverage.as_json()
    monkeypatch.setattr(Journal.__init__, "__defaults__", (2, 64_000_000, 65_536))
    with simulator(tmp_path / "worlds.sqlite") as second, simulator(tmp_path / "empty.sqlite") as third:
        third.worlds.sandbox().replay(inputs)  # how many there are is not known before
        for again in (second, third):
            recorder = again.worlds.sandbox().recorder

            assert recorder.coverage.as_json() == expected
            assert (recorder.journal.recorded, recorder.journal.dropped) == (7, 5)
            assert [exchange.id for exchange in recorder.journal] == ["main-6", "main-7"]


def test_judging_catches_up_after_a_restart(tmp_path: Path) -> None:
    def judged(one: Simulator) -> list[tuple[str, int, str | None]]:
        journal = one.worlds.sandbox().recorder.journal
        return [(exchange.id, len(exchange.violations), exchange.rule) for exchange in journal]

    with simulator(tmp_path / "worlds.sqlite") as first:
        for phone in ("+447700900001", "what", "+447700900002"):
            call(first, phone)
        expected = judged(first)
    with simulator(tmp_path / "worlds.sqlite") as second:
        recorder = second.worlds.sandbox().recorder
        recorder.catch_up(1)

        assert [len(exchange.violations) for exchange in recorder._journal] == [0, 0, 0]
        call(second)
        assert judged(second)[:-1] == expected
        assert expected[1][1]


def test_a_world_is_exported_for_nobody_else_to_read_and_imported_whole(tmp_path: Path) -> None:
    path, copy, other = (tmp_path / name for name in ("worlds.sqlite", "copy.sqlite", "other.sqlite"))
    with simulator(path) as first:
        expected, key = busy(first), first.worlds.credentials("callo")["public_key"]

    def state(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, ["state", *map(str, arguments)])

    exported = state("export", path, "--to", copy)
    assert (exported.exit_code, copy.stat().st_mode & 0o777) == (0, 0o600)
    assert "keys and phone numbers in clear" in exported.output
    assert state("export", path, "--to", copy).exit_code == 2
    assert state("import", other, "--from", copy).exit_code == 0
    assert "has a world main already" in state("import", other, "--from", copy).output
    for shown in (exported, state("show", other), state("verify", other)):
        assert key not in shown.output
    with simulator(other) as second:
        assert state_of(second.worlds.sandbox()) == expected
