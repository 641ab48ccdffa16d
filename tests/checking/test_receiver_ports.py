"""A port for a client that listens: free, given once, and never one that the system chooses by itself."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from simulator.checking.receiver_ports import ephemeral_ports, is_listening, receiver_port


def test_runs_beside_each_other_are_given_different_ports() -> None:
    with ExitStack() as stack:
        ports = [stack.enter_context(receiver_port()) for _run in range(20)]

        assert len(set(ports)) == 20


def test_a_port_is_none_that_the_system_gives_to_whoever_asks_for_any() -> None:
    with receiver_port() as port:
        assert port not in ephemeral_ports()


def test_a_client_binds_its_port_in_any_way_and_is_seen() -> None:
    for reuse in (0, 1):
        with receiver_port() as port, socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
            assert not is_listening(port)
            client.bind(("127.0.0.1", port))
            client.listen()

            assert is_listening(port)


def test_a_port_at_which_somebody_listens_is_not_given() -> None:
    with receiver_port() as port:
        pass
    with socket.create_server(("127.0.0.1", port)), receiver_port() as other:
        assert other != port
