"""Walks through pages whose rows stand still."""

from __future__ import annotations

from simulator.telephony.accounts import Account
from simulator.telephony.pages import MOST_WALKS, WALKS, steady_rows
from tests.telephony.network import START


def owner() -> Account:
    return Account(name="tenant", vendor="plain", credential="key", opened=START)


def page_of(account: Account, rows: list[int], start: int, *, shows_end: bool = False) -> list[int]:
    part = slice(start, start + 2)
    return list(steady_rows(account, "all", part, lambda: rows, shows_end=shows_end)[part])


def test_rows_that_come_or_go_meanwhile_move_no_page() -> None:
    account, rows = owner(), [1, 2, 3, 4]
    pages = [page_of(account, rows, 0)]
    rows[:] = [9, 9, 1, 4, 5]

    pages += [page_of(account, rows, start) for start in (2, 4)]

    assert pages == [[1, 2], [3, 4], []]


def test_the_first_page_begins_anew() -> None:
    account, rows = owner(), [1, 2, 3, 4]
    page_of(account, rows, 0)
    rows.insert(0, 0)

    assert page_of(account, rows, 0) == [0, 1]


def test_a_walk_is_forgotten_with_the_page_behind_its_last_row() -> None:
    account, rows = owner(), [1, 2, 3]
    kept = []
    for start in (0, 2, 4):
        page_of(account, rows, start)
        kept.append(len(WALKS.of(account)))

    assert kept == [1, 1, 0]


def test_where_answers_show_the_last_page_a_walk_is_forgotten_with_it() -> None:
    account, rows = owner(), [1, 2, 3]
    page_of(account, rows, 0, shows_end=True)
    page_of(account, rows, 2, shows_end=True)

    assert WALKS.of(account) == {}


def test_only_the_last_walks_are_kept() -> None:
    account = owner()
    for key in range(MOST_WALKS + 5):
        steady_rows(account, key, slice(0, 1), lambda: [1, 2])

    assert [*WALKS.of(account)] == [*range(5, MOST_WALKS + 5)]
