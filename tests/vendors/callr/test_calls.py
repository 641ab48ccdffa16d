from __future__ import annotations

from typing import Any

import pytest

from simulator.exchange import Request
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.outcomes import Disposition, seconds
from simulator.telephony.people import Persona
from simulator.telephony.phone_numbers import E164
from simulator.vendor import RequestContext
from simulator.vendors.callr.answers import render_instant
from tests.vendors.callr.desk import BASE, OWN, PHONE, Desk, open_desk, read, refusal
from tests.vendors.customers import app_of

FRIEND = "+33639980002"
PATIENT = Persona(name="patient", ring=seconds(5), talk=seconds(60), presses=("2",), says="Please call back")
VOICEMAIL = """
branches:
  inbound-call:
    actions:
      - {action: say@v2, params: {what: "Please leave a message."}}
      - action: startRecording@v1
        params: {transcription: {language: en-US}}
        events:
          ready:
            - {action: log@v1, params: {message: "${{ recording.transcription }}"}, result: $said}
      - {action: gather@v2, params: {}, result: $keys}
      - action: log@v1
        params: {message: "${{ call.fromNumber }} pressed ${{ $keys.digits }}"}
        result: $told
  hangup:
    actions:
      - {action: log@v1, params: {message: "${{ call.cdr.hangupSource }} left"}, result: $over}
"""
FORWARD = f"""
branches:
  inbound-call:
    actions:
      - {{action: dial@v1, params: {{to: "{FRIEND}"}}, result: $dialed}}
      - {{action: hangup@v1}}
"""
PERIOD = {"from": "2026-02-20T00:00:00Z", "to": "2026-03-10T00:00:00Z"}


def ring(desk: Desk, caller: str = PHONE, **more: Any) -> LiveCall:
    return desk.world.switchboard.ring(E164(caller), E164(OWN), **more)


def run_of(desk: Desk, sid: str, call: LiveCall) -> Any:
    return desk.get(f"/actions/{sid}/runs/inbound-call:{call.ref}")["variables"]


def fetch(desk: Desk, url: str) -> Any:
    request = Request("GET", url.removeprefix(BASE), base=BASE)
    app, context = app_of("callr"), RequestContext(world=desk.world, request=request)
    app.read(context)
    return app.answer(context)


def test_a_call_to_a_number_without_a_script_is_unallocated() -> None:
    desk = open_desk()
    desk.hook("v2.call.inbound.started")
    desk.hook("v2.call.inbound.ended")

    call = ring(desk)
    started, event = desk.events(seconds=1)

    assert (started["type"], started["payload"]["callid"]) == ("v2.call.inbound.started", call.ref)
    assert (event["payload"]["callid"], event["payload"]["hangupCause"]) == (call.ref, 1)
    assert (event["payload"]["hangupSource"], event["payload"]["answered"]) == ("system", None)


def test_a_caller_is_answered_by_the_script_and_recorded() -> None:
    desk = open_desk({PHONE: PATIENT})
    sid = desk.answer_with(VOICEMAIL)
    for kind in ("v2.call.inbound.started", "v2.call.inbound.ended", "v2.recording.updated"):
        desk.hook(kind)

    call = ring(desk)
    events = desk.events(minutes=2)

    kinds = [event["type"] for event in events]
    assert kinds == [
        "v2.call.inbound.started",
        "v2.recording.updated",
        "v2.call.inbound.ended",
        "v2.recording.updated",
    ]
    assert (events[2]["payload"]["durationAnswered"], events[2]["payload"]["hangupSource"]) == (60, "caller")
    variables = run_of(desk, sid, call)
    assert variables["$said"] == "Please call back"
    assert (variables["$told"], variables["$over"]) == (f"{PHONE} pressed 2", "caller left")


def test_a_recording_begins_with_the_talk_and_its_transcript_is_done_when_it_is() -> None:
    desk = open_desk({PHONE: PATIENT})
    desk.answer_with(VOICEMAIL)
    desk.hook("v2.recording.updated")

    call = ring(desk)
    working, ready = [event["payload"] for event in desk.events(minutes=2)]

    assert call.answered is not None
    assert working["created"] == ready["created"] == render_instant(call.answered)
    assert (working["status"], working["size"], working["transcription"]["text"]) == ("processing", 0, None)
    assert (ready["transcription"]["status"], ready["transcription"]["text"]) == ("done", "Please call back")


def test_keys_that_a_tester_presses_go_before_those_of_the_persona() -> None:
    desk = open_desk({PHONE: PATIENT})
    sid = desk.answer_with(VOICEMAIL)
    call = ring(desk)
    desk.advance(seconds=1)

    desk.world.handsets.press(E164(PHONE), "7")
    desk.world.handsets.press(E164(PHONE), "8")
    desk.advance(minutes=2)

    assert run_of(desk, sid, call)["$told"] == f"{PHONE} pressed 78"


def test_keys_said_with_the_call_are_keyed_in_at_once() -> None:
    desk = open_desk({PHONE: PATIENT})
    sid = desk.answer_with(VOICEMAIL)
    call = ring(desk, keys="9")
    desk.advance(minutes=2)

    assert run_of(desk, sid, call)["$told"] == f"{PHONE} pressed 9"


def test_a_recording_is_found_read_and_deleted() -> None:
    desk = open_desk({PHONE: PATIENT})
    sid = desk.answer_with(VOICEMAIL)
    call = ring(desk)
    desk.advance(minutes=2)
    (recording,) = desk.get(
        "/recordings", caller=PHONE, callee=OWN, callid=call.ref, read="false", minDuration=5
    )["hits"]

    assert (recording["status"], recording["duration"], recording["scenario"]["sid"]) == ("ready", 60, sid)
    assert recording["transcription"]["text"] == "Please call back"
    assert read(desk.ask("PATCH", f"/recordings/{recording['sid']}", {"read": True}))["readAt"]
    assert desk.get("/recordings", readAfter="2026-03-02T10:00:00Z")["total"] == 1
    assert read(desk.ask("PATCH", f"/recordings/{recording['sid']}", {"read": False}))["readAt"] is None
    assert desk.ask("DELETE", f"/recordings/{recording['sid']}").status == 204
    assert desk.get("/recordings")["total"] == 0


def test_recordings_are_marked_and_deleted_in_bulk_as_tasks() -> None:
    desk = open_desk({PHONE: PATIENT})
    desk.answer_with(VOICEMAIL)
    for _ in range(3):
        ring(desk)
        desk.advance(minutes=2)
    sids = [hit["sid"] for hit in desk.get("/recordings")["hits"]]

    task = read(desk.ask("PATCH", "/recordings", {"read": True}, sid=sids[:2]), 202)
    desk.advance(seconds=9)
    assert desk.get(f"/tasks/{task}")["result"] == {"updated": 2}
    assert desk.get("/recordings", read="true")["total"] == 2

    read(desk.ask("DELETE", "/recordings"), 202)
    desk.advance(seconds=9)
    assert desk.get("/recordings")["total"] == 0


def test_a_bulk_task_that_is_cancelled_changes_nothing() -> None:
    desk = open_desk({PHONE: PATIENT})
    desk.answer_with(VOICEMAIL)
    ring(desk)
    desk.advance(minutes=2)
    task = read(desk.ask("DELETE", "/recordings"), 202)

    assert desk.ask("DELETE", f"/tasks/{task}").status == 204
    desk.advance(seconds=9)

    assert (desk.get(f"/tasks/{task}")["status"], desk.get("/recordings")["total"]) == ("cancelled", 1)
    assert refusal(desk.ask("DELETE", f"/tasks/{task}"))[2] == f"The task {task} has ended."


@pytest.mark.parametrize(
    ("friend", "dialed", "kinds"),
    [
        (Persona(name="long", ring=seconds(5), talk=seconds(20)), (True, 16), 2),
        (Persona(name="busy", attempts=(Disposition.BUSY,)), (False, 17), 2),
    ],
)
def test_a_caller_is_forwarded_and_the_second_call_is_told_too(
    friend: Persona, dialed: tuple[bool, int], kinds: int
) -> None:
    desk = open_desk({PHONE: PATIENT, FRIEND: friend})
    sid = desk.answer_with(FORWARD)
    for kind in ("started", "ended"):
        desk.hook(f"v2.call.outbound.{kind}")

    call = ring(desk)
    events = desk.events(minutes=2)

    outcome = run_of(desk, sid, call)["$dialed"]
    assert (outcome["ok"], outcome["hangupCause"]) == dialed
    assert len(events) == kinds
    assert events[-1]["payload"]["callee"] == FRIEND
    assert (call.ended is not None, call.hung_up_by) == (True, "network")


@pytest.mark.parametrize(("payment", "cause"), [("postpaid", 16), ("prepaid", None)])
def test_a_call_goes_on_to_nobody_once_the_credit_is_used_up(payment: str, cause: int | None) -> None:
    desk = open_desk({PHONE: PATIENT}, payment=payment)
    sid = desk.answer_with(FORWARD.replace("actions:", "actions:\n      - {action: gather@v2}"))
    call = ring(desk)
    desk.world.credit.charge(desk.account, desk.account.balance + 1)
    desk.advance(minutes=2)

    assert run_of(desk, sid, call)["$dialed"].get("hangupCause") == cause


def test_a_live_call_is_hung_up() -> None:
    desk = open_desk({PHONE: PATIENT})
    desk.answer_with(VOICEMAIL)
    call = ring(desk)
    desk.advance(seconds=1)

    assert desk.ask("DELETE", f"/calls/{call.ref}").status == 204

    assert (call.hung_up_by, call.ended is not None) == ("network", True)
    assert desk.ask("POST", f"/calls/{call.ref}/hangup").status == 404
    assert desk.ask("DELETE", "/calls/none").status == 400


def test_a_withheld_number_is_empty_in_the_record() -> None:
    desk = open_desk()
    desk.hook("v2.call.inbound.ended")

    ring(desk, withheld=True)
    (event,) = desk.events(seconds=1)

    assert (event["payload"]["callerNumber"], event["payload"]["callerRestricted"]) == ("", True)


def test_calls_are_exported_as_a_table_that_downloads_for_a_day() -> None:
    desk = open_desk({PHONE: PATIENT})
    sid = desk.answer_with(VOICEMAIL)
    call = ring(desk)
    desk.advance(minutes=2)

    asked = {"direction": "inbound", "scenario": sid, "number": OWN, **PERIOD}
    task = read(desk.ask("POST", "/calls/export", **asked), 202)
    desk.advance(seconds=9)
    url = desk.get(f"/tasks/{task}")["result"]["url"]
    rows = fetch(desk, url).body.decode().splitlines()

    assert rows[0].startswith("callid,direction,callee,callerNumber")
    assert [row.split(",")[:4] for row in rows[1:]] == [[str(call.ref), "inbound", OWN, PHONE]]
    desk.advance(days=1)
    assert fetch(desk, url).status == 404


def test_a_day_allows_five_exports_and_the_next_day_five_more() -> None:
    desk = open_desk()
    statuses = [desk.ask("POST", "/calls/export", direction="outbound", **PERIOD).status for _ in range(6)]

    assert statuses == [202] * 5 + [429]
    refused = refusal(desk.ask("POST", "/calls/export", direction="outbound", **PERIOD))
    assert refused == (429, "too-many-exports", "At most 5 exports a day are allowed.")
    desk.advance(days=1)
    assert desk.ask("POST", "/calls/export", direction="outbound", **PERIOD).status == 202


def test_an_export_covers_31_days_at_most() -> None:
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:01Z"}

    answer = open_desk().ask("POST", "/calls/export", direction="inbound", **period)

    assert refusal(answer) == (400, "validation-error", "to must be at most 31 days after from.")


def test_a_task_tells_how_far_it_is() -> None:
    desk = open_desk()
    desk.hook("v2.task.updated")
    task = read(desk.ask("POST", "/calls/export", direction="inbound", **PERIOD), 202)

    first = desk.get(f"/tasks/{task}")
    events = desk.events(seconds=9)

    assert (first["status"], first["percent"], first["ended"]) == ("pending", 0, None)
    assert [event["payload"]["percent"] for event in events] == [0, 25, 50, 75, 100]
    assert read(desk.ask("POST", f"/tasks/{task}"))["status"] == "done"
