from __future__ import annotations

import pytest

from tests.vendors.customers import BOUNDARY, FORM, MULTIPART
from tests.vendors.jaicp.desk import OTHER, PHONE, TOKEN, Desk, open_desk, read, refusal


@pytest.fixture
def desk() -> Desk:
    return open_desk(profile="current")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_crm_adds_a_number_and_all_else_becomes_payload(desk: Desk, method: str) -> None:
    job = read(desk.crm(method, phone=PHONE, gmtZone="+3", name="Anna", deal="7"))

    call = desk.account.call(job)
    assert (call.order.payload, call.order.policy.zone) == ({"name": "Anna", "deal": "7"}, "+03:00:00")
    assert desk.findings == ()


def test_the_same_number_with_the_same_payload_is_a_duplicate_for_a_day(desk: Desk) -> None:
    first = read(desk.crm(phone=PHONE, deal="7"))
    envelope = refusal(desk.crm("POST", phone="8" + PHONE[1:], deal="7"))
    others = [
        read(desk.crm(phone=PHONE)),
        read(desk.crm(phone=PHONE, deal="8")),
        read(desk.crm(phone=OTHER, deal="7")),
    ]
    desk.advance(hours=24)
    later = read(desk.crm(phone=PHONE, deal="7"))

    assert (envelope["type"], envelope["phone"]) == ("phone.duplicated", PHONE)
    assert len({first, later, *others}) == 5


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_same_key_brings_the_first_id_for_a_day(desk: Desk, method: str) -> None:
    first = read(desk.crm(method, key="k", phone=PHONE))
    again = read(desk.crm(method, key="k", phone=PHONE))

    assert first == again
    assert len(desk.campaign.calls) == 1


@pytest.mark.parametrize("name", ["test/addPhone", "addPhone"])
def test_a_number_may_be_added_by_the_other_queries_that_the_vendor_prints(desk: Desk, name: str) -> None:
    root = "crmCalls" if "test" in name else "calls"
    path = f"/api/{root}/campaign/{TOKEN}/{name}"

    job = read(desk.ask("GET", path, f"phone={PHONE}&deal=7&Idempotence-Key=k"))

    assert desk.account.call(job).order.payload == {"deal": "7"}
    assert read(desk.ask("GET", path, f"phone={PHONE}&deal=7&Idempotence-Key=k")) == job
    assert desk.findings == ()


def test_only_the_query_for_trials_takes_a_number_twice_a_day(desk: Desk) -> None:
    crm, calls = (f"/api/{root}/campaign/{TOKEN}/" for root in ("crmCalls", "calls"))
    trials = [read(desk.ask("GET", f"{crm}test/addPhone", f"phone={PHONE}")) for _ in range(2)]

    first = desk.ask("GET", f"{calls}addPhone", f"phone={PHONE}")
    second = desk.ask("GET", f"{crm}addPhone", f"phone={PHONE}")

    assert len({*trials, read(first)}) == 3
    assert refusal(second)["type"] == "phone.duplicated"


def test_a_body_of_another_type_is_named_as_the_cause(desk: Desk) -> None:
    path = f"/api/crmCalls/campaign/{TOKEN}/addPhone"

    envelope = refusal(desk.ask("POST", path, body=b'{"phone": "79161234567"}', kind="application/json"))

    assert envelope["message"] == "Content-Type application/x-www-form-urlencoded is expected"


def test_a_body_of_another_type_is_not_read_even_where_it_could_be(desk: Desk) -> None:
    path = f"/api/crmCalls/campaign/{TOKEN}/addPhone"
    head = 'Content-Disposition: form-data; name="phone"'
    part = f"--{BOUNDARY}\r\n{head}\r\n\r\n{PHONE}\r\n--{BOUNDARY}--\r\n"

    for query, kind, body in [("", MULTIPART, part), (f"phone={PHONE}", "application/json", "{}")]:
        envelope = refusal(desk.ask("POST", path, query, body.encode(), kind))
        assert "application/x-www-form-urlencoded" in envelope["message"]
        assert "wrong-body-type" in desk.findings
    assert not desk.campaign.calls


def test_a_post_is_read_from_its_body_alone_as_its_finding_says(desk: Desk) -> None:
    path = f"/api/crmCalls/campaign/{TOKEN}/addPhone"

    envelope = refusal(desk.ask("POST", path, f"phone={PHONE}"))
    misplaced = desk.findings
    job = read(desk.ask("POST", path, "deal=7", f"phone={PHONE}&Idempotence-Key=k".encode(), FORM))

    assert (envelope["args"], misplaced) == ({"field": "phone"}, ("misplaced-parameter",))
    assert desk.account.call(job).order.payload == {"Idempotence-Key": "k"}
    assert desk.findings == ("unknown-parameter",)


def test_a_body_of_a_get_is_nobodys_form_whatever_its_type(desk: Desk) -> None:
    path = f"/api/crmCalls/campaign/{TOKEN}/addPhone"

    job = read(desk.ask("GET", path, f"phone={PHONE}", b"{}", "application/json"))

    assert desk.account.call(job).callee == f"+{PHONE}"


def test_a_get_may_carry_the_key_in_its_query(desk: Desk) -> None:
    ids = {read(desk.crm(phone=PHONE, **{"Idempotence-Key": "k"})) for _ in range(3)}

    assert len(ids) == 1
    assert desk.campaign.calls[0].order.payload is None


@pytest.mark.parametrize(
    ("fields", "name", "kind"),
    [
        ({}, "error", "request.invalid"),
        ({"phone": "x"}, "type", "phone.bad.format"),
        ({"phone": PHONE, "gmtZone": "Mars"}, "type", "phone.gmtZone.bad.format"),
    ],
)
def test_a_bad_form_is_refused_and_remembered_by_nobody(
    desk: Desk, fields: dict[str, str], name: str, kind: str
) -> None:
    envelope = refusal(desk.crm(**fields))

    assert envelope[name] == kind
    assert desk.campaign.calls == []
    assert read(desk.crm(phone=PHONE))


def test_a_stopped_campaign_takes_no_number_and_no_notice_of_it(desk: Desk) -> None:
    read(desk.post("control/stop"))

    types = [refusal(desk.crm(phone=PHONE))["type"] for _ in range(2)]

    assert types == ["invalid.call.task.state"] * 2
