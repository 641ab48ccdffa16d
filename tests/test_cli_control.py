"""The verbs of the terminal, against a simulator that is served."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click import Context
from click.testing import CliRunner

from simulator.cli import main, terminal
from simulator.cli.following import KINDS
from tests.admin.control_room import ANSWERS_AND_PRESSES_ONE as ALICE
from tests.command_line import run
from tests.serving_process import ADD_CALL, Served, add_call, call_form, serving
from tests.source_tree import modules, nodes_of

NOTING = ("tell", "_tell", "observe", "note", "_note")
EAST = """
sim: 1
title: Far in the east it is evening
seed: 7
clock: {at: "2026-03-02T21:00", zone: Asia/Tokyo}
strangers: listens
personas: {listens: {attempts: [answered], ring: 8s, talk: 40s}}
accounts: {a: {vendors: [callo], balance: 100.00}}
"""
EVENT = re.compile(r"[a-z]+\.(?!pem)[a-z_]*")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--clock", "virtual") as place:
        yield place


def printed(served: Served, *arguments: str, code: int = 0) -> str:
    """Run a verb in this process and return what it printed."""
    result = CliRunner().invoke(main, [*arguments, "--ready-file", str(served.ready_file)])
    assert result.exit_code == code, result.output
    return result.output


def read(served: Served, *arguments: str, code: int = 0) -> Any:
    return json.loads(printed(served, *arguments, "--json", code=code))


def test_a_phone_is_answered_pressed_and_hung_up_at_the_prompt(served: Served) -> None:
    printed(served, "reset")
    add_call(served)
    number = read(served, "tail", "--after", "0", "--kind", "call", "--count", "1")["call"]["callee"]
    answered = printed(served, "answer", number)
    printed(served, "clock", "advance", "5s")
    printed(served, "press", number, "1")
    printed(served, "hang-up", number)
    moments = printed(served, "clock", "advance", "--until-idle")

    assert "answered" in answered
    assert "acts" in moments
    assert read(served, "clock")["next_due"] is None
    printed(served, "answer", number, code=1)


def test_faults_callbacks_findings_and_verdicts_are_listed(served: Served) -> None:
    canned = printed(served, "faults", "on", "callo.balance", "reply", "--reply", '{"status": 202}')
    printed(served, "faults", "off", canned.split()[0])
    armed = printed(served, "faults", "on", "callo.balance", "status", "503", "--when", "request 1")
    fault = armed.split()[0]

    assert "status 503" in printed(served, "faults")
    assert printed(served, "faults", "off", fault) == f"{fault} is off\n"
    assert "deliver" in json.dumps(read(served, "deliveries"))
    assert printed(served, "violations") == "nothing is wrong\n"
    assert "broken" in printed(served, "verdicts", code=1)
    assert "main" in printed(served, "worlds")
    assert printed(served, "open", "--print").endswith("/_simulator/\n")


def test_a_finding_and_a_mistake_at_the_prompt_are_told_without_the_words_of_json(served: Served) -> None:
    printed(served, "reset")
    with pytest.raises(HTTPError) as refused:
        urlopen(f"http://127.0.0.1:{served.port}/callr/nowhere")
    refused.value.close()
    findings = printed(served, "violations", code=1)
    printed(served, "reset")

    assert findings.startswith("unknown-operation callr at path\n")
    assert "nothing was changed; '3' is not a length" in printed(served, "clock", "advance", "3", code=1)


def test_every_kind_of_event_can_be_followed_alone() -> None:
    noted = {
        str(text.value).partition(".")[0]
        for tree in modules().values()
        for node in nodes_of(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in NOTING
        for argument in node.args
        for text in ast.walk(argument)
        if isinstance(text, ast.Constant) and EVENT.fullmatch(str(text.value))
    }

    assert {"call" if kind == "attempt" else kind for kind in noted} == {*KINDS}


@pytest.mark.parametrize(
    ("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_nobody_is_shown_colours_who_wants_none(
    served: Served, variables: dict[str, str], coloured: bool
) -> None:
    ordinary = {"NO_COLOR": None, "TERM": "xterm"}
    arguments = ["verdicts", "--ready-file", str(served.ready_file)]
    shown = CliRunner().invoke(main, arguments, color=True, env={**ordinary, **variables})

    assert ("\x1b[" in shown.output) is coloured


def test_a_callback_that_failed_is_listed_with_its_reason(served: Served) -> None:
    printed(served, "reset")
    form = call_form(served.ready, phone=ALICE, ivr_lvl_1_btn_1_webhook="http://169.254.7.7/")
    urlopen(f"http://127.0.0.1:{served.port}{ADD_CALL}", form.encode()).close()
    printed(served, "clock", "advance", "--until-idle")

    assert "blocked_address  link-local: 169.254.7.7 is never called" in printed(served, "deliveries")


def test_what_happens_is_followed_and_waited_for(served: Served) -> None:
    add_call(served)
    lines = printed(served, "tail", "--after", "0", "--kind", "exchange", "--count", "1")
    waited = printed(served, "wait", "--for", "requests=1")
    ready = read(served, "wait", "--for", "ready")

    assert "callo add_call  200" in lines
    assert "\x1b[" not in lines
    assert (waited, ready) == ("requests=1\n", {"waited_for": "ready"})
    assert (
        "in vain"
        in run(
            "wait", "--for", "calls=999", "--timeout", "100ms", "--ready-file", str(served.ready_file)
        ).stderr
    )


def test_times_of_day_are_those_of_the_zone_in_which_the_world_plays(tmp_path: Path) -> None:
    (tmp_path / "east.yaml").write_text(EAST)
    with serving("--clock", "virtual", "--scenario", str(tmp_path / "east.yaml")) as served:
        add_call(served)
        number = read(served, "tail", "--after", "0", "--kind", "call", "--count", "1")["call"]["callee"]
        lines = [
            printed(served, "tail", "--after", "0", "--kind", "call", "--count", "1"),
            printed(served, "worlds").split(maxsplit=1)[1],
            printed(served, "answer", number),
        ]
        now = read(served, "clock")

    assert [line[:8] for line in lines] == ["21:00:00"] * 3
    assert (now["now"], now["zone"]) == ("2026-03-02T12:00:00+00:00", "Asia/Tokyo")


def test_a_refusal_says_why_and_what_to_do(served: Served) -> None:
    done = run("press", ALICE, "1", "--ready-file", str(served.ready_file))
    nowhere = run("clock", "--url", "http://127.0.0.1:9")

    assert done.returncode == 1
    assert "what the phone does" in done.stderr
    assert nowhere.returncode == 2
    assert "no simulator answers at http://127.0.0.1:9" in nowhere.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["clock", "advance"],
        ["clock", "5s"],
        ["faults", "on"],
        ["deliveries", "resend"],
        ["wait", "--for", "x"],
    ],
)
def test_half_a_command_is_refused(served: Served, arguments: list[str]) -> None:
    assert "Usage:" in printed(served, *arguments, code=2)


def test_magic_numbers_are_listed_of_a_running_world_and_without_one(served: Served) -> None:
    listed = read(served, "numbers")
    shown = printed(served, "numbers")
    alone = json.loads(CliRunner().invoke(main, ["numbers", "IN", "--json"]).output)

    assert listed["numbers"][0]["code"] == "00"
    assert all(block["form"] in shown for block in listed["blocks"] if block["magic"])
    assert [block["country"] for block in alone["blocks"]] == ["IN"]
    assert alone["messages"] == listed["messages"]
    assert "name no countries" in printed(served, "numbers", "IN", code=2)


FOLLOWING, STEERING = "tail wait", "clock worlds reset faults deliveries violations verdicts numbers open"


@pytest.mark.parametrize("verb", f"{FOLLOWING} {STEERING} call-in text press answer".split())
def test_every_verb_is_told_where_the_simulator_is_and_prints_json(verb: str) -> None:
    command = main.get_command(Context(main), verb)
    assert command is not None
    options = {name for option in command.params for name in option.opts}

    assert {"--url", "--ready-file", "--world", "--json"} <= options


def test_a_terminal_is_told_how_far_long_work_has_come(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, monitored = Event(), "sys.stderr.isatty"

    def how_far() -> str:
        asked.set()
        return "half of it"

    monkeypatch.setattr(terminal, "PATIENCE_SECONDS", 0.001)
    monkeypatch.setattr(monitored, lambda: True)
    with terminal.progress(how_far):
        asked.wait()
    to_a_terminal = capsys.readouterr().err
    monkeypatch.setattr(monitored, lambda: False)
    with terminal.progress(how_far):
        pass

    assert "half of it" in to_a_terminal
    assert to_a_terminal.endswith("\x1b[K")
    assert capsys.readouterr().err == ""


def test_a_world_is_kept_put_back_and_forked_at_the_prompt(served: Served) -> None:
    printed(served, "reset")
    add_call(served)
    kept = printed(served, "snapshot", "asked")
    printed(served, "clock", "advance", "1h")
    forked = printed(served, "fork", "beside", "--at", "10:30")
    worlds = printed(served, "worlds")
    restored = printed(served, "restore", "asked")

    assert kept.split()[0] == "asked"
    assert " 1 input  " in kept
    assert " 1 call, 1 request  " in worlds
    assert "beside is open" in forked
    assert "T10:30:00" in forked
    assert "is again as it was" in restored
    assert kept.split()[1] in restored
    assert printed(served, "snapshot") == kept
    assert printed(served, "snapshot", "asked", "--drop") == "asked is forgotten\n"
    assert printed(served, "snapshot") == "no snapshots\n"
    assert "has not come yet" in printed(served, "fork", "c", "--at", "2036-01-01", code=1)
    printed(served, "fork", "c", "--at", "10:30", "--snapshot", "asked", code=2)
