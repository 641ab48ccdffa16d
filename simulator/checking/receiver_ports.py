"""Ports at which a client under test is to listen: nobody else is given one before the client is there."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from simulator.errors import SimulatorError

LOOPBACK = "127.0.0.1"
PORTS = range(12_000, 32_000, 2)
"""Even ports for clients; whoever claims one holds the odd port after it."""

EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
USUALLY_EPHEMERAL = range(32_768, 65_536)
STRIDE = 7_919
"""A prime: runs that start together begin to look far from each other."""

SOON = 0.5


@contextmanager
def receiver_port() -> Iterator[int]:
    """Yield a free port that no other run gives to a client meanwhile.

    A port that the system chose is free only until it chooses again, which may be before the client binds it.
    So these are ports that it never chooses, and each is claimed through its neighbour, which is held: the
    client binds in its own way, in any language. Raises SimulatorError where all are taken.
    """
    for port in _candidates():
        if claim := _claim(port):
            break
    else:
        raise SimulatorError("no port is free for a receiver", f"end what listens from {PORTS[0]} on")
    with claim:
        yield port


def is_listening(port: int) -> bool:
    """Tell whether somebody listens at a port of this machine."""
    with suppress(OSError), socket.create_connection((LOOPBACK, port), SOON):
        return True
    return False


def _claim(port: int) -> socket.socket | None:
    """Return the socket that holds the neighbour of a port; None where either of the two is taken."""
    try:
        claim = _bind(port + 1)
    except OSError:
        return None
    try:
        _bind(port).close()
    except OSError:
        claim.close()
        return None
    return claim


def _bind(port: int) -> socket.socket:
    """Bind a port without SO_REUSEADDR, so that it has to be wholly free, old connections included."""
    sock = socket.socket()
    try:
        sock.bind((LOOPBACK, port))
    except OSError:
        sock.close()
        raise
    return sock


def _candidates() -> Iterator[int]:
    """Yield the ports to try, from one on that depends on this process."""
    chosen_by_the_system = ephemeral_ports()
    ports = [port for port in PORTS if port not in chosen_by_the_system] or [*PORTS]
    first = os.getpid() * STRIDE % len(ports)
    yield from ports[first:]
    yield from ports[:first]


def ephemeral_ports() -> range:
    """Return the ports that the system gives to whoever asks for any."""
    try:
        first, last = map(int, EPHEMERAL.read_text("utf-8").split())
    except (OSError, ValueError):
        return USUALLY_EPHEMERAL
    return range(first, last + 1)
