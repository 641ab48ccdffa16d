from __future__ import annotations

import pytest

from tests.vendors.callr.desk import OWN, Desk, open_desk, read, refusal

LOG = "branches: {inbound-call: {actions: [{action: log@v1, params: {message: Hi}}]}}"
USER = {"name": "French Corp", "address": {"country": "FR"}}


def reserve(desk: Desk, **query: object) -> str:
    return str(desk.make("/numbers/store", **{"country": "FR", "type": "geographic", **query})["token"])


def test_numbers_are_found_by_every_filter() -> None:
    desk = open_desk()
    sid = desk.answer_with(LOG)

    for query in ({"sid": sid}, {"type": "geographic"}, {"contains": "+33199"}, {"contains": "1234"}):
        assert [hit["e164"] for hit in desk.get("/numbers", **query)["hits"]] == [OWN], query
    assert [hit["e164"] for hit in desk.get("/numbers", detached="true")["hits"]] == ["+33639984242"]
    assert desk.get("/numbers", **{"class": "gold"})["total"] == 0
    assert desk.get("/numbers", sort="e164", order="asc")["hits"][0]["e164"] == OWN


@pytest.mark.parametrize("query", [{"detached": "false"}, {"contains": "abc"}, {"type": "fax"}])
def test_a_filter_that_breaks_its_rule_is_refused(query: dict[str, str]) -> None:
    assert refusal(open_desk().ask("GET", "/numbers", **query))[:2] == (400, "validation-error")


def test_a_number_is_attached_moved_and_detached() -> None:
    desk = open_desk()
    first, second = desk.answer_with(LOG), desk.script(LOG, "Second")

    assert desk.get(f"/actions/{first}")["numbers"][0]["e164"] == OWN
    assert desk.ask("PUT", f"/actions/{second}/numbers/{OWN}").status == 204
    assert desk.get(f"/numbers/{OWN}")["scenario"] == {"sid": second, "name": "Second"}
    assert refusal(desk.ask("DELETE", f"/actions/{first}/numbers/{OWN}"))[:2] == (409, "conflict")
    assert desk.ask("DELETE", f"/numbers/%2B{OWN[1:]}/scenario").status == 204
    assert desk.get(f"/numbers/{OWN}")["scenario"] is None


def test_detaching_twice_is_as_good_as_once_by_every_path() -> None:
    desk = open_desk()
    sid = desk.answer_with(LOG)

    for path in (
        f"/actions/{sid}/numbers/{OWN}",
        f"/numbers/{OWN}/scenario",
        f"/numbers/{OWN}/scenario/{sid}",
    ):
        assert [desk.ask("DELETE", path).status for _ in range(2)] == [204, 204]


def test_a_number_is_updated_in_part_and_not_at_all_when_a_part_is_wrong() -> None:
    desk = open_desk()
    sid, user = desk.script(LOG), desk.make("/end-users", USER)["sid"]

    assert desk.ask("PATCH", f"/numbers/{OWN}", {"scenario": sid, "enduser": "nobody00"}).status == 404
    assert desk.get(f"/numbers/{OWN}")["scenario"] is None
    assert desk.ask("PATCH", f"/numbers/{OWN}", {"scenario": sid, "enduser": user}).status == 204
    assert desk.get(f"/numbers/{OWN}")["enduser"]["name"] == "French Corp"


LEASE = {
    "country": "FR", "type": "geographic", "first": "+33199002000", "setup": 100, "monthly": 100, "months": 3,
}  # fmt: skip


@pytest.mark.parametrize(("days", "credit"), [(10, "99600.00"), (40, "99600.00"), (70, "99600.00")])
def test_leaving_a_contract_early_costs_what_staying_would(days: int, credit: str) -> None:
    desk = open_desk(inventory=[LEASE], numbers=[])
    (item,) = read(desk.ask("POST", f"/numbers/store/{reserve(desk)}"))["items"]
    desk.advance(days=days)

    assert desk.ask("DELETE", f"/numbers/{item['e164']}").status == 204

    assert desk.get("/billing/credit") == credit
    desk.advance(days=100)
    assert desk.get("/billing/credit") == credit


def test_a_contract_renews_by_calendar_months() -> None:
    desk = open_desk(inventory=[LEASE], numbers=[])
    (item,) = read(desk.ask("POST", f"/numbers/store/{reserve(desk)}"))["items"]

    first = desk.get(f"/numbers/{item['e164']}")["contract"]["ends"]
    desk.advance(days=120)

    assert first == "2026-06-02T10:00:00Z"
    assert desk.get(f"/numbers/{item['e164']}")["contract"]["ends"] == "2026-07-02T10:00:00Z"
    assert desk.get("/billing/credit") == "99500.00"


def test_a_number_given_back_within_a_month_that_is_paid_costs_nothing() -> None:
    desk = open_desk()
    desk.hook("v2.number.unassigned")
    desk.advance(days=15)

    assert desk.ask("DELETE", f"/numbers/{OWN}").status == 204

    assert desk.get("/billing/credit") == "100000.00"
    assert desk.events(seconds=1)[0]["payload"]["unassigned"] == "2026-03-17T10:00:00Z"
    assert refusal(desk.ask("GET", f"/numbers/{OWN}"))[2] == f"There is no number {OWN}."


def test_an_end_user_of_a_number_cannot_be_deleted() -> None:
    desk = open_desk()
    user = desk.make("/end-users", USER)["sid"]
    desk.ask("PUT", f"/numbers/{OWN}/end-user/{user}")

    answer = desk.ask("DELETE", f"/end-users/{user}")

    assert refusal(answer) == (409, "conflict", f"The end user {user} is used by {OWN}.")
    assert desk.get(f"/end-users/{user}")["deletable"] is False


def test_numbers_are_reserved_bought_and_told() -> None:
    desk = open_desk()
    desk.hook("v2.number.assigned")
    token = reserve(desk, quantity=2, area="paris", prefix="+331")

    bought = read(desk.ask("POST", f"/numbers/store/{token}"))

    assert len(token) >= 40
    assert [item["e164"] for item in bought["items"]] == ["+33199001000", "+33199001001"]
    assert len(desk.events(seconds=1)) == 2
    assert desk.get("/billing/credit") == "99800.00"
    assert desk.ask("POST", f"/numbers/store/{token}").status == 404


def test_one_reservation_is_open_at_a_time_for_five_minutes() -> None:
    desk = open_desk()
    token = reserve(desk)

    refused = refusal(desk.ask("POST", "/numbers/store", country="FR", type="mobile"))
    desk.advance(minutes=5)

    assert refused == (409, "conflict", "A reservation is open until 2026-03-02T10:05:00Z.")
    assert desk.ask("GET", f"/numbers/store/{token}").status == 404
    assert reserve(desk)


def test_a_cancelled_reservation_makes_room_for_the_next() -> None:
    desk = open_desk()
    token = reserve(desk)

    assert desk.ask("DELETE", f"/numbers/store/{token}").status == 204
    assert desk.get(f"/numbers/store/{reserve(desk)}")["items"][0]["e164"] == "+33199001000"


def test_what_the_credit_does_not_pay_for_is_told_beside_what_it_does() -> None:
    desk = open_desk()
    token = reserve(desk, quantity=3)
    desk.account.balance = desk.account.balance * 0 + 2

    bought = read(desk.ask("POST", f"/numbers/store/{token}"))

    assert (len(bought["items"]), len(bought["errors"])) == (2, 1)
    assert bought["errors"][0]["code"] == "insufficient-credit"


def test_an_account_in_build_mode_buys_nothing() -> None:
    desk = open_desk(trial=True)

    answer = desk.ask("POST", f"/numbers/store/{reserve(desk)}")

    assert refusal(answer)[:2] == (403, "trial-mode")


@pytest.mark.parametrize(
    ("query", "status_and_code"),
    [
        ({"country": "XX", "type": "mobile"}, (404, "not-found")),
        ({"country": "FR", "type": "special"}, (409, "out-of-stock")),
        ({"country": "FR", "type": "tollfree", "quantity": 21}, (409, "out-of-stock")),
        ({"country": "fr", "type": "mobile"}, (400, "validation-error")),
        ({"type": "mobile"}, (400, "validation-error")),
        ({"country": "FR"}, (400, "validation-error")),
        ({"country": "FR", "type": "mobile", "quantity": 101}, (400, "validation-error")),
        ({"country": "FR", "type": "mobile", "prefix": "33"}, (400, "validation-error")),
    ],
)
def test_what_cannot_be_reserved_is_refused(query: dict[str, str], status_and_code: tuple[int, str]) -> None:
    assert refusal(open_desk().ask("POST", "/numbers/store", **query))[:2] == status_and_code


def test_the_store_lists_what_a_scenario_puts_up_for_sale() -> None:
    series = {"country": "BE", "type": "mobile", "first": "+32470000000", "count": 1, "monthly": 250}
    desk = open_desk(inventory=[series])

    assert desk.get("/numbers/store/countries") == [{"code": "BE", "name": "Belgium"}]
    assert desk.get("/numbers/store/types", country="BE") == [{"type": "mobile"}]
    assert desk.get("/numbers/store/prefixes", country="BE", type="mobile")[0]["prefix"] == "+324"
