"""Worlds that programs and tests of any kind open: `simulator.world(...)`."""

from __future__ import annotations

import asyncio
import unittest
import warnings
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

import simulator
from simulator.errors import SimulatorError
from simulator.testing.clocks import WaitedInVain
from simulator.testing.opening import ClientFailure, OpenWorld, UntakenCallbacks
from tests.testing.test_pytest_plugin import run
from tests.web.receiver import answering, receiving

CALL = "/manager/cabapi_external/api/v1/phones/call/"
BALANCE = "/manager/cabapi_external/api/v1/users/balance/"
NUMBER = "+447700900310"


def add_call(world: OpenWorld) -> int:
    order = {"public_key": world.callo.key, "campaign_id": world.callo.credentials["campaign_id"]}
    return requests.post(world.callo.base_url + CALL, data=order | {"phone": NUMBER}, timeout=10).status_code


def ask_balance(world: OpenWorld) -> int:
    key = {"public_key": world.callo.key}
    return requests.get(world.callo.base_url + BALANCE, params=key, timeout=10).status_code


def break_contract(error: Exception | None = None, strict: bool = True) -> None:
    with simulator.world(strict=strict) as world:
        requests.post(world.callo.base_url + CALL, data={"public_key": world.callo.key}, timeout=10)
        if error is not None:
            raise error


def shop(**campaign: Any) -> dict[str, Any]:
    """A scenario as a program writes it, with Python's own dates, lengths and money."""
    return {
        "seed": 4,
        "clock": {"at": datetime(2026, 3, 2, 9, 30), "zone": "Europe/London"},  # noqa: DTZ001 - a local time
        "accounts": {
            "shop": {
                "vendors": ["callo"],
                "balance": Decimal("12.50"),
                "campaigns": [{"name": "Sale", "type": "free_text", "text": "Hello", **campaign}],
            }
        },
        "people": [{"number": NUMBER, "persona": "shy"}],
        "personas": {"shy": {"attempts": ["busy", "answered"], "talk": timedelta(seconds=90)}},
        "run": ["until idle"],
    }


def test_a_program_calls_and_looks_at_what_became_of_it() -> None:
    with simulator.world(shop(retry={"attempts": 2, "after": timedelta(minutes=5)})) as world:
        assert f"{world.clock.now:%F %H:%M}" == "2026-03-02 09:30"
        assert world.callo.balance == Decimal("12.50")
        assert add_call(world) == 200
        world.clock.advance("10m")
        (call,) = world.callo.calls

        assert [attempt.disposition.value for attempt in call.attempts] == ["busy", "answered"]


def test_a_scenario_may_be_yaml() -> None:
    text = "sim: 1\nadmit: anyone\nmagic_numbers: false\nstrangers: p\npersonas: {p: {attempts: [busy]}}"
    with simulator.world(text) as world:
        add_call(world)
        world.clock.run_until_idle()

        assert world.callo.calls[0].attempts[0].disposition == "busy"


def test_who_gives_a_scenario_is_judged_by_it() -> None:
    expecting = shop() | {"expect": [{"call": {"to": NUMBER, "outcome": "answered"}}]}
    with (
        pytest.raises(ClientFailure, match="broken: scenario given in Python") as caught,
        simulator.world(expecting) as world,
    ):
        pass

    assert str(caught.value).count("the control API ends with this world; until then `exchanges`, ") == 1
    assert world.failures() == ""


def test_a_broken_contract_fails_the_world_and_no_error_is_hidden_by_it() -> None:
    with pytest.raises(ClientFailure, match="the client broke the contract of add_call"):
        break_contract()
    with pytest.raises(KeyError, match="of the test's own"):
        break_contract(KeyError("of the test's own"))
    break_contract(strict=False)


def test_faults_are_added_and_removed_in_the_words_of_a_scenario() -> None:
    with simulator.world() as world:
        fault = world.faults.add("callo.balance", "status 503", when="requests 1..9")
        assert ask_balance(world) == 503
        world.faults.remove(fault)
        assert ask_balance(world) == 200
        world.faults.add("*", "status 502")
        world.faults.clear()
        assert list(world.faults) == []


def test_an_answer_in_other_words_is_a_fault_and_the_work_is_done() -> None:
    with simulator.world(strict=False) as world:
        world.faults.add("callo.add_call", "accept then reply", reply={"status": 500, "body": "later"})

        assert add_call(world) == 500
        assert len(world.callo.calls) == 1


def test_limits_are_added_in_the_words_of_a_scenario() -> None:
    with simulator.world() as world:
        world.limits.add("callo.balance", "2 per 1m", by="public_key")
        answers = [ask_balance(world) for _ in range(3)]

        assert answers[:2] == [200, 200]
        assert answers[2] != 200


def test_money_and_people_are_changed_by_the_test() -> None:
    with simulator.world() as world:
        world.callo.balance = Decimal("3.25")
        assert world.callo.balance == Decimal("3.25")
        world.people[NUMBER].next("no_answer")
        add_call(world)
        world.clock.run_until_idle()
        assert world.callo.calls[0].attempts[0].disposition == "no_answer"


def test_a_number_as_at_home_is_theirs_whom_the_world_knows_or_a_vendors_clients() -> None:
    with simulator.world() as world:
        known = world.people["07700 900310"].next("busy")
        indian = world.kaleyra.people["07700 900310"].next("busy")

    assert (known.number, indian.number) == (NUMBER, "+917700900310")


@pytest.mark.parametrize(
    ("act", "hint"),
    [
        (lambda world: world.faults.add("callo.balanc", "reset"), "did you mean 'balance'?"),
        (lambda world: world.faults.add("calo.*", "reset"), "did you mean 'callo'?"),
        (lambda world: world.faults.add("callo.balance", "rest"), "did you mean 'reset'?"),
        (lambda world: world.faults.add("callo.balance", "quiet"), "write `slow 2s..8s`"),
        (lambda world: world.faults.add("callo.balance", "refuse key_mising"), "did you mean 'key_missing'?"),
        (lambda world: world.faults.add("*", "reset", when="somtimes"), "write `always`"),
        (lambda world: world.faults.add("*", "reply", reply={"bodi": "x"}), "did you mean 'body'?"),
        (lambda world: world.faults.add("*", "reply"), "say what is answered"),
        (lambda world: world.faults.remove("test:9"), "unknown fault"),
        (lambda world: world.limits.add("callo.*", "5 per minute"), "write `20 per 1s`"),
        (lambda world: world.limits.add("callo.*", "5 per 1s", by="api_key"), "callo.* has no parameter"),
        (lambda world: world.people[NUMBER].next("bussy"), "did you mean 'busy'?"),
        (lambda world: world.clock.advance("5 min"), "write `250ms`"),
        (lambda world: world.clock.advance(timedelta(seconds=-1)), "time only moves forward"),
        (lambda world: world.fork(at=5).__enter__(), "'5' is no instant"),
        (lambda world: setattr(world.callo, "balance", "much"), "'much' is no amount of money"),
        (lambda world: setattr(world.callo, "balance", float("inf")), "inf is no amount of money"),
        (lambda world: setattr(world.callo, "balance", 10**13), "is no amount of money"),
        (lambda world: world.clock.wait_for(callback=1), "did you mean 'callbacks'?"),
        (lambda world: world.vendor("calo"), "did you mean 'callo'?"),
    ],
)
def test_a_misspelt_word_is_answered_with_those_there_are(act: Callable[[OpenWorld], Any], hint: str) -> None:
    with simulator.world(strict=False) as world, pytest.raises(SimulatorError) as caught:
        act(world)

    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("act", "hint"),
    [
        (lambda people: people[447700900310], "people: 447700900310 is no text\n  give text, such as '+44"),
        (lambda people: people[None], "people: None is no text"),
        (
            lambda people: people[NUMBER].next(None),
            "unknown outcome None\n  did you mean 'no_answer'? known: answered, ",
        ),
        (lambda people: people[NUMBER].press(1), "press: 1 is no text\n  give text, such as '1'"),
        (lambda people: people[NUMBER].call(7), "call: to: 7 is no text"),
        (lambda people: people[NUMBER].call(NUMBER, keys=7), "call: keys: 7 is no text"),
        (lambda people: people[NUMBER].text(NUMBER, 7), "text: text: 7 is no text"),
    ],
)
def test_what_is_no_text_is_told_with_what_to_give(act: Callable[[Any], Any], hint: str) -> None:
    with simulator.world() as world:
        for people in (world.people, world.callo.people):
            with pytest.raises(SimulatorError) as caught:
                act(people)

            assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"scenario": "hapy"}, "did you mean 'happy'?"),
        ({"scenario": {"personas": {"p": {"attempts": ["bussy"]}}}}, "did you mean 'busy'?"),
        ({"scenario": {"faults": [{"where": "callo.add_cal", "do": "reset"}]}}, "did you mean 'add_call'?"),
        ({"scenario": 7}, "give a name, a path, a text of YAML, or a map"),
        ({"seed": "x"}, "'x' is not a whole number"),
        ({"clock": "virtul"}, "did you mean 'virtual'?"),
        ({"clock": "noon"}, "write `frozen`, `virtual`"),
        ({"expect_refusals": "label_takn"}, "did you mean 'label_taken'?"),
    ],
)
def test_what_cannot_be_set_up_is_told_with_what_can(options: dict[str, Any], hint: str) -> None:
    with pytest.raises(SimulatorError) as caught, simulator.world(**options):
        pass

    assert hint in str(caught.value)


def test_time_passes_until_what_is_waited_for_is_there() -> None:
    with simulator.world(
        shop(postbacks={"finished": {"url": "https://shop.example/done?c={ct_call_id}"}})
    ) as world:
        add_call(world)

        assert world.clock.wait_for(callbacks=1, requests=1) == {"callbacks": 1, "requests": 1}
        with pytest.raises(WaitedInVain, match="waited for 9 calls in vain; there came 1 call\n"):
            world.clock.wait_for(calls=9)


class Receiver:
    """An HTTP server that lives on the running loop and takes every callback."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.paths.append(head.split()[1].decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


async def receive() -> list[str]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/done?phone={{ct_phone}}"
    async with server:
        with simulator.world(shop(postbacks={"finished": {"url": url}})) as world:
            await asyncio.to_thread(add_call, world)
            with pytest.raises(
                SimulatorError, match=rf"127\.0\.0\.1:{port} lives.*\n.*await clock\.aadvance"
            ):
                world.clock.advance("10m")
            await world.clock.await_for(callbacks=1)
            await world.clock.aadvance("10m")
            await world.clock.arun_until_idle()
    return receiver.paths


def test_a_receiver_on_the_running_loop_is_served_while_time_passes() -> None:
    (path,) = asyncio.run(receive())

    assert path.startswith("/done?phone=")


def test_a_loop_without_a_receiver_does_not_keep_time_from_moving() -> None:
    async def move() -> datetime:
        with simulator.world() as world:
            world.clock.advance("1h")
            return world.clock.now

    assert f"{asyncio.run(move()):%H:%M}" == "11:00"


class Suite(unittest.TestCase):
    """A class of unittest, whose tests share a world."""

    def setUp(self) -> None:
        self.world = self.enterContext(simulator.world(seed=3))

    def test_in_unittest(self) -> None:
        assert ask_balance(self.world) == 200


def test_fixtures_of_wider_scopes_share_a_world_and_are_judged_at_its_end(pytester: pytest.Pytester) -> None:
    body = (
        "import pytest\n\n@pytest.fixture(scope='module')\ndef placed(callo_module):\n"
        "    add_call(callo_module)\n    return callo_module\n\n"
        "def test_one(placed):\n    assert len(placed.calls) == 1\n\n"
        "def test_two(placed, callo_session):\n    assert len(placed.calls) == 1\n"
        "    assert not callo_session.calls\n\n"
        "def test_three(callo_session):\n    add_call(callo_session, speeker='x')\n"
    )
    result = run(pytester, body)

    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*in the world of the session*", "*speeker*"])


def test_a_marker_takes_a_scenario_as_a_map(pytester: pytest.Pytester) -> None:
    words = {"admit": "anyone", "magic_numbers": False, "strangers": "p"}
    words |= {"personas": {"p": {"attempts": ["busy"]}}}
    body = (
        f"import pytest\n\n@pytest.mark.simulator(scenario={words!r})\n"
        "def test_map(callo):\n    add_call(callo)\n    callo.clock.run_until_idle()\n"
        "    assert callo.calls[0].attempts[0].disposition == 'busy'\n"
    )

    run(pytester, body).assert_outcomes(passed=1)


def test_a_world_is_gone_when_its_block_ends() -> None:
    with simulator.world() as world:
        url = world.callo.base_url + BALANCE
    with suppress(requests.RequestException):
        assert requests.get(url, timeout=10).status_code == 404


def test_no_world_comes_to_where_dates_end() -> None:
    with simulator.world() as world:
        with pytest.raises(SimulatorError, match="time ends before the year 9000 here"):
            world.clock.advance(timedelta(days=3_000_000))

        assert ask_balance(world) == 200


def test_a_world_that_nobody_used_is_not_begun_after_its_block() -> None:
    with simulator.world() as world:
        pass
    with pytest.raises(SimulatorError, match="is over"):
        add_call(world)


def test_a_world_is_put_back_and_forked_at_an_instant() -> None:
    with simulator.world(shop(retry={"attempts": 2, "after": timedelta(minutes=5)})) as world:
        add_call(world)
        asked = world.snapshot()
        world.clock.advance("10m")
        with world.fork(at="09:32") as fork:
            assert f"{fork.clock.now:%F %H:%M}" == "2026-03-02 09:32"
            assert [len(one.callo.calls[0].attempts) for one in (fork, world)] == [1, 2]
            fork.clock.advance("8m")
            assert fork.callo.calls[0].attempts[1].disposition == "answered"
            fork.callo.balance = 0
        assert world.callo.balance != 0

        world.restore(asked)
        assert f"{world.clock.now:%F %H:%M}" == "2026-03-02 09:30"
        assert len(world.callo.calls[0].attempts) == 1
        with pytest.raises(SimulatorError, match="not come yet"), world.fork(at="2027-01-01"):
            pass
        with pytest.raises(SimulatorError, match="fork: at"), world.fork(at="noon"):
            pass


def test_a_world_that_runs_by_itself_runs_on_from_where_it_is_put_back() -> None:
    with simulator.world(shop(), clock="x60") as world:
        asked = world.snapshot()
        add_call(world)
        world.clock.wait_for(calls=1)
        world.restore(asked)
        assert world.callo.calls == []
        add_call(world)
        assert world.clock.wait_for(calls=1) == {"calls": 1}


def test_callbacks_that_nobody_took_are_told_by_a_warning_of_the_line() -> None:
    postbacks = {"finished": {"url": "http://127.0.0.1:9/done"}}

    def lose() -> None:
        with simulator.world(shop(postbacks=postbacks)) as world:
            add_call(world)
            world.clock.run_until_idle()

    with pytest.warns(UntakenCallbacks, match="1 of 1 were taken by nobody") as caught:
        lose()

    assert caught[0].filename == __file__


def test_a_receiver_that_takes_nothing_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    postbacks = {"finished": {"url": "http://127.0.0.1:9/done?secret=x"}}
    with (
        caplog.at_level("WARNING", "simulator"),
        warnings.catch_warnings(action="ignore", category=UntakenCallbacks),
        simulator.world(shop(postbacks=postbacks)) as world,
    ):
        for _ in range(2):
            add_call(world)
            world.clock.run_until_idle()

    lines = [line for line in caplog.messages if "nobody takes callbacks" in line]
    assert len(lines) == 1
    assert "at 127.0.0.1:9 (callo call.finished, tried " in lines[0]
    assert "secret" not in lines[0]


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("500 Oh", "the last: status 500); it is up, and has to answer 2xx"),
        ("200 OK", "the last: status 200); it is up, and its answer is none that the vendor reads"),
        ("what?", "the last: broken); the receiver broke off (BadStatusLine)"),
    ],
)
def test_a_receiver_that_is_up_is_not_taken_for_one_that_is_down(
    caplog: pytest.LogCaptureFixture, status: str, advice: str
) -> None:
    asker = {"vendors": ["jaicp"], "profile": {"jaicp": {"external_check_answer": "body"}}}
    script = answering(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    with (
        caplog.at_level("WARNING", "simulator"),
        warnings.catch_warnings(action="ignore", category=UntakenCallbacks),
        receiving(script) as receiver,
        simulator.world({"accounts": {"asker": asker}}, strict=False) as world,
    ):
        check = {"externalCheckUrl": receiver.url(), "externalCheckMaxRetries": 0}
        path = f"/api/calls/campaign/{world.jaicp.credentials['token']}/addPhones"
        job = {"phone": NUMBER, "externalCheck": check}
        requests.post(world.jaicp.base_url + path, json=[job], timeout=10)
        world.clock.run_until_idle()

    (line,) = [line for line in caplog.messages if "nobody takes callbacks" in line]
    assert line.endswith(f"(jaicp clearance.asked, tried once, {advice}")
