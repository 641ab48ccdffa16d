"""voice.call, voice.json and their statuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client

from simulator.app import Simulator
from simulator.telephony.accounts import ContactGroup
from simulator.telephony.outcomes import Disposition
from simulator.telephony.phone_numbers import E164
from simulator.vendors.kaleyra.times import IST, latest_start
from tests.vendors.customers import START
from tests.vendors.kaleyra.desk import ASHA, HOOK, RAVI, Desk, introduce, open_desk

FORMATS = ["text", "json", "jsonp", "xml", "php"]
NOON = START + timedelta(hours=2)
SCHEDULES = [
    f"{NOON.timestamp():.0f}",
    f"{NOON.astimezone(IST):%Y-%m-%d %H:%M:%S}",
    f"{NOON.astimezone(IST):%d/%m/%Y %I:%M %p}",
]


def call(desk: Desk, numbers: str = ASHA, **fields: str) -> str:
    """Start calls and return the id of the first."""
    return str(
        desk.data("voice.call", **{"numbers": numbers, "play": "1.sound", "return": "1", **fields})["id"]
    )


def status(desk: Desk, ref: str) -> Any:
    return desk.data("voice.status", id=ref)["0"]


def group_of(ref: str) -> str:
    return ref.partition("-")[0]


def test_the_sample_tells_nothing_but_ok() -> None:
    desk = open_desk()

    assert desk.ask("voice.call", numbers=ASHA, play="1.sound") == {"status": "200", "message": "OK"}


def test_an_account_may_be_told_an_id_without_asking() -> None:
    desk = open_desk(profile={"tells_obd_id": True})

    assert desk.data("voice.call", numbers=ASHA, play="1.sound")["id"].endswith("-1")


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (Disposition.ANSWERED, "COMPLETED"),
        (Disposition.NO_ANSWER, "NOANSWER"),
        (Disposition.BUSY, "BUSY"),
        (Disposition.CONGESTION, "CONGESTION"),
        (Disposition.FAILED, "FAILED"),
        (Disposition.GLOBAL_STOP_LISTED, "DNDNUMB"),
    ],
)
def test_a_call_is_sent_and_then_over(outcome: Disposition, word: str) -> None:
    desk = open_desk()
    introduce(desk, ASHA, outcome)
    ref = call(desk, callback=f"{HOOK}?id={{obdid}}&status={{obdstatus}}")
    before = status(desk, ref)["status"]
    callbacks = desk.advance(minutes=2)

    assert (before, status(desk, ref)["status"]) == ("SENT", word)
    assert callbacks == [{"id": ref, "status": word}]


def test_a_blocked_number_ends_blocked_until_it_is_unblocked() -> None:
    desk = open_desk()
    words = []
    for action in ({}, {"action": "delete"}):
        desk.ask("block", number=f"{ASHA},{RAVI}", **action)
        ref = call(desk)
        desk.advance(minutes=2)
        words.append(status(desk, ref)["status"])

    assert words == ["BLOCKED", "COMPLETED"]


def test_a_group_wins_over_numbers_by_id_by_ids_and_by_name() -> None:
    desk = open_desk()
    desk.account.groups = {
        "1": ContactGroup("1", "Patients", (E164(f"+91{ASHA}"),)),
        "2": ContactGroup("2", "Staff, all", (E164(f"+91{RAVI}"),)),
    }
    refs = [
        call(desk, "9000000009", group=group, newgroup="1")
        for group in ("1", "1,2", "Patients", "Staff, all")
    ]
    groups = [desk.data("voice.groupstatus", groupid=group_of(ref)) for ref in refs]

    assert [[row["mobile"] for row in rows.values()] for rows in groups] == [
        [ASHA],
        [ASHA, RAVI],
        [ASHA],
        [RAVI],
    ]


def test_similar_requests_share_a_group_unless_told_otherwise() -> None:
    desk = open_desk()
    refs = [call(desk), call(desk), call(desk, campaign="other"), call(desk, newgroup="1"), call(desk)]
    groups = [group_of(ref) for ref in refs]

    assert groups[0] == groups[1] == groups[4]
    assert len(set(groups)) == 3
    assert [ref.partition("-")[2] for ref in refs] == ["1", "2", "1", "1", "3"]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_is_told_in_three_forms(schedule: str) -> None:
    desk = open_desk()
    ref = call(desk, scheduletime=schedule, delay="60")
    desk.advance(hours=3)

    assert status(desk, ref)["senttime"] == "2026-03-02 17:31:00"


@pytest.mark.parametrize(("minutes", "clamped"), [(14, timedelta(minutes=15)), (90_000, timedelta(days=61))])
def test_a_schedule_too_soon_or_too_late_is_refused_or_clamped(minutes: int, clamped: timedelta) -> None:
    schedule = f"{(START + timedelta(minutes=minutes)).timestamp():.0f}"
    lenient = open_desk(profile={"over_limit": "clamp"})
    ref = call(lenient, scheduletime=schedule)
    lenient.advance(days=70)

    assert open_desk().refusal("voice.call", numbers=ASHA, play="1.sound", scheduletime=schedule)[0] == "E613"
    sent = datetime.strptime(status(lenient, ref)["senttime"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=IST)
    assert sent == START + clamped


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-07-02 10:00:00", "2026-09-02 10:00:00"),
        ("2026-12-31 10:00:00", "2027-02-28 10:00:00"),
        ("2027-12-31 10:00:00", "2028-02-29 10:00:00"),
        ("2026-07-31 10:00:00", "2026-09-30 10:00:00"),
        ("2026-02-01 02:00:00", "2026-04-01 02:00:00"),
    ],
)
def test_two_months_are_those_of_the_calendar_in_india(now: str, last: str) -> None:
    begin, end = (datetime.fromisoformat(text).replace(tzinfo=IST) for text in (now, last))

    assert latest_start(begin.astimezone(UTC)) == end


def test_a_schedule_out_of_reach_is_told_with_the_time_there_is() -> None:
    simulator = Simulator(vendors=("kaleyra",))
    key = {"x-api-key": simulator.worlds.credentials("kaleyra")["api_key"]}
    sent = {"method": "voice.call", "numbers": ASHA, "play": "1.sound", "scheduletime": "2027-01-01 10:00:00"}
    answer = Client(simulator).post("/kaleyra/v1/", data=sent, headers=key)

    rule = "refusal: schedule_invalid [inferred], it is 2026-03-02 15:30:00 in India here"
    assert answer.headers["X-Simulator-Rule"] == rule


@pytest.mark.parametrize(
    ("name", "value", "limit"),
    [("numbers", ",".join([ASHA] * 201), 200), ("retries", "3", 2), ("delay", "901", 900)],
)
def test_what_is_beyond_a_limit_is_refused_or_clamped(name: str, value: str, limit: int) -> None:
    sent = {"numbers": ASHA, "play": "1.sound", name: value}

    error = open_desk().refusal("voice.call", **sent)

    assert error == ("E612", f"Parameter {name} is beyond its limit of {limit}")
    assert open_desk(profile={"over_limit": "clamp"}).ask("voice.call", **sent)["status"] == "200"


@pytest.mark.parametrize("name", ["retries", "retry"])
def test_retries_are_understood_as_the_example_spells_them(name: str) -> None:
    desk = open_desk()
    introduce(desk, ASHA, Disposition.NO_ANSWER, Disposition.ANSWERED)
    ref = call(desk, **{name: "1"})
    desk.advance(minutes=10)

    assert status(desk, ref)["status"] == "COMPLETED"


BODY = {
    "campaign": "spring",
    "play": "1.sound",
    "callback": f"{HOOK}?who=all&id={{obdid}}",
    "call": [
        {"to": f"{ASHA},{RAVI}", "custom": "a,b", "meta": {"x": 1}},
        {"group": 4477, "play": "ivr:7", "callback": f"{HOOK}?who=group&id={{obdid}}"},
        {"to": 9000000001, "message": "Hello", "play": ""},
    ],
}


def test_entries_of_a_body_win_over_its_defaults() -> None:
    desk = open_desk()
    data = json.loads(desk.post_json("voice.json", BODY, format="json").body)["data"]
    callbacks = desk.advance(minutes=5)

    assert list(data) == ["0", "1", "2", "3", "4", "group_id"]
    assert [data[key]["mobile"] for key in "0124"] == [ASHA, RAVI, "6010000001", "9000000001"]
    assert data["0"] == {"id": f"{data['group_id']}-1", "mobile": ASHA, "status": "SENT"}
    assert sorted(callback["who"] for callback in callbacks) == ["all"] * 3 + ["group"] * 2


def test_whole_numbers_may_be_written_with_a_fraction_of_none() -> None:
    entry = {
        "to": 9876543210.0,
        "group": None,
        "play": "1.sound",
        "retries": 2.0,
        "delay": 1.0,
        "custom": 7.0,
    }
    envelope = json.loads(open_desk().post_json("voice.json", {"call": [entry]}, format="json").body)

    assert envelope["data"]["0"]["mobile"] == ASHA


def test_meta_that_is_no_json_is_refused_in_a_body_too() -> None:
    entry = {"to": ASHA, "play": "1.sound", "meta": "{bad"}
    envelope = json.loads(open_desk().post_json("voice.json", {"call": [entry]}, format="json").body)

    assert envelope == {"status": "E611", "message": "Parameter meta is not valid"}


@pytest.mark.parametrize(
    ("custom", "references"), [("a", "aaa"), ("a,b,c", "abc"), ("a,b", "ab-"), ("a,b,c,d", "abc")]
)
def test_each_of_several_references_is_one_numbers(custom: str, references: str) -> None:
    desk = open_desk()
    url = f"{HOOK}?custom={{custom}}&receiver={{caller}}"
    numbers = f"{ASHA},{RAVI},9000000003"
    call(desk, numbers, custom=custom, callback=url)
    customs = {callback["receiver"]: callback["custom"] or "-" for callback in desk.advance(minutes=5)}

    assert "".join(customs[number] for number in numbers.split(",")) == references


@pytest.mark.parametrize("groups", ["4477,", "4477,4477", " 4477 ,"])
def test_a_group_is_called_once_however_it_is_listed(groups: str) -> None:
    desk = open_desk()
    ref = call(desk, group=groups, numbers="")

    assert len(desk.data("voice.groupstatus", groupid=group_of(ref))) == 2


@pytest.mark.parametrize("spelt", ["{}-01", "0{}-1", "{}-00000000001"])
def test_an_id_has_one_spelling(spelt: str) -> None:
    desk = open_desk()
    ref = spelt.format(group_of(call(desk)))

    assert desk.refusal("voice.status", id=ref) == ("E620", f"Call ID {ref} not found")


def test_each_body_is_a_group_of_its_own() -> None:
    desk = open_desk()
    groups = [
        json.loads(desk.post_json("voice.json", BODY, format="json").body)["data"]["group_id"]
        for _ in range(2)
    ]

    assert groups[0] != groups[1]
    assert desk.data("voice.groupstatus", groupid=str(groups[0]), campaign="spring")["0"]["mobile"] == ASHA
    assert desk.refusal("voice.groupstatus", groupid=str(groups[0]), campaign="autumn")[0] == "E621"


@pytest.mark.parametrize("form", FORMATS)
def test_the_whole_flow_runs_in_every_format(form: str) -> None:
    desk = open_desk()
    started = desk.post_json("voice.json", BODY, format=form)
    group = str(next(iter(reversed(desk.account.campaigns))))
    desk.advance(minutes=5)
    answer = desk.get("voice.groupstatus", path="/api/v1/", groupid=group, format=form)
    one = desk.get("voice.status", path="/api/v1/", id=f"{group}-1", mobile=ASHA, format=form)

    assert group.encode() in started.body
    assert answer.body.count(b"COMPLETED") == 5
    assert (one.body.count(b"COMPLETED"), one.body.count(ASHA.encode())) == (1, 1)


@pytest.mark.parametrize("others", [{}, {"_": "17"}])
def test_jsonp_calls_the_function_that_callback_names(others: dict[str, str]) -> None:
    desk = open_desk()
    sent = {"numbers": ASHA, "play": "1.sound", "format": "jsonp", "callback": "shop.done", **others}
    answer = desk.get("voice.call", **sent)
    desk.advance(minutes=2)

    assert answer.body == b'shop.done({"status":"200","message":"OK"});'
    assert not desk.world.outbox.deliveries


def test_a_callback_that_is_no_address_is_refused_where_no_function_is_called() -> None:
    sent = {"numbers": ASHA, "play": "1.sound", "callback": "shop.done"}

    assert open_desk().refusal("voice.call", **sent) == ("E611", "Parameter callback is not valid")


def test_another_mobile_than_the_calls_finds_nothing() -> None:
    desk = open_desk()

    assert desk.data("voice.status", id=call(desk), mobile=RAVI) == []
