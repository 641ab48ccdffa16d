from collections import deque
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.state.digest import digest
from tests.telephony.network import campaign_in, network, place, settle


def busy_world(seed: int = 1) -> Any:
    world = network(seed)
    place(campaign_in(world), world)
    settle(world)
    return world


def test_equal_worlds_have_equal_digests() -> None:
    assert digest(busy_world()) == digest(busy_world())


def test_any_difference_shows() -> None:
    changed = busy_world()
    changed.calls[0].attempts[0].ring += timedelta(microseconds=1)

    assert len({digest(busy_world()), digest(busy_world(2)), digest(changed)}) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": "1"}),
        ([["a"], "b"], [["a", "b"]]),
        (deque([1]), deque([2])),
        ([Decimal("1.0")], [Decimal("1.00")]),
        ([datetime(2026, 1, 1, tzinfo=UTC)], [datetime(2026, 1, 2, tzinfo=UTC)]),
        ({1, 2}, {1, 3}),
    ],
)
def test_values_that_differ_are_told_apart(one: object, other: object) -> None:
    assert digest(one) != digest(other)


def test_the_order_of_a_set_does_not_show() -> None:
    names = [f"name{number}" for number in range(50)]

    assert digest(set(names)) == digest({*names[25:], *names[:25]})


def test_equal_values_are_equal_whichever_objects_hold_them() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert digest([now, now]) == digest([now, now + timedelta(0)])


def test_circles_end() -> None:
    circle: list[Any] = []
    circle.append(circle)

    assert digest(circle) == digest(circle)
