from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.telephony.errors import TooManyRequests
from simulator.telephony.limits import MOST_WINDOWS, Bucket, FixedWindow, Limit, Limits, SlidingLog
from tests.telephony.network import START

SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)


def admitted(window: SlidingLog | FixedWindow | Bucket, moments: list[int]) -> list[int]:
    return [moment for moment in moments if window.admit(START + timedelta(milliseconds=moment)) is None]


@given(st.lists(st.integers(0, 5_000), max_size=200).map(sorted), st.integers(1, 9))
def test_a_sliding_log_never_admits_more_than_allowed_in_any_window(moments: list[int], allow: int) -> None:
    passed = admitted(SlidingLog(allow, SECOND), moments)

    assert all(later - earlier >= 1000 for earlier, later in zip(passed, passed[allow:], strict=False))


@given(st.lists(st.integers(0, 5_000), max_size=200).map(sorted), st.integers(1, 9))
def test_a_sliding_log_refuses_only_when_the_window_is_full(moments: list[int], allow: int) -> None:
    passed = admitted(SlidingLog(allow, SECOND), moments)

    for moment in moments:
        window = [other for other in passed if moment - 1000 < other <= moment]
        assert moment in passed or len(window) == allow


def test_a_refusal_tells_exactly_how_long_to_wait() -> None:
    log = SlidingLog(1, SECOND)
    log.admit(START)

    wait = log.admit(START + SECOND / 4)

    assert wait == SECOND * 3 / 4
    assert log.admit(START + SECOND / 4 + wait) is None


def test_a_fixed_window_from_the_first_hit_lets_twice_as_many_through_around_its_edge() -> None:
    window = FixedWindow(2, SECOND, "first")

    assert admitted(window, [0, 900, 950, 1000, 1050, 1100]) == [0, 900, 1000, 1050]


def test_a_fixed_window_from_the_edge_opens_on_the_clock() -> None:
    window = FixedWindow(1, SECOND, "edge")

    assert admitted(window, [900, 1000, 1900, 2000]) == [900, 1000, 2000]


def test_a_bucket_lets_a_burst_through_and_then_a_steady_rate() -> None:
    assert admitted(Bucket(2, SECOND), [0, 0, 0, 499, 500, 501, 1000]) == [0, 0, 500, 1000]


def test_each_value_of_a_fact_is_counted_apart() -> None:
    limits = Limits((Limit(name="one a second", where="shop.*", allow=1, per=SECOND, by=("key",)),))
    limits.ask("shop.buy", {"key": "a"}, START)
    limits.ask("shop.sell", {"key": "b"}, START)

    with pytest.raises(TooManyRequests) as refused:
        limits.ask("shop.sell", {"key": "a"}, START)

    assert (refused.value.limit, refused.value.retry_after) == ("one a second", SECOND)


def test_a_rule_for_another_operation_or_without_its_fact_does_not_apply() -> None:
    limits = Limits((Limit(name="never", where="shop.buy", allow=0, per=SECOND, by=("key",)),))

    limits.ask("shop.sell", {"key": "a"}, START)
    limits.ask("shop.buy", {}, datetime.max.replace(tzinfo=START.tzinfo))


def test_windows_that_matter_no_more_are_forgotten_once_there_are_many() -> None:
    limits = Limits((Limit(name="one a second", where="shop.*", allow=1, per=SECOND, by=("key",)),))
    for serial in range(MOST_WINDOWS + 5):
        limits.ask("shop.buy", {"key": str(serial)}, START + serial * SECOND)

    assert len(limits._windows) <= 10


def test_a_bucket_that_refills_within_no_time_is_never_used_up() -> None:
    limits = Limits((Limit(name="flood", where="*", allow=999_999_999, per=MILLISECOND, window="bucket"),))
    limits.ask("callo.balance", {}, START)

    assert [used for _, used in limits.usage(START)] == [0]


def test_a_bucket_tells_exactly_how_long_to_wait() -> None:
    bucket = Bucket(2, SECOND)
    for _ in range(2):
        assert bucket.admit(START) is None

    assert bucket.admit(START + 100 * MILLISECOND) == 400 * MILLISECOND
    assert bucket.admit(START + 500 * MILLISECOND) is None
