"""The proxy: vendors are answered for, hosts let through by name, all else is refused with a sentence."""

from __future__ import annotations

import base64
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from threading import Thread
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import pytest

from simulator.engine.settings import Settings
from simulator.errors import UnsafeBind
from simulator.serving.authority import Authority, new_authority
from simulator.serving.proxy_routes import Passed, Routes, Way, parse_passed
from simulator.serving.running import Running, running
from simulator.serving.secure import Secure, is_vendors
from simulator.serving.sockets import Ports, bind, listening
from simulator.serving.variables import variables_of
from tests.reach.habits import CALLS, hard_coded
from tests.serving.applications import read_all, read_until
from tests.serving_process import PATIENCE, converse

PROXIED = Ports(tls=0, proxy=0)
ROUTES = Routes(
    host="127.0.0.1", plain=1, secure=2, answers=lambda host: host == "api.callr.com", is_vendors=is_vendors
)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return new_authority()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[socket.socket]:
    """Answer each connection once, at some place that is no vendor's."""
    with closing(bind("127.0.0.1", 0)) as sock:
        thread = Thread(target=answer_each, args=(sock,), daemon=True)
        thread.start()
        yield sock
        with socket.create_connection(sock.getsockname(), PATIENCE) as last:
            last.sendall(LAST)
        thread.join()


LAST = b"LAST\r\n\r\n"


def answer_each(sock: socket.socket) -> None:
    head = b""
    while head != LAST:
        with sock.accept()[0] as client:
            head = read_until(client, b"\r\n\r\n")
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + head)


@pytest.fixture(scope="module")
def place(authority: Authority, elsewhere: socket.socket) -> Iterator[Running]:
    passed = (Passed("127.0.0.1", elsewhere.getsockname()[1]),)
    secure = Secure(authority=authority, passed=passed)
    with running(Settings(clock="virtual", vendors=("callr", "callo")), PROXIED, secure) as place:
        yield place


def proxy_of(place: Running) -> int:
    return int(place.ready_document()["proxy"].rpartition(":")[2])


def asked(place: Running, request: str) -> str:
    return converse(proxy_of(place), request.encode()).decode()


@pytest.mark.parametrize("vendor", CALLS)
def test_a_client_with_the_vendors_address_in_its_code_arrives(authority: Authority, vendor: str) -> None:
    with running(Settings(clock="virtual", vendors=(vendor,)), PROXIED, Secure(authority=authority)) as place:
        settings = variables_of(place.ready_document())
        trust = ssl.create_default_context(cadata=authority.certificate.decode())
        proxy = ProxyHandler({"https": f"http://127.0.0.1:{proxy_of(place)}"})
        request = CALLS[vendor].request(hard_coded(vendor, settings), settings)
        with build_opener(proxy, HTTPSHandler(context=trust)).open(request, timeout=PATIENCE) as answer:
            assert answer.status in {200, 201}
            assert answer.headers["X-Simulator-Violations"] is None


def test_plain_http_is_answered_too_and_what_is_for_the_proxy_stays_there(place: Running) -> None:
    head = "GET http://api.callr.com/v2.0/ping?x=1 HTTP/1.1\r\nHost: api.callr.com\r\nConnection: close\r\n"

    answer = asked(place, f"{head}Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\n\r\n")
    way = ROUTES.find(f"{head}Proxy-Connection: keep-alive\r\nProxy-Authorization: x".encode())

    assert "\r\nX-Simulator-Exchange: main-" in answer
    assert way == Way("127.0.0.1", 1, f"{head}\r\n".encode())


REFUSED = [
    ("CONNECT example.com:443 HTTP/1.1", 403, "--pass example.com lets it through"),
    ("GET http://example.com/ HTTP/1.1", 403, "--pass example.com lets it through"),
    ("CONNECT 127.0.0.1:22 HTTP/1.1", 403, "--pass 127.0.0.1 lets it through"),
    ("CONNECT [::1]:443 HTTP/1.1", 403, "--pass [::1] lets it through"),
    ("CONNECT api.callr.com.example.com:443 HTTP/1.1", 403, "no vendor that is stood in for"),
    ("GET / HTTP/1.1", 400, "this is a proxy"),
    ("GET ftp://api.callr.com/ HTTP/1.1", 400, "this is a proxy"),
    ("CONNECT :443 HTTP/1.1", 400, "names no host"),
    ("CONNECT api.callr.com:70000 HTTP/1.1", 400, "names no host"),
    ("CONNECT api callr.com:443 HTTP/1.1", 400, "no request to a proxy"),
    ("\x16\x03\x01", 400, "no request to a proxy"),
]


@pytest.mark.parametrize(("line", "status", "sentence"), REFUSED)
def test_everything_else_is_refused_with_a_sentence(
    place: Running, line: str, status: int, sentence: str
) -> None:
    answer = asked(place, f"{line}\r\nHost: x\r\n\r\n")

    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert sentence in answer


@pytest.mark.parametrize("target", ["api-voice.kaleyra.com:443", "www.zvonok.com:443", "api.callr.com:22"])
def test_a_vendor_that_nobody_stands_in_for_is_refused_and_noted(place: Running, target: str) -> None:
    host, _, port = target.partition(":")

    assert "it is not let through" in asked(place, f"CONNECT {target} HTTP/1.1\r\n\r\n")
    assert (host, int(port)) in place.tried


def test_a_host_that_is_let_through_is_reached_untouched(place: Running, elsewhere: socket.socket) -> None:
    port = elsewhere.getsockname()[1]
    with socket.create_connection(("127.0.0.1", proxy_of(place)), PATIENCE) as client:
        client.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode())
        assert read_until(client, b"\r\n\r\n") == b"HTTP/1.1 200 Connection established\r\n\r\n"
        client.sendall(b"anything\r\n\r\n")
        assert read_all(client) == b"HTTP/1.1 200 OK\r\n\r\nanything\r\n\r\n"

    head = f"GET http://127.0.0.1:{port}/a?b HTTP/1.1\r\nHost: h\r\nConnection: keep-alive"
    assert asked(place, f"{head}\r\nProxy-Authorization: x\r\n\r\n").endswith(
        "\r\n\r\nGET /a?b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    )


def test_a_host_that_is_not_there_is_told(authority: Authority) -> None:
    with closing(bind("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    passed = (Passed("127.0.0.1", port),)
    secure = Secure(authority=authority, passed=passed)
    with running(Settings(vendors=("callo",)), PROXIED, secure) as place:
        answer = asked(place, f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n")

    assert answer.startswith("HTTP/1.1 502 ")


def test_a_head_without_an_end_is_bounded(place: Running) -> None:
    assert asked(place, "CONNECT h:443 HTTP/1.1\r\nx: " + "y" * 70_000).startswith("HTTP/1.1 431 ")


@contextmanager
def shared(authority: Authority, elsewhere: socket.socket) -> Iterator[Running]:
    settings = Settings(vendors=("callr",), admin_token="s3cret", clock="virtual")
    ports = Ports(host="0.0.0.0", tls=0, proxy=0)
    passed = (Passed("127.0.0.1", elsewhere.getsockname()[1]),)
    with listening(ports, ("callr",), "s3cret") as bound:
        place = Running(settings, bound, Secure(authority=authority, passed=passed))
        thread = Thread(target=place.run, daemon=True)
        thread.start()
        yield place
        place.drain()
        thread.join()


def test_who_is_reached_by_others_asks_for_the_token(authority: Authority, elsewhere: socket.socket) -> None:
    port, token = elsewhere.getsockname()[1], base64.b64encode(b"simulator:s3cret").decode()
    head = f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n"
    with shared(authority, elsewhere) as place:
        refusal = asked(place, f"{head}\r\n")
        wrong = asked(place, f"{head}Proxy-Authorization: Basic eDp5\r\n\r\n")
        right = asked(place, f"{head}Proxy-Authorization: Basic {token}\r\n\r\nGET / HTTP/1.0\r\n\r\n")
        assert place.ready_document()["proxy"].startswith("http://simulator:s3cret@127.0.0.1:")

    assert refusal.startswith("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic ")
    assert wrong.startswith("HTTP/1.1 407 ")
    assert right.startswith("HTTP/1.1 200 ")


def test_without_a_token_it_listens_on_this_machine_alone() -> None:
    with pytest.raises(UnsafeBind), listening(Ports(host="0.0.0.0", tls=0, proxy=0), ("callo",)):
        pass


RESET = "sim: 1\nextends: happy\nfaults: [{where: callr.*, do: reset}]\n"


def test_a_reset_is_one_through_the_proxy_too(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "reset.yaml").write_text(RESET)
    settings = Settings(vendors=("callr",), scenario=tmp_path / "reset.yaml")
    with running(settings, PROXIED, Secure(authority=authority)) as place:
        connection = HTTPSConnection(
            "127.0.0.1",
            proxy_of(place),
            context=ssl.create_default_context(cadata=authority.certificate.decode()),
            timeout=PATIENCE,
        )
        connection.set_tunnel("api.callr.com", 443)
        connection.request("GET", "/v2.0/ping")
        with closing(connection), pytest.raises(ConnectionResetError):
            connection.getresponse()


def test_who_is_refused_is_heard_out(place: Running) -> None:
    head = "POST http://example.com/ HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n"

    assert asked(place, head + "x" * 3_000_000).startswith("HTTP/1.1 403 ")


HANGING = "sim: 1\nextends: happy\nfaults: [{where: callr.*, do: hang 1h}]\n"


def test_what_is_held_back_is_answered_when_the_server_ends(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "hanging.yaml").write_text(HANGING)
    settings = Settings(vendors=("callr",), scenario=tmp_path / "hanging.yaml", clock="real")
    trust = ssl.create_default_context(cadata=authority.certificate.decode())
    with running(settings, PROXIED, Secure(authority=authority)) as place:
        head = b"CONNECT api.callr.com:443 HTTP/1.1\r\n\r\n"
        key = place.simulator.worlds.credentials("callr")["api_key"]
        with socket.create_connection(("127.0.0.1", proxy_of(place)), PATIENCE) as plain:
            plain.sendall(head)
            read_until(plain, b"\r\n\r\n")
            with trust.wrap_socket(plain, server_hostname="api.callr.com") as secure:
                secure.sendall(f"GET /v2.0/billing/credit HTTP/1.0\r\nx-api-key: {key}\r\n\r\n".encode())
                while not len(place.simulator.worlds.sandbox().recorder.journal):
                    assert "this is a proxy" in asked(place, "GET / HTTP/1.0\r\n\r\n")
                place.drain()

                assert read_all(secure).endswith(b'"100000.00"')


def test_a_client_that_resets_stops_nobody(place: Running) -> None:
    with socket.create_connection(("127.0.0.1", proxy_of(place)), PATIENCE) as client:
        client.sendall(b"CONNECT api.callr.com:443 HTTP/1.1\r\n\r\n")
        read_until(client, b"\r\n\r\n")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert "this is a proxy" in asked(place, "GET / HTTP/1.1\r\n\r\n")


PASSED = [
    ("pypi.org", "pypi.org", 443, True),
    ("pypi.org", "pypi.org", 22, False),
    ("PyPI.org:22", "pypi.org", 22, True),
    ("*.example.com", "a.example.com", 443, True),
    ("*.example.com", "a.b.example.com", 443, False),
    ("*.example.com", "example.com", 443, False),
    ("[::1]:9", "[::1]", 9, True),
]


@pytest.mark.parametrize(("text", "host", "port", "let_through"), PASSED)
def test_what_is_let_through_is_a_host_at_its_ports(
    text: str, host: str, port: int, let_through: bool
) -> None:
    assert parse_passed(text, is_vendors).takes(host, port) is let_through


@pytest.mark.parametrize("text", ["*", "*.*", "", "http://x.org", "a b", "x:y", "*.com."])
def test_a_pattern_for_everything_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        parse_passed(text, is_vendors)


@pytest.mark.parametrize("text", ["api.callr.com", "WWW.Zvonok.com", "*.just-ai.com", "kaleyra.com:443"])
def test_a_vendor_is_never_let_through(text: str) -> None:
    with pytest.raises(ValueError, match="is a vendor's"):
        parse_passed(text, is_vendors)
