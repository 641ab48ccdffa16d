from __future__ import annotations

from decimal import Decimal

from tests.telephony.exchange_office import Office, open_office


def prepaid() -> Office:
    office = open_office()
    office.account.balance = Decimal(10)
    office.account.warning_level, office.account.shutdown_level = Decimal(5), Decimal(1)
    return office


def test_an_account_is_warned_once_on_its_way_down() -> None:
    office = prepaid()

    office.world.credit.charge(office.account, Decimal(5))
    office.world.credit.charge(office.account, Decimal(1))

    assert len(office.news("credit.low")) == 1
    assert not office.account.suspended


def test_levels_that_move_stop_and_revive_an_account_and_are_told() -> None:
    office = prepaid()

    office.world.credit.set_levels(office.account, Decimal(20), Decimal(10))
    stopped = office.account.suspended
    office.world.credit.set_levels(office.account, Decimal(20), Decimal(9))
    revived = not office.account.suspended
    office.world.credit.set_levels(office.account, None, None)

    assert (stopped, revived, office.account.suspended) == (True, True, False)
    assert [news.name for news in office.operator.events] == ["credit.low", "credit.exhausted"]


def test_an_account_stops_at_its_last_level_and_lives_again_by_money() -> None:
    office = prepaid()

    office.world.credit.charge(office.account, Decimal(9))
    stopped = office.account.suspended
    office.world.credit.top_up(office.account, Decimal(1))

    assert (stopped, office.account.suspended) == (True, False)
    assert [news.name for news in office.operator.events] == [
        "credit.low",
        "credit.exhausted",
        "credit.topped_up",
    ]


def test_a_refund_brings_a_stopped_account_back_to_life_and_nobody_is_told() -> None:
    office = prepaid()
    office.world.credit.charge(office.account, Decimal(9))
    news = len(office.operator.events)

    office.world.credit.refund(office.account, Decimal(1))

    assert (office.account.suspended, office.account.balance) == (False, Decimal(2))
    assert len(office.operator.events) == news
