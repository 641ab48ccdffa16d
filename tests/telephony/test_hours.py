from datetime import UTC, datetime, time, timedelta

import pytest

from simulator.telephony.errors import UnknownZone
from simulator.telephony.policies import AllowedHours, Openings, find_zone
from tests.telephony.windows import daily

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


LONDON = "Europe/London"
GAP = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 01:00 becomes 02:00
FOLD = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # 02:00 becomes 01:00


def test_a_window_that_opens_in_a_missing_hour_opens_at_the_change() -> None:
    hours = daily(time(1, 30), time(3), LONDON)

    assert hours.next_opening(datetime(2026, 3, 29, 0, 10, tzinfo=UTC)) == GAP


def test_a_window_inside_a_missing_hour_does_not_open_that_day() -> None:
    hours = daily(time(1, 15), time(1, 45), LONDON)

    assert hours.next_opening(datetime(2026, 3, 29, 0, 10, tzinfo=UTC)) == datetime(
        2026, 3, 30, 0, 15, tzinfo=UTC
    )


def test_a_window_inside_a_repeated_hour_opens_twice() -> None:
    hours = daily(time(1, 15), time(1, 45), LONDON)
    first = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)

    closed = hours.next_closing(first)

    assert closed == datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert hours.next_opening(closed) == datetime(2026, 10, 25, 1, 15, tzinfo=UTC)


def test_a_window_closed_by_the_first_pass_opens_again_with_the_change() -> None:
    hours = daily(time(0, 30), time(1, 30), LONDON)

    assert hours.next_opening(datetime(2026, 10, 25, 0, 40, tzinfo=UTC)) == FOLD


def test_hours_that_never_close_say_so() -> None:
    assert AllowedHours(zone=LONDON).next_closing(GAP) is None


def test_a_window_up_to_midnight_closes_there() -> None:
    evenings = daily(time(20), time.max)

    assert evenings.next_closing(datetime(2026, 3, 2, 21, tzinfo=UTC)) == datetime(2026, 3, 3, tzinfo=UTC)


def test_an_offset_is_a_zone() -> None:
    hours = daily(time(9), time(20), "-03:30")

    assert hours.next_opening(datetime(2026, 3, 2, 5, tzinfo=UTC)) == datetime(2026, 3, 2, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["", "+3", "Mars/Olympus", "../etc/passwd", "+25:00", "a" * 300, "\x00", "Europe"]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        find_zone(name)


@pytest.mark.parametrize(
    "hours",
    [
        daily(time(1, 30), time(3), LONDON),
        daily(time(22), time.max, LONDON),
        AllowedHours({6: ((time(0, 30), time(1, 30)), (time(1, 45), time(9)))}, LONDON),
        AllowedHours({}, LONDON),
        AllowedHours(),
    ],
)
@pytest.mark.parametrize("change", [GAP, FOLD])
def test_openings_asked_for_as_time_goes_on_are_those_of_each_instant(
    hours: AllowedHours, change: datetime
) -> None:
    openings = Openings()
    instants = [change + timedelta(minutes=15 * step) for step in range(-100, 100)]

    asked = [openings.next(hours, at) for at in instants]

    assert asked == [hours.next_opening(at) for at in instants]


def test_openings_of_other_hours_are_other_openings() -> None:
    openings, noon = Openings(), datetime(2026, 3, 2, 12, tzinfo=UTC)

    asked = [openings.next(hours, noon) for hours in (NINE_TO_EIGHT, daily(time(13), time(14)))]

    assert asked == [noon, noon + timedelta(hours=1)]
