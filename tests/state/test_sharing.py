"""Worlds that several simulators share by one Redis: equal everywhere, led by one, told when lost."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simulator import Simulator
from simulator.cli import main
from simulator.engine import outbound_queue, sharing
from simulator.engine.sandbox import Sandbox
from simulator.errors import StateError, StateUnavailable, UnknownName
from simulator.exchange import DeliveryAttempt
from simulator.state import streams
from simulator.state.inputs import DeliverySettled, TimeReached
from simulator.testing.transports import ask
from simulator.web.guard import SizeLimits
from tests.admin.control_room import API, KEY, SCENARIO
from tests.state.digest import digest
from tests.state.redis_server import RedisServer, redis_server
from tests.state.test_callbacks import Receiver

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
JSON = (("Content-Type", "application/json"),)
LATER = timedelta(minutes=3)
Open = Callable[..., Simulator]


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def replica(redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens simulators that share the worlds of a Redis; they look after their leases when a test says so."""
    redis.client.flushall()
    monkeypatch.setattr(sharing, "TENDING_SECONDS", 0.0)
    monkeypatch.setattr(streams, "LEASE", 60.0)  # on a busy machine three seconds go by within a test
    scenario = tmp_path / "clinic.yaml"
    scenario.write_text(SCENARIO)
    with ExitStack() as stack:

        def opened(**settings: Any) -> Simulator:
            given = {"scenario": scenario, "clock": "virtual", "background": True, "state": redis.url}
            made = Simulator(**{**given, **settings})
            stack.callback(made.close)
            return made

        yield opened


def request(
    one: Simulator, phone: str = "+447700900310", world: str = "", key: str = KEY
) -> tuple[int, Any, dict[str, str]]:
    campaign = one.worlds.credentials("callo")["campaign_id"]
    form = f"public_key={key}&phone=%2B{phone[1:]}&campaign_id={campaign}"
    prefix = world and f"/@{world}"
    answer = ask(one, "POST", f"http://localhost{prefix}/callo{API}/call/", FORM, form.encode())
    return answer.status, answer.body, dict(answer.headers)


def call(one: Simulator, phone: str = "+447700900310", world: str = "") -> int:
    status, body, _ = request(one, phone, world)
    assert status == 200, body
    return int(json.loads(body)["call_id"])


def digest_of(one: Simulator, world: str = "main") -> str:
    sandbox = one.worlds.current(world)
    return digest([sandbox.world, sandbox.faults])


def sends_to(one: Simulator, receiver: Receiver) -> Sandbox:
    sandbox = one.worlds.sandbox()
    sandbox._outbound._send = receiver
    return sandbox


def leads(one: Simulator, world: str = "main") -> bool:
    machine = one.worlds.sandbox(world).shared
    return machine is not None and machine.stream.leads


def test_whoever_is_asked_knows_what_was_asked_of_others(replica: Open) -> None:
    first, second, third = replica(), replica(), replica()
    calls = [call(one, f"+44770090000{number}") for number, one in enumerate((first, second, third, first))]

    for one in (first, second, third):
        assert [entry.ref for entry in one.worlds.current().world.calls] == calls
        assert len(one.worlds.current().recorder.journal) == 4
    assert len({digest_of(one) for one in (first, second, third)}) == 1


def test_a_refused_act_is_refused_where_it_was_tried_and_changes_nothing_anywhere(replica: Open) -> None:
    first, second = replica(), replica()
    with pytest.raises(ArithmeticError):
        first.worlds.sandbox().act("top_up", vendor="callo", credential=KEY, amount="abc")
    call(second)

    assert digest_of(first) == digest_of(second)


def test_one_leads_and_sends_and_all_know_what_became_of_it(replica: Open) -> None:
    first, second = replica(), replica()
    receivers = [Receiver(), Receiver()]
    sandboxes = [sends_to(one, receiver) for one, receiver in zip((first, second), receivers, strict=True)]
    for one in (first, second):
        one.worlds.tend()
    assert (leads(first), leads(second)) == (True, False)
    call(second)
    sandboxes[1].keep_up()
    moved = sandboxes[0].advance()
    second.worlds.current()
    sandboxes[1].keep_up()

    assert len(moved.deliveries) == len(receivers[0].sent) == 4
    assert receivers[1].sent == []
    assert [len(delivery.attempts) for delivery in sandboxes[1].world.outbox.deliveries.values()] == [4]
    assert digest_of(first) == digest_of(second)


def test_whoever_moves_time_leads_from_then_on(replica: Open) -> None:
    first, second = replica(), replica()
    first.worlds.tend()
    call(first)
    second.worlds.sandbox().shared.lead()  # type: ignore[union-attr]
    first.worlds.current().keep_up()
    second.worlds.sandbox().advance(second.worlds.sandbox().now() + LATER)
    first.worlds.current()

    assert (leads(first), leads(second)) == (False, True)
    assert digest_of(first) == digest_of(second)


def test_a_leader_learns_by_itself_what_others_are_asked(replica: Open) -> None:
    first, second = replica(), replica()
    first.worlds.tend()
    asked = call(second)
    first.worlds.tend()

    assert [entry.ref for entry in first.worlds.sandbox().world.calls] == [asked]


def test_who_follows_a_world_sees_what_others_are_asked_also_when_it_began_anew(replica: Open) -> None:
    first, second = replica(), replica()
    first.worlds.tend()
    feed = second.worlds.sandbox().recorder.feed
    leave = second.worlds.announcer.listen(feed, lambda: None)
    seen = []
    for _ in range(2):
        call(first)
        second.worlds.tend()
        seen.append([change.what for change in feed.since(0, 100)[0]])
        first.worlds.open("main")
        second.worlds.tend()
    leave()
    second.worlds.announcer.join()

    assert [changes.count("exchange.answered") for changes in seen] == [1, 1]
    assert second.worlds.sandbox().recorder.feed is feed


def test_a_leader_tells_by_itself_which_answers_have_left(replica: Open) -> None:
    first, second = replica(), replica()
    first.worlds.tend()
    call(first)
    first.worlds.tend()

    assert second.worlds.current()._outbound.unwritten == {}


def test_without_a_pump_worlds_are_led_by_whoever_is_asked(replica: Open) -> None:
    first, second = replica(background=False), replica(background=False)
    call(first)
    asked = call(second)
    call(first, "+447700900311")

    assert (leads(first), leads(second)) == (True, False)
    assert first.worlds.sandbox().world.calls[1].ref == asked


def test_a_process_that_was_forked_is_another_one(replica: Open) -> None:
    one = replica()
    if (child := os.fork()) == 0:
        try:
            call(one)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    call(one)

    assert len(one.worlds.current().world.calls) == 2


def test_what_is_due_while_time_moves_is_sent_also_by_one_whose_lease_runs_out(replica: Open) -> None:
    first, second = replica(), replica()
    receiver = Receiver()
    mover, rival = sends_to(first, receiver), second.worlds.sandbox().shared
    may_send = mover._outbound.may_send
    assert rival is not None

    def late() -> bool:
        rival.lead()
        first.worlds.current()
        return may_send()

    mover._outbound.may_send = late
    call(first)
    moved = mover.advance()

    assert len(moved.deliveries) == len(receiver.sent) == 4


def test_what_a_leader_had_under_way_is_sent_by_the_next_with_the_same_id_and_try(replica: Open) -> None:
    first, second = replica(), replica()
    deaf, receiver = Receiver(answers=False), Receiver()
    held, free = sends_to(first, deaf), sends_to(second, receiver)
    call(first)
    first.worlds.tend()
    assert held.shared is not None
    held.shared.advance(held.now() + LATER)
    held.keep_up()
    assert first.worlds.sharing is not None
    first.worlds.sharing.leave(first.worlds)
    second.worlds.tend()
    free.keep_up()

    assert receiver.sent == deaf.sent != []


def test_what_a_former_leader_does_is_passed_over_but_for_what_it_was_told(replica: Open) -> None:
    first, second = replica(), replica()
    former = sends_to(first, Receiver(answers=False))
    call(first)
    first.worlds.tend()
    machine = former.shared
    assert machine is not None
    machine.advance(former.now() + LATER)
    former.keep_up()
    epoch, at = machine.stream._number, former.now()
    second.worlds.sandbox().shared.lead()  # type: ignore[union-attr]
    machine.stream._number = epoch  # it was stopped after it had looked, before it wrote
    machine.enter(TimeReached(pausing=True), at + LATER)
    machine.enter(DeliverySettled("delivery-1", 1, DeliveryAttempt(200), 1, at))
    heir = second.worlds.current()

    assert heir.now() == former.now() == at
    assert heir.world.outbox.deliveries["delivery-1"].attempts[0].status == 200
    assert digest_of(first) == digest_of(second)


def test_callbacks_wait_for_an_answer_that_another_gives(
    redis: RedisServer, replica: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound_queue, "ANSWERS_SECONDS", 0.1)  # for how long time waits for an answer
    first, second = replica(), replica()
    receiver = Receiver()
    leader = sends_to(first, receiver)
    first.worlds.tend()
    asked = second.worlds.sandbox()
    monkeypatch.setattr(asked, "written", lambda *_arguments: None)  # it is still on its way
    call(second)
    leader.advance(leader.now() + LATER)
    assert receiver.sent == []
    Sandbox.written(asked, 1)
    asked.keep_up()
    first.worlds.current()
    leader.keep_up()
    assert len(receiver.sent) == 1

    call(second, "+447700900999")
    first.worlds.current()
    second.close()
    redis.client.delete(f"simulator:there:{second.worlds.sharing.streams.name}")  # type: ignore[union-attr]
    first.worlds.tend()
    assert leader._outbound.unwritten == {}


def test_a_real_clock_is_the_same_for_all(replica: Open) -> None:
    first, second = replica(clock="x60"), replica(clock="x60")
    for one in (first, second, first):
        call(one)
        one.worlds.tend()
    sandbox = first.worlds.current()
    sandbox.advance(sandbox.now() + LATER)
    call(second)
    second.worlds.sandbox().keep_up()

    assert digest_of(first) == digest_of(second)
    now, elsewhere = first.worlds.current().now(), second.worlds.current().now()
    assert abs(elsewhere - now) < timedelta(minutes=1)
    assert first.worlds.current().world.age > LATER


def test_worlds_are_opened_reset_and_closed_for_all(replica: Open) -> None:
    first, second = replica(), replica()
    call(first)
    body = json.dumps({"name": "mine", "scenario": "happy"}).encode()
    opened = ask(first, "POST", "http://localhost/_simulator/v1/worlds", JSON, body)
    key = json.loads(opened.body)["credentials"]["callo"]["public_key"]
    reset = ask(second, "POST", "http://localhost/_simulator/v1/reset", JSON, b"{}")

    assert (opened.status, reset.status) == (201, 200)
    assert request(second, key=key)[2]["X-Simulator-Exchange"] == "mine-1"
    assert request(first)[2]["X-Simulator-Exchange"] == "main-1"
    second.worlds.close("mine")
    with pytest.raises(UnknownName):
        first.worlds.current("mine")


def test_a_world_that_a_first_request_opens_is_there_for_all(replica: Open) -> None:
    first, second = replica(), replica()

    assert [request(one, world="mine")[0] for one in (first, second)] == [200, 200]
    assert second.worlds.current("mine").recorder.journal.recorded == 2
    assert first.worlds.sandbox("mine").opened_by == "the first request, to callo"


def test_three_replicas_serve_fifty_worlds_to_fifty_clients(replica: Open) -> None:
    replicas = [replica(vendors=("callo",)) for _ in range(3)]
    names = [f"w{number}" for number in range(50)]
    for name in names:
        replicas[0].worlds.open(name, replicas[0].worlds.sandbox().scenario)

    def ask_for_calls(number: int) -> list[int]:
        world = names[number]
        return [call(replicas[(number + turn) % 3], f"+44770090000{turn}", world) for turn in range(3)]

    with ThreadPoolExecutor(len(names)) as pool:
        given = list(pool.map(ask_for_calls, range(len(names))))

    for name, calls in zip(names, given, strict=True):
        assert [entry.ref for entry in replicas[1].worlds.current(name).world.calls] == calls
        assert len({digest_of(one, name) for one in replicas}) == 1


def test_a_world_for_which_there_is_no_room_is_made_again_only_for_who_asks(replica: Open) -> None:
    one = replica(limits=SizeLimits(worlds=2))
    one.worlds.open("a")
    call(one, world="a")
    one.worlds.open("b")
    before = [sandbox.world.name for sandbox in one.worlds]
    one.worlds.tend()
    after = [sandbox.world.name for sandbox in one.worlds]
    call(one, "+447700900311", "a")

    assert before == after == ["main", "b"]
    assert len(one.worlds.sandbox("a").world.calls) == 2


def test_a_world_is_led_by_whoever_is_left(replica: Open) -> None:
    first, second = replica(), replica()
    first.worlds.open("mine", "happy")
    first.worlds.tend()
    second.worlds.tend()
    assert "mine" not in [sandbox.world.name for sandbox in second.worlds]
    first.close()
    second.worlds.tend()

    assert leads(second, "mine")
    assert leads(second)


def test_what_redis_lost_is_told_and_made_again_of_what_is_left(
    redis: RedisServer, replica: Open, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = replica(), replica()
    call(first)
    call(second)
    key = first.worlds.sandbox().shared.stream.keys[1]  # type: ignore[union-attr]
    redis.client.xtrim(key, maxlen=0)
    call(first, "+447700900999")

    assert len(first.worlds.current().world.calls) == 1
    assert "after 1 inputs: Redis lost inputs that it had taken" in caplog.text
    assert digest_of(first) == digest_of(second)


def test_without_redis_clients_are_told_503_in_the_vendors_words_and_all_goes_on_afterwards(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("simulator.state.streams.AGAIN_SECONDS", 0.0)
    with redis_server() as server:
        one = Simulator(scenario="happy", clock="virtual", background=True, state=server.url)
        key = one.worlds.credentials("callo")["public_key"]
        assert request(one, key=key)[0] == 200
        server.kill()
        answers = [request(one, key=key) for _ in range(3)]
        probe = ask(one, "GET", "http://localhost/readyz", (), b"")
        control = ask(one, "GET", "http://localhost/_simulator/v1/calls", (), b"")
        alive = ask(one, "GET", "http://localhost/livez", (), b"")
        server.start()
        after = request(one, key=key)
        ready = ask(one, "GET", "http://localhost/readyz", (), b"")
        one.close()

    assert [status for status, _, _ in answers] == [503] * 3
    assert answers[0][2]["X-Simulator-Rule"].startswith("state: it may still be done: unix://")
    assert (probe.status, control.status, alive.status, after[0]) == (503, 503, 200, 200)
    assert len([record for record in caplog.records if "answered 503 meanwhile" in record.message]) == 1
    assert b"(appendfsync always)" in ready.body


def test_a_redis_that_is_full_is_told_once_and_is_not_ready(
    redis: RedisServer, replica: Open, caplog: pytest.LogCaptureFixture
) -> None:
    one, client = replica(), redis.client
    client.config_set("maxmemory", 1)
    try:
        answers = []
        for _ in range(3):
            answers.append(request(one)[0])
            one.worlds.tend()
        probe = ask(one, "GET", "http://localhost/readyz", (), b"")
    finally:
        client.config_set("maxmemory", 0)
    call(one)
    one.worlds.tend()

    assert (answers, probe.status) == ([503] * 3, 503)
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert len([line for line in warnings if "used memory" in line]) == 2
    assert "give Redis more memory" in warnings[0]


@pytest.mark.parametrize(
    ("settings", "promise"),
    [
        ({"appendfsync": "everysec"}, "may forget the last second when it ends"),
        ({"appendonly": "no"}, "forgets all when it ends"),
    ],
)
def test_what_redis_does_not_keep_is_told(
    redis: RedisServer, replica: Open, settings: dict[str, str], promise: str
) -> None:
    one, client = replica(), redis.client
    try:
        for name, value in settings.items():
            client.config_set(name, value)
        assert promise in one.worlds.promise
    finally:
        for name in settings:
            client.config_set(name, {"appendfsync": "always", "appendonly": "yes"}[name])


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"seed": 8}, "was begun with"),
        ({"scenario": "happy"}, "was begun with the scenario"),
        ({"clock": "idle"}, "a clock that idles|was begun with"),
    ],
)
def test_who_would_make_another_world_may_not_share_it(replica: Open, changed: Any, problem: str) -> None:
    replica()

    with pytest.raises(StateError, match=problem):
        replica(**changed)


def test_a_world_of_a_redis_can_be_dropped_for_all(redis: RedisServer, replica: Open) -> None:
    first = replica()
    call(first)
    dropped = CliRunner().invoke(main, ["state", "drop", redis.url])
    unknown = CliRunner().invoke(main, ["state", "drop", redis.url])

    assert (dropped.exit_code, unknown.exit_code) == (0, 2)
    assert "has no world 'main'" in unknown.output
    assert not first.worlds.current().world.calls


def test_worlds_of_a_redis_are_listed_and_dropped_that_nobody_asks_any_more(
    redis: RedisServer, replica: Open
) -> None:
    def state(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["state", *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    first = replica()
    for world in ("", "mine", "yours"):
        call(first, world=world)
    listed = state("show", redis.url)
    kept = state("drop", redis.url, "--idle", "1d")
    dropped = state("drop", redis.url, "--idle", "0s")

    assert re.search(r"^unix:\S+: 3 worlds\nmain .* inputs?, quiet for \ds$", listed, re.MULTILINE)
    assert kept == "no world is quiet for so long\n"
    assert sorted(dropped.splitlines()) == ["mine is forgotten", "yours is forgotten"]
    assert state("show", redis.url).splitlines()[0].endswith(": 1 world")
    assert state("drop", redis.url, "--idle", "0s") == "no world but main is quiet for so long\n"


def test_time_that_goes_by_and_who_leads_is_nobodys_asking(redis: RedisServer, replica: Open) -> None:
    first = replica()
    call(first)
    client: Any = redis.client
    (stream,) = client.keys("simulator:{main}:[0-9]*")
    (asked,) = [place for place, fields in client.xrange(stream) if fields[b"kind"] == b"request"]
    for nth in range(150):
        client.xadd(stream, {"nonce": "", "epoch": nth, "at": "", "kind": "lead", "body": ""})
    assert first.worlds.sharing is not None
    streams = first.worlds.sharing.streams

    assert streams._last_asked(stream.decode()) == int(asked.partition(b"-")[0])
    assert streams.census()["main"][0] > 150


@pytest.mark.parametrize("url", ["redis://:s3/cret@cache", "redis://cache:99999", "redis://[::1"])
def test_a_url_that_cannot_be_read_is_told_without_its_password(url: str) -> None:
    with pytest.raises(StateError) as caught:
        Simulator(state=url)

    assert "no port that is a number" in str(caught.value)
    assert "s3" not in str(caught.value)


def test_a_redis_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StateUnavailable) as caught:
        Simulator(state=f"unix://:s3cret@{tmp_path}/none.sock")

    assert "s3cret" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)
