"""The same seed, scenario and requests give the same fates and bytes, in whatever order and company."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from tests.acceptance.stage_hands import Stranger, enter, numbers, written

CROWD = numbers(60)
ORDERS = {
    "backwards": CROWD[::-1],
    "by the last digit": sorted(CROWD, key=lambda phone: phone[::-1]),
    "the middle first": CROWD[30:] + CROWD[:30],
}
MANY = numbers(500)
LINES_FOR_ALL = "accounts: {shop: {vendors: [callo], campaigns: [{name: R, type: free_text, lines: 500}]}}"
"""Where lines are few, who comes first is dialed first, and only the times tell that."""

LIVES_OF_A_PROCESS = """
from tests.state.digest import digest
from tests.acceptance.test_determinism import CROWD, live_an_hour, lives_in_threads
print(digest(live_an_hour(CROWD).sandbox.world))
print(*lives_in_threads(1), *lives_in_threads(2), *lives_in_threads(8), sep="\\n")
"""


def live_an_hour(order: Iterable[str], seed: int | None = None) -> Stranger:
    """Add a call to every number in this order, and let them happen."""
    stranger = enter(written(), seed=seed)
    for phone in order:
        stranger.call(phone, text=f"Good day, {phone[-3:]}.")
    stranger.advance(hours=1)
    return stranger


@pytest.fixture(scope="module")
def fates() -> dict[str, bytes]:
    return live_an_hour(CROWD).told_of(CROWD)


@pytest.mark.parametrize("order", ORDERS)
def test_calls_added_in_another_order_meet_the_same_fates(fates: dict[str, bytes], order: str) -> None:
    again = live_an_hour(ORDERS[order]).told_of(CROWD)

    assert again == fates


def test_calls_added_by_eight_threads_at_once_meet_the_same_fates(fates: dict[str, bytes]) -> None:
    stranger = enter(written())

    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(lambda phone: stranger.call(phone, text=f"Good day, {phone[-3:]}."), CROWD))
    stranger.advance(hours=1)

    assert {answer.status_code for answer in added} == {200}
    assert stranger.told_of(CROWD) == fates


def lives_in_threads(count: int) -> tuple[str, str]:
    """Call five hundred people in an order of its own for each count of threads.

    Return the digests of what the vendor says of each, and of what was asked and answered.
    """
    stranger = enter(written(LINES_FOR_ALL))
    order = sorted(MANY, key=lambda phone: sha256(f"{count} {phone}".encode()).digest())
    with ThreadPoolExecutor(count) as threads:
        list(threads.map(stranger.call, order))
    stranger.advance(hours=1)
    journal = sorted((one.request.body, one.answer.body) for one in stranger.sandbox.recorder.journal)
    fates = stranger.told_of(MANY)
    return sha256(b"".join(fates.values())).hexdigest(), sha256(repr(journal).encode()).hexdigest()


@pytest.mark.thorough
def test_five_hundred_calls_end_alike_in_any_order_threads_and_hashes_of_python() -> None:
    lives = set()
    for seed in ("0", "1", "2"):
        command = [sys.executable, "-c", LIVES_OF_A_PROCESS]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        world, *digests = done.stdout.split()
        lives.add((world, *digests[:2]))
        assert digests == digests[:2] * 3

    assert len(lives) == 1


def test_asking_more_often_changes_nothing(fates: dict[str, bytes]) -> None:
    stranger = enter(written())
    for phone in CROWD:
        stranger.call(phone, text=f"Good day, {phone[-3:]}.")

    for minute in range(60):
        stranger.calls_to(CROWD[minute])
        stranger.get("phones/all_calls", campaign_id=stranger.campaign(), page=1)
        stranger.get("phones/camp_stats", campaign_id=stranger.campaign())
        stranger.advance(minutes=1)

    assert stranger.told_of(CROWD) == fates


def test_a_stretch_of_time_in_small_steps_is_the_same_stretch(fates: dict[str, bytes]) -> None:
    stranger = enter(written())
    for phone in CROWD:
        stranger.call(phone, text=f"Good day, {phone[-3:]}.")

    for _ in range(720):
        stranger.advance(seconds=5)

    assert stranger.told_of(CROWD) == fates


def test_another_seed_brings_other_fates() -> None:
    random = [
        [call.attempts[0].disposition for call in live_an_hour(CROWD, seed=seed).sandbox.world.calls]
        for seed in (7, 8)
    ]

    assert random[0] != random[1]


def test_two_simulators_in_one_process_share_nothing(fates: dict[str, bytes]) -> None:
    one, other = enter(written()), enter(written())
    for phone in CROWD:
        one.call(phone, text=f"Good day, {phone[-3:]}.")
        other.call(phone + "0")
        other.advance(seconds=7)
    one.advance(hours=1)

    assert one.told_of(CROWD) == fates
    assert other.get("phones/calls_by_phone", campaign_id=other.campaign(), phone=CROWD[0]).status_code == 400
    assert len(one.sandbox.world.calls) == len(other.sandbox.world.calls) == len(CROWD)
