"""Which addresses a callback may go to: a strict URL grammar and our own table of address ranges.

The table is ours because the standard library's verdicts change between Python versions and some are wrong
(it calls NAT64 and multicast addresses global). Nothing here opens a socket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal
from urllib.parse import unquote

from msgspec import Struct

from simulator.exchange import Headers, find_header

HOP_HEADER = "X-Simulator-Hop"
HOP_LIMIT = 5
LONGEST_URL = 8_192

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Profile = Literal["fixture", "local", "shared"]
Kind = Literal["public", "loopback", "private", "link_local", "metadata", "reserved"]
Resolve = Callable[[str, int], Sequence[str]]
"""Host and port -> addresses as text, as the resolver gives them, zones included; OSError when unknown."""

_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[^\x21-\x7e]|\\|%00")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_FOUR = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")

_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9.])?")
_METADATA_NAMES = frozenset(
    ("metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal")
)
_METADATA = frozenset(
    ip_address(address)
    for address in (
        *("169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16"),
        *("192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fe80::a9fe:a9fe"),
    )
)
_LISTED: tuple[tuple[Kind, str], ...] = (
    ("loopback", "127.0.0.0/8 ::1/128"),
    ("private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"),
    ("link_local", "169.254.0.0/16 fe80::/10"),
    ("reserved", "0.0.0.0/8 100.64.0.0/10 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15"),
    ("reserved", "198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"),
    ("reserved", "::/8 100::/8 2001::/23 2001:db8::/32 3fff::/20 5f00::/16 fec0::/10 ff00::/8"),
)
_RANGES: tuple[tuple[Network, Kind], ...] = tuple(
    (ip_network(cidr), kind) for kind, cidrs in _LISTED for cidr in cidrs.split()
)
_NEVER = ("metadata", "link_local")
_GLOBAL_SIX = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class RefusedDestination(Exception):
    """A callback that may not be sent; `rule` is stable (`link-local`), `reason` is for people."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule = rule
        self.reason = reason


class Destination(Struct, frozen=True):
    """A URL taken apart: `host` in lower case without brackets, `target` exactly as it was written."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def host_header(self) -> str:
        """What the Host header says: brackets around IPv6, the port unless it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"


class DestinationPolicy(Struct, frozen=True):
    """Where callbacks may go: by `profile`, the `allowed` hosts and CIDRs, and never to our own control API.

    fixture: what is allowed; the rest is kept here. local: loopback and private ranges; others when allowed.
    shared: only what is allowed.
    An allowed host name vouches for public addresses alone; anything closer has to be allowed by CIDR, or a
    name that changes its address could reach it. Link-local and metadata are refused whatever is allowed.
    """

    profile: Profile
    allowed: tuple[str, ...] = ()
    own_ports: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        for entry in self.allowed:
            if _network_of(entry) is None and not _HOST_NAME.fullmatch(entry):
                raise ValueError(
                    f"{entry!r} is no host such as hooks.example.com, nor a network such as 10.0.0.0/8"
                )

    def keeps(self, destination: Destination) -> bool:
        """Return whether a callback stays here: in a test few clients listen, and no name is resolved."""
        if self.profile != "fixture" or destination.host in self._hosts:
            return False
        home = is_this_machine(destination.host)
        literal = ip_address("127.0.0.1") if home else _literal(destination.host)
        return literal is None or not self._allows(literal)

    def check(self, destination: Destination) -> None:
        """Raise RefusedDestination for what is known before resolving: name, literal address, our own API."""
        if destination.host.rstrip(".") in _METADATA_NAMES:
            raise RefusedDestination("metadata", f"{destination.host} is a cloud metadata service")
        if destination.port in self.own_ports and _names_control_api(destination.target):
            raise RefusedDestination("own-control-api", "a callback may not call our own control API")
        literal = _literal(destination.host)
        if literal and (self.profile != "fixture" or classify(literal) in _NEVER):
            self._check_address(destination.host, literal)

    def vet(self, destination: Destination, resolve: Resolve) -> tuple[str, ...]:
        """Resolve once and return the addresses to connect to; one bad record refuses them all.

        Raises RefusedDestination, and OSError when the name does not resolve.
        """
        self.check(destination)
        literal = _literal(destination.host)
        addresses = [destination.host] if literal else list(resolve(destination.host, destination.port))
        if not addresses:
            raise OSError(f"{destination.host} has no address")
        for address in addresses:
            self._check_address(destination.host, ip_address(address.partition("%")[0]))
        return tuple(dict.fromkeys(addresses))

    def _check_address(self, host: str, address: Address) -> None:
        kind = classify(address)
        if kind in _NEVER:
            rule = kind.replace("_", "-")
            raise RefusedDestination(rule, f"{address} is never called, whatever is allowed")
        if self._allows(address):
            return
        if kind in ("loopback", "private") and self.profile == "local":
            return
        if kind == "public" and host in self._hosts:
            return
        raise RefusedDestination(kind, f"{address} is {kind} and not allowed here; allow it by host or CIDR")

    def _allows(self, address: Address) -> bool:
        networks = [network for entry in self.allowed if (network := _network_of(entry))]
        return any(address in network for network in networks if network.version == address.version)

    @property
    def _hosts(self) -> set[str]:
        return {entry.lower() for entry in self.allowed}


def is_this_machine(host: str) -> bool:
    """Return whether a name means the machine itself, as every name below `localhost` does (RFC 6761)."""
    return host.lower() == "localhost" or host.lower().endswith(".localhost")


def parse_destination(url: str) -> Destination:
    """Take a callback URL apart, or raise RefusedDestination where URL parsers could disagree.

    ASCII only, http or https, no user information, no backslash, no odd spelling of an IPv4 address,
    port 1-65535, 8 KB at most. A fragment is dropped, everything else of the target stays as written.
    """
    if len(url) > LONGEST_URL:
        raise RefusedDestination("url-length", f"longer than {LONGEST_URL} bytes")
    if _FORBIDDEN.search(url):
        raise RefusedDestination("url-characters", "control, non-ASCII, blank, backslash or %00 in the URL")
    parts = _URL.fullmatch(url)
    if not parts:
        raise RefusedDestination("url-scheme", "only http:// and https:// URLs")
    scheme, authority, target = parts[1].lower(), parts[2], parts[3]
    host, port = _host_and_port(authority, 443 if scheme == "https" else 80)
    return Destination(scheme, host, port, target if target.startswith("/") else f"/{target}")


def classify(address: Address) -> Kind:
    """Return what kind an address is, seen through IPv4-mapped, NAT64, 6to4 and Teredo wrappings."""
    if address in _METADATA:
        return "metadata"
    inner = _unwrap(address)
    if inner:
        kinds: list[Kind] = [classify(address) for address in inner]
        return next((kind for kind in kinds if kind != "public"), "public")
    for network, kind in _RANGES:
        if network.version == address.version and address in network:
            return kind
    return "public" if address.version == 4 or address in _GLOBAL_SIX else "reserved"


def next_hop(headers: Headers) -> str:
    """Return the hop count to send; raises RefusedDestination after 5, ending a loop through us."""
    hop = hop_of(headers)
    if hop >= HOP_LIMIT:
        raise RefusedDestination("too-many-hops", f"this callback came round {HOP_LIMIT} times")
    return str(hop + 1)


def hop_of(headers: Headers) -> int:
    """Return how many callbacks led to a request: 0 without the header, the limit when it is malformed."""
    value = find_header(headers, HOP_HEADER)
    if value is None:
        return 0
    return min(int(value), HOP_LIMIT) if re.fullmatch("[0-9]{1,3}", value) else HOP_LIMIT


def _host_and_port(authority: str, usual: int) -> tuple[str, int]:
    if "@" in authority:
        raise RefusedDestination("url-userinfo", "user name and password in the URL")
    parts = _AUTHORITY.fullmatch(authority)
    if not parts:
        raise RefusedDestination("url-host", "the host is not a plain name or address")
    port = int(parts[2]) if parts[2] else usual
    if not 1 <= port <= 65_535:
        raise RefusedDestination("url-port", "the port is not within 1-65535")
    return _checked_host(parts[1].lower()), port


def _checked_host(host: str) -> str:
    if host.startswith("["):
        try:
            return str(IPv6Address(host[1:-1]))
        except ValueError:
            raise RefusedDestination("url-host", f"{host} is not an IPv6 address") from None
    labels = host.split(".")
    if not all(map(_LABEL.fullmatch, labels)):
        raise RefusedDestination("url-host", f"{host} is not a host name")
    if _NUMERIC_LABEL.fullmatch(labels[-1]) and not (_FOUR.fullmatch(host) and _literal(host)):
        raise RefusedDestination("odd-address", f"{host} spells an address in an unusual way; write a.b.c.d")
    return host


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _network_of(entry: str) -> Network | None:
    """Return the network that an allow-list entry means, None for a host name; raises ValueError."""
    if "/" in entry or _literal(entry):
        return ip_network(entry)
    return None


def _unwrap(address: Address) -> tuple[Address, ...]:
    """Return the IPv4 addresses inside an IPv6 address, Teredo's server and client both."""
    if isinstance(address, IPv4Address):
        return ()
    if address.teredo:
        return address.teredo
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    inner = address.ipv4_mapped or address.sixtofour
    return (inner,) if inner else ()


def _names_control_api(target: str) -> bool:
    for _ in range(3):
        target = unquote(target)
    return "_simulator" in re.split(r"[/\\?]", target.lower())
