from datetime import UTC, datetime, time

from simulator.telephony.hours import AllowedHours, daily

NINE_TO_EIGHT = daily(time(9), time(20), "Europe/London")


def test_outside_the_window_the_next_opening_is_the_next_morning() -> None:
    evening = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)

    assert not NINE_TO_EIGHT.contain(evening)
    assert NINE_TO_EIGHT.next_opening(evening) == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def test_the_window_follows_local_time_across_the_change_to_summer_time() -> None:
    saturday_night = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)

    assert NINE_TO_EIGHT.next_opening(saturday_night) == datetime(2026, 3, 29, 8, 0, tzinfo=UTC)


def test_inside_the_window_the_opening_is_now() -> None:
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    assert NINE_TO_EIGHT.next_opening(noon) == noon


def test_a_weekday_without_a_window_is_skipped() -> None:
    mondays = AllowedHours({0: ((time(9), time(10)),)}, "UTC")

    assert mondays.next_opening(datetime(2026, 3, 3, 12, tzinfo=UTC)) == datetime(2026, 3, 9, 9, tzinfo=UTC)


def test_hours_that_never_open_say_so() -> None:
    assert AllowedHours({}, "UTC").next_opening(datetime(2026, 3, 3, tzinfo=UTC)) is None


def test_without_hours_it_is_always_open() -> None:
    assert AllowedHours().contain(datetime(2026, 3, 3, 23, 59, 59, tzinfo=UTC))
