"""Receivers, with a real one on a socket: handled once, in time, signed, in any order and late."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from socket import socket
from threading import Event, Lock, Thread

import pytest

from tests.verdicts.bench import ANN, BEN, Bench, Open
from tests.web.receiver import OK, Receiver, answering, nobody, receiving

NO = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
UNKNOWN = b"HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n"
WORK = 0.05
PATIENCE = 30.0
TWICE = 'hooks: [{where: "*", twice: 100%}]'
TALKER = "+447911123458"
HEARS = """
people: [{{number: "+447911123458", persona: talks}}]
accounts:
  shop:
    vendors: [callo, callr]
    balance: 100.00
    caller_ids: ["+33639984242"]
    campaigns:
      - name: Reminders
        vendor: callo
        type: free_text
        text: Come
        postbacks: {{finished: {{url: "{url}?phone={{ct_phone}}"}}}}
    profile: {{callr: {{patience: "0.2", webhooks: [{{type: v2.sms.inbound.received, endpoint: "{url}",
      options: {{hmacSecret: secret}}}}]}}}}
{more}
"""


@dataclass
class Handler:
    """A receiver that works on each callback for a while, then calls somebody by it."""

    forgetful: bool
    answers_first: bool = False
    writes: bool = False
    handled: set[bytes] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)
    workers: list[Thread] = field(default_factory=list)
    client: Bench | None = None
    done: Event = field(default_factory=Event)

    def __call__(self, connection: socket, over: Event) -> None:
        (about,) = re.findall(rb"phone=([^& ]+)", self.receiver.own.request)
        if self.answers_first:
            worker = Thread(target=self._work, args=(about, over))
            worker.start()
            self.workers.append(worker)  # before the answer, after which the test looks whom to wait for
            connection.sendall(OK)
            connection.close()
        else:
            self._work(about, over)
            connection.sendall(OK)

    def listens(self, receiver: Receiver) -> None:
        self.receiver = receiver

    def _work(self, about: bytes, over: Event) -> None:
        with self.lock:
            known = about in self.handled
            self.handled.add(about)
        over.wait(WORK)
        if self.client and about.endswith(BEN[1:].encode()) and (self.forgetful or not known):
            self.client.text("Somebody came") if self.writes else self.client.call(ANN)


@contextmanager
def listening(open_bench: Open, handler: Handler, clock: str, more: str = TWICE) -> Iterator[Bench]:
    with receiving(handler) as receiver:
        handler.listens(receiver)
        client = handler.client = open_bench(HEARS.format(url=receiver.url(), more=more), clock)
        yield client
        for worker in handler.workers:
            worker.join()


def wait_for_copies(client: Bench, *numbers: str) -> bool:
    """Wait until both copies of the callback about each number have been settled."""
    sandbox, pause = client.world.sandbox, Event()
    for _ in range(int(PATIENCE / 0.02)):
        with sandbox.lock:
            tried = [sandbox.world.outbox.deliveries[one.delivery] for one in sandbox.recorder.sendings]
        urls = [delivery.request.url for delivery in tried if delivery.request is not None]
        if all(sum(url.endswith(number[1:]) for url in urls) >= 2 for number in numbers):
            return True
        pause.wait(0.02)
    return False


@pytest.mark.parametrize("clock", ["virtual", "idle", "x60"])
@pytest.mark.parametrize("answers_first", [False, True])
@pytest.mark.parametrize("writes", [False, True])
def test_a_callback_that_came_twice_is_handled_once(
    bench: Open, clock: str, answers_first: bool, writes: bool
) -> None:
    broken = []
    for forgetful in (False, True):
        handler = Handler(forgetful, answers_first, writes)
        with listening(bench, handler, clock) as client:
            client.call(BEN)
            others = clock == "x60" and not forgetful  # beside which nobody could tell what a copy caused
            if others:
                client.call(TALKER)
            if clock == "virtual":
                client.wait("5m")
            assert wait_for_copies(client, BEN, *([TALKER] if others else []))
            for worker in handler.workers:
                worker.join()
            # While it listens: who was called by a callback is told of as well, and the clock goes on.
            errors = [sending.error for sending in client.world.sandbox.recorder.sendings if sending.error]
            broken.append([promise for promise in client.broken() if promise == "handled_once"])
        assert errors == []

    assert broken == [[], ["handled_once"]]


def test_what_the_main_program_asks_for_itself_is_no_effect_of_a_callback(bench: Open) -> None:
    with listening(bench, Handler(forgetful=False), "virtual") as client:
        client.call(ANN)
        client.call(BEN)
        client.wait("1m")

    assert client.broken() == []


# -- failing, slow and absent ones ----------------------------------------------------------------------

Decide = Callable[[bytes, Event], bytes | None]


@contextmanager
def inbox(
    open_bench: Open,
    decide: Decide,
    more: str = "",
    count: int = 1,
    hears: str = HEARS,
    opened: Callable[[Bench], object] = id,
) -> Iterator[Bench]:
    """Let so many messages come in, a minute apart, to a receiver that decides by each what to answer."""

    def answer(connection: socket, over: Event) -> None:
        if reply := decide(receiver.own.request, over):
            connection.sendall(reply)

    acts = [f"""text "+3363998000{nth}" to "+33639984242" 'Hi'""" for nth in range(count)]
    lines = "\n".join(f"  - {{at: +{nth + 1}m, do: {json.dumps(act)}}}" for nth, act in enumerate(acts))
    with receiving(answer) as receiver:
        client = open_bench(hears.format(url=receiver.url(), more=f"{more}\ntimeline:\n{lines}"))
        opened(client)
        client.callr("GET", "/billing/balance")
        client.wait(f"{count + 1}m")
        yield client


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _raw, _over: NO, "answered 500"),
        (lambda _raw, over: over.wait() and None, "without an answer, the vendor waits 0.2s"),
    ],
    ids=["refuses", "silent"],
)
def test_a_receiver_that_takes_nothing_is_told(bench: Open, answer: Decide, words: str) -> None:
    with inbox(bench, answer) as client:
        assert client.broken() == ["receivers"]
        assert words in client.world.misconduct()


ENDPOINT = {"endpoint": "https://hook.example/x"}


@pytest.mark.parametrize(
    ("kinds", "advice"),
    [(("outbound.updated",) * 2, True), (("outbound.updated", "inbound.received"), False)],
)
def test_a_receiver_that_is_subscribed_twice_is_advised(
    bench: Open, kinds: tuple[str, ...], advice: bool
) -> None:
    client = bench()
    for kind in kinds:
        client.callr("POST", "/webhooks", ENDPOINT, type=f"v2.sms.{kind}")
    lines = [line for line in client.conduct().advice if "2 webhooks of callr tell one receiver" in line]

    assert bool(lines) is advice


def test_a_webhook_that_was_deleted_or_disabled_before_the_next_one_is_no_second(bench: Open) -> None:
    client = bench()
    for change in ("DELETE", "PATCH"):
        made = client.callr("POST", "/webhooks", ENDPOINT, type="v2.sms.outbound.updated")
        assert made is not None
        disabled = {"status": "disabled"} if change == "PATCH" else None
        client.callr(change, f"/webhooks/{made.json()['sid']}", disabled)
    client.callr("POST", "/webhooks", ENDPOINT, type="v2.sms.outbound.updated")

    assert [line for line in client.conduct().advice if "webhooks of callr" in line] == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("302 Found", "follows no redirect"),
        ("403 No", "raw body, from which the client computes the signature"),
        ("404 No", "is the path that the vendor was given"),
        ("405 No", "let the receiver take POST there"),
        ("500 No", "its own log tells why not"),
    ],
)
def test_what_a_receiver_answers_tells_what_to_change(bench: Open, status: str, words: str) -> None:
    reply = f"HTTP/1.1 {status}\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n".encode()
    with inbox(bench, lambda _raw, _over: reply) as client:
        assert words in client.world.misconduct()


@pytest.mark.parametrize(("status", "broken"), [("403 No", []), ("405 What", ["receivers"]), ("200 Yes", [])])
def test_a_verb_that_is_not_taken_is_no_answer_to_a_question(
    bench: Open, status: str, broken: list[str]
) -> None:
    with receiving(answering(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())) as receiver:
        client = bench()
        check = {"externalCheckUrl": receiver.url(), "externalCheckMaxRetries": 1}
        client.jaicp("addPhones", [{"phone": "79161234567", "externalCheck": check}])
        client.wait("1m")

        assert client.broken() == broken


def test_a_webhook_that_is_deleted_hides_no_receiver_that_took_nothing(bench: Open) -> None:
    with inbox(bench, lambda _raw, _over: NO) as client:
        answer = client.callr("GET", "/webhooks")
        for hook in answer.json()["hits"] if answer else ():
            client.callr("DELETE", f"/webhooks/{hook['sid']}")
        client.wait("1h")

        assert client.broken() == ["receivers"]
        assert "answered 500" in client.world.misconduct()


def test_a_receiver_that_is_too_slow_once_is_only_advised(bench: Open) -> None:
    calls: list[bytes] = []

    def slow_once(raw: bytes, over: Event) -> bytes | None:
        calls.append(raw)
        return OK if len(calls) > 1 or over.wait() else None

    with inbox(bench, slow_once) as client:
        assert client.broken() == []
        assert any("too slow" in line and "the vendor waits 0.2s" in line for line in client.conduct().advice)


def test_callbacks_that_find_nobody_are_told_and_fail_nothing(bench: Open) -> None:
    with nobody() as port:
        client = bench(HEARS.format(url=f"http://127.0.0.1:{port}/gone", more=""))
        client.call()
        client.wait("1m")

    assert client.broken() == []
    assert any("is the receiver up" in line for line in client.conduct().advice)


# -- signatures, order, lateness ------------------------------------------------------------------------

HALF = 'hooks: [{where: "*", sign: wrong, share: 50%}]'


def is_right(raw: bytes) -> bool:
    """Check the signature over the raw body."""
    head, _, body = raw.partition(b"\r\n\r\n")
    given = re.search(rb"(?im)^x-callr-hmacsignature: *(\S+)", head)
    return given is not None and given[1] == b64encode(hmac.digest(b"secret", body, "sha256"))


@pytest.mark.parametrize(
    ("takes", "broken"),
    [
        (is_right, []),
        (lambda _raw: True, ["signature"]),
        (lambda _raw: False, ["receivers", "signature"]),
    ],
    ids=["checks", "takes all", "refuses all"],
)
def test_a_receiver_takes_the_right_signature_and_refuses_the_wrong_one(
    bench: Open, takes: Callable[[bytes], bool], broken: list[str]
) -> None:
    with inbox(bench, lambda raw, _over: OK if takes(raw) else UNKNOWN, HALF, 8) as client:
        assert client.broken() == broken


def test_who_shares_no_secret_cannot_check_a_signature(bench: Open) -> None:
    words = HEARS.replace(",\n      options: {{hmacSecret: secret}}", "")
    with inbox(bench, lambda _raw, _over: OK, HALF, 4, words) as client:
        assert client.broken() == []


LATE = 'hooks: [{where: "*", late: 0s..3m}]'
PROMPT = timedelta(seconds=1)


def instant_in(raw: bytes) -> datetime:
    return datetime.fromisoformat(json.loads(raw.partition(b"\r\n\r\n")[2])["at"])


@pytest.mark.parametrize(("strict", "broken"), [(False, set()), (True, {"order"})])
def test_who_refuses_what_comes_out_of_order_is_told(bench: Open, strict: bool, broken: set[str]) -> None:
    last: list[datetime] = []

    def decide(raw: bytes, _over: Event) -> bytes:
        last.append(max([*last[-1:], instant_in(raw)]))
        return NO if strict and instant_in(raw) < last[-1] else OK

    with inbox(bench, decide, LATE, 9) as client:
        assert {*client.broken()} - {"late", "receivers"} == broken


@pytest.mark.parametrize(("strict", "broken"), [(False, set()), (True, {"late"})])
def test_who_refuses_what_comes_late_is_told(bench: Open, strict: bool, broken: set[str]) -> None:
    clients: list[Bench] = []

    def decide(raw: bytes, _over: Event) -> bytes:
        late = instant_in(raw) + PROMPT < clients[-1].world.sandbox.world.clock.now
        return NO if strict and late else OK

    more = LATE.replace("late: 0s..3m", "late: 0s..2s")
    with inbox(bench, decide, more, 9, opened=clients.append) as client:
        pass
    assert {*client.broken()} - {"order", "receivers"} == broken
