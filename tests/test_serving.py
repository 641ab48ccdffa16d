"""Serving over a socket: life cycle, framing, slow clients, faults."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from threading import Event

import pytest

from simulator.errors import PortTaken, SimulatorError, UnsafeBind
from simulator.serving.sockets import bind
from simulator.vendors import vendor_names
from tests.serving_process import (
    ADD_CALL,
    PATIENCE,
    Served,
    add_call,
    call_form,
    converse,
    post_call,
    run,
    scenario_with_fault,
    serving,
    serving_here,
)
from tests.web.receiver import OK, Receiver, Script, receiving

HEALTH = "/_simulator/v1/health"
HEAD = b"POST /callo/ HTTP/1.1\r\nHost: localhost\r\n"


def listening(folder: Path, receiver: Receiver) -> str:
    """Return the path of a world that is never idle for long and tells the receiver of each finished call."""
    hook = f"{{url: '{receiver.url()}?call={{ct_call_id}}'}}"
    campaign = f"{{name: Reminders, type: free_text, postbacks: {{finished: {hook}, no_answer: {hook}}}}}"
    file = folder / "listening.yaml"
    file.write_text(
        "sim: 1\nextends: happy\n"
        f"accounts: {{clinic: {{vendors: [callo], balance: 100.00, campaigns: [{campaign}]}}}}\n"
    )
    return str(file)


def answering_when(called: Event, go: Event) -> Script:
    """Say that a request came, and answer it when told to or when all is over."""

    def answer(connection: socket.socket, over: Event) -> None:
        called.set()
        while not go.wait(0.01) and not over.is_set():
            pass
        with suppress(OSError):
            connection.sendall(OK)

    return answer


def wait_until_refused(port: int) -> None:
    """Return when nobody listens any more; whoever connects until then is let go again."""
    with suppress(ConnectionError):
        while True:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as served:
        yield served


def test_the_ready_file_tells_where_everything_is_and_how_to_get_in(served: Served) -> None:
    ready = served.ready
    credentials = ready["credentials"]["callo"]

    places = {"port", "ports", "control", "base_urls", "origins", "urls"}
    keys = {"pid", "credentials", "state", "admin_token", "tls_port", "proxy", "intercept"} | places
    assert set(ready) == keys
    assert (ready["pid"], ready["admin_token"]) == (served.process.pid, None)
    assert ready["base_urls"] == {name: f"http://127.0.0.1:{served.port}/{name}" for name in vendor_names()}
    assert credentials["campaign_id"] in credentials["campaigns"].values()
    assert {"free_text", "pincode", "flashcall"} < set(credentials["campaigns"])


def test_only_its_owner_may_read_the_ready_file(served: Served) -> None:
    assert served.ready_file.stat().st_mode & 0o077 == 0


def test_a_call_is_added_over_the_socket(served: Served) -> None:
    response, body = add_call(served)

    assert response.status == 200
    assert json.loads(body)["phone"] == "+447700900000"


def test_headers_are_the_vendors_and_none_is_the_servers(served: Served) -> None:
    response, _ = add_call(served)

    assert response.headers.get_all("Server") == ["gunicorn/19.9.0"]
    assert response.headers["Via"] is None
    assert len(response.headers.get_all("Date") or ()) == 1  # by the world's clock


def test_an_answer_can_do_without_our_own_headers() -> None:
    with serving_here(pure=True) as served:
        response, _ = add_call(served)

    assert not [name for name in response.headers if name.startswith("X-Simulator")]


def test_each_exchange_is_told_in_one_masked_line_to_whoever_wants_it() -> None:
    with serving("--access-log") as served:
        add_call(served)
        served.end()
        assert served.process.stdout is not None
        (line,) = served.process.stdout.read().splitlines()

    record = json.loads(line)
    assert (record["operation"], record["status"], record["violations"]) == ("add_call", 200, 0)


def test_exchanges_are_told_to_nobody_who_has_not_asked() -> None:
    with serving() as served:
        add_call(served)
        served.end()
        assert served.process.stdout is not None

        assert served.process.stdout.read() == ""


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
        b"Content-Length: +5\r\n\r\nhello",
        b"Content-Length: -1\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n1FFFFFFFFFFFFFFFF\r\nx",
        b"Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
        b"X-Key: a\r\n b\r\n\r\n",
        b"X-Key : a\r\n\r\n",
        b"X-Key: a\x00b\r\n\r\n",
        b"X-Key: a\nX-Other: b\r\n\r\n",
    ],
)
def test_doubtful_framing_is_refused_once_and_the_connection_closed(served: Served, rest: bytes) -> None:
    answer = converse(served.port, HEAD + rest + HEAD + b"\r\n")

    assert answer.split(b"\r\n", 1)[0].endswith(b"400 Bad Request")
    assert answer.count(b"HTTP/1.") == 1


def test_chunks_in_old_http_are_refused(served: Served) -> None:
    answer = converse(served.port, b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")

    assert b" 400 " in answer


@pytest.mark.parametrize(("count", "status"), [(99, 200), (101, 431), (10_000, 431)])
def test_headers_are_counted(served: Served, count: int, status: int) -> None:
    headers = b"".join(b"X-%d: 1\r\n" % number for number in range(count - 1))

    answer = converse(served.port, b"GET / HTTP/1.0\r\nHost: localhost\r\n" + headers + b"\r\n")

    assert int(answer.split()[1]) == status


def test_a_body_too_long_is_refused_unread_in_the_vendors_words(served: Served) -> None:
    head = f"POST {ADD_CALL} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000000\r\n\r\n"

    answer = converse(served.port, head.encode())

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"Server: gunicorn/19.9.0\r\n" in answer


def test_a_client_that_sends_such_a_body_all_the_same_gets_the_answer(served: Served) -> None:
    with closing(HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)) as connection:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        connection.request("POST", ADD_CALL, bytes(40_000_000), kind)

        assert connection.getresponse().status == 413


def test_a_connection_stays_open_for_the_next_request(served: Served) -> None:
    one = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    assert converse(served.port, one + one + last).count(b"HTTP/1.1 200 OK") == 3


def test_a_header_with_underscores_is_not_the_one_with_dashes(served: Served) -> None:
    form = call_form(served.ready)
    head = f"GET {ADD_CALL}?{form} HTTP/1.0\r\nContent_Length: 5\r\nHost: localhost\r\n\r\n"

    assert b" 200 OK" in converse(served.port, head.encode())


def test_a_healthy_client_is_answered_beside_a_hundred_half_sent_requests() -> None:
    with serving_here() as served, ExitStack() as stack:
        for number in range(100):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            slow.sendall(HEAD + (b"Content-Length: 9\r\n\r\nx" if number % 2 else b""))

        response, _ = add_call(served)

        assert response.status == 200


def test_sigterm_lets_a_request_under_way_be_answered(tmp_path: Path) -> None:
    with serving("--scenario", scenario_with_fault(tmp_path, "slow 20s")) as served:
        connections = [post_call(served) for _ in range(5)]
        code = served.end()

        assert [connection.getresponse().status for connection in connections] == [200] * 5
        assert code == 0
        assert not served.ready_file.exists()


def test_sigterm_does_not_wait_for_clients_that_say_nothing() -> None:
    with serving() as served, socket.create_connection(("127.0.0.1", served.port)) as silent:
        silent.sendall(HEAD)

        assert served.end() == 0


def test_ctrl_c_is_a_good_end_too() -> None:
    with serving() as served:
        served.process.send_signal(signal.SIGINT)

        assert served.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once_and_no_ready_file_stays(tmp_path: Path, second: signal.Signals) -> None:
    called = Event()
    with (
        receiving(answering_when(called, Event())) as receiver,
        serving("--clock", "idle", "--scenario", listening(tmp_path, receiver)) as served,
    ):
        add_call(served)
        assert called.wait(PATIENCE)
        served.process.terminate()
        wait_until_refused(served.port)
        served.process.send_signal(second)

        assert served.process.wait(PATIENCE) == -second
        assert not served.ready_file.exists()


def test_a_slow_answer_arrives(tmp_path: Path) -> None:
    with serving_here(scenario=scenario_with_fault(tmp_path, "slow 200ms")) as served:
        response, _ = add_call(served)

        assert response.status == 200
        assert response.headers["X-Simulator-Rule"].startswith("fault: ")


def test_a_slow_answer_costs_no_time_where_time_is_virtual(tmp_path: Path) -> None:
    with serving_here(scenario=scenario_with_fault(tmp_path, "slow 1h"), clock="virtual") as served:
        assert add_call(served)[0].status == 200


def test_a_reset_connection_is_reset(tmp_path: Path) -> None:
    with serving("--scenario", scenario_with_fault(tmp_path, "reset")) as served:
        with pytest.raises(ConnectionResetError):
            add_call(served)

        assert served.end() == 0


def test_a_cut_answer_ends_before_its_length(tmp_path: Path) -> None:
    with (
        serving_here(scenario=scenario_with_fault(tmp_path, "cut 40%")) as served,
        pytest.raises(IncompleteRead),
    ):
        add_call(served)


def test_an_idle_clock_jumps_to_the_end_of_a_call_and_the_client_is_told(tmp_path: Path) -> None:
    called, go = Event(), Event()
    with (
        receiving(answering_when(called, go)) as receiver,
        serving_here(clock="idle", scenario=listening(tmp_path, receiver)) as served,
    ):
        _, body = add_call(served)

        assert called.wait(PATIENCE)
        go.set()
        assert str(json.loads(body)["call_id"]).encode() in receiver.requests[0]


def test_sigterm_lets_a_callback_under_way_arrive(tmp_path: Path) -> None:
    called, go = Event(), Event()
    with (
        receiving(answering_when(called, go)) as receiver,
        serving("--clock", "idle", "--scenario", listening(tmp_path, receiver)) as served,
    ):
        add_call(served)
        assert called.wait(PATIENCE)
        served.process.terminate()
        wait_until_refused(served.port)
        go.set()

        assert served.process.wait(PATIENCE) == 0
        assert len(receiver.requests) == 1


def test_a_busy_port_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = run("serve", "--port", str(other.getsockname()[1]))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--port 0" in done.stderr


@pytest.mark.parametrize("reuse", [socket.SO_REUSEADDR, socket.SO_REUSEPORT])
def test_a_port_is_never_shared(reuse: int) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, reuse, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()

        with pytest.raises(PortTaken, match="taken"):
            bind("127.0.0.1", other.getsockname()[1])


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_others_are_let_in_only_with_a_token(host: str) -> None:
    with pytest.raises(UnsafeBind) as refused:
        bind(host, 0)

    assert "--admin-token" in refused.value.remedy


def test_with_a_token_all_interfaces_are_served_and_urls_can_be_used() -> None:
    with serving("--host", "0.0.0.0", "--admin-token", "open sesame") as served:
        assert served.ready["admin_token"] == "open sesame"
        assert add_call(served)[0].status == 200
        assert served.ready["base_urls"]["callo"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize(("host", "status"), [("simulator.test", 200), ("evil.test", 403)])
def test_the_control_plane_answers_to_its_names_only(host: str, status: int) -> None:
    with serving_here(admin_hosts=("simulator.test",)) as served:
        answer = converse(served.port, f"GET {HEALTH} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())

    assert int(answer.split()[1]) == status


def test_the_sixth_version_of_ip_is_spoken() -> None:
    with serving("--host", "::1") as served:
        assert served.ready["base_urls"]["callo"] == f"http://[::1]:{served.port}/callo"


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(SimulatorError, match="cannot listen on nowhere"):
        bind("nowhere.invalid", 0)
