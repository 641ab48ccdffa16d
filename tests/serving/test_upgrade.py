"""Clients that offer another protocol, as Java's do by default, are answered in this one, bodies and all."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.serving.applications import Echo, placed
from tests.serving_process import PATIENCE

BODY = "phone=%2B447700900000&name=" + "x" * 20_000
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
CLIENT = """
import java.net.URI;
import java.net.http.*;
import java.nio.file.*;

public class Ask {
    public static void main(String[] args) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        for (int turn = 0; turn < 2; turn++) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(args[0]))
                .POST(HttpRequest.BodyPublishers.ofFile(Path.of(args[1]))).build();
            System.out.print(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
        }
    }
}
"""


@pytest.mark.parametrize("step", [1, 50, 100_000])
def test_a_body_behind_an_offer_arrives_whole_and_so_does_what_follows(step: int) -> None:
    echo, body = Echo(), BODY.encode()
    head = b"POST /a HTTP/1.1\r\nHost: h\r\n" + OFFER
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    raw = head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    raw += head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
    raw += b"GET /b HTTP/1.1\r\n" + OFFER + b"\r\n" + b"GET /c HTTP/1.0\r\n\r\n"
    step = max(step, len(raw) // 2_000)
    with placed(echo) as place:
        place.converse(*[raw[at : at + step] for at in range(0, len(raw), step)])

    posts = [("POST", "/a", body)] * 2
    assert echo.requests == [*posts, ("GET", "/b", b""), ("GET", "/c", b"")]
    assert [environ.get("HTTP_UPGRADE") for environ in echo.seen] == ["h2c"] * 3 + [None]


def test_an_offer_with_the_last_request_of_a_connection_is_one_like_any() -> None:
    with placed(echo := Echo()) as place:
        head = b"POST /a HTTP/1.1\r\n" + OFFER.replace(b"Upgrade,", b"Upgrade, close,")
        answer = place.converse(head + b"Content-Length: 2\r\n\r\nok" + b"GET /b HTTP/1.1\r\n\r\n")

    assert answer.endswith(b"Connection: close\r\n\r\nok")
    assert echo.requests == [("POST", "/a", b"ok")]


@pytest.mark.parametrize(
    ("rest", "status"),
    [(b"X-Key: 1\r\n" * 101, b"431"), (b"Host: h\r\nHost: i\r\n", b"400")],
    ids=["too many headers", "two hosts"],
)
def test_what_is_refused_is_refused_with_an_offer_too(rest: bytes, status: bytes) -> None:
    with placed(echo := Echo()) as place:
        answer = place.converse(b"GET /a HTTP/1.1\r\n" + OFFER + rest + b"\r\n")

    assert (answer.split()[1], echo.requests) == (status, [])


def test_offers_without_end_are_answered_each() -> None:
    with placed(echo := Echo()) as place:
        place.converse((b"GET /a HTTP/1.1\r\n" + OFFER + b"\r\n") * 1_500 + b"GET /b HTTP/1.0\r\n\r\n")

    assert [path for _, path, _ in echo.requests] == ["/a"] * 1_500 + ["/b"]


def test_curl_that_offers_http2_is_understood() -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    echo = Echo()
    with placed(echo) as place:
        command = ["curl", "-s", "--http2", "-d", BODY, f"http://127.0.0.1:{place.port}/a"]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)

    assert (done.stdout.decode(), echo.requests) == (BODY, [("POST", "/a", BODY.encode())])


@pytest.mark.thorough
def test_a_client_in_java_is_understood(tmp_path: Path) -> None:
    if shutil.which("javac") is None:
        pytest.skip("no Java compiler is installed")
    echo, source, body = Echo(), tmp_path / "Ask.java", tmp_path / "body"
    source.write_text(CLIENT)
    body.write_text(BODY)
    with placed(echo) as place:
        command = ["java", str(source), f"http://127.0.0.1:{place.port}/a", str(body)]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)

    assert done.stdout.decode() == BODY * 2
    assert echo.seen[0]["HTTP_UPGRADE"] == "h2c"
