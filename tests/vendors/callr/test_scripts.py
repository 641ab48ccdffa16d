from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.telephony.messages import Alphabet
from simulator.telephony.phone_numbers import E164
from simulator.vendors.callr.actions import running
from simulator.vendors.callr.actions.script import ScriptError, parse_script
from simulator.vendors.callr.actions.vocabulary import MEMBERS
from tests.vendors.callr.desk import OWN, PHONE, Desk, open_desk, read, refusal

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
        ("branches: {a: {actions: [{if: true}]}}", "`if` needs `then`, `action` or `goto`"),
        ("branches: {a: {actions: [{action: say@v2, params: {hello: x}}]}}", "say needs what"),
        ("branches: {a: {actions: [{}]}}", "has none of action, if, goto"),
        ("branches: {a: {actions: 5}}", "must be a list of actions"),
        ("variables: {x: 1}\nbranches: {a: []}", "'x' does not match"),
        ("branchs: {a: []}", "'branchs' is not known"),
        ("branches: {a: &x [*x]}", "nested deeper than 64 levels"),
        ("branches: {a: [{action: log@v1, params: {message: 1}, result: told}]}", "'told' does not match"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused_with_the_reason(script: str, reason: str) -> None:
    answer = open_desk().ask("POST", "/actions", {"name": "Line", "script": script})
    status, code, message = refusal(answer)

    assert (status, code) == (400, "invalid-script")
    assert reason in message


def test_a_step_may_stand_under_an_anchor_and_be_meant_again() -> None:
    log_once = "&told {action: log@v1, params: {message: again}, result: $told}"
    script = f"branches: {{other: [{log_once}], api-initiated: [*told]}}"

    assert run(open_desk(), script)["$told"] == "again"


def test_a_run_logs_and_keeps_its_variables() -> None:
    variables = run(open_desk(), api(log("Hello ${{ $name }}")), name="Bob")

    assert variables == {"$name": "Bob", "$told": "Hello Bob"}


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
    variables = run(open_desk(), api("{goto: {branch: api-initiated}}"))

    assert variables["$notSimulated"] == ["more than 1000 steps; the run was ended"]


def test_what_cannot_be_simulated_is_told_and_passed_over() -> None:
    steps = (
        "{action: javascript@v1, params: {code: 'while (true) {}'}}",
        "{action: memcache@v1, params: {key: x}}",
        "{action: say@v2, params: {what: Hello}}",
        "{if: '$x.map(y => y)', then: ["
        + log("never", "$never")
        + "], else: ["
        + log("else", "$else")
        + "]}",
    )
    variables = run(open_desk(), api(*steps, log("${{ $x.map(y) }}"), log("on", "$on")))

    assert (variables["$on"], variables["$else"], variables.get("$never")) == ("on", "else", None)
    assert [reason.partition(" ")[0] for reason in variables["$notSimulated"]] == [
        "javascript:", "memcache@v1", "say@v2", "if:", "log:",
    ]  # fmt: skip


def test_fetch_goes_out_and_tells_how_it_ended() -> None:
    desk = open_desk()
    fetch = (
        "{action: fetch@v2, params: {url: 'http://crm.example.com/new', method: POST, "
        "body: {name: '${{ $name }}'}}, result: $answer}"
    )

    variables = run(desk, api(fetch, log("${{ $answer.status }}")), name="Bob")

    (request,) = desk.sent
    assert (request.method, request.url, request.body) == (
        "POST",
        "http://crm.example.com/new",
        b'{"name":"Bob"}',
    )
    assert (variables["$answer"]["ok"], variables["$told"]) == (True, 200)


@pytest.mark.parametrize(
    ("headers", "authorization"),
    [("{}", ["Basic bWU6cGFzcw=="]), ("{authorization: Bearer x}", ["Bearer x"])],
)
def test_credentials_in_the_url_of_a_fetch_become_a_header_unless_it_has_one(
    headers: str, authorization: list[str]
) -> None:
    desk = open_desk()
    run(desk, api(f"{{action: fetch@v2, params: {{url: 'http://me:pass@crm.test/', headers: {headers}}}}}"))

    (request,) = desk.sent
    assert request.url == "http://crm.test/"
    assert [text for name, text in request.headers if name.lower() == "authorization"] == authorization


def test_a_fetch_of_no_url_is_told() -> None:
    variables = run(open_desk(), api("{action: fetch@v2, params: {url: 'gopher://x'}}"))

    assert variables["$notSimulated"] == ["fetch: 'gopher://x' is not a URL"]


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


def test_a_script_of_nothing_but_depth_is_refused() -> None:
    with pytest.raises(ScriptError):
        parse_script("branches: {a: " + "[" * 5000)


GUIDE = """
description: Fetch and push
compat:
  version: 2025-09-01
variables:
  $user: undefined
defaults:
  autoAnswer: false
branches:
  api-initiated:
    actions:
      - action: fetch@v2
        params: {url: "http://crm.example.com/api", timeout: 4, audio: {enabled: false}}
        result: $api
      - if: "!$api.ok || !$api?.json?.results?.length"
        then:
          - action: log@v1
            params: {message: nobody}
            result: $said
      - action: javascript@v1
        params:
          code: $user = $api.json
      - if: $said === "nobody"
        action: log@v1
        params: {message: "${{ $said.split('').join(' ') }}"}
        result: $spelt
"""


def test_a_script_as_the_guides_write_them_runs_whole() -> None:
    desk = open_desk()
    variables = run(desk, GUIDE)

    assert len(desk.sent) == 1
    assert (variables["$said"], variables["$spelt"], variables["$user"]) == ("nobody", "n o b o d y", None)
    assert "$notSimulated" not in variables


def test_code_that_only_gives_values_to_variables_is_simulated() -> None:
    code = "// count\n$n = 2; $n += 3\n$n++;\n$half = $n / 2"
    variables = run(open_desk(), api("{action: javascript@v1, params: {code: " + json.dumps(code) + "}}"))

    assert (variables["$n"], variables["$half"]) == (6, 3)


@pytest.mark.thorough
def test_values_that_grow_without_end_are_cut_off() -> None:
    double = log("${{ $x }}${{ $x }}", "$x")
    doubled = run(open_desk(), api(*[double] * 40), x="spam")
    fork = "{action: javascript@v1, params: {code: '$x = [$x, $x]'}}"
    forked = run(open_desk(), api(*[fork] * 40), x="spam")
    dig = "{action: javascript@v1, params: {code: '$x = [$x]'}}"
    assert "64 deep" in run(open_desk(), api(*[dig] * 400), x=1)["$notSimulated"][0]

    assert len(json.dumps(doubled)) + len(json.dumps(forked)) < 2_000_000
    assert "more than 262144 characters" in doubled["$notSimulated"][0]
    assert "more than" in forked["$notSimulated"][0]


def test_an_answer_remarks_what_no_run_of_the_script_will_do() -> None:
    desk = open_desk()
    script = api("{action: voicebot@v1}", "{action: log@v1, params: {message: 'x'}, events: {heard: []}}")

    made = desk.ask("POST", "/actions", {"name": "Line", "script": script})
    ref = read(desk.ask("POST", f"/actions/{read(made, 201)['sid']}/runs"), 201)["runid"]
    desk.advance(seconds=1)

    place = "branches.api-initiated"
    assert made.remark == f"not simulated: {place}[0]: voicebot@v1; {place}[1]: log@v1: the event heard"
    answer = desk.ask("GET", f"/actions/{read(made, 201)['sid']}/runs/{ref}")
    assert answer.remark == "not simulated: voicebot@v1; log: the event heard"


def test_actions_that_nobody_knows_are_passed_over_where_a_profile_says_so() -> None:
    desk = open_desk(unknown_actions="pass")
    variables = run(desk, api("{action: queue@v1, params: {x: 1}}", log("on")))

    assert (variables["$told"], variables["$notSimulated"]) == ("on", ["queue@v1"])
    assert open_desk(scenarios=[{"name": "x", "script": api("{action: queue@v1}")}], unknown_actions="pass")


def test_a_run_tells_line_by_line_what_it_did() -> None:
    desk = open_desk()
    run(desk, api(log("Hello"), "{action: sms@v1, params: {to: ['+33639980002'], body: Hi}}"))

    (record,) = desk.account.script_runs.values()

    assert (record.script, record.began_by, record.state) == ("Support line", "api", "ended")
    assert [(line.kind, line.text) for line in record.lines] == [
        ("logged", "Hello"),
        ("did", "sms: sent to +33639980002"),
    ]


def test_a_code_that_is_a_number_is_sent_as_the_text_it_is() -> None:
    desk = open_desk()
    outcome = run(
        desk, api("{action: sms@v1, params: {to: '+33639980002', body: '${{ 120 + 3 }}'}, result: $sms}")
    )

    assert outcome["$sms"]["ok"]
    assert desk.get("/sms")["hits"][0]["body"]["text"] == "123"


def test_a_script_sends_messages_and_learns_what_became_of_each() -> None:
    desk = open_desk()
    step = "{action: sms@v1, params: {to: ['+33639980002', 'nobody'], body: Hi, from: SHOP}, result: $sms}"
    outcome = run(desk, api(step))["$sms"]

    (sent,) = desk.get("/sms")["hits"]
    assert (sent["sid"], sent["from"], sent["body"]["text"]) == (outcome["sids"][0], "SHOP", "Hi")
    assert (outcome["ok"], outcome["errors"][0]["to"]) == (False, "nobody")


def test_a_message_that_comes_in_is_told_to_its_branch_by_the_documented_names() -> None:
    desk = open_desk()
    names = (
        "fromNumber", "fromType", "fromCountry", "toNumber", "bodyText", "parts", "encoding", "status",
        "direction",
    )  # fmt: skip
    message = "|".join("${{ sms." + name + " }}" for name in names)
    sid = desk.answer_with("branches: {inbound-sms: [" + log(message) + "]}")

    desk.world.messages.receive(E164(PHONE), E164(OWN), "Call me", Alphabet.GSM)

    (ref,) = desk.account.script_runs
    text = desk.get(f"/actions/{sid}/runs/{ref}")["variables"]["$told"]
    assert text == f"{PHONE}|MOBILE|FR|{OWN}|Call me|1|gsm|delivered|inbound"


@pytest.mark.parametrize("name", ["run", "scenario", "sms"])
def test_an_expression_may_ask_for_all_that_the_vendors_own_variables_have(name: str) -> None:
    desk = open_desk()
    sid = desk.answer_with(
        "branches: {inbound-sms: [" + log(f"${{{{ Object.keys({name}).join(' ') }}}}") + "]}"
    )

    desk.world.messages.receive(E164(PHONE), E164(OWN), "Call me", Alphabet.GSM)

    (ref,) = desk.account.script_runs
    assert desk.get(f"/actions/{sid}/runs/{ref}")["variables"]["$told"].split() == [*MEMBERS[name]]


def test_of_a_thousand_runs_that_are_over_the_first_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_RUNS", 3)
    desk = open_desk()
    sid = desk.script(api(log("hello")))
    refs = [desk.make(f"/actions/{sid}/runs")["runid"] for _ in range(4)]
    desk.advance(seconds=5)
    refs.append(desk.make(f"/actions/{sid}/runs")["runid"])

    assert desk.ask("GET", f"/actions/{sid}/runs/{refs[0]}").status == 404
    assert desk.get(f"/actions/{sid}/runs/{refs[-1]}")["variables"] == {}
    assert refs[0] not in desk.account.script_runs
