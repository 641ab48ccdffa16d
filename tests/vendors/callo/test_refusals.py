"""Form errors in the language of the account; the desk judges each of them by the contract."""

from __future__ import annotations

import pytest

from simulator.vendors.callo.refusals import CATALOGUE, ON_DEMAND, count_items
from tests.vendors.callo.desk import Desk, open_desk, refusal


def russian_desk() -> Desk:
    desk = open_desk()
    desk.account.language = "ru"
    return desk


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("phones/call", {"phone": ""}, "* phone\n  * Обязательное поле."),
        (
            "phones/call",
            {"phone": "1"},
            "* phone\n  * Введите корректный номер телефона (например, +12125552368).",
        ),
        ("phones/call", {"label": "a b"}, "* label\n  * Введите правильное значение."),
        ("phones/all_calls", {"page": "x"}, "* page\n  * Введите целое число."),
        (
            "phones/all_calls",
            {"to_created_date": "x"},
            "* to_created_date\n  * Введите правильную дату и время.",
        ),
        (
            "campaigns",
            {"mode": "x"},
            "* mode\n  * Выберите корректный вариант. x нет среди допустимых значений.",
        ),
        (
            "phones/call_by_id",
            {"call_ids": "1,x"},
            "* call_ids\n  * Элемент 2 в массиве не прошёл проверку: Введите целое число.",
        ),
    ],
)
def test_a_russian_account_reads_django_in_russian(
    name: str, parameters: dict[str, str], message: str
) -> None:
    desk = russian_desk()
    answer = desk.get(name, **{"campaign_id": desk.campaign().ref, "phone": "+447700900001", **parameters})

    assert message in refusal(answer)
    assert answer.header("Content-Language") == "ru"


def test_mistakes_are_joined_in_russian_as_in_english() -> None:
    assert refusal(russian_desk().get("phones/call")) == (
        "Form isn't valid: * phone\n  * Обязательное поле.\n* campaign_id\n  * Обязательное поле."
    )


def test_texts_of_the_vendors_own_stay_as_they_were_seen() -> None:
    desk = russian_desk()
    answer = desk.get("phones/tellcode", campaign_id=desk.campaign().ref, phone="+447700900001")

    assert refusal(answer) == "Form isn't valid: * campaign_id\n  * Invalid campaign type"


@pytest.mark.parametrize(
    ("count", "phrase"),
    [(201, "201 элемент,"), (204, "204 элемента,"), (211, "211 элементов,"), (1000, "1000 элементов,")],
)
def test_items_are_counted_as_russian_counts(count: int, phrase: str) -> None:
    ids = ",".join(map(str, range(count)))

    assert phrase == f"{count_items(count)},"
    assert phrase in refusal(russian_desk().get("phones/call_by_id", call_ids=ids))


@pytest.mark.parametrize(
    ("name", "parameter", "phrase"),
    [
        (
            "phones/call",
            "max_call_time",
            "* max_call_time\n  * Ensure this value is less than or equal to 86400.",
        ),
        ("phones/all_calls", "page", "* page\n  * Ensure this value is less than or equal to 1000000."),
        ("phones/call_by_id", "call_id", f"Call by ats_call_id={'9' * 30} dnot found"),
    ],
)
def test_a_number_of_many_digits_is_a_whole_number_still(name: str, parameter: str, phrase: str) -> None:
    desk = open_desk()
    known = {"campaign_id": desk.campaign().ref, "phone": "+447700900001"}

    assert phrase in refusal(desk.get(name, **{**known, parameter: "9" * 30}))


@pytest.mark.parametrize("fact", [fact for fact, words in CATALOGUE.items() if "{value}" in words.message])
def test_a_refusal_on_demand_quotes_the_choice_that_a_request_has(fact: str) -> None:
    error = ON_DEMAND[fact]({CATALOGUE[fact].field: "glad"})

    assert str(error) == f"{fact} {{'value': 'glad'}}"
