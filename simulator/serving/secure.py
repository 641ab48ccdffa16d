"""What is answered in TLS and through the proxy, in the names of the vendors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from ipaddress import ip_address

from msgspec import Struct

from simulator.app import Simulator
from simulator.serving.authority import Authority
from simulator.serving.interception import Plan
from simulator.serving.protocol import Connection
from simulator.serving.proxy import Client
from simulator.serving.proxy_routes import Passed, Routes
from simulator.serving.server import Listener
from simulator.serving.sockets import Bound, port_of, reachable
from simulator.vendors import load_vendor, vendor_names
from simulator.web.host_names import HostNames, domains_of, is_among, is_in


class Secure(Struct, frozen=True, kw_only=True):
    """Who signs, which hosts the proxy lets through, and whether it answers for the vendors at all."""

    authority: Authority
    passed: Sequence[Passed] = ()
    answers: bool = True


def secure_listeners(
    bound: Bound, secure: Secure, simulator: Simulator, tried: Callable[[str, int], object]
) -> Iterator[Listener]:
    """Yield what listens in TLS, and as a proxy; `tried` is told of vendors that the proxy refused."""
    settings = simulator.settings
    if bound.tls is not None:
        names = HostNames(hosts_of(simulator), (*settings.host_names, *settings.admin_hosts))
        yield Listener(bound.tls, Connection, secure.authority.server_context(names.knows))
    if bound.proxy is not None and bound.tls is not None:
        hosts = hosts_of(simulator) if secure.answers else ()
        routes = Routes(
            host=reachable(bound.host).strip("[]"),
            plain=port_of(bound.main),
            secure=port_of(bound.tls),
            answers=partial(is_among, hosts=hosts),
            is_vendors=is_vendors,
            passed=secure.passed,
            token=None if ip_address(bound.host).is_loopback else settings.admin_token,
            tried=tried,
        )
        yield Listener(bound.proxy, partial(Client, routes=routes))


def plan_of(bound: Bound, secure: Secure | None, simulator: Simulator) -> Plan | None:
    """Return where clients on this machine are led that hold the vendors' addresses; None without a proxy."""
    if secure is None or bound.tls is None or bound.proxy is None:
        return None
    address, token = reachable(bound.host), simulator.settings.admin_token
    access = f"simulator:{token}@" if token and not ip_address(bound.host).is_loopback else ""
    return Plan(
        hosts=hosts_of(simulator) if secure.answers else (),
        guarded=tuple(domains_of(every_host())),
        address=address.strip("[]"),
        plain=port_of(bound.main),
        secure=port_of(bound.tls),
        proxy=f"http://{access}{address}:{port_of(bound.proxy)}",
        certificate=secure.authority.certificate,
        keeps_roots=bool(secure.passed),
    )


def hosts_of(simulator: Simulator) -> tuple[str, ...]:
    """Return the hosts of the vendors that a simulator stands for."""
    return tuple(host for app in simulator.vendors.values() for host in app.vendor.hosts)


def every_host() -> Iterator[str]:
    """Yield the hosts of all vendors there are."""
    for name in vendor_names():
        yield from load_vendor(name).hosts


def is_vendors(host: str) -> bool:
    """Return whether a host is a real vendor's, whether or not anybody stands in for it."""
    return is_in(host, domains_of(every_host()))
