"""All that leads a checked command here: ports, variables, a proxy; and what it tried past that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from simulator.serving.authority import new_authority
from simulator.serving.interception import joined, past_proxy, tries, write_interception
from simulator.serving.proxy_routes import HTTP, HTTPS, Passed
from simulator.serving.running import Running
from simulator.serving.secure import Secure
from simulator.serving.sockets import Ports
from simulator.serving.variables import NamedValue, variables_of, with_named_values

PAST_US = "a real vendor was tried past the simulator: {} ({}){}"
BY_PROXY = "through the proxy, which refused"
ADVICE = (
    "  nothing of that reached it; use --intercept, which answers at the vendors' own addresses, or the "
    "variables *_BASE_URL"
)


class Reach(Struct, frozen=True, kw_only=True):
    """Whether to `intercept` what goes to vendors' hosts, and to `guard`: a run fails that tries real ones.

    Hosts that are `passed` are let through either way. In a process that is in a network of its own, see
    `isolation`, the vendors' own ports are used, for clients that read no variables. Variables are set
    as `named_values` name them.
    """

    intercept: bool = False
    guard: bool = False
    isolate: bool = False
    passed: Sequence[Passed] = ()
    named_values: Sequence[NamedValue] = ()

    @property
    def ports(self) -> Ports:
        """On what a command's simulator has to listen."""
        if self.isolate:
            return Ports(main=HTTP, vendors=0, tls=HTTPS, proxy=0)
        proxied = 0 if self.intercept or self.guard else None
        return Ports(vendors=0, tls=proxied, proxy=proxied)

    def secure(self) -> Secure | None:
        """Return what is answered in TLS, by an authority of this run alone."""
        if self.ports.proxy is None:
            return None
        return Secure(authority=new_authority(), passed=self.passed, answers=self.intercept or self.isolate)

    @contextmanager
    def led(self, place: Running, present: Mapping[str, str]) -> Iterator[Led]:
        """Lead clients here, by what is present in its environment and more. Raises UnknownName."""
        with TemporaryDirectory(prefix="simulator-") as folder:
            plan = place.plan()
            routes = joined(write_interception(Path(folder), plan), present) if plan else past_proxy(present)
            variables = with_named_values(variables_of(place.ready_document()), self.named_values)
            yield Led({**present, **variables, **routes}, Path(folder), place)


class Led(Struct, frozen=True):
    """Clients that are led: in which environment, and what they tried."""

    environment: Mapping[str, str]
    folder: Path
    place: Running

    def past_us(self) -> list[str]:
        """Return a line for each real vendor that was tried, and at last what to do about it."""
        refused = [(host, str(port), BY_PROXY) for host, port in self.place.tried]
        counts = Counter([*refused, *tries(self.folder)])
        lines = [
            PAST_US.format(host + (port and f":{port}"), how, f", {count} times" if count > 1 else "")
            for (host, port, how), count in counts.items()
        ]
        return [*lines, ADVICE] if lines else []
