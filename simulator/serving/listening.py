"""The sockets that a simulator answers on: which ports are asked for, and what was bound."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from simulator.serving.sockets import bind, reachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where a simulator is to listen; of a port, 0 is any that is free and None none at all.

    `vendors` is the first of the ports at which each vendor answers at the root, in the order of names; `tls`
    is for HTTPS, also for what comes through the `proxy`.
    """

    host: str = "127.0.0.1"
    main: int = 0
    vendors: int | None = None
    tls: int | None = None
    proxy: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
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

        def bound(port: int) -> socket.socket:
            return stack.enter_context(closing(bind(ports.host, port, token)))

        first = ports.vendors
        yield Bound(
            main=bound(ports.main),
            vendors={name: bound(first and first + place) for place, name in enumerate(names)}
            if first is not None
            else {},
            tls=None if ports.tls is None else bound(ports.tls),
            proxy=None if ports.proxy is None else bound(ports.proxy),
        )
