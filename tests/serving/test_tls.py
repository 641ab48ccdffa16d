"""HTTPS, with a certificate for each name that clients ask for."""

from __future__ import annotations

import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from simulator.serving.authority import context_by_name
from simulator.web.handover import Outgoing
from tests.serving.applications import LARGEST, Echo, Place, answering, placed, read_all
from tests.serving_process import PATIENCE

NAMES = ("api.callr.com", "callo.test")
GET = b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a file for each name with a key and a certificate that it signed itself."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificates")
    for name in NAMES:
        subject = ("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}")
        file = str(folder / name)
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
        subprocess.run([*command, "-keyout", file, "-out", f"{file}.pem"], check=True, capture_output=True)
    return {name: folder / name for name in NAMES}


def choice(certificates: dict[str, Path]) -> ssl.SSLContext:
    contexts = {}
    for name, file in certificates.items():
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexts[name].load_cert_chain(f"{file}.pem", file)
    return context_by_name(lambda name: contexts[name or NAMES[0]])


@contextmanager
def secured(place: Place, certificates: dict[str, Path], name: str) -> Iterator[ssl.SSLSocket]:
    client = ssl.create_default_context(cafile=f"{certificates[name]}.pem")
    with place.connect() as plain, client.wrap_socket(plain, server_hostname=name) as secure:
        yield secure


@pytest.mark.parametrize("name", NAMES)
def test_a_certificate_is_chosen_by_the_name_asked_for(certificates: dict[str, Path], name: str) -> None:
    with placed(echo := Echo(), choice(certificates)) as place, secured(place, certificates, name) as client:
        client.sendall(GET)

        assert read_all(client).endswith(b"\r\n\r\nok")
    assert echo.seen[0]["wsgi.url_scheme"] == "https"


def test_more_than_is_received_at_once_arrives_whole_through_tls_too(certificates: dict[str, Path]) -> None:
    body = bytes(LARGEST)
    request = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with (
        placed(echo := Echo(), choice(certificates)) as place,
        secured(place, certificates, NAMES[0]) as client,
        ThreadPoolExecutor(1) as reader,
    ):
        answers = reader.submit(read_all, client)
        client.sendall(request * 5 + GET)

        assert len(answers.result()) > 5 * len(body)
    assert [sent for _, _, sent in echo.requests] == [body] * 5 + [b"ok"]


def test_a_reset_is_one_through_tls_too(certificates: dict[str, Path]) -> None:
    application = answering(lambda: Outgoing(reset=True))
    with placed(application, choice(certificates)) as place, place.connect() as plain:
        context = ssl.create_default_context(cafile=f"{certificates[NAMES[0]]}.pem")
        received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        secure = context.wrap_bio(received, sent, server_hostname=NAMES[0])
        while not shaken(secure):
            plain.sendall(sent.read())
            received.write(plain.recv(65_536))
        secure.write(GET)
        plain.sendall(sent.read())

        with pytest.raises(ConnectionResetError):
            read_all(plain)


def shaken(secure: ssl.SSLObject) -> bool:
    with suppress(ssl.SSLWantReadError):
        secure.do_handshake()
        return True
    return False


def test_a_body_too_long_is_answered_through_tls_too(certificates: dict[str, Path]) -> None:
    with (
        placed(Echo(), choice(certificates)) as place,
        secured(place, certificates, NAMES[0]) as client,
    ):
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n")

        assert client.recv(1_000).startswith(b"HTTP/1.1 200 ")


def test_who_speaks_no_tls_stops_nobody(certificates: dict[str, Path]) -> None:
    with (
        placed(Echo(), choice(certificates)) as place,
        closing(place.connect()) as silent,
        secured(place, certificates, NAMES[0]) as client,
    ):
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        silent.sendall(GET)
        client.sendall(GET)
        client.settimeout(PATIENCE)

        assert read_all(client).endswith(b"ok")
