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

    `vendors` is the first of the ports at which each vendor answers at the root, in the order of names.
    """

    host: str = "127.0.0.1"
    main: int = 0
    vendors: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Sockets that are bound; those of `vendors` by name."""

    main: socket.socket
    vendors: Mapping[str, socket.socket]

    @property
    def all(self) -> list[socket.socket]:
        """Each of them."""
        return [self.main, *self.vendors.values()]

    @property
    def root(self) -> str:
        """The URL of the main one, as a client on this machine writes it."""
        return f"http://{reachable(self.main.getsockname()[0])}:{port_of(self.main)}"


def port_of(sock: socket.socket) -> int:
    """Return the port that a socket is bound to."""
    return int(sock.getsockname()[1])


@contextmanager
def listening(ports: Ports, names: Sequence[str], token: str | None = None) -> Iterator[Listeners]:
    """Bind what is asked for, for vendors by their `names`, until the block ends; raises what `bind` does."""
    with ExitStack() as stack:

        def bound(port: int) -> socket.socket:
            return stack.enter_context(closing(bind(ports.host, port, token)))

        first = ports.vendors
        main, own = bound(ports.main), {}
        if first is not None:
            own = {name: bound(first and first + place) for place, name in enumerate(names)}
        yield Listeners(main=main, vendors=own)
