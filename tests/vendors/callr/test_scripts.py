from __future__ import annotations

from typing import Any

import pytest

from simulator.vendors.callr.actions.expressions import MalformedExpression, fill
from simulator.vendors.callr.actions.script import ScriptError, parse_script
from tests.vendors.callr.desk import Desk, open_desk, read, refusal

SAMPLE = """
defaults:
 language: en-US

branches:
 inbound-call:
  actions:
  - action: log@v1
    params:
     message: Hello inbound call
 api-initiated:
  actions:
  - action: log@v1
    params:
     message: Hello from API
"""


def api(*steps: str) -> str:
    return "branches:\n  api-initiated:\n    actions:\n" + "".join(f"      - {step}\n" for step in steps)


def log(message: str, result: str = "$told") -> str:
    return f"{{action: log@v1, params: {{message: {message!r}}}, result: {result}}}"


def run(desk: Desk, script: str, seconds: float = 5, **variables: object) -> Any:
    sid = desk.script(script)
    given = {f"${name}": value for name, value in variables.items()}
    ref = desk.make(f"/actions/{sid}/runs", {"variables": given})["runid"]
    desk.advance(seconds=seconds)
    return desk.get(f"/actions/{sid}/runs/{ref}")["variables"]


def test_the_documented_sample_is_a_scenario() -> None:
    assert set(parse_script(SAMPLE).branches) == {"inbound-call", "api-initiated"}


def test_a_branch_may_be_the_list_itself() -> None:
    assert len(parse_script(f"branches: {{api-initiated: [{log('x')}]}}").branches["api-initiated"]) == 1


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("a: [", "script is not YAML: line 1"),
        ("branches: [", "script is not YAML"),
        ("hello", "the script must be a map"),
        ("branches: {}", "branches: there must be at least one"),
        ("branches: {a: {actions: [{action: fly@v1}]}}", "'fly@v1' is no action"),
        ("branches: {a: {actions: [{action: log}]}}", "'log' is no action"),
        ("branches: {a: {actions: [{action: log@v1}]}}", "log needs message"),
        ("branches: {a: {actions: [{goto: {branch: b}}]}}", "there is no branch 'b'"),
        ("branches: {a: {actions: [{if: 'x +', then: []}]}}", "'x +' is not simulated"),
        ("branches: {a: {actions: [{}]}}", "has none of action, if, goto"),
        ("branches: {a: {actions: 5}}", "must be a list of actions"),
        ("variables: {x: 1}\nbranches: {a: []}", "'x' does not match"),
        ("branchs: {a: []}", "'branchs' is not known"),
        ("branches: {a: &x [], b: *x}", "anchors and aliases"),
        ("branches: {a: [{action: log@v1, params: {message: 1}, result: told}]}", "'told' does not match"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused_with_the_reason(script: str, reason: str) -> None:
    answer = open_desk().ask("POST", "/actions", {"name": "Line", "script": script})
    status, code, message = refusal(answer)

    assert (status, code) == (400, "invalid-script")
    assert reason in message


def test_a_run_logs_and_keeps_its_variables() -> None:
    told = run(open_desk(), api(log("Hello ${{ $name }}")), name="Bob")

    assert told == {"$name": "Bob", "$told": "Hello Bob"}


def test_a_run_goes_where_conditions_and_jumps_send_it() -> None:
    script = (
        api(
            "{if: '${{ $age >= 18 && $name !== \"\" }}', then: [{goto: {branch: grown}}], "
            "else: [" + log("young") + "]}",
            log("never ${{ $told }}", "$after"),
        )
        + f"  grown: [{log('old')}]\n"
    )

    assert run(open_desk(), script, age=20, name="Bob")["$told"] == "old"
    assert run(open_desk(), script, age=9, name="Bob")["$after"] == "never young"


def test_a_run_that_turns_in_circles_is_ended() -> None:
    told = run(open_desk(), api("{goto: {branch: api-initiated}}"))

    assert told["$notSimulated"] == ["more than 1000 steps; the run was ended"]


def test_what_cannot_be_simulated_is_told_and_passed_over() -> None:
    steps = (
        "{action: javascript@v1, params: {code: '1'}}",
        "{action: dial@v1, params: {to: '+33199001234'}}",
    )
    told = run(open_desk(), api(*steps, log("${{ $x.map(y) }}"), log("on", "$on")))

    assert told["$on"] == "on"
    assert told["$notSimulated"][:2] == ["javascript@v1", "dial@v1 without a call"]
    assert len(told["$notSimulated"]) == 3


def test_fetch_goes_out_and_tells_how_it_ended() -> None:
    desk = open_desk()
    fetch = (
        "{action: fetch@v2, params: {url: 'http://crm.example.com/new', method: POST, "
        "body: {name: '${{ $name }}'}}, result: $answer}"
    )

    told = run(desk, api(fetch, log("${{ $answer.status }}")), name="Bob")

    (request,) = desk.sent
    assert (request.method, request.url, request.body) == (
        "POST",
        "http://crm.example.com/new",
        b'{"name":"Bob"}',
    )
    assert (told["$answer"]["ok"], told["$told"]) == (True, 200)


def test_a_fetch_of_no_url_is_told() -> None:
    told = run(open_desk(), api("{action: fetch@v2, params: {url: 'gopher://x'}}"))

    assert told["$notSimulated"] == ["fetch: 'gopher://x' is not a URL"]


def test_a_run_waits_for_its_fetch_and_can_be_cancelled_meanwhile() -> None:
    desk = open_desk()
    sid = desk.script(api("{action: fetch@v2, params: {url: 'http://crm.example.com'}}", log("late")))
    ref = desk.make(f"/actions/{sid}/runs")["runid"]

    assert desk.ask("DELETE", f"/actions/{sid}/runs/{ref}").status == 204
    desk.advance(seconds=9)

    assert desk.get(f"/actions/{sid}/runs/{ref}")["variables"] == {}
    assert refusal(desk.ask("DELETE", f"/actions/{sid}/runs/{ref}"))[:2] == (409, "conflict")


def test_variables_of_other_names_are_dropped() -> None:
    desk = open_desk()
    sid = desk.script(api(log("x")))
    given = {"$ok": 1, "bad": 2, "$1": 3, "$a-b": 4}

    ref = desk.make(f"/actions/{sid}/runs", {"variables": given})["runid"]

    assert desk.get(f"/actions/{sid}/runs/{ref}")["variables"] == {"$ok": 1}
    many = {f"$v{nth}": nth for nth in range(65)}
    assert desk.ask("POST", f"/actions/{sid}/runs", {"variables": many}).status == 400


def test_a_scenario_without_the_branch_cannot_be_started() -> None:
    desk = open_desk()
    sid = desk.script(f"branches: {{inbound-call: [{log('x')}]}}")

    answer = desk.ask("POST", f"/actions/{sid}/runs")

    assert refusal(answer) == (400, "no-such-branch", f"The scenario {sid} has no branch api-initiated.")


def test_a_scenario_is_changed_in_part_found_and_deleted() -> None:
    desk = open_desk()
    sid = desk.answer_with(SAMPLE)
    desk.advance(seconds=1)

    changed = read(desk.ask("PATCH", f"/actions/{sid}", {"name": "Night line"}))

    assert (changed["script"], changed["updated"]) == (SAMPLE, "2026-03-02T10:00:01Z")
    assert desk.get("/actions", name="night")["total"] == 1
    assert refusal(desk.ask("PATCH", f"/actions/{sid}", {"script": "x"}))[1] == "invalid-script"
    assert desk.ask("DELETE", f"/actions/{sid}").status == 204
    assert desk.get("/numbers", detached="true")["total"] == 2


@pytest.mark.parametrize("name", ["", "x" * 65, "123", 5])
def test_a_name_has_a_letter_and_up_to_64_characters(name: object) -> None:
    answer = open_desk().ask("POST", "/actions", {"name": name, "script": SAMPLE})

    assert refusal(answer)[:2] == (400, "validation-error")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${{ $a }}", [1, 2]),
        ("${{ $a[1] + 1 }}", 3),
        ("${{ $a.length }}", 2),
        ("${{ $m.x.y }}", "deep"),
        ("${{ $m['x']['y'] + '!' }}", "deep!"),
        ("${{ JSON.stringify($m) }}", '{"x":{"y":"deep"}}'),
        ("${{ $none }}", None),
        ("${{ $none ?? 'nobody' }}", "nobody"),
        ("${{ !$none && true }}", True),
        ("${{ 2 * (3 + 4) % 5 }}", 4),
        ("${{ '1' == 1 }}", True),
        ("${{ '1' === 1 }}", False),
        ("${{ 'a' < 'b' ? 'yes' : 'no' }}", "yes"),
        ("n: ${{ 1.0 }} ${{ $a }}", "n: 1 [1,2]"),
        ({"k": ["${{ -1 }}"]}, {"k": [-1]}),
        ("plain", "plain"),
    ],
)
def test_plain_expressions_are_computed(text: Any, value: Any) -> None:
    assert fill(text, {"$a": [1, 2], "$m": {"x": {"y": "deep"}}}) == value


@pytest.mark.parametrize(
    "text", ["$x.y", "f(1)", "1/0", "a => a", "new Date()", "`x`", "(" * 99, "x" * 3000, "'9e999' * 1", ""]
)
def test_other_expressions_are_not_run(text: str) -> None:
    with pytest.raises(MalformedExpression):
        fill("${{" + text + "}}", {})


def test_a_script_of_nothing_but_depth_is_refused() -> None:
    with pytest.raises(ScriptError):
        parse_script("branches: {a: " + "[" * 5000)
