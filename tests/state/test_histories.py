"""The checker of histories finds what is planted in them, and nothing in a history that is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.state.histories import Add, Ending, History, check_history

Endings = dict[str, Ending]


def right() -> tuple[History, Endings]:
    """Return a history in which the third call had no answer and was made; the fourth was not."""
    adds = [Add("+1", 11), Add("+2", 12), Add("+3", None), Add("+4", None)]
    ending = Ending([(11, "+1"), (12, "+2"), (13, "+3")], "d1")
    return History(adds, [11, 12, 13, 12]), {"one": ending, "other": ending}


def lose_a_call(_history: History, endings: Endings) -> None:
    endings["one"] = replace(endings["one"], calls=endings["one"].calls[1:])


def make_a_call_twice(history: History, endings: Endings) -> None:
    endings["one"] = replace(endings["one"], calls=[*endings["one"].calls, (14, "+3")])
    history.callbacks.append(14)


def list_a_call_twice(_history: History, endings: Endings) -> None:
    endings["one"] = replace(endings["one"], calls=[*endings["one"].calls, (13, "+3")])


def give_an_id_twice(history: History, _endings: Endings) -> None:
    history.adds[1] = Add("+2", 11)


def answer_with_anothers_call(history: History, _endings: Endings) -> None:
    history.adds[0], history.adds[1] = Add("+1", 12), Add("+2", 11)


def invent_a_call(history: History, endings: Endings) -> None:
    endings["one"] = replace(endings["one"], calls=[*endings["one"].calls, (15, "+9")])
    history.callbacks.append(15)


def lose_a_callback(history: History, _endings: Endings) -> None:
    history.callbacks.remove(13)


def invent_a_callback(history: History, _endings: Endings) -> None:
    history.callbacks.append(99)


def let_worlds_differ(_history: History, endings: Endings) -> None:
    endings["other"] = replace(endings["other"], digest="d2")


PLANTED: dict[Callable[[History, Endings], None], str] = {
    lose_a_call: "the acknowledged call 11 is lost",
    make_a_call_twice: "+3 was asked for once, called 2 times",
    list_a_call_twice: "the call 13 is there 2 times",
    give_an_id_twice: "the id 11 was given 2 times",
    answer_with_anothers_call: "to another number",
    invent_a_call: "nobody asked for the call to +9",
    lose_a_callback: "no callback told of the call 13",
    invent_a_callback: "a callback told of 99",
    let_worlds_differ: "the worlds differ",
}


def test_a_right_history_has_no_findings() -> None:
    assert check_history(*right()) == []


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_what_is_planted_is_found(plant: Callable[[History, Endings], None]) -> None:
    history, endings = right()
    plant(history, endings)

    assert any(PLANTED[plant] in finding for finding in check_history(history, endings))
