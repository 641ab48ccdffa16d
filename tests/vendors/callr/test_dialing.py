"""Scripts that call somebody: for a caller who waits, or because the API said so."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.telephony.live_calls import LiveCall
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.people import Persona
from simulator.telephony.phone_numbers import E164
from tests.vendors.callr.desk import OWN, PHONE, Desk, open_desk

FRIEND, OTHER = "+33639980002", "+33639980003"
CALM = Persona(name="calm", ring=seconds(5), talk=seconds(60), presses=("1", "2"), says="Yes, gladly")
BUSY = Persona(name="busy", attempts=(Disposition.BUSY,))
BROADCAST = """
branches:
  api-initiated:
    actions:
      - action: dial@v1
        params: {targets: [{number: "${{ $target }}", timeout: 30}], answerOnBranch: answered}
        result: $dial
      - action: log@v1
        params: {message: "${{ $dial.ok ? 'reached' : 'missed' }}"}
        result: $outcome
  answered:
    actions:
      - {action: say@v2, params: {what: "You have an appointment."}}
      - {action: gather@v2, params: {maxDigits: 1, prompt: {what: "Press 1."}}, result: $key}
      - {action: gather@v2, params: {maxDigits: 1}, result: $next}
"""
CLICK_TO_CALL = f"""
branches:
  api-initiated:
    actions:
      - {{action: dial@v1, params: {{targets: [{{number: "{PHONE}"}}], answerOnBranch: first}}, result: $a}}
  first:
    actions:
      - action: dial@v1
        params: {{targets: [{{number: "{FRIEND}"}}], answerOnBranch: second}}
        result: $b
      - {{action: hangup@v1}}
  second:
    actions:
      - {{action: say@v2, params: {{what: "Subscriber wants to talk to you."}}}}
      - {{action: bridge@v1}}
"""


def start(desk: Desk, script: str, **variables: object) -> str:
    path = f"/actions/{desk.script(script)}/runs"
    given = {f"${name}": value for name, value in variables.items()}
    return f"{path}/{desk.make(path, {'variables': given})['runid']}"


def variables(desk: Desk, path: str) -> Any:
    return desk.get(path)["variables"]


def lines(desk: Desk) -> list[tuple[str, str]]:
    (record,) = desk.account.script_runs.values()
    return [(line.kind, line.text) for line in record.lines]


def ring(desk: Desk) -> LiveCall:
    return desk.world.switchboard.ring(E164(PHONE), E164(OWN))


def test_a_broadcast_reaches_who_answers_and_goes_on_when_they_were_hung_up_on() -> None:
    desk = open_desk({PHONE: CALM})
    for kind in ("started", "ended"):
        desk.hook(f"v2.call.outbound.{kind}")
    path = start(desk, BROADCAST, target=PHONE)

    events = desk.events(minutes=2)

    values = variables(desk, path)
    assert (values["$outcome"], values["$key"]["digits"], values["$next"]["digits"]) == ("reached", "1", "2")
    assert [event["type"].rpartition(".")[2] for event in events] == ["started", "ended"]
    ended = events[1]["payload"]
    assert (ended["callerNumber"], ended["callee"], ended["hangupSource"]) == (OWN, PHONE, "system")
    assert ("said", "Press 1.") in lines(desk)


@pytest.mark.parametrize(
    ("persona", "cause", "source"),
    [(BUSY, 17, "system"), (Persona(name="slow", ring=seconds(200)), 19, "caller")],
)
def test_who_is_busy_or_lets_it_ring_too_long_is_missed(persona: Persona, cause: int, source: str) -> None:
    desk = open_desk({PHONE: persona})
    desk.hook("v2.call.outbound.ended")
    path = start(desk, BROADCAST, target=PHONE)

    (event,) = desk.events(minutes=5)

    values = variables(desk, path)
    assert (values["$outcome"], values["$dial"]["ok"]) == ("missed", False)
    assert (event["payload"]["hangupCause"], event["payload"]["hangupSource"]) == (cause, source)


def test_a_call_costs_what_its_destination_does() -> None:
    desk = open_desk({PHONE: CALM})
    desk.hook("v2.call.outbound.ended")
    start(desk, BROADCAST, target=PHONE)

    (event,) = desk.events(minutes=2)

    prices = {
        destination["label"]: destination["pricing"]["minute"]
        for destination in desk.get("/billing/destinations")
    }
    payload = event["payload"]
    assert payload["durationAnswered"] < payload["durationBilled"] == 60
    assert float(payload["billingDebit"]) == float(prices[payload["billingDestinationLabel"]]) == 34


def test_a_click_connects_two_people_until_one_hangs_up() -> None:
    desk = open_desk({PHONE: Persona(name="a", ring=seconds(5), talk=seconds(90)), FRIEND: CALM})
    path = start(desk, CLICK_TO_CALL)
    desk.advance(seconds=30)
    live = [call for call in desk.account.line_calls.values() if call.ended is None]

    desk.advance(minutes=5)

    assert [call.callee for call in live] == [PHONE, FRIEND]
    assert live[1].origin is live[0]
    assert [call.hung_up_by for call in live] == ["network", "callee"]
    values = variables(desk, path)
    assert (values["$a"]["ok"], values["$b"]["durationAnswered"]) == (True, 60)


def test_without_a_branch_the_run_goes_on_with_who_answered() -> None:
    steps = (
        f'{{action: dial@v1, params: {{to: "{PHONE}"}}, result: $dial}}',
        "{action: startRecording@v1, params: {transcription: {language: en-US}}}",
        "{action: say@v2, params: {what: Hello}}",
        "{action: hangup@v1}",
        "{action: log@v1, params: {message: '${{ call.toNumber }}'}, result: $told}",
    )
    desk = open_desk({PHONE: CALM})
    path = start(desk, "branches: {api-initiated: [" + ", ".join(steps) + "]}")

    desk.advance(minutes=1)

    assert (variables(desk, path)["$dial"]["ok"], variables(desk, path)["$told"]) == (True, PHONE)
    (recording,) = desk.get("/recordings")["hits"]
    assert (recording["type"], recording["callee"]) == ("call", PHONE)
    assert recording["transcription"]["text"] == "Yes, gladly"


def test_a_run_goes_on_without_its_call_when_who_answered_has_left() -> None:
    dial = '{{action: dial@v1, params: {{to: "{}"}}, result: {}}}'
    steps = (
        dial.format(PHONE, "$a"),
        dial.format(FRIEND, "$b"),
        "{action: log@v1, params: {message: 'b ${{ $b.ok }}'}, result: $told}",
    )
    desk = open_desk({PHONE: Persona(name="brief", ring=seconds(1), talk=seconds(9)), FRIEND: CALM})
    path = start(desk, "branches: {api-initiated: [" + ", ".join(steps) + "]}")

    desk.advance(minutes=5)

    assert variables(desk, path)["$told"] == "b true"
    assert desk.account.script_runs[path.rpartition("/")[2]].state == "ended"


def test_targets_are_tried_one_after_the_other_while_the_caller_waits() -> None:
    desk = open_desk({PHONE: CALM, FRIEND: BUSY, OTHER: Persona(name="short", talk=seconds(9))})
    sid = desk.answer_with(
        f'branches: {{inbound-call: [{{action: dial@v1, params: {{targets: [{{number: "{FRIEND}"}}, '
        f'{{number: "{OTHER}"}}]}}, result: $dial}}]}}'
    )

    call = ring(desk)
    desk.advance(minutes=3)

    outcome = variables(desk, f"/actions/{sid}/runs/inbound-call:{call.ref}")["$dial"]
    assert (outcome["ok"], outcome["number"], outcome["durationAnswered"]) == (True, OTHER, 9)
    assert [leg.callee for leg in call.onward] == [FRIEND, OTHER]


def test_a_caller_who_hangs_up_ends_what_was_dialed_for_them() -> None:
    desk = open_desk(
        {PHONE: Persona(name="brief", talk=seconds(8)), FRIEND: Persona(name="long", ring=seconds(2))}
    )
    sid = desk.answer_with(
        f'branches: {{inbound-call: [{{action: dial@v1, params: {{to: "{FRIEND}", answerOnBranch: w}}}}, '
        "{action: log@v1, params: {message: never}, result: $never}], "
        "w: [{action: say@v2, params: {what: A caller for you}}], "
        "hangup: [{action: log@v1, params: {message: '${{ call.cdr.hangupSource }}'}, result: $over}]}"
    )

    call = ring(desk)
    desk.advance(minutes=3)

    values = variables(desk, f"/actions/{sid}/runs/inbound-call:{call.ref}")
    assert (values["$over"], "$never" in values) == ("caller", False)
    assert [leg.hung_up_by for leg in call.onward] == ["caller"]


def test_events_of_dialing_do_their_steps_beside_the_call() -> None:
    event = "[{action: log@v1, params: {message: '${{ call.toNumber }}'}, result: $%s}]"
    step = f'{{action: dial@v1, params: {{to: "{PHONE}", answerOnBranch: b}}, events: {{answered: '
    step += event % "answered" + ", ended: " + event % "ended" + "}}"
    desk = open_desk({PHONE: CALM})
    path = start(desk, f"branches: {{api-initiated: [{step}], b: []}}")

    desk.advance(minutes=1)

    assert (variables(desk, path)["$answered"], variables(desk, path)["$ended"]) == (PHONE, PHONE)
    assert "$notSimulated" not in variables(desk, path)


def test_a_cancelled_run_hangs_up_whom_it_called_and_does_no_more() -> None:
    desk = open_desk({PHONE: CALM})
    path = start(desk, BROADCAST, target=PHONE)
    desk.advance(seconds=8)

    assert desk.ask("DELETE", path).status == 204
    desk.advance(minutes=5)

    (call,) = desk.account.line_calls.values()
    assert (call.hung_up_by, call.ended is not None) == ("network", True)
    assert "$outcome" not in variables(desk, path)
    assert desk.account.script_runs[path.rpartition("/")[2]].state == "cancelled"


@pytest.mark.parametrize("params", ["{}", "{targets: []}", "{targets: [{x: 1}]}"])
def test_a_dial_without_a_number_is_told(params: str) -> None:
    desk = open_desk()
    path = start(desk, f"branches: {{api-initiated: [{{action: dial@v1, params: {params}, result: $d}}]}}")
    desk.advance(seconds=1)

    assert variables(desk, path) == {"$d": {"ok": False}, "$notSimulated": ["dial: no target has a number"]}


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ("{targets: [{number: nobody}, {number: '%s'}]}", "'nobody' is no number to call, + and digits"),
        ("{from: Shop, to: '%s'}", "'Shop' is no number to call, + and digits"),
        ("{targets: [{number: '%s', timeout: '20'}]}", "timeout '20', which is no number up to 600"),
        ("{to: '%s', timeout: 601}", "timeout '601', which is no number up to 600"),
    ],
)
def test_what_a_dial_cannot_use_is_told_and_the_rest_is_done(params: str, reason: str) -> None:
    desk = open_desk({PHONE: CALM})
    action = f"{{action: dial@v1, params: {params % PHONE}, result: $d}}"
    path = start(desk, f"branches: {{api-initiated: [{action}]}}")
    desk.advance(minutes=2)

    assert variables(desk, path)["$d"]["ok"]
    assert variables(desk, path)["$notSimulated"] == [f"dial: {reason}"]


def test_calls_out_of_calls_that_answer_at_once_come_to_an_end() -> None:
    phones = [E164(f"+4479000000{nth}") for nth in range(10, 22)]
    desk = open_desk(dict.fromkeys(phones, Persona(name="eager", ring=seconds(0), talk=seconds(600))))
    dial = f"{{action: dial@v1, params: {{to: {phones}, answerOnBranch: api-initiated}}}}"
    path = start(desk, f"branches: {{api-initiated: [{dial}]}}")

    desk.advance(minutes=30)

    assert variables(desk, path)["$notSimulated"] == ["dial: more than 10 calls out of each other"]
    assert sum(call.answered is not None for call in desk.account.line_calls.values()) == 10


def test_an_account_that_is_stopped_calls_nobody() -> None:
    desk = open_desk({PHONE: CALM})
    path = start(desk, BROADCAST, target=PHONE)
    desk.world.credit.top_up(desk.account, -desk.account.balance)

    desk.advance(minutes=1)

    assert variables(desk, path)["$outcome"] == "missed"
    assert not desk.account.line_calls
