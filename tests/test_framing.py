from __future__ import annotations

from waitress.adjustments import Adjustments

from simulator.framing import StrictParser


def headers_of(*lines: str) -> dict[str, str]:
    parser = StrictParser(Adjustments())
    parser.received(("\r\n".join(["GET / HTTP/1.1", *lines, "", ""])).encode())
    assert parser.error is None
    return dict(parser.headers)


def test_a_header_with_underscores_arrives() -> None:
    assert headers_of("Host: h", "api_key: A1") == {"HOST": "h", "API_KEY": "A1"}


def test_it_never_speaks_for_one_with_dashes() -> None:
    assert headers_of("Host: h", "api-key: A1", "api_key: A2") == {"HOST": "h", "API_KEY": "A1"}


def test_it_never_says_where_a_request_ends() -> None:
    assert headers_of("Host: h", "content_length: 7") == {"HOST": "h"}
