"""Which hosts are vendors': those that they answer at, and any other of the domains these lie in."""

from __future__ import annotations

from collections.abc import Iterable

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
