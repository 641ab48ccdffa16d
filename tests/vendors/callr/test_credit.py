from __future__ import annotations

from decimal import Decimal

from tests.vendors.callr.desk import PHONE, Desk, open_desk, refusal


def poor(cents: int) -> Desk:
    desk = open_desk(warning_level="10.00", shutdown_level="0.00")
    desk.account.balance = Decimal(cents) / 100
    return desk


def test_a_postpaid_account_has_no_credit() -> None:
    answer = open_desk(payment="postpaid").ask("GET", "/billing/credit")

    assert refusal(answer) == (403, "forbidden", "A postpaid account has no credit balance.")


def test_credit_runs_dry_by_warning_and_shutdown_and_comes_back_by_money() -> None:
    desk = poor(11)
    for kind in ("warning", "shutdown", "topup"):
        desk.hook(f"v2.billing.credit.{kind}")

    desk.text()
    desk.text()
    stopped = refusal(desk.ask("POST", "/sms", {"text": "Hi"}, to=PHONE))
    desk.world.credit.top_up(desk.account, Decimal(1))
    desk.text()

    assert stopped[:2] == (403, "account-suspended")
    events = desk.events(seconds=1)
    assert [event["type"].rpartition(".")[2] for event in events] == ["warning", "shutdown", "topup"]
    assert [event["payload"]["credit"] for event in events[:3]] == ["5.50", "0.00", "100.00"]


def test_levels_that_a_timeline_moves_stop_the_account_and_restart_it() -> None:
    desk = poor(100)
    for kind in ("warning", "shutdown", "topup"):
        desk.hook(f"v2.billing.credit.{kind}")

    desk.world.set_profile(desk.account, "warning_level", "100.00")
    desk.world.set_profile(desk.account, "shutdown_level", "100.00")
    stopped = refusal(desk.ask("POST", "/sms", {"text": "Hi"}, to=PHONE))
    desk.world.set_profile(desk.account, "shutdown_level", "0.00")
    desk.text()

    assert stopped[:2] == (403, "account-suspended")
    kinds = [event["type"].rpartition(".")[2] for event in desk.events(seconds=0.1)]
    assert kinds == ["warning", "shutdown"]


def test_an_account_that_begins_at_its_last_level_is_stopped() -> None:
    desk = open_desk(shutdown_level="100000.00")

    assert refusal(desk.ask("POST", "/sms", {"text": "Hi"}, to=PHONE))[1] == "account-suspended"


def test_a_message_that_costs_more_than_there_is_goes_nowhere() -> None:
    desk = poor(3)

    answer = desk.ask("POST", "/sms", {"text": "Hi"}, to=PHONE)

    message = "The credit of 3.00 is less than the price of 5.50."
    assert refusal(answer) == (403, "insufficient-credit", message)
    assert desk.get("/sms")["total"] == 0


def test_destinations_tell_what_a_minute_costs() -> None:
    labels = [destination["label"] for destination in open_desk().get("/billing/destinations")]

    assert "FR-GEOGRAPHIC-CLASSIC" in labels
    assert len(labels) == len(set(labels))


def test_who_would_fall_below_the_last_level_is_told_what_is_left_above_it() -> None:
    desk = open_desk(warning_level="105.00", shutdown_level="95.00")
    desk.account.balance = Decimal("0.98")

    answer = desk.ask("POST", "/sms", {"text": "Hi"}, to=PHONE)

    message = "The credit of 3.00 above the level of 95.00 is less than the price of 5.50."
    assert refusal(answer) == (403, "insufficient-credit", message)
