"""A name with underscores is another header than the one with dashes, in process and over a socket."""

from __future__ import annotations

import requests

from simulator import Simulator
from simulator.testing.transports import mount
from tests.serving_process import converse, serving


def test_a_key_in_a_header_with_underscores_lets_nobody_in_and_that_is_told() -> None:
    with serving() as served:
        key = served.ready["credentials"]["callr"]["api_key"]
        asked = f"GET /callr/v2.0/audio-files HTTP/1.0\r\nHost: localhost\r\nX_Api_Key: {key}\r\n\r\n"
        answer = converse(served.port, asked.encode())

    assert answer.startswith(b"HTTP/1.0 403 ")
    assert b"the header X_Api_Key is not X-Api-Key" in answer


def test_in_process_it_is_no_other() -> None:
    simulator, session = Simulator(), requests.Session()
    mount(session, simulator)
    key = simulator.worlds.credentials("callr")["api_key"]

    statuses = [
        session.get("https://api.callr.com/v2.0/audio-files", headers={name: key}).status_code
        for name in ("x-api-key", "x_api_key")
    ]

    assert statuses == [200, 403]
    *_, last = simulator.worlds.sandbox().recorder.journal
    assert ("X_Api_Key", key) in last.request.headers
