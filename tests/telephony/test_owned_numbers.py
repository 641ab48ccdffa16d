from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from simulator.telephony.accounts import Account
from simulator.telephony.errors import NotEnoughNumbers, NumberNotOwned, ReservationOpen, UnknownReservation
from simulator.telephony.owned_numbers import months_after
from tests.telephony.exchange_office import OWN, SERIES, open_office
from tests.telephony.network import START


def test_a_reservation_keeps_numbers_from_everybody_else() -> None:
    office = open_office()
    other = office.world.open_account(Account(name="other", vendor="plain", credential="key2", opened=START))
    office.world.numbers.reserve(office.account, [SERIES], 4)

    with pytest.raises(NotEnoughNumbers) as refused:
        office.world.numbers.reserve(other, [SERIES], 2)

    assert refused.value.free == 1


def test_an_account_has_one_reservation_at_a_time() -> None:
    office = open_office()
    held = office.world.numbers.reserve(office.account, [SERIES], 1)

    with pytest.raises(ReservationOpen):
        office.world.numbers.reserve(office.account, [SERIES], 1)

    office.world.numbers.cancel(held)
    assert office.world.numbers.reserve(office.account, [SERIES], 1).items[0][0] == OWN


def test_a_reservation_expires_after_five_minutes() -> None:
    office = open_office()
    held = office.world.numbers.reserve(office.account, [SERIES], 1)

    office.advance(minutes=5)

    with pytest.raises(UnknownReservation):
        office.world.numbers.reservation(office.account, held.token)


def test_what_is_bought_is_paid_for_as_far_as_the_money_goes() -> None:
    office = open_office()
    office.account.balance, office.account.shutdown_level = Decimal(12), Decimal(0)

    bought, failed = office.world.numbers.buy(office.world.numbers.reserve(office.account, [SERIES], 3))

    assert [len(bought), len(failed)] == [2, 1]
    assert office.account.balance == Decimal(2)
    assert office.news("number.assigned") == bought


@pytest.mark.parametrize(("days", "due"), [(0, 3), (30, 3), (31, 0), (400, 0)])
def test_a_number_given_back_costs_the_months_its_contract_still_has_to_pay(days: int, due: int) -> None:
    office = open_office()
    owned = office.world.numbers.give(office.account, OWN, SERIES)
    office.advance(days=days)

    assert office.world.numbers.release(owned) == due

    assert owned.released == START + timedelta(days=days)
    with pytest.raises(NumberNotOwned):
        office.world.numbers.own(office.account, OWN)


def test_a_number_is_paid_for_month_by_month_and_its_contract_goes_on() -> None:
    office = open_office()
    owned = office.world.numbers.give(office.account, OWN, SERIES)

    balances = []
    for _ in range(4):
        office.advance(days=31)
        balances.append(office.account.balance)

    assert balances == [997, 994, 991, 988]
    assert owned.ends == owned.paid_until == months_after(START, 5)


def test_a_number_given_back_is_paid_for_no_longer() -> None:
    office = open_office()
    office.world.numbers.release(office.world.numbers.give(office.account, OWN, SERIES))
    balance = office.account.balance

    office.advance(days=100)

    assert office.account.balance == balance


@pytest.mark.parametrize(
    ("since", "months", "until"),
    [
        ("2026-03-02", 1, "2026-04-02"), ("2026-01-31", 1, "2026-02-28"), ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-31", 2, "2026-03-31"), ("2026-12-15", 1, "2027-01-15"), ("2026-11-30", 15, "2028-02-29"),
    ],
)  # fmt: skip
def test_months_are_those_of_the_calendar(since: str, months: int, until: str) -> None:
    assert months_after(datetime.fromisoformat(since), months) == datetime.fromisoformat(until)


def test_a_world_rests_though_rents_fall_due() -> None:
    office = open_office()
    office.world.numbers.give(office.account, OWN, SERIES)

    assert office.world.clock.next_due is None
