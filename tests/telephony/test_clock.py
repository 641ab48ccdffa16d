from datetime import datetime, timedelta
from functools import partial

import pytest

from simulator.telephony.clock import Clock
from tests.telephony.network import MINUTE, START


def test_what_is_due_happens_in_order_at_its_own_instant() -> None:
    clock, seen = Clock(START), list[tuple[str, datetime]]()
    clock.after(2 * MINUTE, lambda: seen.append(("later", clock.now)))
    clock.after(MINUTE, lambda: seen.append(("sooner", clock.now)))

    assert clock.advance_to(START + 5 * MINUTE) == 2
    assert seen == [("sooner", START + MINUTE), ("later", START + 2 * MINUTE)]
    assert clock.now == START + 5 * MINUTE


def test_acts_of_one_instant_keep_the_order_in_which_they_were_scheduled() -> None:
    clock, seen = Clock(START), list[int]()
    for number in range(10):
        clock.after(MINUTE, partial(seen.append, number))

    clock.advance_to(START + MINUTE)

    assert seen == list(range(10))


def test_an_act_may_schedule_another_that_is_due_on_the_way() -> None:
    clock, seen = Clock(START), list[datetime]()
    clock.after(MINUTE, lambda: clock.after(MINUTE, lambda: seen.append(clock.now)))

    clock.advance_to(START + 3 * MINUTE)

    assert seen == [START + 2 * MINUTE]


def test_an_act_happens_in_the_name_of_the_input_that_scheduled_it() -> None:
    clock, seen = Clock(START), list[int]()
    clock.cause = 3
    clock.after(MINUTE, lambda: clock.after(MINUTE, lambda: seen.append(clock.cause)))
    clock.cause = 4
    clock.advance_to(START + 3 * MINUTE)

    assert (seen, clock.cause) == ([3], 4)


def test_time_never_goes_back() -> None:
    clock = Clock(START)
    clock.advance_to(START + MINUTE)

    clock.advance_to(START)

    assert clock.now == START + MINUTE


def test_an_instant_already_past_means_now() -> None:
    clock, seen = Clock(START), list[datetime]()
    clock.at(START - timedelta(days=1), lambda: seen.append(clock.now))

    clock.advance_to(START)

    assert seen == [START]


def test_a_pause_stops_the_clock_at_the_last_act() -> None:
    clock, seen = Clock(START), list[int]()
    clock.after(MINUTE, lambda: seen.append(1))
    clock.after(2 * MINUTE, lambda: seen.append(2))

    clock.advance_to(START + 5 * MINUTE, pause=lambda: bool(seen))

    assert (seen, clock.now) == ([1], START + MINUTE)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clock(START.replace(tzinfo=None))
