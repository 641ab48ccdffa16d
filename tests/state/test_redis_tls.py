"""Worlds in a Redis that speaks TLS: reached where its authority is named, and else it is said how."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest
import trustme

from simulator import Simulator
from simulator.errors import StateUnavailable
from tests.state.redis_server import redis_server
from tests.state.test_sharing import request


def test_a_redis_is_reached_in_tls(tmp_path: Path) -> None:
    authority, chain, trusted = trustme.CA(), tmp_path / "server.pem", tmp_path / "ca.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(chain))
    authority.cert_pem.write_to_path(str(trusted))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    files = {"tls-cert-file": chain, "tls-key-file": chain, "tls-ca-cert-file": trusted}
    with redis_server(more={**files, "tls-port": port, "tls-auth-clients": "no"}):
        url = f"rediss://localhost:{port}/0"
        opened = [Simulator(clock="virtual", state=f"{url}?ssl_ca_certs={trusted}") for _ in range(2)]
        with closing(opened[0]) as first, closing(opened[1]) as second:
            status, _, _ = request(first, key=first.worlds.credentials("callo")["public_key"])

            assert (status, len(second.worlds.current().world.calls)) == (200, 1)
        for wrong, remedy in ((url, r"\?ssl_ca_certs=FILE"), (url.replace("ss:", "s:"), "correct the URL")):
            with pytest.raises(StateUnavailable, match=remedy):
                Simulator(clock="virtual", state=wrong)
