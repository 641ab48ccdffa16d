"""Where a request ends: what is doubtful is refused, and nothing is smuggled behind what is not."""

from __future__ import annotations

import pytest

from tests.serving.applications import Echo, placed

POST = b"POST /first HTTP/1.1\r\nHost: h\r\n"
SECOND = b"GET /second HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"

REFUSED = {
    # lengths
    "both, length first": POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both, chunked first": CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
    "length twice, the same": POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "length twice, another": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
    "length with a plus": POST + b"Content-Length: +5\r\n\r\nhello",
    "length below zero": POST + b"Content-Length: -1\r\n\r\n",
    "length in hex": POST + b"Content-Length: 0x5\r\n\r\nhello",
    "length as a list": POST + b"Content-Length: 5, 5\r\n\r\nhello",
    "length with a space inside": POST + b"Content-Length: 1 0\r\n\r\nhelloworld",
    "length with a point": POST + b"Content-Length: 5.0\r\n\r\nhello",
    "length with an underscore": POST + b"Content-Length: 1_0\r\n\r\nhelloworld",
    "length without digits": POST + b"Content-Length: \r\n\r\n",
    "length of letters": POST + b"Content-Length: five\r\n\r\nhello",
    "length beyond 64 bits": POST + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "length with foreign digits": POST + "Content-Length: ٥\r\n\r\nhello".encode(),
    # codings
    "a coding that is not": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "identity": POST + b"Transfer-Encoding: identity\r\n\r\n",
    "identity, then chunked": POST + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked on two lines": CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip, chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "gzip on a line before": POST + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked, then gzip": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunked, then nothing": CHUNKED.replace(b"chunked", b"chunked,") + b"\r\n0\r\n\r\n",
    "quoted": POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "with a parameter": POST + b"Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n",
    "with a vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "no coding at all": POST + b"Transfer-Encoding:\r\n\r\n",
    "in old HTTP": b"POST /first HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "in old HTTP that stays": b"POST /first HTTP/1.0\r\nConnection: keep-alive\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    # chunks
    "a chunk of more than 64 bits": CHUNKED + b"\r\n1FFFFFFFFFFFFFFFF\r\nx",
    "a chunk with a plus": CHUNKED + b"\r\n+5\r\nhello\r\n0\r\n\r\n",
    "a chunk below zero": CHUNKED + b"\r\n-5\r\nhello\r\n0\r\n\r\n",
    "a chunk in 0x": CHUNKED + b"\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "a chunk with an underscore": CHUNKED + b"\r\n1_0\r\nhelloworldhellow\r\n0\r\n\r\n",
    "a space before a size": CHUNKED + b"\r\n 5\r\nhello\r\n0\r\n\r\n",
    "a space behind a size": CHUNKED + b"\r\n5 \r\nhello\r\n0\r\n\r\n",
    "no size": CHUNKED + b"\r\n\r\nhello\r\n0\r\n\r\n",
    "a size of letters": CHUNKED + b"\r\nxyz\r\nhello\r\n0\r\n\r\n",
    "a bare LF behind a size": CHUNKED + b"\r\n5\nhello\r\n0\r\n\r\n",
    "a bare CR behind a size": CHUNKED + b"\r\n5\rhello\r\n0\r\n\r\n",
    "a chunk that is longer": CHUNKED + b"\r\n5\r\nhello!\r\n0\r\n\r\n",
    "a chunk that is shorter": CHUNKED + b"\r\n6\r\nhello\r\n0\r\n\r\n",
    "no end of a chunk": CHUNKED + b"\r\n5\r\nhello0\r\n\r\n",
    "a bare LF in an extension": CHUNKED + b"\r\n5;a\nb\r\nhello\r\n0\r\n\r\n",
    "a length in a trailer": CHUNKED + b"\r\n5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n",
    "a NUL in a trailer": CHUNKED + b"\r\n0\r\nX-Late: a\x00b\r\n\r\n",
    # lines and names
    "a fold": POST + b"X-Key: a\r\n b\r\n\r\n",
    "a fold with a tab": POST + b"X-Key: a\r\n\tb\r\n\r\n",
    "a fold of a length": POST + b"Content-Length:\r\n 5\r\n\r\nhello",
    "a fold at the beginning": b"GET / HTTP/1.1\r\n Host: h\r\n\r\n",
    "a space before the colon": POST + b"X-Key : a\r\n\r\n",
    "a space before a length's colon": POST + b"Content-Length : 5\r\n\r\nhello",
    "a tab before the colon": POST + b"X-Key\t: a\r\n\r\n",
    "no colon": POST + b"X-Key\r\n\r\n",
    "no name": POST + b": a\r\n\r\n",
    "a NUL in a value": POST + b"X-Key: a\x00b\r\n\r\n",
    "a NUL in a name": POST + b"X\x00Key: a\r\n\r\n",
    "a bell in a value": POST + b"X-Key: a\x07b\r\n\r\n",
    "a bare LF": POST + b"X-Key: a\nX-Other: b\r\n\r\n",
    "a bare CR": POST + b"X-Key: a\rX-Other: b\r\n\r\n",
    "bare LFs alone": b"POST /first HTTP/1.1\nHost: h\nContent-Length: 0\n\n",
    "a foreign letter in a name": POST + "X-Ключ: a\r\n\r\n".encode(),
    "a bracket in a name": POST + b"X(Key): a\r\n\r\n",
    "two hosts": POST + b"Host: other\r\n\r\n",
    # the first line
    "no version at all": b"GET /first\r\n\r\n",
    "version 0.9": b"GET /first HTTP/0.9\r\n\r\n",
    "version 1.2": b"GET /first HTTP/1.2\r\nHost: h\r\n\r\n",
    "version 2.0": b"GET /first HTTP/2.0\r\nHost: h\r\n\r\n",
    "a preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another protocol": b"GET /first FTP/1.1\r\nHost: h\r\n\r\n",
    "a version in small letters": b"GET /first http/1.1\r\nHost: h\r\n\r\n",
    "a space in the target": b"GET /fi rst HTTP/1.1\r\nHost: h\r\n\r\n",
    "no target": b"GET HTTP/1.1\r\nHost: h\r\n\r\n",
    "a NUL in the target": b"GET /fi\x00rst HTTP/1.1\r\nHost: h\r\n\r\n",
    "a verb in small letters": b"get /first HTTP/1.1\r\nHost: h\r\n\r\n",
    "a verb nobody knows": b"FROBNICATE /first HTTP/1.1\r\nHost: h\r\n\r\n",
    "a tunnel": b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


@pytest.mark.parametrize("shape", REFUSED)
def test_what_is_doubtful_is_refused_once_and_nothing_behind_it_is_read(shape: str) -> None:
    echo = Echo()
    with placed(echo) as place:
        answer = place.converse(REFUSED[shape] + SECOND)

    assert echo.requests == []
    assert int(answer.split()[1]) in (400, 431, 505), answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in answer


TAKEN = {
    "no body": (POST + b"\r\n", b""),
    "a length": (POST + b"Content-Length: 5\r\n\r\nhello", b"hello"),
    "a length with zeros": (POST + b"Content-Length: 005\r\n\r\nhello", b"hello"),
    "a body that looks like a request": (
        POST + b"Content-Length: %d\r\n\r\n%s" % (len(SECOND), SECOND),
        SECOND,
    ),
    "chunks": (CHUNKED + b"\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", b"hello!"),
    "chunks spelt otherwise": (
        POST + b"tRANSFER-eNCODING: CHUNKED\r\n\r\nA\r\nhelloworld\r\n0\r\n\r\n",
        b"helloworld",
    ),
    "chunks with extensions": (CHUNKED + b'\r\n5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n', b"hello"),
    "a last chunk of many zeros": (CHUNKED + b"\r\n5\r\nhello\r\n00000\r\n\r\n", b"hello"),
    "a header in UTF-8": (POST + "X-Key: é\r\n\r\n".encode(), b""),
    "empty lines before": (b"\r\n\r\n" + POST + b"\r\n", b""),
    "an underscore where a length would be": (POST + b"Content_Length: 5\r\n\r\n", b""),
}


@pytest.mark.parametrize("shape", TAKEN)
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_what_is_clear_is_read_whole_however_it_comes(shape: str, step: int) -> None:
    echo, (raw, body) = Echo(), TAKEN[shape]
    stream = raw + SECOND
    with placed(echo) as place:
        place.converse(*[stream[at : at + step] for at in range(0, len(stream), step)])

    assert echo.requests == [("POST", "/first", body), ("GET", "/second", b"")]


def test_a_trailer_is_no_header() -> None:
    echo = Echo()
    late = b"Authorization: Basic eDp5\r\nHost: other\r\n"
    with placed(echo) as place:
        place.converse(CHUNKED + b"\r\n5\r\nhello\r\n0\r\n" + late + b"\r\n" + SECOND)

    first, second = echo.seen
    assert "HTTP_AUTHORIZATION" not in first
    assert (first["HTTP_HOST"], first["CONTENT_LENGTH"], first["body"]) == ("h", "5", b"hello")
    assert second["PATH_INFO"] == "/second"


def test_what_follows_a_last_request_is_nothing() -> None:
    echo = Echo()
    with placed(echo) as place:
        answer = place.converse(SECOND + b"\x00 garbage \r\n\r\n" + SECOND)

    assert len(echo.requests) == answer.count(b"HTTP/1.1 200 OK") == answer.count(b"HTTP/1.1") == 1


def test_garbage_behind_a_request_is_refused_after_its_answer() -> None:
    echo = Echo()
    with placed(echo) as place:
        answer = place.converse(POST + b"\r\n" + b"\x00 garbage \r\n\r\n")

    assert [line.split()[1] for line in answer.split(b"\r\n") if line[:5] == b"HTTP/"] == [b"200", b"400"]


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/a%20b?c=d%20e", "/a b", "c=d%20e"),
        (b"//a//b", "/a//b", ""),
        (b"http://elsewhere/a?b", "/a", "b"),
        (b"http://elsewhere?b", "", "b"),
        (b"/a#b", "/a", ""),
        (b"/a?b?c", "/a", "b?c"),
        (b"*", "*", ""),
    ],
)
def test_a_target_is_taken_apart(target: bytes, path: str, query: str) -> None:
    echo = Echo()
    with placed(echo) as place:
        place.converse(b"OPTIONS " + target + b" HTTP/1.0\r\n\r\n")

    (asked,) = echo.seen
    assert (asked["PATH_INFO"], asked["QUERY_STRING"]) == (path, query)
    assert asked["REQUEST_URI"] == target.decode()


def test_a_header_with_underscores_arrives_under_a_name_of_its_own() -> None:
    echo = Echo()
    with placed(echo) as place:
        place.converse(b"GET / HTTP/1.0\r\napi-key: A1\r\napi_key: A2\r\nApi-Key: A3\r\n\r\n")

    (asked,) = echo.seen
    assert (asked["HTTP_API_KEY"], asked["HTTP_API~KEY"]) == ("A1, A3", "A2")
