"""A number means the same wherever it comes in: in a call, a list, a filter, a fixture, the control API."""

from __future__ import annotations

import pytest
import requests

from simulator.telephony.errors import MalformedNumber
from simulator.telephony.phone_numbers import E164
from simulator.testing.fixtures import VendorFixture
from simulator.vendors.kaleyra import vendor
from tests.vendors.kaleyra.desk import ASHA, RAVI, Desk, open_desk

SPELLINGS = ["9876543210", "98765 43210", "(98765) 43210", "+91 98765 43210", "919876543210", "09876543210"]
NO_NUMBERS = [
    "987654321",
    "98765432101",
    "9198765432101234",
    "+98",
    "٩٨٧٦٥٤٣٢١٠",
    "9876x4321",
    "+098765432",
]
E164_OF_ASHA = E164(f"+91{ASHA}")
FOLLOW_UP = {"name": "x", "ontime": "03-03-2026 10-00"}


def called(desk: Desk) -> list[str]:
    return [call.callee for call in desk.world.calls]


@pytest.mark.parametrize("text", SPELLINGS)
def test_blanks_brackets_and_the_code_of_india_change_nothing(text: str) -> None:
    assert vendor.read_number(text) == E164_OF_ASHA


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_neither_ten_digits_nor_has_a_country_is_no_number(text: str) -> None:
    with pytest.raises(MalformedNumber):
        vendor.read_number(text)


def test_a_dash_is_taken_out_but_for_callers_whom_it_separates() -> None:
    desk = open_desk()
    desk.connect(f"{ASHA}-{RAVI}", "98765-43210")
    desk.ask("voice.call", numbers="98765-43210, 91234 56789", play="1.sound")
    refused = desk.refusal("dial.click2call", caller="98765-43210", receiver=RAVI)

    assert desk.world.calls[0].order.others == (f"+91{RAVI}",)
    assert desk.world.calls[0].order.bridge == (E164_OF_ASHA,)
    assert called(desk)[1:] == [E164_OF_ASHA, f"+91{RAVI}"]
    assert refused == ("E611", "Parameter caller is not valid")


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("dial.click2call", {"caller": "@", "receiver": RAVI}),
        ("dial.click2call", {"caller": RAVI, "receiver": "@"}),
        ("dial.click2call", {"caller": RAVI, "receiver": ASHA, "caller_id": "@"}),
        ("voice.call", {"numbers": "@", "play": "1.sound"}),
        ("block", {"number": "@"}),
        ("block", {"number": "@", "action": "delete"}),
        ("dial", {"call to": "@"}),
        ("dial.c2cstatus", {"callto": "@"}),
        ("followup", {"phone": "@", "follower": RAVI, **FOLLOW_UP}),
        ("followup", {"phone": RAVI, "follower": "@", **FOLLOW_UP}),
        ("followup.reports", {"number": "@"}),
        ("autodial.add", {"number": "@", "name": "x", "meta": "{}"}),
    ],
)
@pytest.mark.parametrize("text", ["987654321", "98765432101"])
def test_nine_and_eleven_digits_are_refused_everywhere(
    method: str, fields: dict[str, str], text: str
) -> None:
    code, _ = open_desk().refusal(
        method, **{name: value.replace("@", text) for name, value in fields.items()}
    )

    assert code == "E611"


def test_a_blocked_number_is_blocked_however_it_was_written() -> None:
    desk = open_desk()
    desk.ask("block", number="98765 43210")
    ref = desk.connect(ASHA)
    desk.advance(minutes=2)

    assert desk.row(ref)["status"] == "BLOCKED"


def test_bulk_uploads_pass_over_what_is_no_number() -> None:
    desk = open_desk()
    entries = [{"number": text, "customname": "x"} for text in ("98765 43210", "98765432101", 9123456789)]
    answer = desk.post_json("autodial.import", {"data": entries}, name="Drive", format="json")

    assert b"Total Records(s) - 3, Processed Records(s) - 2" in answer.body
    assert called(desk) == [E164_OF_ASHA, f"+91{RAVI}"]


@pytest.mark.parametrize("spelt", SPELLINGS)
def test_a_fixture_reads_numbers_as_the_vendor_does(kaleyra: VendorFixture, spelt: str) -> None:
    kaleyra.people[spelt].next("busy")
    form = {"method": "dial.click2call", "caller": ASHA, "receiver": "6010000002", "format": "json"}
    requests.post(f"{kaleyra.base_url}/v1/", {**form, "api_key": kaleyra.key})
    kaleyra.clock.run_until_idle()

    settled = kaleyra.calls[0].settled
    assert settled is not None
    assert settled.legs[0].disposition == "busy"


def test_a_fixture_refuses_what_the_vendor_would(kaleyra: VendorFixture) -> None:
    with pytest.raises(MalformedNumber):
        kaleyra.people["98765432101"]
