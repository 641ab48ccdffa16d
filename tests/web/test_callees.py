"""Numbers that a request is about, wherever a vendor lets them stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.exchange import Request
from simulator.scenario.loading import load_text
from simulator.vendor import Vendor
from simulator.vendors import load_vendor, vendor_names
from simulator.web.faults import callees_of

ONE, OTHER = "+447700900101", "+447700900102"


class Named(Vendor):
    """A vendor with some names for callees, and with the numbers of any other."""

    callees = ("to", "phone", "phones")


def seen(body: Any = None, **fields: str) -> tuple[str, ...]:
    text = b"" if body is None else json.dumps(body).encode()
    return callees_of(
        Request("POST", "/", "", (("Content-Type", "application/json"),), text), fields, Named()
    )


def test_a_parameter_may_hold_one_number_or_a_list_of_them() -> None:
    assert seen(phone="+44 7700 900101", other="1") == (ONE,)
    assert seen(phones="447700900101,447700900102\r\n+447700900101") == (ONE, OTHER)


def test_json_holds_them_at_any_depth_as_text_or_as_numbers() -> None:
    assert seen([{"phone": 447700900101}, {"phone": OTHER, "payload": {"deal": 7}}]) == (ONE, OTHER)
    assert seen({"filter": {"phones": [447700900101, OTHER]}}) == (ONE, OTHER)


def test_the_most_telling_name_wins_over_the_others() -> None:
    assert seen({"phone": OTHER, "to": ONE}) == (ONE,)


def test_what_is_no_number_counts_as_it_is_written() -> None:
    assert seen({"phone": "front desk"}) == ("front desk",)


@pytest.mark.parametrize("body", [b"", b"[", b"[" * 70, b"\xff", b"phone=1", b'{"phone": [null, true, {}]}'])
def test_a_body_without_any_names_nobody(body: bytes) -> None:
    assert callees_of(Request("POST", "/", "", (), body), {}, Named()) == ()


def test_numbers_are_read_as_the_vendor_reads_them() -> None:
    form = {"caller": "98765 43210"}

    assert callees_of(Request("GET", "/"), form, load_vendor("kaleyra")) == ("+919876543210",)


SCENARIO = """
sim: 1
accounts: {shop: {vendors: [callo, kaleyra, jaicp, callr]}}
faults: [{where: "*", when: first 1 per number, do: status 503}]
"""


def test_the_gate_sees_numbers_in_a_list_of_json() -> None:
    simulator = Simulator()
    sandbox = simulator.worlds.open("main", load_text(SCENARIO.encode(), "gate.yaml"))
    path = f"/api/calls/campaign/{simulator.worlds.credentials('jaicp')['token']}/addPhones"
    lists = [[ONE, OTHER], [ONE], [OTHER, "+447700900103"], ["+447700900103"]]

    bodies = [json.dumps([{"phone": phone} for phone in phones]).encode() for phones in lists]
    kind = (("Content-Type", "application/json"),)
    statuses = [
        sandbox.answer("jaicp", Request("POST", path, "", kind, body)).answer.status for body in bodies
    ]

    assert statuses == [503, 200, 503, 200]


@pytest.mark.parametrize("name", sorted(vendor_names()))
def test_every_vendor_says_where_its_callees_stand(name: str) -> None:
    vendor = load_vendor(name)

    assert vendor.callees
    assert all(place == place.lower() for place in vendor.callees)
