"""Callbacks of worlds that survive their process: what was under way, and what became of the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from simulator import Simulator
from simulator.engine.sandbox import Sandbox
from simulator.exchange import CallbackRequest, DeliveryAttempt
from simulator.state.inputs import DeliverySettled
from simulator.telephony.outbox import Delivery
from simulator.testing.transports import ask
from tests.admin.control_room import API, KEY, SCENARIO
from tests.state.digest import digest

LATER = timedelta(minutes=3)


class Receiver:
    """Whoever is called back; `sent` is what came: the id, the try, and the request."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.sent: list[tuple[str, int, CallbackRequest]] = []

    def __call__(self, delivery: Delivery) -> Future[DeliveryAttempt]:
        self.sent.append((delivery.id, len(delivery.attempts) + 1, delivery.request))
        attempt: Future[DeliveryAttempt] = Future()
        if self.answers:
            attempt.set_result(DeliveryAttempt(503, reason="busy", took=timedelta(seconds=2)))
        return attempt


@contextmanager
def kept(folder: Path, receiver: Receiver) -> Iterator[tuple[Simulator, Sandbox]]:
    scenario = folder / "clinic.yaml"
    scenario.write_text(SCENARIO)
    made = Simulator(scenario=scenario, state=folder / "worlds.sqlite", clock="virtual", background=True)
    sandbox = made.worlds.sandbox()
    sandbox._outbound._send = receiver
    with closing(made):
        yield made, sandbox


def call(simulator: Simulator) -> None:
    campaign = simulator.worlds.credentials("callo")["campaign_id"]
    form = f"public_key={KEY}&phone=%2B447700900310&campaign_id={campaign}"
    kind = (("Content-Type", "application/x-www-form-urlencoded"),)
    assert ask(simulator, "POST", f"http://localhost/callo{API}/call/", kind, form.encode()).status == 200


def until_sent(sandbox: Sandbox) -> None:
    """Move time on, as the pump does, and wait for no receiver."""
    with sandbox.lock:
        sandbox._machine.reach(sandbox.now() + LATER)
    sandbox.keep_up()


def test_what_was_under_way_is_sent_again_with_the_same_id_and_try(tmp_path: Path) -> None:
    deaf, receiver = Receiver(answers=False), Receiver()
    with kept(tmp_path, deaf) as (first, sandbox):
        call(first)
        until_sent(sandbox)
        at = sandbox.now()
    with kept(tmp_path, receiver) as (_, sandbox):
        assert sandbox.now() == at  # what was told to a receiver has happened
        sandbox.keep_up()
        sandbox.keep_up()

        assert receiver.sent == deaf.sent != []
        assert [len(delivery.attempts) for delivery in sandbox.world.outbox.deliveries.values()] == [1]


def test_what_is_told_twice_of_a_try_is_noted_once(tmp_path: Path) -> None:
    with kept(tmp_path, Receiver(answers=False)) as (first, sandbox):
        call(first)
        until_sent(sandbox)
        settled = DeliverySettled("delivery-1", 1, DeliveryAttempt(503), 1, sandbox.now())
        sandbox._machine.enter(settled)
        before = digest(sandbox.world.outbox)
        for again in (settled, replace(settled, attempt=DeliveryAttempt(200)), replace(settled, release=7)):
            sandbox._machine.enter(again)

        assert digest(sandbox.world.outbox) == before


def test_the_record_of_callbacks_comes_again(tmp_path: Path) -> None:
    def record(sandbox: Sandbox) -> Any:
        sendings = [replace(sending, ended=0.0) for sending in sandbox.recorder.sendings]
        return sendings, [*sandbox.recorder.callbacks], sandbox.recorder.coverage.as_json()

    with kept(tmp_path, Receiver()) as (first, sandbox):
        call(first)
        sandbox.advance()
        before = record(sandbox)
    with kept(tmp_path, Receiver()) as (_, sandbox):
        assert record(sandbox) == before
        assert len(before[0]) == len(before[1]) == 4
        assert before[0][0].took == timedelta(seconds=2)


def test_what_became_of_a_callback_is_kept_when_there_is_room_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = Receiver(answers=False)
    with kept(tmp_path, receiver) as (first, sandbox):
        call(first)
        until_sent(sandbox)
        call(first)
        assert first.worlds.survival is not None
        base = first.worlds.survival.file._base
        until_sent(sandbox)
        assert len(receiver.sent) == 2
        with refusing(base):
            for under_way in [*sandbox._outbound._under_way]:
                sandbox._outbound._hand_over(under_way, DeliveryAttempt(200))
            for _ in range(5):
                sandbox.drive()
            messages = [record.getMessage() for record in caplog.records]
            assert not [
                delivery for delivery in sandbox.world.outbox.deliveries.values() if delivery.attempts
            ]
        sandbox.drive()

        assert [delivery.state for delivery in sandbox.world.outbox.deliveries.values()] == ["delivered"] * 2
        assert (len(messages), sandbox.recorder.bugs.lines) == (1, [])
        assert "answered 503 meanwhile" in messages[0]
        assert caplog.records[-1].getMessage().startswith("what was told is over")


@contextmanager
def refusing(base: sqlite3.Connection) -> Iterator[None]:
    """Let a file have no room for anything."""
    base.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON main.input BEGIN SELECT RAISE(FAIL, 'full'); END")
    try:
        yield
    finally:
        base.execute("DROP TRIGGER full")
