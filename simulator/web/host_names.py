"""Whose a host is: ours, a vendor's, or that of somebody else; and what pages of others may ask.

A web page can reach what listens on this machine alone: it asks under a name of its own that leads here (DNS
rebinding), or sends without reading. So vendors answer under names that nobody else can have, and to pages
that came from such a name; a setting of ours lets others read as well. Vendors' hosts are those that they
answer at, and any other of their domains.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from simulator.exchange import Answer
from simulator.web.destinations import classify, is_this_machine
from simulator.web.guard import Refused, host_of, parse_host

MISDIRECTED = 421
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


class NoHostName(ValueError):
    """What was given as a host name and cannot be one."""

    def __init__(self, given: str) -> None:
        wild = " there is no pattern that lets every host in;" if "*" in given else ""
        super().__init__(f"{given!r} is not a host name:{wild} write one such as sim.example, without a port")


def check_host_name(name: str) -> str:
    """Return a host name or an address as it is compared with a Host; raises NoHostName."""
    try:
        bare = name if _NAME.fullmatch(name) or name.startswith("[") else f"[{ip_address(name)}]"
        return parse_host(bare)
    except (ValueError, Refused):
        raise NoHostName(name) from None


class HostNames:
    """Names that are ours: this machine's, the vendors' `hosts` (`*.` for every name below), `more`."""

    def __init__(self, hosts: Iterable[str], more: Iterable[str] = ()) -> None:
        self._known = {*hosts, *map(check_host_name, more)}

    def knows(self, host: str) -> bool:
        """Return whether a host, in lower case and without port, is one of ours."""
        below = "*." + host.partition(".")[2]
        return is_this_machine(host) or _is_loopback(host) or host in self._known or below in self._known

    def check(self, environ: Mapping[str, Any]) -> None:
        """Raise Refused, 421 for a foreign Host and 403 for the page of a foreign site.

        No Host at all is an old program and no page; a page tells its Origin, or else a Referer.
        """
        host = host_of(environ)
        if host and not self.knows(host):
            raise Refused(MISDIRECTED, _advice(f"the Host {host!r}", host))
        page = environ.get("HTTP_ORIGIN")
        if page is None and environ.get("HTTP_SEC_FETCH_SITE", "").lower() == "cross-site":
            page = environ.get("HTTP_REFERER", "")
        if page is not None and not self._is_own(page):
            name = urlsplit(page).hostname if page.startswith(("http://", "https://")) else None
            raise Refused(403, _advice(f"the page {(name or page)[:80]!r} that asks", name))

    def _is_own(self, page: str) -> bool:
        try:
            host = urlsplit(page).netloc.rpartition("@")[2]
            return bool(host) and self.knows(parse_host(host))
        except (ValueError, Refused):
            return False


def _advice(what: str, name: str | None) -> str:
    return (
        f"this simulator listens on this machine alone, and {what} is not of this machine or a vendor; "
        f"use localhost or 127.0.0.1, or start it with --host-name {name or 'NAME'}"
    )


@lru_cache(maxsize=256)  # each request names its host
def _is_loopback(host: str) -> bool:
    try:
        return classify(ip_address(host.strip("[]"))) == "loopback"
    except ValueError:
        return False


DOMAIN_LABELS = 2
"""No vendor's host lies in a domain that others register names below."""


def is_among(host: str, hosts: Iterable[str]) -> bool:
    """Return whether a host, in lower case, is one of those listed; `*.` stands for one label more."""
    below = "*." + host.partition(".")[2]
    return any(listed in {host, below} for listed in hosts)


def domains_of(hosts: Iterable[str]) -> list[str]:
    """Return the domains that hosts lie in: nobody but the vendor answers there."""
    return [*dict.fromkeys(".".join(host.split(".")[-DOMAIN_LABELS:]) for host in hosts)]


def is_in(host: str, domains: Iterable[str]) -> bool:
    """Return whether a host is one of the domains, or below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


Cors = Literal["vendor", "open"]
"""Whether browsers are answered as the vendor answers them, or let in."""

SHOWN = "X-Simulator-Exchange, X-Simulator-Rule, X-Simulator-Violations, Retry-After"
ORIGIN = "Access-Control-Allow-Origin"
ECHOED = {
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "Access-Control-Allow-Methods",
    "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "Access-Control-Allow-Headers",
    "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK": "Access-Control-Allow-Private-Network",
}


def preflight(environ: Mapping[str, Any]) -> Answer | None:
    """Return the answer to a browser that asks whether a page may ask; None for any other request."""
    if environ["REQUEST_METHOD"] != "OPTIONS" or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ:
        return None
    granted = [(granted, environ[asked]) for asked, granted in ECHOED.items() if asked in environ]
    return Answer(204, b"", (*granted, ("Access-Control-Max-Age", "60")))


def letting_in(start_response: Callable[..., Any], origin: str) -> Callable[..., Any]:
    """Return a `start_response` whose answers a page of the origin may read."""

    def start(status: str, headers: Iterable[tuple[str, str]], *more: Any) -> Any:
        own = [pair for pair in headers if pair[0].lower() != ORIGIN.lower()]
        ours = [(ORIGIN, origin), ("Vary", "Origin"), ("Access-Control-Expose-Headers", SHOWN)]
        return start_response(status, [*own, *ours], *more)

    return start
