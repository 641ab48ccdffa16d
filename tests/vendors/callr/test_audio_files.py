from __future__ import annotations

import pytest

from simulator.formats.sound import tone
from simulator.telephony.errors import CodeWanted
from simulator.telephony.phone_numbers import E164
from tests.vendors.callr.desk import PHONE, Desk, open_desk, read, refusal

HOLD = tone(2.4, 3)


def upload(desk: Desk, file: bytes = HOLD) -> str:
    return str(read(desk.upload("POST", "/audio-files", file, "Hold"), 201)["sid"])


def test_an_uploaded_file_is_converted_step_by_step() -> None:
    desk = open_desk()
    desk.hook("v2.audio-file.updated")
    sid = upload(desk)

    events = desk.events(seconds=5)

    assert [event["payload"]["status"] for event in events] == ["pending-conversion", "processing", "ready"]
    assert desk.get(f"/audio-files/{sid}")["duration"] == 2


def test_a_broken_file_ends_as_an_error() -> None:
    desk = open_desk()
    sid = upload(desk, HOLD[:30])

    desk.advance(seconds=5)

    assert desk.get(f"/audio-files/{sid}")["status"] == "error"


def test_what_is_no_sound_at_all_is_refused_at_once() -> None:
    assert refusal(open_desk().upload("POST", "/audio-files", b"%PDF-1.7", "Hold"))[:2] == (
        400,
        "unsupported-format",
    )


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_name_alone_waits_for_its_content(method: str) -> None:
    desk = open_desk()
    made = desk.make("/audio-files", {"name": "Hold"})

    filled = read(desk.upload(method, f"/audio-files/{made['sid']}/file", HOLD))

    assert (made["status"], filled["status"]) == ("pending-content", "pending-conversion")


def test_a_file_in_json_is_left_out_and_that_is_told() -> None:
    answer = open_desk().ask("POST", "/audio-files", {"name": "Hold", "file": {}})

    assert (read(answer, 201)["status"], answer.losses[0].name) == ("pending-content", "file_left_out")


def test_newer_content_takes_the_place_of_what_is_converted() -> None:
    desk = open_desk()
    sid = upload(desk)
    desk.advance(seconds=1)
    desk.upload("PUT", f"/audio-files/{sid}/file", tone(9, 1))

    desk.advance(seconds=1)

    assert desk.get(f"/audio-files/{sid}")["status"] == "processing"
    desk.advance(seconds=1)
    assert desk.get(f"/audio-files/{sid}")["duration"] == 9


def test_the_vendors_own_file_is_read_only() -> None:
    desk = open_desk()
    sid = desk.get("/audio-files", source="system")["hits"][0]["sid"]

    for method, path, body in (
        ("DELETE", "", None),
        ("PATCH", "", {"name": "x"}),
        ("PUT", "/phone-id", None),
    ):
        answer = desk.ask(method, f"/audio-files/{sid}{path}", body, **({"country": "FR"} if path else {}))
        assert refusal(answer) == (403, "forbidden", f"The audio file {sid} is read-only.")


def test_a_file_is_renamed_found_by_a_part_of_its_name_and_deleted() -> None:
    desk = open_desk()
    sid = upload(desk)

    assert (
        read(desk.ask("PATCH", f"/audio-files/{sid}", {"name": "Music on hold"}))["name"] == "Music on hold"
    )
    assert desk.get("/audio-files", name="ON HO")["total"] == 1
    assert desk.ask("DELETE", f"/audio-files/{sid}").status == 204
    assert desk.ask("GET", f"/audio-files/{sid}").status == 404


@pytest.mark.parametrize(
    ("file", "name", "message"),
    [
        (HOLD, None, "name is required."),
        (HOLD, "", "name must have at least 1 characters."),
        (HOLD, "x" * 65, "name must have at most 64 characters."),
    ],
)
def test_a_file_needs_a_name(file: bytes, name: str | None, message: str) -> None:
    assert refusal(open_desk().upload("POST", "/audio-files", file, name))[2] == message


def test_a_file_is_recorded_over_the_phone_with_a_code() -> None:
    desk = open_desk()
    sid = upload(desk)

    phone_id = read(desk.ask("PUT", f"/audio-files/{sid}/phone-id", country="GB"))

    assert 100_000 <= phone_id["code"] <= 999_999
    desk.world.switchboard.ring(E164(PHONE), E164(phone_id["number"]), keys=str(phone_id["code"]))
    desk.advance(minutes=1)
    file = desk.get(f"/audio-files/{sid}")
    assert (file["source"], file["status"], file["duration"]) == ("phone-record", "ready", 10)


@pytest.mark.parametrize(("keys", "words"), [("", "none was keyed in"), ("1", "1 is none that is open")])
def test_who_calls_the_number_of_phone_id_without_its_code_is_told_so(keys: str, words: str) -> None:
    desk = open_desk()
    phone_id = read(desk.ask("PUT", f"/audio-files/{upload(desk)}/phone-id", country="FR"))

    with pytest.raises(CodeWanted, match=words):
        desk.world.switchboard.ring(E164(PHONE), E164(phone_id["number"]), keys=keys)
