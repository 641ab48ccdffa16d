"""Names of vendors that lead to a simulator, and trust in its authority: what is put in the place of what.

It stands alone, for it is copied to where any Python reads it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing `typing` would take longer than all of this
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

STAND_IN = "127.83.73.77"
"""What the name of a vendor is looked up as: nobody is there, and whoever connects is led on by the port."""

TRUSTING = ("load_verify_locations", "load_default_certs", "set_default_verify_paths")
"""The methods of an SSLContext by which it learns whom to trust."""


EVENTS = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.connect": 1, "socket.sendto": 1}
"""Of each audit event, which argument is a host, or an address that begins with one."""


def name_of(host: Any) -> str:
    """Return a host as it is compared."""
    text = host.decode("latin-1") if isinstance(host, (bytes, bytearray)) else host
    return text.lower().rstrip(".") if isinstance(text, str) else ""


def sought(event: str, given: tuple[Any, ...]) -> tuple[str, str]:
    """Return the host that an audit event is about, and the port or nothing; no host where there is none."""
    place = EVENTS.get(event)
    if place is None or len(given) <= place:
        return "", ""
    host, port = given[place], given[1] if place == 0 and len(given) > 1 else ""
    if isinstance(host, tuple) and len(host) > 1:
        host, port = host[:2]
    return name_of(host), "" if port is None else str(port)


class Routes:
    """Where hosts are stood in for: `*.` before one stands for one label more."""

    def __init__(self, hosts: list[str], address: str, plain: int, secure: int) -> None:
        self.hosts = hosts
        self.address = address
        self.ports = {"443": secure, "https": secure, "80": plain, "http": plain}

    def stands_for(self, host: Any, port: Any) -> bool:
        """Tell whether somebody stands in for a host; a port that is not known yet may be one of ours."""
        name = name_of(host)
        is_ours = name in self.hosts or "*." + name.partition(".")[2] in self.hosts
        return is_ours and (not port or str(port) in self.ports)

    def patches(self, socket: Any) -> Iterator[tuple[Any, str, Callable[..., Any]]]:
        """Yield what is to be put where in the module `socket`, so that hosts lead to who stands in."""
        yield socket, "getaddrinfo", self._look_up(socket.getaddrinfo)
        for name in ("gethostbyname", "gethostbyname_ex"):
            yield socket, name, self._resolve(getattr(socket, name))
        for name in ("connect", "connect_ex"):
            yield socket.socket, name, self._connect(getattr(socket.socket, name))

    def _look_up(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(host: Any, port: Any, *more: Any, **named: Any) -> Any:
            return before(STAND_IN if self.stands_for(host, port) else host, port, *more, **named)

        return getaddrinfo

    def _resolve(self, before: Callable[..., Any]) -> Callable[..., Any]:
        return lambda host: before(STAND_IN if self.stands_for(host, "") else host)

    def _connect(self, before: Callable[..., Any]) -> Callable[..., Any]:

        def connect(sock: Any, address: Any) -> Any:
            if isinstance(address, tuple) and len(address) > 1:
                host, port = address[:2]
                if (host == STAND_IN or self.stands_for(host, port)) and str(port) in self.ports:
                    address = (self.address, self.ports[str(port)])
            return before(sock, address)

        return connect


def trusting(before: Callable[..., None], load: Callable[..., None], certificate: str) -> Callable[..., None]:
    """Return what is put in the place of a method of an SSLContext: it trusts a certificate as well."""

    def trust(context: Any, *given: Any, **named: Any) -> None:
        before(context, *given, **named)
        load(context, cadata=certificate)

    return trust
