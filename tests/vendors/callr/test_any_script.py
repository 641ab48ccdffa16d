"""Whatever a script says, it is refused with a reason or run to an end, and nothing breaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.telephony.outcomes import seconds
from simulator.telephony.people import Persona
from simulator.telephony.phone_numbers import E164
from simulator.vendors.callr.actions.steps import render_outcome
from simulator.vendors.callr.actions.vocabulary import ACTIONS
from tests.vendors.callr.desk import OWN, PHONE, Desk, open_desk

FRIEND = "+33639980002"
ODD: Any = st.sampled_from(
    [
        None, True, 0, -1, 3, 1e308, "", "x", PHONE, FRIEND, [PHONE, "nobody"],
        [{"number": FRIEND, "timeout": 1}], {"what": "Hello"}, {"language": "en-US"}, "${{ $a }}",
        "${{ $a.b.c }}", "${{ [$a, $a] }}", "${{ 1/0 }}", "${{ $a + $a }}", "answered",
        "http://crm.example.com/x", "http://[", {"": {}}, "\ud7ff", "$a = $a?.b; $b++", "gsm", 1e9,
        {"enabled": False}, "a" * 300, "${{ call.cdr }}", "${{ now.split('-') }}",
    ]
)  # fmt: skip
PARAMETERS = (
    "message", "what", "text", "sid", "url", "maxDigits", "prompt", "maxDuration", "transcription", "targets",
    "to", "number", "timeout", "answerOnBranch", "from", "body", "encoding", "trafficType", "method",
    "headers", "code", "duration",
)  # fmt: skip
NEEDED = {"message": "x", "what": "Hello", "url": "http://crm.example.com", "code": "$a = 1", "to": FRIEND}


def steps(depth: int) -> Any:
    inner = st.lists(steps(depth - 1), max_size=2) if depth else st.just([])
    action = st.fixed_dictionaries(
        {
            "action": st.sampled_from([f"{name}@v2" for name in ACTIONS]),
            "params": st.dictionaries(st.sampled_from(PARAMETERS), ODD, max_size=4).map(NEEDED.__or__),
        },
        optional={
            "result": st.sampled_from(["$a", "$b"]),
            "events": st.dictionaries(st.sampled_from(["ready", "answered", "ended", "odd"]), inner),
            "if": ODD,
            "goto": st.just({"branch": "answered"}),
        },
    )
    condition = st.fixed_dictionaries({"if": ODD, "then": inner}, optional={"else": inner})
    return st.one_of(action, action, condition)


def live(desk: Desk, script: object) -> None:
    """Let a script answer a caller, and be started."""
    made = desk.ask("POST", "/actions", {"name": "Any", "script": json.dumps(script)})
    if made.status != 201:
        assert made.status == 400, made
        return
    sid = json.loads(made.body)["sid"]
    desk.ask("PUT", f"/numbers/{OWN}/scenario/{sid}")
    desk.world.switchboard.ring(E164(PHONE), E164(OWN))
    desk.make(f"/actions/{sid}/runs", {"variables": {"$a": "spam"}})
    desk.advance(hours=1)
    for run in desk.account.script_runs:
        assert desk.ask("GET", f"/actions/{sid}/runs/{run}").status == 200
    assert {record.state for record in desk.account.script_runs.values()} == {"ended"}
    assert all(call.ended for call in desk.account.line_calls.values())


QUICK = settings(
    deadline=None,
    derandomize=True,
    max_examples=80,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


@QUICK
@given(
    branch=st.lists(steps(1), min_size=1, max_size=5),
    other=st.lists(steps(1), max_size=3),
    answers=st.booleans(),
    javascript=st.sampled_from(["engine", "plain"]),
)
@pytest.mark.thorough
def test_any_script_is_refused_or_comes_to_an_end(
    branch: Any, other: Any, answers: bool, javascript: str
) -> None:
    friend = (
        Persona(name="friend", talk=seconds(30)) if answers else Persona(name="silent", ring=seconds(500))
    )
    caller = Persona(name="caller", talk=seconds(90), presses=("1",))
    desk = open_desk({PHONE: caller, FRIEND: friend}, javascript=javascript)
    names = {"api-initiated": branch, "inbound-call": branch, "answered": other, "hangup": other}

    live(desk, {"branches": names})


def test_an_answer_that_was_not_read_whole_is_told_as_none_that_is_good() -> None:
    outcome = render_outcome(200, "too_large", None)

    assert (outcome["ok"], outcome["status"], outcome["statusText"], outcome["body"]) == (
        False,
        200,
        "too_large",
        None,
    )
