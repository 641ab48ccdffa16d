from __future__ import annotations

import pytest

from simulator.telephony.messages import Alphabet
from simulator.telephony.outcomes import Disposition
from simulator.telephony.people import Persona
from simulator.telephony.phone_numbers import E164
from tests.vendors.callr.desk import HOOK, OWN, PHONE, open_desk, refusal


def test_a_message_goes_out_and_arrives_step_by_step() -> None:
    desk = open_desk()
    sent = desk.text()

    desk.advance(minutes=1)
    message = desk.get(f"/sms/{sent['sid']}")

    assert (sent["status"], sent["direction"], sent["sent"], sent["from"]) == (
        "created",
        "outbound",
        None,
        "SMS",
    )
    assert [step["status"] for step in message["statusHistory"]] == [
        "created", "pending", "sent", "remote-queued", "delivered",
    ]  # fmt: skip
    assert message["delivered"] == message["updated"] > message["sent"]


@pytest.mark.parametrize(
    ("text", "query", "encoding", "parts", "cost"),
    [
        ("Hello", {}, "gsm", 1, "5.50"),
        ("a" * 161, {}, "gsm", 2, "11.00"),
        ("ж" * 71, {}, "unicode", 2, "11.00"),
        ("Hello", {"encoding": "unicode"}, "unicode", 1, "5.50"),
        ("a" * 3200, {}, "gsm", 21, "115.50"),
        ("]" * 153, {}, "gsm", 3, "16.50"),
        ("a" * 152 + "€" + "a" * 152, {}, "gsm", 3, "16.50"),
        ("😀" * 67, {}, "unicode", 3, "16.50"),
    ],
)
def test_encoding_parts_and_cost_follow_the_text(
    text: str, query: dict[str, str], encoding: str, parts: int, cost: str
) -> None:
    sent = open_desk().text(text, **query)

    assert (sent["encoding"], sent["parts"], sent["cost"]) == (encoding, parts, cost)


def test_a_forced_encoding_replaces_what_it_lacks() -> None:
    assert open_desk().text("Привет", encoding="gsm")["body"]["text"] == "??????"


@pytest.mark.parametrize(
    ("fate", "status"),
    [
        (Disposition.INVALID, "failed"),
        (Disposition.CONGESTION, "expired"),
        (Disposition.STOP_LISTED, "error"),
    ],
)
def test_a_message_ends_as_the_recipient_does(fate: Disposition, status: str) -> None:
    desk = open_desk({PHONE: Persona(name="odd", attempts=(fate,))})
    sent = desk.text()

    desk.advance(days=3)
    message = desk.get(f"/sms/{sent['sid']}")

    assert message["status"] == status
    assert message["error"]
    assert desk.get("/billing/credit") == ("100000.00" if status == "error" else "99994.50")
    assert message["cost"] == ("0.00" if status == "error" else "5.50")


@pytest.mark.parametrize("sender", ["x" * 12, "12345", "Mein Shop", "é", ""])
def test_a_sender_has_up_to_eleven_letters_and_digits(sender: str) -> None:
    answer = open_desk().ask("POST", "/sms", {"text": "Hi"}, to=PHONE, **{"from": sender})

    assert answer.status == (201 if sender == "" else 400)


@pytest.mark.parametrize("sender", ["MyCompany", "A1", OWN])
def test_a_sender_is_a_name_or_a_number(sender: str) -> None:
    assert open_desk().text(**{"from": sender})["from"] == sender


def test_an_empty_sender_is_set_and_nobody_is_accused() -> None:
    """The document: "If empty, a value will be automatically set depending on the destination"."""
    desk = open_desk()

    assert (desk.text(**{"from": ""})["from"], desk.accused) == ("SMS", [])


def test_a_sender_that_was_not_approved_is_refused() -> None:
    desk = open_desk(senders=["SHOP"])

    answer = desk.ask("POST", "/sms", {"text": "Hi"}, to=PHONE, **{"from": "OTHER"})

    assert refusal(answer) == (403, "forbidden", "The sender OTHER is not approved.")


@pytest.mark.parametrize("text", ["", "x" * 3201, 5, None])
def test_a_text_has_up_to_3200_characters(text: object) -> None:
    assert refusal(open_desk().ask("POST", "/sms", {"text": text}, to=PHONE))[:2] == (400, "validation-error")


def test_the_recipient_stands_in_the_query_alone() -> None:
    answer = open_desk().ask("POST", "/sms", {"text": "Hi", "to": PHONE})

    assert refusal(answer)[2] == "to is required."


def test_messages_are_found_by_every_filter() -> None:
    desk = open_desk()
    desk.text("Hello Bob", **{"from": "SHOP"}, trafficType="alerting")
    desk.advance(minutes=1)
    desk.text("Bye", to="+33639980002")

    for query in (
        {"direction": "outbound", "contains": "BOB"},
        {"from": "SHOP"},
        {"to": PHONE},
        {"trafficType": "alerting"},
        {"status": "delivered"},
        {"createdBefore": "2026-03-02T10:00:30Z"},
    ):
        page = desk.get("/sms", **query)
        assert [hit["body"]["text"] for hit in page["hits"]] == ["Hello Bob"], query
    assert desk.get("/sms", createdAfter="2026-03-02T10:00:30Z")["total"] == 1
    assert desk.get("/sms", direction="inbound")["total"] == 0


def test_who_asks_for_what_came_after_the_last_row_gets_it() -> None:
    desk = open_desk()
    for nth in range(3):
        desk.text(f"number {nth}")
    assert desk.get("/sms", order="asc", limit=100)["total"] == 3
    late = desk.text("late")
    desk.advance(days=1)

    page = desk.get("/sms", order="asc", limit=100, offset=3)

    assert (page["total"], [hit["sid"] for hit in page["hits"]]) == (4, [late["sid"]])


def test_the_second_page_of_a_filter_holds_what_fits_it_now() -> None:
    desk = open_desk()
    for nth in range(4):
        desk.text(f"number {nth}")
    assert desk.get("/sms", status="created", limit=2)["total"] == 4
    desk.advance(hours=1)

    page = desk.get("/sms", status="created", limit=2, offset=2)

    assert (page["total"], page["hits"]) == (0, [])


@pytest.mark.parametrize("path", ["/sms", "/webhooks", "/end-users"])
def test_offsets_over_newest_first_double_a_row_when_one_arrives(path: str) -> None:
    desk, making = open_desk(), {"/sms": ({"text": "Hi"}, {"to": PHONE})}
    making["/webhooks"] = ({"endpoint": HOOK}, {"type": "v2.task.updated"})
    body, query = making.get(path, ({"name": "Ann", "address": {"country": "FR"}}, {}))
    for _ in range(3):
        desk.make(path, body, **query)
        desk.advance(seconds=1)
    first = desk.get(path, limit=2)["hits"]
    desk.make(path, body, **query)

    second = desk.get(path, limit=2, offset=2)["hits"]

    assert second[0] == first[1]


def test_steady_pages_lose_and_double_nothing_while_messages_arrive() -> None:
    desk = open_desk(paging="steady")
    for nth in range(25):
        desk.text(f"number {nth}")
    seen = []
    for offset in (0, 10, 20):
        page = desk.get("/sms", offset=offset)
        seen += [hit["body"]["text"] for hit in page["hits"]]
        desk.text("late")

    assert seen == [f"number {nth}" for nth in reversed(range(25))]
    assert (page["total"], page["hasMore"]) == (25, False)
    assert desk.get("/sms", limit=1)["total"] == 28


@pytest.mark.parametrize("query", [{"status": "created"}, {"sort": "updated"}, {"contains": "number"}])
def test_steady_pages_of_a_filter_stay_as_they_were_while_messages_come_and_change(
    query: dict[str, str],
) -> None:
    desk = open_desk(paging="steady")
    for nth in range(25):
        desk.text(f"number {nth}")
    seen = []
    for offset in (0, 10, 20):
        seen += [hit["sid"] for hit in desk.get("/sms", offset=offset, **query)["hits"]]
        desk.advance(minutes=1)
        desk.text("number late")

    assert len(seen) == len(set(seen)) == 25
    assert desk.get("/sms", **query)["total"] == (1 if "status" in query else 28)


def test_an_inbound_message_is_kept_and_told() -> None:
    desk = open_desk()
    desk.hook("v2.sms.inbound.received")

    desk.world.messages.receive(E164(PHONE), E164(OWN), "Call me", Alphabet.GSM)
    (event,) = desk.events(seconds=5)

    assert (event["type"], event["payload"]["from"]) == ("v2.sms.inbound.received", PHONE)
    assert desk.get("/sms", direction="inbound")["hits"][0]["body"]["text"] == "Call me"


@pytest.mark.parametrize(("offset", "more"), [(0, True), (1, True), (2, False), (4, False)])
def test_there_is_more_while_rows_come_after_the_page(offset: int, more: bool) -> None:
    desk = open_desk()
    for _ in range(4):
        desk.text()

    assert desk.get("/sms", offset=offset, limit=2)["hasMore"] is more


def test_what_fails_was_never_delivered() -> None:
    desk = open_desk({PHONE: Persona(name="nobody", attempts=(Disposition.INVALID,))})
    sent = desk.text()
    desk.advance(minutes=5)

    message = desk.get(f"/sms/{sent['sid']}")

    assert (message["status"], message["delivered"]) == ("failed", None)
    assert message["updated"] > message["sent"]
