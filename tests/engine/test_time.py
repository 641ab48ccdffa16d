"""Time that means what it says: advances settle, idle clocks run and step, waits are taken at their word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from socket import socket
from threading import Event
from typing import Any

import pytest
from freezegun import freeze_time

from simulator.app import Simulator
from simulator.engine import real_time as pump
from simulator.engine.sandbox import Sandbox
from simulator.engine.settings import Settings
from simulator.serving.running import Running, running
from simulator.state.inputs import InputLog
from tests.serving_process import ADD_CALL, PATIENCE, call_form
from tests.web.receiver import OK, Receiver, receiving

NO = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
ROUNDS = 200
GUEST, NUMBER = "+33639980001", "+33639984242"
BALANCE = "/callo/manager/cabapi_external/api/v1/users/balance/"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
INBOX = """
sim: 1
title: A receiver answers each message at the fourth try
seed: 24
clock: {{at: 2026-03-02T10:00, zone: Europe/Paris}}
accounts:
  inbox:
    vendors: [callr]
    balance: 50.00
    caller_ids: ["+33639984242"]
    profile: {{callr: {{webhooks: [{{type: v2.sms.inbound.received, endpoint: "{url}"}}]}}}}
"""


class Caller:
    """Somebody who asks a running simulator over one connection."""

    def __init__(self, place: Running) -> None:
        self.place = place
        self._line = HTTPConnection("127.0.0.1", place.port, timeout=PATIENCE)

    @property
    def sandbox(self) -> Sandbox:
        return self.place.simulator.worlds.sandbox()

    def ask(self, verb: str, path: str, body: str | None = None, headers: Any = FORM) -> tuple[int, Any]:
        self._line.request(verb, path, body, headers)
        with self._line.getresponse() as answer:
            self.rule = answer.headers.get("X-Simulator-Rule", "")
            content = answer.read()
            return answer.status, json.loads(content) if answer.status == 200 else content

    def control(self, path: str, **body: Any) -> Any:
        return self.ask("POST", f"/_simulator/v1/{path}", json.dumps(body), JSON)[1]

    def call(self, phone: str = "+447700900000") -> int:
        form = call_form(self.place.ready_document(), phone=phone)
        return self.ask("POST", ADD_CALL, form)[0]

    def look(self) -> int:
        key = self.place.simulator.worlds.credentials("callo")["public_key"]
        return self.ask("GET", f"{BALANCE}?public_key={key}")[0]

    def close(self) -> None:
        self._line.close()


@contextmanager
def calling(**settings: Any) -> Iterator[Caller]:
    """Run a simulator on a socket, and let somebody ask it."""
    with running(Settings(**settings)) as place, closing(Caller(place)) as caller:
        yield caller


def taking_the_fourth(receivers: list[Receiver]) -> Any:
    def answer(connection: socket, _over: Event) -> None:
        connection.sendall(NO if len(receivers[0].requests) % 4 else OK)

    return answer


@pytest.mark.parametrize("clock", ["virtual", "idle", "x60"])
@pytest.mark.thorough
def test_an_advance_at_once_finds_every_try_done_in_order(tmp_path: Path, clock: str) -> None:
    receivers: list[Receiver] = []
    with receiving(taking_the_fourth(receivers)) as receiver:
        receivers.append(receiver)
        (tmp_path / "inbox.yaml").write_text(INBOX.format(url=receiver.url()))
        with calling(scenario=tmp_path / "inbox.yaml", clock=clock, vendors=("callr",)) as caller:
            for turn in range(ROUNDS):
                caller.control(f"people/{GUEST}/text", to=NUMBER, text=f"turn {turn}")
                moved = caller.control("clock/advance", by="10s")

                assert len(receiver.requests) == 4 * turn + 4, moved
                assert moved["pending"] == []
            deliveries = [*caller.sandbox.world.outbox.deliveries.values()]

    assert [
        f'"turn {turn}"'.encode() in raw
        for turn in range(ROUNDS)
        for raw in receiver.requests[4 * turn :][:4]
    ]
    assert [len(delivery.attempts) for delivery in deliveries] == [4] * ROUNDS
    if clock == "virtual":
        waits = [
            later.at - earlier.at for delivery in deliveries for earlier, later in pairwise(delivery.attempts)
        ]
        assert waits == [timedelta(seconds=wait) for wait in (1, 2, 4)] * ROUNDS


def test_lengths_by_which_two_move_time_at_once_add_up(tmp_path: Path) -> None:
    others: list[Future[Any]] = []

    def answer(connection: socket, _over: Event) -> None:
        if not others:
            others.append(pool.submit(other.control, "clock/advance", by="20s"))
        connection.sendall(NO)

    with ThreadPoolExecutor(1) as pool, receiving(answer) as receiver:
        (tmp_path / "inbox.yaml").write_text(INBOX.format(url=receiver.url()))
        with calling(scenario=tmp_path / "inbox.yaml", clock="virtual", vendors=("callr",)) as caller:
            other = Caller(caller.place)
            caller.control(f"people/{GUEST}/text", to=NUMBER, text="Hello")
            moves = [caller.control("clock/advance", by="20s"), others[0].result()]
            other.close()

    moments = [[moved[name].partition("T")[2] for name in ("since", "now")] for moved in moves]
    assert sorted(moments) == [["09:00:00+00:00", "09:00:20+00:00"], ["09:00:20+00:00", "09:00:40+00:00"]]


# -- an idle clock --------------------------------------------------------------------------------------


def pauses(caller: Caller, count: int = 1) -> None:
    """Wait in silence until the idle clock has taken so many steps more, or has nothing to step to."""
    target = len(caller.sandbox.steps) + count
    over = Event()
    while len(caller.sandbox.steps) < target:
        assert caller.sandbox.world.clock.next_due is not None
        over.wait(0.02)


def test_requests_one_after_another_lose_no_time_on_an_idle_clock() -> None:
    with calling(clock="idle", vendors=("callo",)) as caller:
        assert caller.call() == 200
        assert {caller.look() for _ in range(15)} == {200}
        assert caller.sandbox.steps == []
        assert caller.sandbox.now() - caller.sandbox.world.clock.start < timedelta(minutes=1)


def test_an_idle_clock_takes_one_step_a_pause_and_none_before_anybody_asked() -> None:
    with calling(clock="idle", vendors=("callo",), pause=timedelta(milliseconds=100)) as caller:
        Event().wait(0.3)
        assert caller.sandbox.now() == caller.sandbox.world.clock.start
        assert [caller.call(phone) for phone in ("+447700900000", "+447700900310")] == [200, 200]
        pauses(caller, 2)
        (since, until), (later, _) = caller.sandbox.steps[:2]

    assert since < until < later
    assert later - until >= timedelta(milliseconds=100)


def test_an_idle_clock_waits_for_a_receiver_before_it_steps_on(tmp_path: Path) -> None:
    go, came = Event(), Event()

    def answer(connection: socket, over: Event) -> None:
        came.set()
        while not go.wait(0.01) and not over.is_set():
            pass
        connection.sendall(OK)

    with receiving(answer) as receiver:
        (tmp_path / "inbox.yaml").write_text(INBOX.format(url=receiver.url()) + LATER)
        settings = {"scenario": tmp_path / "inbox.yaml", "vendors": ("callr",)}
        with calling(clock="idle", pause=timedelta(milliseconds=50), **settings) as caller:
            caller.control(f"people/{GUEST}/text", to=NUMBER, text="one")
            assert came.wait(PATIENCE)
            before = len(caller.sandbox.steps)
            Event().wait(0.4)
            assert len(caller.sandbox.steps) == before
            go.set()
            pauses(caller)


LATER = """
timeline:
  - {at: +10m, do: "text \\"+33639980001\\" to \\"+33639984242\\" 'Later'"}
"""


def test_a_limit_recovers_while_a_client_waits_on_an_idle_clock() -> None:
    with calling(clock="idle", vendors=("callo",)) as caller:
        asked = [caller.look() for _ in range(23)]
        Event().wait(1.05)

        assert (asked.count(429) > 0, caller.look()) == (True, 200)
        assert caller.sandbox.steps == []


# -- waits ----------------------------------------------------------------------------------------------


def hurry(caller: Caller) -> None:
    """Ask until the limit of 20 a second refuses."""
    while caller.look() == 200:
        pass


def test_a_wait_is_taken_at_its_word_where_time_stands_still() -> None:
    with calling(clock="virtual", vendors=("callo",)) as caller:
        hurry(caller)
        before = caller.sandbox.now()
        assert "time stands still" in caller.rule
        assert "clock/advance" in caller.rule
        Event().wait(1.05)

        assert caller.look() == 200
        assert caller.sandbox.now() - before == timedelta(seconds=1)


DATED = """
sim: 1
extends: happy
limits:
  - where: callo.*
    allow: 1 per 1m
    reply: {status: 429, headers: {Retry-After: "WHEN"}}
"""


@pytest.mark.parametrize("when", ["1", "Mon, 02 Mar 2026 10:00:01 GMT"])
def test_a_wait_counts_as_the_answer_words_it_in_seconds_or_as_a_date(tmp_path: Path, when: str) -> None:
    file = tmp_path / "dated.yaml"
    file.write_text(DATED.replace("WHEN", when))
    with calling(clock="virtual", vendors=("callo",), scenario=file) as caller:
        before = caller.sandbox.now()
        assert [caller.look(), caller.look()] == [200, 429]
        assert "really wait 1s" in caller.rule
        Event().wait(1.05)
        caller.look()

        assert caller.sandbox.now() - before == timedelta(seconds=1)


def test_who_never_waits_stays_refused_where_time_stands_still() -> None:
    with calling(clock="virtual", vendors=("callo",)) as caller:
        hurry(caller)
        before, over = caller.sandbox.now(), Event()
        statuses = []
        for _ in range(15):
            over.wait(0.1)
            statuses.append(caller.look())

        assert statuses == [429] * 15
        assert caller.sandbox.now() == before


def test_a_wait_that_was_taken_at_its_word_is_replayed() -> None:
    with calling(clock="virtual", vendors=("callo",)) as caller:
        caller.sandbox.inputs = InputLog()  # a server keeps none
        hurry(caller)
        Event().wait(1.05)
        caller.look()
        inputs, now = [*caller.sandbox.inputs], caller.sandbox.now()
        again = Simulator(clock="virtual", vendors=("callo",)).worlds.sandbox()
        again.replay(inputs)

    assert again.now() == now
    assert [exchange.answer.status for exchange in again.recorder.journal][-2:] == [429, 200]


# -- answers that are lost ------------------------------------------------------------------------------


def hanging(folder: Path, receiver: Receiver) -> Path:
    """Write a scenario whose first answer is lost for 35 s, and whose receiver hears of the call's end."""
    hook = f"{{url: '{receiver.url()}'}}"
    campaign = f"{{name: Reminders, type: free_text, postbacks: {{finished: {hook}, no_answer: {hook}}}}}"
    file = folder / "hanging.yaml"
    file.write_text(
        "sim: 1\nextends: happy\n"
        f"accounts: {{clinic: {{vendors: [callo], balance: 100.00, campaigns: [{campaign}]}}}}\n"
        "people: [{number: '+447700900000', persona: quick}]\n"
        "personas: {quick: {attempts: [answered], ring: 1s, talk: 2s}}\n"
        "faults: [{where: callo.add_call, when: request 1, do: hang 35s}]\n"
    )
    return file


@pytest.mark.parametrize("clock", ["virtual", "x60", "idle"])
def test_a_lost_answer_holds_its_callbacks_by_the_worlds_time(tmp_path: Path, clock: str) -> None:
    came = Event()

    def answer(connection: socket, _over: Event) -> None:
        came.set()  # before the answer, with which the clock may go on
        connection.sendall(OK)

    with receiving(answer) as receiver, calling(scenario=hanging(tmp_path, receiver), clock=clock) as caller:
        with closing(Caller(caller.place)) as lost:
            form = call_form(caller.place.ready_document(), phone="+447700900000")
            lost._line.request("POST", ADD_CALL, form, FORM)
            while not caller.sandbox.world.inputs:
                Event().wait(0.01)
        if clock == "x60":
            assert came.wait(PATIENCE)
            caller.control("clock/advance", by="1s")
        else:
            early = caller.control("clock/advance", by="20s")
            assert not came.is_set()
            assert "is held back" in early["pending"][0]["reason"]
            caller.control("clock/advance", by="1m")
            assert came.is_set()
        (delivery,) = caller.sandbox.world.outbox.deliveries.values()
        held = delivery.attempts[0].at - caller.sandbox.world.clock.start

    assert timedelta(seconds=35) <= held < timedelta(minutes=2)


def test_an_advance_does_not_wait_for_an_answer_held_back_on_purpose(tmp_path: Path) -> None:
    with receiving(lambda line, _over: line.sendall(OK)) as receiver:
        file = hanging(tmp_path, receiver)
        file.write_text(file.read_text().replace("hang 35s", "slow 35s"))
        with calling(scenario=file, clock="real") as caller, closing(Caller(caller.place)) as slow:
            form = call_form(caller.place.ready_document(), phone="+447700900000")
            slow._line.request("POST", ADD_CALL, form, FORM)
            while not caller.sandbox.world.inputs:
                Event().wait(0.01)
            moved = caller.control("clock/advance", by="2m")

        assert moved["pending"] == [
            {"what": "delivery-1", "reason": "the answer to main-1 is held back by a fault"}
        ]


# -- the host's clock -----------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1)])
def test_a_host_whose_date_is_set_moves_no_world(monkeypatch: pytest.MonkeyPatch, jump: timedelta) -> None:
    sandbox = Simulator(clock="real", vendors=("callo",)).worlds.sandbox()
    before = sandbox.now()
    shifted = pump.host_now() + jump
    monkeypatch.setattr(pump, "host_now", lambda: shifted)
    sandbox.keep_up()

    assert timedelta() <= sandbox.now() - before < timedelta(minutes=1)


def test_what_passed_before_a_date_was_faked_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 100.0
    monkeypatch.setattr(pump, "host_seconds", lambda: seconds)
    host, only_faked = pump.HostTime(), pump.HostTime(only_faked=True)
    seconds += 5
    with freeze_time("2026-03-02") as frozen:
        before = host.passed(), only_faked.passed()
        seconds += 7
        frozen.tick(timedelta(hours=1))
        faked = host.passed(), only_faked.passed()
    after = host.passed(), only_faked.passed()
    seconds += 2

    assert before == (timedelta(seconds=5), timedelta())
    assert faked == after == (timedelta(hours=1, seconds=5), timedelta(hours=1))
    assert host.passed() == timedelta(hours=1, seconds=7)
    assert only_faked.passed() == timedelta(hours=1)


@pytest.mark.parametrize(("worked", "rests"), [(0, 10), (1, 10), (4, 12), (25, 50), (900, 50)])
def test_with_much_to_look_at_the_pump_leaves_most_of_the_time_to_requests(worked: int, rests: int) -> None:
    assert pump.nap_after(timedelta(milliseconds=worked)) == timedelta(milliseconds=rests)


def test_a_pump_that_fails_says_so_when_it_is_stopped(caplog: pytest.LogCaptureFixture) -> None:
    failed = Event()

    def work() -> None:
        failed.set()
        raise ValueError("a bug")

    moving = pump.Pump(work)
    moving.start()
    assert failed.wait(PATIENCE)

    with pytest.raises(ValueError, match="a bug"):
        moving.stop()
    assert "bug of the simulator" in caplog.text


# -- a real clock ---------------------------------------------------------------------------------------


def test_a_row_is_found_by_the_instant_that_is_told_of_it() -> None:
    start = datetime(2026, 3, 2, 10, 0, 0, 123_456, tzinfo=UTC)
    instants = {pump.RealTime(start, pace)() for pace in (1, 60, 0.37)}

    assert {instant.microsecond % 1000 for instant in instants} == {0}


def test_what_came_after_the_last_row_leaves_that_row_out_on_a_real_clock() -> None:
    with calling(clock="real", vendors=("callr",)) as caller:
        known = caller.place.simulator.worlds.credentials("callr")
        headers = {"x-api-key": known["api_key"], **JSON}
        search = "/callr/v2.0/sms?order=asc&createdAfter="
        for turn in range(5):
            Event().wait(0.0013)
            to = f"/callr/v2.0/sms?to=%2B3363998{turn:04}"
            caller.ask("POST", to, json.dumps({"text": "Hi"}), headers)
        rows = caller.ask("GET", search + "2026-01-01T00:00:00Z", headers=headers)[1]["hits"]

        later = [caller.ask("GET", search + row["created"], headers=headers)[1]["hits"] for row in rows]

    assert [row in hits for row, hits in zip(rows, later, strict=True)] == [False] * 5
