from __future__ import annotations

import gzip
import select
import socket
import ssl
import struct
import threading
import tracemalloc
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from msgspec.structs import replace

from simulator.engine.real_time import steady
from simulator.exchange import Answer, CallbackRequest, DeliveryAttempt, Headers
from simulator.web.deliveries import Dispatcher, OutboundDoor
from simulator.web.destinations import HOP_HEADER, parse_destination
from simulator.web.outbound import trusting_context
from tests.web.receiver import OK, PATIENCE, answering, dripping, nobody, receiving, silent

SOON = timedelta(milliseconds=300)
"""Long enough to wait for an answer that never comes whole."""
PATIENT = timedelta(seconds=PATIENCE)


def local(host_to: Sequence[str] = ("127.0.0.1",)) -> OutboundDoor:
    return OutboundDoor("local", resolve=lambda _host, _port: list(host_to))


def callback(url: str, headers: Headers = (), body: bytes = b"", method: str = "POST") -> CallbackRequest:
    return CallbackRequest(method, url, headers, body)


def test_a_callback_arrives_as_the_vendor_wrote_it() -> None:
    headers = (("Content-Type", "application/json"), ("X-Sign", "abc"))
    with receiving(answering(OK)) as receiver:
        outcome = local().send(callback(receiver.url("//a%2fB?x={y}&z=%D0", "hooks.test"), headers, b"{}"))

    head = receiver.requests[0].split(b"\r\n\r\n")[0].split(b"\r\n")
    assert outcome == DeliveryAttempt(200)
    assert outcome.delivered
    assert head[0] == b"POST //a%2fB?x={y}&z=%D0 HTTP/1.1"
    assert sorted(head[1:]) == [
        b"Content-Length: 2",
        b"Content-Type: application/json",
        f"Host: hooks.test:{receiver.port}".encode(),
        b"X-Sign: abc",
        b"X-Simulator-Hop: 1",
    ]


def test_a_pure_door_adds_no_header_of_ours() -> None:
    with receiving(answering(OK)) as receiver:
        door = local()
        door.pure = True
        door.send(callback(receiver.url()))

    assert b"X-Simulator" not in receiver.requests[0]


def test_a_name_below_localhost_is_this_machine() -> None:
    with receiving(answering(OK)) as receiver:
        outcome = OutboundDoor("local").send(callback(f"http://hook.localhost:{receiver.port}/"))

    assert outcome == DeliveryAttempt(200)
    assert f"Host: hook.localhost:{receiver.port}".encode() in receiver.requests[0]


def test_a_reply_is_kept_for_a_request_that_reads_it() -> None:
    with receiving(answering(OK)) as receiver:
        outcome = local().send(replace(callback(receiver.url()), reads_reply=True))

    assert outcome.reply is not None
    assert (outcome.reply.status, outcome.reply.body) == (200, b"ok")
    assert outcome.reply.header("content-length") == "2"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_failures_and_are_not_followed(status: int) -> None:
    with receiving(answering(OK)) as inner:
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {inner.url()}\r\nContent-Length: 0\r\n\r\n".encode()
        with receiving(answering(moved)) as receiver:
            outcome = local().send(callback(receiver.url()))

    assert (outcome.status, outcome.error, outcome.delivered) == (status, "redirect", False)
    assert inner.connections == 0


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_receiver_that_refuses_has_not_been_delivered_to(status: int) -> None:
    with receiving(answering(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())) as receiver:
        outcome = local().send(callback(receiver.url()))

    assert (outcome.status, outcome.error, outcome.delivered) == (status, None, False)


def test_no_proxy_and_no_netrc_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password canary\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with receiving(answering(OK)) as proxy, receiving(answering(OK)) as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        outcome = local().send(callback(receiver.url()))

    assert outcome.delivered
    assert proxy.connections == 0
    assert b"authorization" not in receiver.requests[0].lower()


def test_a_compressed_bomb_is_neither_inflated_nor_read_to_its_end() -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    with receiving(answering(head + bomb)) as receiver:
        tracemalloc.start()
        outcome = local().send(callback(receiver.url()))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert outcome.error == "too_large"
    assert peak < 1_000_000


@pytest.mark.parametrize("frame", [b"Connection: close\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_an_endless_body_ends_at_64_kb(frame: bytes) -> None:
    drop = b"4000\r\n" + b"x" * 0x4000 + b"\r\n" if b"chunked" in frame else b"x" * 0x4000
    with receiving(dripping(b"HTTP/1.1 200 OK\r\n" + frame, drop)) as receiver:
        outcome = local().send(callback(receiver.url()))

    assert (outcome.status, outcome.error) == (200, "too_large")


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"HTT", b"P"),
        (b"", b""),
    ],
)
def test_a_dripping_receiver_is_left_at_the_deadline(head: bytes, drop: bytes) -> None:
    with receiving(dripping(head, drop)) as receiver:
        outcome = local().send(callback(receiver.url()), SOON)

    assert outcome == DeliveryAttempt(error="timeout", reason="no whole answer within 0.3 seconds")


def test_a_silent_tls_handshake_is_left_at_the_deadline() -> None:
    with receiving(dripping(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03", b"\x01")) as receiver:
        outcome = local().send(callback(receiver.url().replace("http:", "https:")), SOON)

    assert outcome.error == "timeout"


def test_a_connection_that_is_gone_before_tls_leaves_no_socket_open() -> None:
    """An open one would warn, and warnings are errors."""
    with pytest.raises(ConnectionError, match="before TLS"):
        trusting_context().wrap_socket(gone(), server_hostname="hooks.test")


def gone() -> socket.socket:
    """Return a connection that its receiver has reset."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()
    news = select.poll()
    news.register(client)
    while not news.poll()[0][1] & select.POLLHUP:
        pass
    return client


def test_tls_asks_for_the_host_by_name_at_the_vetted_address() -> None:
    with receiving(answering(b"not tls at all")) as receiver:
        outcome = local().send(callback(f"https://hooks.test:{receiver.port}/"))

    assert outcome.error == "tls"
    assert outcome.reason == "no trusted TLS connection: wrong version number"
    assert b"hooks.test" in receiver.requests[0]


def test_it_is_told_what_is_wrong_with_a_certificate() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("hooks.test").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = threading.Thread(target=shake_hands_once, args=(server, context))
        listener.start()
        outcome = local().send(callback(f"https://hooks.test:{server.getsockname()[1]}/"))
        listener.join()

    assert outcome.error == "tls"
    assert outcome.reason == "no trusted TLS connection: unable to get local issuer certificate"


def shake_hands_once(server: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError), context.wrap_socket(server.accept()[0], server_side=True) as secure:
        secure.recv(1)


def test_a_megabyte_of_header_is_refused() -> None:
    with receiving(answering(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\n")) as receiver:
        assert local().send(callback(receiver.url())).error == "too_large"
    with receiving(answering(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n")) as receiver:
        assert local().send(callback(receiver.url())).error == "too_large"


@pytest.mark.parametrize(
    "raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"]
)
def test_a_receiver_that_breaks_off_is_said_to(raw: bytes) -> None:
    with receiving(answering(raw)) as receiver:
        assert local().send(callback(receiver.url())).error == "broken"


def test_nobody_listening_is_a_refusal() -> None:
    with nobody() as port:
        assert local().send(callback(f"http://127.0.0.1:{port}/")).error == "refused"


def test_the_second_address_is_tried_when_the_first_does_not_listen() -> None:
    with receiving(answering(OK)) as receiver:
        outcome = local(["127.0.0.2", "127.0.0.1"]).send(callback(receiver.url(host="client")))

    assert outcome.delivered


def test_an_unknown_name_is_unresolved() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror("no such host")

    assert OutboundDoor("local", resolve=unknown).send(callback("http://client/")).error == "unresolved"


def test_what_a_fixture_keeps_counts_as_delivered_and_no_name_is_resolved() -> None:
    def asked(host: str, _port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    door = OutboundDoor("fixture", resolve=asked)

    assert door.send(callback("http://hooks.example/")) == DeliveryAttempt(200)
    assert door.send(replace(callback("http://127.0.0.1:9/"), reads_reply=True)).reply == Answer(200)
    assert door.send(callback("ftp://hooks.example/")).error == "blocked_address"


@pytest.mark.parametrize(
    "host", ["2130706433", "[::ffff:127.0.0.1]", "127.0.0.1", "[64:ff9b::7f00:1]", "hooks.example"]
)
def test_a_shared_simulator_opens_no_connection_that_is_not_allowed(host: str) -> None:
    with receiving(answering(OK)) as receiver:
        door = OutboundDoor("shared", ["hooks.example"], resolve=lambda _host, _port: ["127.0.0.1"])
        outcome = door.send(callback(f"http://{host}:{receiver.port}/"))

    assert outcome.error == "blocked_address"
    assert receiver.connections == 0


def test_a_name_that_moves_between_registration_and_delivery_is_stopped() -> None:
    addresses = iter([["93.184.216.34"], ["127.0.0.1"]])
    door = OutboundDoor("shared", ["hooks.example"], resolve=lambda _host, _port: next(addresses))
    destination = parse_destination("http://hooks.example/")
    door.policy.vet(destination, lambda _host, _port: next(addresses))

    outcome = door.send(callback("http://hooks.example/"))

    assert outcome == DeliveryAttempt(
        error="blocked_address",
        reason="loopback: 127.0.0.1 is loopback and not allowed here; allow it by host or CIDR",
    )


def test_a_name_that_nobody_resolves_costs_no_more_than_the_time_there_is() -> None:
    over = threading.Event()

    def silent(_host: str, _port: int) -> list[str]:
        over.wait()
        return ["127.0.0.1"]

    outcome = OutboundDoor("local", resolve=silent).send(callback("http://hooks.test/"), SOON)
    over.set()

    assert outcome == DeliveryAttempt(error="timeout", reason="no address within 0.3 seconds")


def test_a_name_that_does_not_exist_is_told() -> None:
    def nowhere(host: str, _port: int) -> list[str]:
        raise OSError(f"{host} is unknown")

    outcome = OutboundDoor("local", resolve=nowhere).send(callback("http://hooks.test/"))

    assert outcome == DeliveryAttempt(error="unresolved", reason="hooks.test is unknown")


def test_a_loop_through_ourselves_ends_after_five_hops() -> None:
    with receiving(answering(OK)) as receiver:
        fifth = local().send(callback(receiver.url(), ((HOP_HEADER, "4"),)))
        sixth = local().send(callback(receiver.url(), ((HOP_HEADER, "5"),)))

    assert fifth.delivered
    assert (sixth.error, sixth.reason.split(":")[0]) == ("blocked_address", "too-many-hops")
    assert b"X-Simulator-Hop: 5" in receiver.requests[0]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\0", "звонок"])
def test_no_callback_can_smuggle_a_header(value: str) -> None:
    with receiving(answering(OK)) as receiver:
        outcome = local().send(callback(receiver.url(), (("X-Label", value),)))

    assert outcome.error == "bad_request"
    assert receiver.connections == 0


def send_all(dispatcher: Dispatcher, requests: list[tuple[str, CallbackRequest]]) -> list[DeliveryAttempt]:
    awaited = [dispatcher.send(subject, request, PATIENT) for subject, request in requests]
    return [outcome.result() for outcome in awaited]


def test_many_callbacks_keep_the_order_of_each_subject() -> None:
    sent = [(f"call{number % 4}", number) for number in range(40)]
    with receiving(answering(OK)) as receiver:
        dispatcher = Dispatcher(local(), steady, workers=8)
        requests = [(subject, callback(receiver.url(f"/{subject}/{number}"))) for subject, number in sent]
        outcomes = send_all(dispatcher, requests)
        dispatcher.close()

    arrived = [raw.split(b" ")[1].decode().split("/")[1:] for raw in receiver.requests]
    assert all(outcome.delivered for outcome in outcomes)
    for subject in ("call0", "call1", "call2", "call3"):
        numbers = [int(number) for name, number in arrived if name == subject]
        assert numbers == sorted(numbers)


def test_outcomes_come_in_the_order_of_the_requests() -> None:
    with receiving(answering(OK)) as receiver:
        dispatcher = Dispatcher(local(), steady)
        outcomes = send_all(dispatcher, [("a", callback("ftp://x/")), ("b", callback(receiver.url()))])
        dispatcher.close()

    assert [outcome.delivered for outcome in outcomes] == [False, True]


def test_an_attempt_is_timed_by_the_dispatchers_clock() -> None:
    ticks = iter(timedelta(seconds=second) for second in (0, 2, 10, 13))
    dispatcher = Dispatcher(local(), lambda: next(ticks))
    outcomes = send_all(dispatcher, [("a", callback("ftp://x/")), ("a", callback("ftp://x/"))])
    dispatcher.close()

    assert [outcome.took.total_seconds() for outcome in outcomes] == [2, 3]


def test_a_dead_receiver_holds_up_its_own_subject_only() -> None:
    dispatcher = Dispatcher(local(), steady, workers=2)
    with receiving(answering(OK)) as alive, receiving(silent) as dead:
        waiting = dispatcher.send("a", callback(dead.url()), PATIENT)
        outcome = dispatcher.send("b", callback(alive.url()), PATIENT).result()
        answered_before = waiting.done()
    dispatcher.close()

    assert outcome.delivered
    assert not answered_before
    assert not waiting.result().delivered


def test_threads_start_at_first_use_and_end_on_close() -> None:
    before = set(threading.enumerate())
    dispatcher = Dispatcher(local(), steady)
    assert not set(threading.enumerate()) - before

    send_all(dispatcher, [("a", callback("ftp://x/"))])
    assert set(threading.enumerate()) - before
    dispatcher.close()

    assert not set(threading.enumerate()) - before


def test_a_dead_receiver_never_delays_another_even_with_much_to_send() -> None:
    dispatcher = Dispatcher(local(), steady, workers=8)
    with receiving(answering(OK)) as alive, receiving(silent) as dead:
        waiting = [dispatcher.send(f"call{number}", callback(dead.url()), PATIENT) for number in range(20)]
        outcome = dispatcher.send("call0", callback(alive.url()), PATIENT).result()
        answered_before = [errand.done() for errand in waiting]
    dispatcher.close()

    assert outcome.delivered
    assert not any(answered_before)
