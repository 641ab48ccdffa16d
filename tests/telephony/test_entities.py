from __future__ import annotations

from tests.telephony.exchange_office import open_office


def test_an_entity_is_told_by_its_name_and_by_nothing_that_it_holds() -> None:
    account = open_office().account

    assert repr(account) == "Account(name='tenant')"


def test_an_entity_equals_itself_alone() -> None:
    one, other = open_office().account, open_office().account

    assert one != other
    assert {one: "one", other: "other"}[one] == "one"
