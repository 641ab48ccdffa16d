"""What holds under any load: one record a label, exact limits, time that never goes back, honest errors."""

from __future__ import annotations

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Lock

import pytest
from freezegun import freeze_time

from simulator import Simulator
from simulator.web.journal import EvictedExchanges, Journal
from tests.acceptance.stage_hands import Stranger, enter, numbers, written

SECOND = timedelta(seconds=1)


def test_a_label_sent_by_many_threads_at_once_makes_exactly_one_call() -> None:
    stranger = enter(written())
    wishes = [(phone, f"label_{place}") for place in range(50) for phone in numbers(16)]

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda wish: stranger.call(wish[0], label=wish[1]), wishes))

    assert Counter(call.order.label for call in stranger.sandbox.world.calls) == {
        f"label_{place}": 1 for place in range(50)
    }
    refused = {answer.get_json()["data"] for answer in answers if answer.status_code == 400}
    assert refused <= {"Form isn't valid: * label\n  * Duplicate label"} | {
        text for text in refused if "is excess (limit 5/30sec)" in text
    }


def test_no_second_anywhere_admits_more_than_twenty_requests() -> None:
    stranger, one_at_a_time = Stranger(Simulator(vendors=("callo",))), Lock()

    def ask(turn: int) -> None:
        stranger.get("users/balance")
        if turn % 7 == 0:
            with one_at_a_time:  # so that the steps add up to 14 seconds, however the threads run
                stranger.advance(milliseconds=turn % 11 * 10)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(ask, range(2_000)))

    admitted = [
        exchange.at for exchange in stranger.sandbox.recorder.journal if exchange.answer.status == 200
    ]
    gaps = [later - earlier for earlier, later in zip(admitted, admitted[20:], strict=False)]
    assert len(admitted) > 100
    assert min(gaps) >= SECOND


def test_time_advanced_by_many_at_once_never_goes_back_and_each_call_ends_once() -> None:
    stranger = enter(written())
    for phone in numbers(50):
        stranger.call(phone)

    def step_and_ask(_turn: int) -> None:
        stranger.advance(seconds=3)
        stranger.get("users/balance")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(step_and_ask, range(200)))
    stranger.advance(hours=1)

    times = [exchange.at for exchange in stranger.sandbox.recorder.journal]
    assert all(earlier <= later for earlier, later in pairwise(times))
    stats = stranger.get("phones/camp_stats", campaign_id=stranger.campaign()).get_json()["data"]
    assert sum(row["count"] for row in stats["call_statuses"] if row["status"] != "all") == 50


@pytest.mark.parametrize(
    "jump", [timedelta(hours=-1), timedelta(days=-1), timedelta(hours=1), timedelta(days=1)]
)
def test_a_host_whose_clock_jumps_turns_no_world_back(jump: timedelta) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with freeze_time(noon) as host:
        stranger = enter(written(), clock="real")
        times = []
        for shift in (timedelta(), jump, jump / 2, timedelta(0)):
            host.move_to(noon + shift)
            stranger.call(numbers(1)[0])
            stranger.sandbox.keep_up()
            times.append(stranger.sandbox.world.clock.now)

    assert all(earlier <= later for earlier, later in pairwise(times))


def test_a_journal_that_lost_something_never_answers_that_there_was_nothing() -> None:
    stranger = enter(written())
    stranger.sandbox.recorder.journal = Journal(max_entries=5)
    for _ in range(6):
        stranger.get("users/balance")

    journal = stranger.sandbox.recorder.journal
    assert (journal.recorded, journal.dropped, len(journal)) == (6, 1, 5)
    with pytest.raises(EvictedExchanges, match="1 were dropped"):
        journal.require_complete()


def test_a_bug_of_ours_is_a_page_with_a_number_and_the_next_request_is_served(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stranger = enter(written())
    limits, stranger.sandbox.world.limits = stranger.sandbox.world.limits, None  # type: ignore[assignment]
    with caplog.at_level(logging.CRITICAL, "simulator"):
        broken = stranger.get("users/balance")

    stranger.sandbox.world.limits = limits
    healthy = stranger.get("users/balance")

    assert (broken.status_code, broken.mimetype) == (500, "text/html")
    assert broken.headers["X-Simulator-Rule"] == "bug: main-1"
    assert healthy.status_code == 200


NINE = "".join(f"a{n}: &a{n} [{', '.join(['*a' + str(n - 1)] * 9) if n else 'x'}]\n" for n in range(9))
HOSTILE_WORDS = {
    "an alias bomb": NINE,
    "a tag": "sim: 1\ntitle: !!python/object/apply:os.system [ls]\n",
    "binary": "sim: 1\ntitle: !!binary aGVsbG8=\n",
    "depth 20,000": "[" * 20_000,
    "a list in itself": "sim: 1\ntitle: &a [*a]\n",
    "200,000 keys": "".join(f"k{place}: 1\n" for place in range(100_000)),
    "an unquoted number": "sim: 1\npeople: [{number: +447700900310, persona: magic}]\n",
    "a key twice": "sim: 1\nsim: 1\n",
    "a parent outside": "sim: 1\nextends: ../../../../etc/passwd\n",
    "an absolute parent": "sim: 1\nextends: /etc/passwd\n",
    "a parent by its address": "sim: 1\nextends: file:///etc/passwd\n",
    "bytes that are no text": "\udcff\udcfe",
    "nothing": "",
    "a number": "7",
}


@pytest.mark.parametrize("what", HOSTILE_WORDS)
def test_a_hostile_scenario_is_refused_whole_and_the_old_one_stays(what: str) -> None:
    stranger = enter(written())
    stranger.call(numbers(1)[0])
    body = HOSTILE_WORDS[what].encode("utf-8", "surrogateescape")

    answer = Stranger(stranger.simulator, base="").ask(
        "PUT", "/_simulator/v1/scenario", data=body, content_type="application/yaml"
    )

    assert 400 <= answer.status_code < 500, answer.data
    assert answer.mimetype == "application/problem+json"
    assert len(stranger.sandbox.world.calls) == 1
    assert stranger.get("users/balance").status_code == 200
