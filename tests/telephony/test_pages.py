"""Rows of a growing list that fit a filter, and walks through pages whose rows stand still."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.telephony.accounts import Account
from simulator.telephony.pages import MOST_FILTERS, MOST_WALKS, WALKS, Filters, Picked, steady_rows
from tests.telephony.network import START


@dataclass(eq=False)
class Row:
    place: int
    open: bool
    looks: int = 0

    def fits(self) -> bool:
        self.looks += 1
        return self.open


def find(filters: Filters, rows: list[Row], updates: list[Row]) -> list[int]:
    return [*filters.places("open", rows, Row.fits, updates=updates, place_of=lambda row: row.place)]


def test_rows_that_come_to_fit_or_no_longer_fit_are_found_in_their_order() -> None:
    filters, updates = Filters(), list[Row]()
    rows = [Row(place, open=place % 2 == 0) for place in range(6)]
    before = find(filters, rows, updates)
    for place, is_open in ((0, False), (3, True), (4, False), (4, True)):
        rows[place].open = is_open
        updates.append(rows[place])
    rows.append(Row(6, open=True))
    updates.append(rows[6])

    assert (before, find(filters, rows, updates)) == ([0, 2, 4], [2, 3, 4, 6])


def test_only_rows_that_are_new_or_have_changed_are_looked_at() -> None:
    filters, updates = Filters(), list[Row]()
    rows = [Row(place, open=True) for place in range(5)]
    find(filters, rows, updates)
    rows.append(Row(5, open=False))
    updates += [rows[1], rows[1]]

    for _ in range(3):
        find(filters, rows, updates)

    assert [row.looks for row in rows] == [1, 2, 1, 1, 1, 1]


def test_the_filters_used_last_are_remembered() -> None:
    filters, row = Filters(), Row(0, open=True)
    for key in range(MOST_FILTERS + 3):
        filters.places(key, [row], Row.fits)
        filters.places(0, [row], Row.fits)

    looks = []
    for key in (0, 4, 3):
        filters.places(key, [row], Row.fits)
        looks.append(row.looks - MOST_FILTERS - 3)

    assert looks == [0, 0, 1]


def test_rows_that_are_added_later_are_not_picked() -> None:
    rows, places = ["a", "b", "c"], [0, 2]
    picked = Picked(rows, places)
    places.append(1)

    assert (len(picked), picked[:], picked[1:9]) == (2, ["a", "c"], ["c"])


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
