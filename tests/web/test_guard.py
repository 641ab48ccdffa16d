from __future__ import annotations

import io
from typing import Any

import pytest

from simulator.exchange import Answer
from simulator.web.guard import (
    Refused,
    SizeLimits,
    UnsafeHeader,
    check_outgoing,
    glimpse,
    host_of,
    path_of,
    read_request,
)

LIMITS = SizeLimits(body=1_000, upload=5_000, fields=20)


def environ(body: bytes = b"", stream: io.RawIOBase | None = None, **changes: Any) -> dict[str, Any]:
    made = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/callo/phones/call/",
        "QUERY_STRING": "",
        "HTTP_HOST": "localhost:8070",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.input": stream or io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "REMOTE_ADDR": "10.0.0.7",
    }
    return {key: value for key, value in (made | changes).items() if value is not None}


def status_of(env: dict[str, Any], path: str = "/phones/call/") -> int:
    with pytest.raises(Refused) as caught:
        read_request(env, path, LIMITS)
    return caught.value.status


class Endless(io.RawIOBase):
    """A body without end that counts what was taken from it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"x" * size


def test_a_request_arrives_whole_with_title_case_headers() -> None:
    env = environ(b"a=1", QUERY_STRING="b=2", HTTP_X_API_KEY="k", CONTENT_TYPE="text/plain")

    request = read_request(env, "/phones/call/", LIMITS)

    assert (request.method, request.path, request.query, request.body) == (
        "POST",
        "/phones/call/",
        "b=2",
        b"a=1",
    )
    assert ("X-Api-Key", "k") in request.headers
    assert ("Content-Type", "text/plain") in request.headers
    assert request.remote == "10.0.0.7"
    assert request.base == "http://localhost:8070/callo"


def test_of_a_request_that_nobody_read_a_few_headers_are_known_by_their_names() -> None:
    unread = glimpse(environ(b"x", HTTP_USER_AGENT="curl/8", CONTENT_TYPE="text/plain", HTTP_X_ME="v"), "/")

    assert dict(unread.headers) == {
        "Host": "localhost:8070",
        "User-Agent": "curl/8",
        "Content-Type": "text/plain",
        "Content-Length": "1",
    }


def test_without_a_host_the_base_url_is_this_machine() -> None:
    env = environ(HTTP_HOST=None, SERVER_NAME="waitress.invalid", SERVER_PORT="8070")

    assert read_request(env, "/phones/call/", LIMITS).base == "http://127.0.0.1:8070/callo"


def test_forwarded_headers_are_never_believed() -> None:
    env = environ(
        HTTP_X_FORWARDED_FOR="1.2.3.4", HTTP_X_FORWARDED_HOST="evil", HTTP_X_FORWARDED_PROTO="https"
    )

    request = read_request(env, "/phones/call/", LIMITS)

    assert request.remote == "10.0.0.7"
    assert request.base.startswith("http://localhost:8070")
    assert host_of(env) == "localhost"


def test_a_declared_body_too_long_is_refused_before_a_byte_is_read() -> None:
    stream = Endless()

    assert status_of(environ(CONTENT_LENGTH="300000000", stream=stream)) == 413
    assert stream.taken == 0


def test_a_body_of_unknown_length_is_read_only_up_to_the_limit() -> None:
    stream = Endless()
    env = environ(HTTP_TRANSFER_ENCODING="chunked", stream=stream) | {"wsgi.input_terminated": True}

    assert status_of(env) == 413
    assert stream.taken == LIMITS.body + 1


MEGABYTE = 1_000_000


@pytest.mark.parametrize(("wished", "given"), [(0, 1), (2 * MEGABYTE, 2), (9 * MEGABYTE, 5)])
def test_a_vendor_may_take_larger_bodies_but_none_above_an_upload(wished: int, given: int) -> None:
    assert SizeLimits(upload=5 * MEGABYTE).allowing(wished).body == given * MEGABYTE


def test_a_limit_that_somebody_has_set_holds_for_every_vendor() -> None:
    assert LIMITS.allowing(2 * MEGABYTE).body == LIMITS.body


def test_uploads_have_their_own_limit() -> None:
    kind = "multipart/form-data; boundary=b"

    assert read_request(environ(b"x" * 5_000, CONTENT_TYPE=kind), "/", LIMITS).body == b"x" * 5_000
    assert status_of(environ(b"x" * 5_001, CONTENT_TYPE=kind)) == 413
    assert status_of(environ(b"x" * 1_001, CONTENT_TYPE="text/plain")) == 413


def test_field_floods_are_refused_before_parsing() -> None:
    form = "application/x-www-form-urlencoded"
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'

    assert read_request(environ(b"a=1&" * 19 + b"a=1", CONTENT_TYPE=form), "/", LIMITS).body
    assert status_of(environ(b"a=1&" * 20 + b"a=1", CONTENT_TYPE=form)) == 413
    assert status_of(environ(QUERY_STRING="a&" * 20 + "a")) == 413
    kind = "multipart/form-data; boundary=b"
    assert read_request(environ(part * 20 + b"--b--", CONTENT_TYPE=kind), "/", LIMITS).body
    assert status_of(environ(part * 21 + b"--b--", CONTENT_TYPE=kind)) == 413


@pytest.mark.parametrize("length", ["+5", "-1", "5, 6", "5,5", " 5", "5 ", "0x5", "٥", "1_0", "1" * 40])
def test_a_length_that_is_not_one_plain_number_is_refused(length: str) -> None:
    assert status_of(environ(CONTENT_LENGTH=length)) == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"CONTENT_LENGTH": "3", "HTTP_TRANSFER_ENCODING": "chunked"}, 400),
        ({"HTTP_TRANSFER_ENCODING": "xchunked"}, 400),
        ({"HTTP_TRANSFER_ENCODING": "gzip, chunked"}, 400),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"CONTENT_LENGTH": "3"}, 400),
    ],
)
def test_ambiguous_framing_is_refused(changes: dict[str, Any], status: int) -> None:
    assert status_of(environ() | changes) == status


def test_without_any_length_there_is_no_body_and_nothing_is_awaited() -> None:
    stream = Endless()

    assert read_request(environ(stream=stream), "/", LIMITS).body == b""
    assert stream.taken == 0


def test_too_many_or_too_long_headers_are_refused() -> None:
    many = {f"HTTP_X_{number}": "v" for number in range(100)}

    assert status_of(environ() | many) == 431
    assert status_of(environ(HTTP_X_LONG="v" * 17_000)) == 431


def test_a_long_url_is_refused_whichever_way_the_server_tells_it() -> None:
    assert status_of(environ(QUERY_STRING="q" * 9_000)) == 414
    assert status_of(environ(PATH_INFO="/" + "p" * 9_000)) == 414
    assert status_of(environ(RAW_URI="/" + "%41" * 3_000)) == 414


@pytest.mark.parametrize("sign", ["\0", "\r\nX-Evil: 1", "\x1b[31m", "\x7f"])
def test_control_bytes_are_refused_in_headers_paths_and_queries(sign: str) -> None:
    assert status_of(environ(HTTP_X_LABEL=f"a{sign}b")) == 400
    assert status_of(environ(QUERY_STRING=f"a={sign}")) == 400
    assert status_of(environ(), f"/a{sign}b") == 400


@pytest.mark.parametrize(("path", "is_told"), [("/a%0A/b", True), ("/a\r\n", True), ("/a%00/b", False)])
def test_a_line_end_in_a_path_is_told_as_one(path: str, is_told: bool) -> None:
    with pytest.raises(Refused) as refused:
        read_request(environ(), path, LIMITS)

    assert ("a line end, as of a key" in refused.value.reason) is is_told


@pytest.mark.parametrize(
    "path",
    [
        "/a/../b",
        "/..",
        "/a/%2e%2e/b",
        "/%252e%252e/",
        "/%25252E./",
        "/a\\..\\b",
        "/a%5c..%5cb",
        "/a/%00",
        "/%2500",
        "/%252525252525252e",
    ],
)
def test_dot_dot_and_nul_are_refused_in_every_disguise(path: str) -> None:
    assert status_of(environ(), path) == 400
    assert status_of(environ(RAW_URI=path + "?x=1")) == 400


@pytest.mark.parametrize("path", ["/", "/a..b/", "/...", "/100%/", "/a%b", "/звонок/", "/.well-known/x"])
def test_honest_paths_pass(path: str) -> None:
    assert read_request(environ(), path, LIMITS).path == path


def test_the_path_is_utf_8_or_refused() -> None:
    assert path_of({"PATH_INFO": "/звонок".encode().decode("latin-1")}) == "/звонок"
    with pytest.raises(Refused, match="400"):
        path_of({"PATH_INFO": "/\xc0\xae\xc0\xae/"})


@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("LOCALHOST:8070", "localhost"),
        ("[::1]:8070", "[::1]"),
        ("[0:0:0:0:0:0:0:1]", "[::1]"),
        ("my_app.docker", "my_app.docker"),
        ("", ""),
    ],
)
def test_a_host_is_normalised(value: str, host: str) -> None:
    assert host_of({"HTTP_HOST": value}) == host


@pytest.mark.parametrize(
    "value",
    ["a, b", "localhost:1@evil", "a b", "a/b", "[::1", "[zz]", "localhost:", "a:123456", ".a", "a.", "é"],
)
def test_a_host_that_is_not_one_host_is_refused(value: str) -> None:
    with pytest.raises(Refused, match="400"):
        host_of({"HTTP_HOST": value})


@pytest.mark.parametrize("sign", ["\r\n", "\r", "\n", "\0", "\x7f", "звонок"])
def test_no_header_value_can_add_a_line(sign: str) -> None:
    with pytest.raises(UnsafeHeader):
        check_outgoing((("X-Label", f"a{sign}b"),))
    with pytest.raises(UnsafeHeader):
        check_outgoing(((f"X-{sign}", "a"),))


def test_ordinary_answers_are_sendable() -> None:
    check_outgoing(
        Answer(headers=(("Content-Type", "text/html; charset=utf-8"), ("X-Note", "ça va"))).headers
    )
