"""Sockets: which ports are asked for, what was bound, and what is done to the sockets themselves."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from asyncio import BaseTransport, Transport
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from ipaddress import ip_address
from typing import Any

from msgspec import Struct

from simulator.errors import PortTaken, SimulatorError, UnsafeBind


class Ports(Struct, frozen=True, kw_only=True):
    """Where a simulator is to listen; of a port, 0 is any that is free and None none at all.

    `vendors` is the first of the ports at which each vendor answers at the root, in the order of names; `tls`
    is for HTTPS, also for what comes through the `proxy`.
    """

    host: str = "127.0.0.1"
    main: int = 0
    vendors: int | None = None
    tls: int | None = None
    proxy: int | None = None


class Bound(Struct, frozen=True, kw_only=True):
    """Sockets that are bound; those of `vendors` by name."""

    main: socket.socket
    vendors: Mapping[str, socket.socket]
    tls: socket.socket | None
    proxy: socket.socket | None

    @property
    def ports(self) -> frozenset[int]:
        """The ports of all of them."""
        others = [sock for sock in (self.tls, self.proxy) if sock is not None]
        return frozenset(map(port_of, [self.main, *self.vendors.values(), *others]))

    @property
    def host(self) -> str:
        """The address that they are bound to."""
        return str(self.main.getsockname()[0])

    @property
    def root(self) -> str:
        """The URL of the main one, as a client on this machine writes it."""
        return f"http://{reachable(self.host)}:{port_of(self.main)}"


def port_of(sock: socket.socket) -> int:
    """Return the port that a socket is bound to."""
    return int(sock.getsockname()[1])


@contextmanager
def listening(ports: Ports, names: Sequence[str], token: str | None = None) -> Iterator[Bound]:
    """Bind what is asked for, for vendors by their `names`, until the block ends; raises what `bind` does."""
    with ExitStack() as stack:

        def bound(port: int, option: str) -> socket.socket:
            return stack.enter_context(closing(bind(ports.host, port, token, option)))

        first = ports.vendors
        of_vendors = {} if first is None else {name: first and first + at for at, name in enumerate(names)}
        yield Bound(
            main=bound(ports.main, "--port"),
            vendors={name: bound(port, "--vendor-ports") for name, port in of_vendors.items()},
            tls=None if ports.tls is None else bound(ports.tls, "--tls-port"),
            proxy=None if ports.proxy is None else bound(ports.proxy, "--proxy"),
        )


def bind(host: str, port: int, admin_token: str | None = None, option: str = "--port") -> socket.socket:
    """Listen on an address of our own, shared with nobody; port 0 takes a free one; `option` chooses it.

    Raises UnsafeBind for an address that others can reach when there is no token, PortTaken for a busy port
    and SimulatorError for an address that is not ours.
    """
    try:
        # of text, Python would load a codec for other letters, 1 ms of a start
        name = host.encode() if host.isascii() else host
        addresses = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = min(addresses, key=lambda entry: entry[0] != socket.AF_INET)
        if not admin_token and not ip_address(str(address[0]).partition("%")[0]).is_loopback:
            raise UnsafeBind(
                f"whoever reaches {host} could control the simulator",
                "give --admin-token, or listen on 127.0.0.1",
            )
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        if port and error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {port} on {host} is taken: end the program there, or choose {option} 0"
            ) from None
        raise SimulatorError(f"cannot listen on {host} port {port}: {error.strerror}") from None


def reachable(host: str) -> str:
    """Return how a client on this machine writes the address in a URL."""
    address = ip_address(host)
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"


def send_at_once(transport: BaseTransport) -> None:
    """Let small pieces leave without waiting for more; asyncio does so only for sockets it made itself."""
    with suppress(OSError):
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def reset(transport: Transport) -> None:
    """End a connection with a reset instead of a goodbye."""
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    with suppress(OSError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


def allow_many_files(count: int) -> None:
    """Let as many connections open as the server takes, where the system has a say in it."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        most = count if hard == resource.RLIM_INFINITY else min(count, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def listening_ports(selector: Any) -> Iterator[int]:
    """Yield the ports at which sockets of an event loop listen, by its selector."""
    for descriptor in list(selector.get_map()):
        with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as served:
            if served.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                yield int(served.getsockname()[1])
