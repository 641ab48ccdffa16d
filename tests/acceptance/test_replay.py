"""A world is a function of its scenario, seed and inputs: what happened once happens again."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future

import pytest

from simulator import Simulator
from simulator.engine.sandbox import Sandbox
from simulator.exchange import Answer, DeliveryAttempt, Request
from simulator.scenario.loading import load_text
from simulator.state.inputs import IncompleteLog, InputLog
from simulator.telephony.outbox import Delivery
from tests.acceptance.stage_hands import Stranger, enter, numbers
from tests.state.digest import digest

KEY = "0123456789abcdef" * 2
BUSY = f"""
sim: 1
title: Everything happens at once
seed: 11
clock: {{at: 2026-03-02T10:00, zone: UTC}}
admit: anyone
strangers: listens
personas:
  listens: {{first: {{answered: 60%, no_answer: 40%}}, ring: 5s..9s, talk: 10s..40s}}
imports: {{lag: 3s, portion: 20, every: 1s}}
hooks: [{{where: "*", late: 0s..5s, twice: 20%, lose: 5%, retry: [10s, 1m]}}]
faults:
  - {{where: callo.balance, when: request 2, do: status 503}}
  - {{where: callo.campaigns, when: request 1, do: garble}}
accounts:
  clinic:
    vendors: [callo]
    key: {KEY}
    campaigns:
      - name: Reminders
        type: free_text
        text: Good day.
        postbacks: {{any: {{url: "http://hooks.test/?phone={{ct_phone}}&how={{ct_status}}"}}}}
      - {{name: Codes, type: pincode_incoming}}
"""


def moody(delivery: Delivery) -> Future[DeliveryAttempt]:
    """Receive callbacks: every third number's once a server error, every fifth's never."""
    outcome: Future[DeliveryAttempt] = Future()
    outcome.set_result(mood_of(delivery))
    return outcome


def mood_of(delivery: Delivery) -> DeliveryAttempt:
    last = int(delivery.subject)
    if last % 5 == 0:
        return DeliveryAttempt(error="refused", reason="nobody accepts connections there")
    return DeliveryAttempt(500 if last % 3 == 0 and not delivery.attempts else 200)


def silent(delivery: Delivery) -> Future[DeliveryAttempt]:
    raise AssertionError(f"a replay sends nothing, but this went out: {delivery}")


def open_stage(stranger: Stranger, send: object) -> Sandbox:
    """Put a fresh stage of the busy scenario into the simulator, with `send` for its outside."""
    sandbox = stranger.simulator.worlds.open("main", load_text(BUSY.encode(), "busy.yaml"))
    sandbox._outbound._send = send  # type: ignore[assignment]
    return sandbox


@pytest.fixture(scope="module")
def busy() -> Stranger:
    """A stranger whose world has seen everything, and to whom nothing more happens."""
    return busy_stranger()


def busy_stranger() -> Stranger:
    """Return a stranger who went through everything: see the functions below."""
    stranger = Stranger(Simulator(vendors=("callo",)))
    go_through_everything(stranger)
    return stranger


def add_calls(stranger: Stranger) -> None:
    crowd = numbers(40)
    lines = "\r\n".join([*numbers(50, first=100), "nobody", ""])
    stranger.post("phones/append/calls", campaign_id=stranger.campaign(), phones=lines)
    for phone in crowd[:18]:
        stranger.call(phone, text="Good day.", label=f"label_{phone[1:]}")
    refused = [stranger.call(crowd[0]).status_code for _ in range(6)]
    assert refused[-1] == 429
    stranger.advance(seconds=1)
    for phone in crowd[18:30]:
        stranger.call(phone)
        stranger.advance(seconds=0.37)
    stranger.post("phones/confirm", campaign_id=stranger.campaign("pincode_incoming"), phone=crowd[31])


def lay_hands_on(stranger: Stranger) -> None:
    sandbox, crowd = stranger.sandbox, numbers(40)
    sandbox.act("call_in", number=crowd[31])
    sandbox.act("next_outcome", number=crowd[32], outcome="busy")
    sandbox.act("top_up", vendor="callo", credential=KEY, amount="-999.95")
    sandbox.act("arm", fault="ours", where="callo.audio_info", do="status 502")
    sandbox.act("arm", fault="mine", where="callo.balance", do="cut 50%")
    sandbox.act("disarm", fault="mine")
    with pytest.raises(Exception, match="nobody"):
        sandbox.act("disarm", fault="nobody")
    stranger.call(crowd[32])
    stranger.post("phones/remove_call", campaign_id=stranger.campaign(), phone=crowd[32])
    stranger.post("phones/stoplist", phone=crowd[33])
    stranger.advance(minutes=3)
    sandbox.act("resend", delivery=next(iter(sandbox.world.outbox.deliveries)))


def send_nonsense(stranger: Stranger) -> None:
    for name in ("balance", "campaigns", "audio/info"):
        stranger.get(f"users/{name}" if name == "balance" else name, mode="all", audioclip_id=1)
    stranger.get("users/balance")
    stranger.ask("POST", "/manager/cabapi_external/api/v1/phones/call/", data=b"\xff=%zz&&&=")
    stranger.ask("BREW", "/manager/nowhere/\u2603/")
    stranger.ask(
        "POST",
        "/manager/cabapi_external/api/v1/audio/upload/",
        data=b"--x",
        content_type="multipart/form-data",
    )


def go_through_everything(stranger: Stranger) -> None:
    """Let a world see bytes that are no text, hands, and callbacks that fail."""
    open_stage(stranger, moody)
    add_calls(stranger)
    lay_hands_on(stranger)
    send_nonsense(stranger)
    stranger.advance(hours=2)


def answers_of(sandbox: Sandbox) -> list[tuple[Request, Answer]]:
    return [(exchange.request, exchange.answer) for exchange in sandbox.recorder.journal]


def test_a_busy_world_was_busy(busy: Stranger) -> None:
    statuses = {answer.status for _, answer in answers_of(busy.sandbox)}
    states = {delivery.state.value for delivery in busy.sandbox.world.outbox.deliveries.values()}

    assert {200, 400, 404, 429, 502, 503} <= statuses
    assert states == {"delivered", "failed", "lost"}
    assert len(busy.sandbox.world.calls) == 83
    assert busy.sandbox.world.accounts["callo", KEY].overdrawn


def test_a_replayed_world_is_the_same_world_with_the_same_answers(busy: Stranger) -> None:
    once = busy.sandbox

    again = open_stage(Stranger(Simulator(vendors=("callo",))), silent)
    again.replay(once.inputs)

    assert answers_of(again) == answers_of(once)
    assert digest(again.world) == digest(once.world)


def test_a_replay_of_all_but_one_input_is_another_world(busy: Stranger) -> None:
    first, *rest = busy.sandbox.inputs

    again = open_stage(Stranger(Simulator(vendors=("callo",))), silent)
    again.replay(rest)

    assert first is not None
    assert digest(again.world) != digest(busy.sandbox.world)


def test_a_replayed_world_goes_on_as_the_first_one_does() -> None:
    once, again = busy_stranger(), Stranger(Simulator(vendors=("callo",)))
    open_stage(again, moody).replay(once.sandbox.inputs)

    ends = []
    for stranger in (once, again):
        stranger.sandbox.act("top_up", vendor="callo", credential=KEY, amount="500")
        stranger.call(numbers(1, first=500)[0])
        stranger.advance(days=1)
        ends.append(digest(stranger.sandbox.world))

    assert ends[0] == ends[1]


def test_a_log_that_overflowed_says_so_instead_of_replaying_a_part() -> None:
    stranger = enter()
    stranger.sandbox.inputs = InputLog(max_bytes=1_000)
    for phone in numbers(3):
        stranger.call(phone)

    with pytest.raises(IncompleteLog, match="1000 bytes"):
        stranger.sandbox.replay(stranger.sandbox.inputs)


def fingerprint(sandbox: Sandbox) -> str:
    """Return a digest of all that a client could ever notice: not of limits and the input's number."""
    world = sandbox.world
    parts: Iterable[object] = (world.accounts, world.calls, world.outbox, world.people, world.clock)
    return digest(tuple(parts))


@pytest.mark.thorough
def test_ten_thousand_refusals_for_haste_change_nothing_but_the_limiter() -> None:
    stranger = Stranger(Simulator(vendors=("callo",)))
    for phone in numbers(20):
        stranger.call(phone)
    before = fingerprint(stranger.sandbox)
    query = f"public_key={stranger.credentials['public_key']}&campaign_id={stranger.campaign()}"
    add = Request("GET", "/manager/cabapi_external/api/v1/phones/call/", f"{query}&phone=%2B493012345678")

    statuses = {stranger.sandbox.answer("callo", add).answer.status for _ in range(10_000)}

    assert statuses == {429}
    assert fingerprint(stranger.sandbox) == before
