from __future__ import annotations

import socket
from threading import Thread

from waitress.adjustments import Adjustments

from simulator.framing import Listener, StrictParser


def headers_of(*lines: str) -> dict[str, str]:
    parser = StrictParser(Adjustments())
    parser.received(("\r\n".join(["GET / HTTP/1.1", *lines, "", ""])).encode())
    assert parser.error is None
    return dict(parser.headers)


def test_a_header_with_underscores_arrives_under_a_name_of_its_own() -> None:
    assert headers_of("Host: h", "api_key: A1") == {"HOST": "h", "API~KEY": "A1"}


def test_it_never_speaks_for_one_with_dashes() -> None:
    told = headers_of("Host: h", "api-key: A1", "api_key: A2")

    assert told == {"HOST": "h", "API_KEY": "A1", "API~KEY": "A2"}


def test_it_never_says_where_a_request_ends() -> None:
    assert headers_of("Host: h", "content_length: 7") == {"HOST": "h", "CONTENT~LENGTH": "7"}


class Hesitant(Listener):
    """Gives `run` time to be over before it is woken."""

    thread: Thread

    def pull_trigger(self) -> None:
        self.thread.join(1.5)
        super().pull_trigger()


def test_a_server_is_not_over_before_whoever_ends_it_has_woken_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        listener = Hesitant(lambda _environ, _start: [], sock, 1_000)
        listener.thread = Thread(target=listener.run)
        listener.thread.start()

        listener.drain()
        listener.drain()

        listener.thread.join()
