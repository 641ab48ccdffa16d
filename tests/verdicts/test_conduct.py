"""Every word that a scenario may expect, against a client that behaves and one that does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.verdicts.clinic import ANN, BEN, CAT, EVE, FAY, Clinic, clinic, outcomes


def impatient(client: Clinic) -> None:
    assert [client.remind(phone) for phone in (ANN, BEN, CAT, CAT)] == [200, 200, 429, 429]
    client.desk.advance(seconds=10)
    client.remind(CAT)
    client.look(12)
    client.hear_again()


def calling_twice(client: Clinic) -> None:
    for phones in ((BEN, BEN), (ANN, CAT)):
        assert [client.remind(phone) for phone in phones] == [200, 200]
        client.desk.advance(seconds=10)
    client.look(12)
    client.hear_again()


def running_into_limits(client: Clinic) -> None:
    client.work()
    for street in range(10):
        assert [client.remind(f"+3312345{street}00{house}") for house in range(3)] == [200, 200, 429]
        client.desk.advance(seconds=10)


def polling(client: Clinic) -> None:
    client.work()
    client.look(2, seconds=29)


def forgetting_what_it_handled(client: Clinic) -> None:
    client.forgetful = True
    client.work()


def refusing_callbacks(client: Clinic) -> None:
    client.deaf = timedelta(days=1)
    client.work()


def taking_callbacks_late(client: Clinic) -> None:
    client.deaf = timedelta(minutes=3)
    client.work()


def thinking_before_it_answers(client: Clinic) -> None:
    client.work()
    sendings = client.desk.sandbox.recorder.sendings
    sendings[0] = replace(sendings[0], took=timedelta(seconds=61))


def misspelling(client: Clinic) -> None:
    client.work()
    client.desk.get("users/balance", fone="1")


def never_looking(client: Clinic) -> None:
    client.remind_all()
    client.desk.advance(minutes=12)
    client.hear_again()


def insisting(client: Clinic) -> None:
    client.work()
    client.remind(CAT)
    client.desk.advance(minutes=5)


def calling_at_night(client: Clinic) -> None:
    client.desk.advance(hours=11)
    client.work()


def calling_who_is_away(client: Clinic) -> None:
    client.work()
    assert [client.remind(phone) for phone in (EVE, FAY)] == [200, 200]
    client.desk.advance(minutes=5)


def calling_too_few(client: Clinic) -> None:
    client.lazy = True
    client.work()


MISCONDUCT: list[tuple[Callable[[Clinic], None], str]] = [
    (impatient, "honours: retry_after"),
    (calling_twice, "double_dials: 0"),
    (running_into_limits, "refused: at most 20%"),
    (polling, "polls: at most 1 per 30s"),
    (forgetting_what_it_handled, "handled_once: true"),
    (refusing_callbacks, "delivered: at least 3"),
    (taking_callbacks_late, "within: 2m"),
    (thinking_before_it_answers, "slowest: 1m"),
    (misspelling, "violations: 0"),
    (never_looking, "callo: 10%"),
    (insisting, "per_number: at most 3"),
    (calling_at_night, "outside: {hours"),
    (calling_who_is_away, "no_answer: at most 40%"),
    (calling_too_few, "answered: at least 50%"),
]


def test_a_client_that_behaves_keeps_every_word() -> None:
    with clinic() as client:
        client.work()

        assert list(outcomes(client)) == ["kept"]


@pytest.mark.parametrize(("misconduct", "word"), MISCONDUCT)
def test_a_client_breaks_the_word_that_its_conduct_offends(
    misconduct: Callable[[Clinic], None], word: str
) -> None:
    with clinic() as client:
        misconduct(client)
        broken = outcomes(client).get("broken", [])

    assert len(broken) == 1
    assert word in broken[0]
