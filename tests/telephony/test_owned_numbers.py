from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from simulator.telephony.accounts import Account
from simulator.telephony.errors import NotEnoughNumbers, NumberNotOwned, ReservationOpen, UnknownReservation
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


def test_a_number_given_back_costs_the_days_its_contract_still_has() -> None:
    office = open_office()
    owned = office.world.numbers.give(office.account, OWN, SERIES)
    office.advance(days=30)

    due = office.world.numbers.release(owned)

    assert due == Decimal("3.0000")  # one of two months is left
    assert owned.released == START + timedelta(days=30)
    with pytest.raises(NumberNotOwned):
        office.world.numbers.own(office.account, OWN)
