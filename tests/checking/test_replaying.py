"""A run that was recorded is played again, in another process if need be, and its answers are compared."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import simulator
from simulator import Simulator
from simulator.cli import main
from simulator.engine.snapshots import record_world
from simulator.scenario.files import list_scenarios
from simulator.scenario.loading import load_scenario, remake, rule_ids
from simulator.state.recorded import write_recorded
from tests.acceptance.stage_hands import Stranger, numbers
from tests.acceptance.test_replay import go_through_everything
from tests.testing.test_opening import add_call, ask_balance


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a world that has seen everything: bytes that are no text, hands, callbacks."""
    file = tmp_path_factory.mktemp("recorded") / "busy.json"
    with closing(Simulator(vendors=("callo",))) as simulated:
        stranger = Stranger(simulated)
        go_through_everything(stranger)
        stranger.calls_to(numbers(1)[0])
        write_recorded(file, [record_world(stranger.sandbox, case="BUSY-1")])
    return file


def replay(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["replay", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def edited(file: Path, edit: Any) -> Path:
    content = json.loads(file.read_bytes())
    edit(content["worlds"][0])
    changed = file.with_name("edited.json")
    changed.write_text(json.dumps(content))
    return changed


def test_a_busy_world_gives_the_same_bytes_again(busy: Path) -> None:
    printed = replay(busy, "BUSY-1")
    lines = printed.splitlines()

    assert lines[-1].endswith("callbacks, none with other bytes")
    assert int(lines[-1].split()[0]) > 40
    assert "DIFFERS" not in printed
    assert stat.S_IMODE(busy.stat().st_mode) == 0o600


def test_an_answer_with_another_byte_is_shown_with_the_value_that_differs(busy: Path) -> None:
    def spoil(world: Any) -> None:
        row = next(
            row
            for row in world["inputs"]
            if "call_id" in row.get("answer", {}).get("body", {}).get("text", "")
        )
        row["answer"]["body"]["text"] = row["answer"]["body"]["text"].replace("call_id", "call_ID")

    printed = replay(edited(busy, spoil), "--quiet", code=1)

    assert printed.count("DIFFERS") == 1
    assert [line.strip()[:9] for line in printed.splitlines() if "call_I" in line] == ['-"call_ID']
    assert "1 with other bytes" in printed


def test_a_callback_with_another_byte_is_shown_and_so_are_ends_of_lines(busy: Path) -> None:
    def spoil(world: Any) -> None:
        world["callbacks"][3]["url"] += "&more=1"
        rows = (row["answer"]["body"] for row in world["inputs"] if "<h1>429" in str(row.get("answer", "")))
        next(rows)["text"] += "\n"

    printed = replay(edited(busy, spoil), "--quiet", code=1)

    assert printed.count("DIFFERS") == 2
    assert "&more=1" in printed
    assert "only the ends of lines differ" in printed


def test_another_seed_or_an_input_less_gives_other_bytes(busy: Path) -> None:
    assert "DIFFERS" in replay(edited(busy, lambda world: world.update(seed=12)), code=1)
    assert "DIFFERS" in replay(edited(busy, lambda world: world["inputs"].pop(0)), code=1)


def test_evidence_leads_to_the_inputs_beside_it(busy: Path, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "run.inputs.json").write_bytes(busy.read_bytes())

    assert "none with other bytes" in replay(tmp_path / "run.json", "BUSY-1")
    assert "unknown case 'BUSY-2'" in replay(tmp_path / "run.json", "BUSY-2", code=2)
    (tmp_path / "run.inputs.json").unlink()
    assert "run.inputs.json, which a run leaves, is not there" in replay(tmp_path / "run.json", code=2)


def test_a_program_records_its_world(tmp_path: Path) -> None:
    with simulator.world({"extends": "happy", "seed": 5, "expect": []}) as world:
        add_call(world)
        ask_balance(world)
        world.faults.add("callo.balance", "status 503")
        ask_balance(world)
        world.record(tmp_path / "mine.json")

    printed = replay(tmp_path / "mine.json")
    assert [line.split()[-1] for line in printed.splitlines()[1:-1]] == ["200", "200", "503"]
    assert "3 answers, none with other bytes" in printed


@pytest.mark.parametrize("name", list_scenarios())
def test_every_scenario_is_made_again_of_its_words(name: str) -> None:
    scenario = load_scenario(name)
    words = json.loads(json.dumps(scenario.document.value, default=str))
    words.pop("extends", None)
    again = remake(words, rule_ids(scenario), name)

    assert {
        field for field in scenario.__struct_fields__ if getattr(again, field) != getattr(scenario, field)
    } <= {"document", "extends"}


def test_a_step_without_a_request_is_no_callback() -> None:
    with closing(Simulator(vendors=("callo",))) as simulated:
        sandbox = simulated.worlds.sandbox()
        sandbox.world.outbox.post("callo", "script.wait", "1", None, 0)

        assert record_world(sandbox).callbacks == ()
