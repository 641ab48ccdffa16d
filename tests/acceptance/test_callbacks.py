"""Postbacks arrive at a real receiver: once, exact, after the answer, again when it failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import Client, EnvironBuilder

from simulator import Simulator
from simulator.engine import outbound_queue
from simulator.web.handover import NoAnswer
from tests.acceptance.stage_hands import API, Stranger, numbers
from tests.web.receiver import OK, Receiver, answering, nobody, receiving

KEY = "0123456789abcdef" * 2
BROKEN = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
TARGET = "/hook?id={ct_call_id}&to={ct_phone}&how={ct_status}&label={ct_data}&odd=a%20b+c"
PHONE = numbers(1)[0]
Enter = Callable[..., Stranger]


def scenario(url: str, hooks: str = "", more: str = "") -> str:
    """Return a scenario whose campaign reports each end, well or not, to `url`."""
    return f"""
sim: 1
title: A campaign that reports
seed: 3
clock: {{at: 2026-03-02T10:00, zone: UTC}}
strangers: listens
personas:
  listens: {{attempts: [answered], ring: 5s, talk: 20s}}
limits: [{{where: callo.*, allow: 100000 per 1s}}]
accounts:
  clinic:
    vendors: [callo]
    key: {KEY}
    campaigns:
      - name: Reminders
        type: free_text
        text: Good day.
        postbacks:
          finished: {{url: "{url}"}}
          no_answer: {{url: "{url}", method: POST}}
{hooks and f"hooks: [{hooks}]"}
{more}
"""


@pytest.fixture
def come(tmp_path: Path) -> Iterator[Enter]:
    """Walk into a simulator of a scenario file, closed when the test is over."""
    opened: list[Simulator] = []

    def walk_in(*words: str) -> Stranger:
        file = tmp_path / f"reporting{len(opened)}.yaml"
        file.write_text(scenario(*words))
        opened.append(Simulator(vendors=("callo",), scenario=file, profile="local"))
        return Stranger(opened[-1])

    yield walk_in
    for simulator in opened:
        simulator.close()


def lines_of(receiver: Receiver) -> list[str]:
    """Return the first line of each request that arrived."""
    return [request.partition(b"\r\n")[0].decode() for request in receiver.requests]


def test_a_postback_arrives_once_and_escaped_exactly(come: Enter) -> None:
    with receiving(answering(OK)) as receiver:
        stranger = come(receiver.url(TARGET))
        call = stranger.call(PHONE, label="заказ_7").get_json()["call_id"]
        stranger.advance(hours=1)

    expected = f"id={call}&to=%2B{PHONE[1:]}&how=compl_finished&label=%D0%B7%D0%B0%D0%BA%D0%B0%D0%B7_7"
    assert lines_of(receiver) == [f"GET /hook?{expected}&odd=a%20b+c HTTP/1.1"]


def test_a_postback_by_post_repeats_the_values_as_a_form(come: Enter) -> None:
    with receiving(answering(OK)) as receiver:
        stranger = come(receiver.url("/hook?how={ct_status}"))
        for _ in range(3):
            stranger.sandbox.act("next_outcome", number=PHONE, outcome="no_answer")
            if not stranger.sandbox.world.calls:
                stranger.call(PHONE)
            stranger.advance(minutes=5)
        stranger.advance(hours=1)

    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?how=attempts_exc HTTP/1.1")
    assert b"Content-Type: application/x-www-form-urlencoded" in head
    assert parse_qs(body.decode())["ct_phone"] == [PHONE]


def test_no_postback_overtakes_the_answer_that_names_its_call(
    come: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound_queue, "ANSWERS_SECONDS", 0.1)  # for how long time waits for an answer
    with receiving(answering(OK)) as receiver:
        stranger = come(receiver.url("/hook?id={ct_call_id}"))
        form = {"public_key": KEY, "campaign_id": str(stranger.campaign()), "phone": PHONE}
        environ = EnvironBuilder(f"/callo{API}/phones/call/", method="POST", data=form).get_environ()
        body = stranger.simulator.wsgi_app(environ, lambda status, headers: None)
        read = b"".join(body)
        early = len(receiver.requests)
        stranger.advance(hours=1)
        while_open = len(receiver.requests)
        body.close()  # type: ignore[attr-defined]
        late = len(receiver.requests)

    assert b"call_id" in read
    assert (early, while_open, late) == (0, 0, 1)


def test_a_failed_postback_is_tried_again_at_exact_instants(come: Enter) -> None:
    with receiving(answering(BROKEN)) as receiver:
        stranger = come(receiver.url())
        stranger.call(PHONE)
        stranger.advance(days=1)

    (delivery,) = stranger.sandbox.world.outbox.deliveries.values()
    waits = [later.at - delivery.created for later in delivery.attempts]
    assert waits == [timedelta(minutes=minutes) for minutes in (0, 1, 6, 21)]
    assert (delivery.state, len(receiver.requests)) == ("failed", 4)


def test_the_control_api_sends_a_postback_once_more(come: Enter) -> None:
    with receiving(answering(OK)) as receiver:
        stranger = come(receiver.url(TARGET))
        stranger.call(PHONE)
        stranger.advance(hours=1)
        control = Client(stranger.simulator)
        (listed,) = control.get("/_simulator/v1/deliveries").get_json()["deliveries"]

        answer = control.post(f"/_simulator/v1/deliveries/{listed['id']}/resend")

    assert answer.status_code == 200
    assert len(answer.get_json()["tries"]) == 2
    first, second = lines_of(receiver)
    assert first == second


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_postback_follows_no_redirect(come: Enter, status: int) -> None:
    with receiving(answering(OK)) as elsewhere:
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url()}\r\nContent-Length: 0\r\n\r\n"
        with receiving(answering(moved.encode())) as receiver:
            stranger = come(receiver.url())
            stranger.call(PHONE)
            stranger.advance(seconds=40)

    (delivery,) = stranger.sandbox.world.outbox.deliveries.values()
    assert (len(receiver.requests), len(elsewhere.requests)) == (1, 0)
    assert (delivery.attempts[0].status, delivery.attempts[0].error) == (status, "redirect")


def test_a_receiver_that_is_away_gets_its_postback_when_it_is_back(come: Enter) -> None:
    with nobody() as port:
        stranger = come(f"http://127.0.0.1:{port}/hook")
        stranger.call(PHONE)
        stranger.advance(minutes=10)

    (delivery,) = stranger.sandbox.world.outbox.deliveries.values()
    assert [attempt.error for attempt in delivery.attempts] == ["refused"] * 3


def test_postbacks_come_late_where_the_scenario_says_so(come: Enter) -> None:
    with receiving(answering(OK)) as receiver:
        stranger = come(receiver.url(), '{where: "*", late: 10s..20s}')
        stranger.call(PHONE)
        stranger.advance(seconds=20)
        early = len(receiver.requests)
        stranger.advance(seconds=30)

    assert (early, len(receiver.requests)) == (0, 1)


def test_postbacks_come_twice_where_the_scenario_says_so(come: Enter) -> None:
    with receiving(answering(OK)) as receiver:
        stranger = come(receiver.url(TARGET), "{where: callo.*, twice: 100%}")
        stranger.call(PHONE)
        stranger.advance(hours=1)

    first, second = lines_of(receiver)
    assert first == second


def test_a_share_of_postbacks_is_lost_and_always_the_same_ones(come: Enter) -> None:
    lost = []
    for _ in range(2):
        with receiving(answering(OK)) as receiver:
            stranger = come(receiver.url(), '{where: "*", lose: 30%}')
            for phone in numbers(40):
                stranger.call(phone)
            stranger.advance(hours=1)
            states = [delivery.state.value for delivery in stranger.sandbox.world.outbox.deliveries.values()]
            assert len(receiver.requests) == states.count("delivered") == 40 - states.count("lost")
            lost.append(states)

    assert lost[0] == lost[1]
    assert 4 <= lost[0].count("lost") <= 20


def test_a_call_whose_answer_was_lost_is_reported_all_the_same(come: Enter) -> None:
    with receiving(answering(OK)) as receiver:
        fault = "faults: [{where: callo.add_call, when: first 1 per number, do: hang 35s}]"
        stranger = come(receiver.url(TARGET), "", fault)
        with pytest.raises(NoAnswer):
            stranger.call(PHONE)
        stranger.advance(hours=1)

    assert len(stranger.sandbox.world.calls) == len(receiver.requests) == 1


def test_a_fixture_keeps_postbacks_to_itself(tmp_path: Path) -> None:
    file = tmp_path / "fixture.yaml"
    with receiving(answering(OK)) as receiver, closing(Simulator(vendors=("callo",))) as simulator:
        file.write_text(scenario(receiver.url()))
        simulator.worlds.open("main", file)
        stranger = Stranger(simulator)
        stranger.call(PHONE)
        stranger.advance(hours=1)

    (delivery,) = stranger.sandbox.world.outbox.deliveries.values()
    assert receiver.connections == 0
    assert [(attempt.status, attempt.error) for attempt in delivery.attempts] == [(200, None)]
    assert urlsplit(delivery.request.url).path == "/hook"
