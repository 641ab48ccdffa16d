"""What a command finds in its environment, and all that leads it here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from simulator.errors import UnknownName
from simulator.serving.authority import new_authority
from simulator.serving.interception import joined, past_proxy, tries, write_interception
from simulator.serving.proxy_routes import HTTP, HTTPS, Passed
from simulator.serving.running import Running
from simulator.serving.secure import Secure
from simulator.serving.sockets import Ports

NamedValue = tuple[str, str]
"""The name of a variable, and whose value it shall have: `kaleyra.voice_url` that of `KALEYRA_VOICE_URL`."""


def variables_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that a ready document becomes.

    `CALLO_BASE_URL`, `CALLO_ORIGIN` where it answers at the root, that one's `CALLO_HOST` (with the port) and
    `CALLO_PORT`, the URLs that its clients are set up with (`CALLO_API_URL`), a variable for each credential
    (`CALLO_PUBLIC_KEY`), and for ids by name, such as those of Callo's `campaigns`, one for each name
    (`CALLO_CAMPAIGN_ID_PINCODE`); likewise for credentials by name, such as `tokens` beside a `token`
    (`JAICP_TOKEN_SPRING_SURVEY`).
    """
    variables = {"SIMULATOR_URL": document["control"].removesuffix("/_simulator/v1")}
    for vendor, url in document["base_urls"].items():
        origin = document["origins"][vendor]
        place = {"BASE_URL": url, "ORIGIN": origin, "HOST": urlsplit(origin).netloc}
        place |= {"PORT": str(urlsplit(origin).port), **document["urls"][vendor]}
        variables |= {f"{vendor.upper()}_{name}": value for name, value in place.items()}
        variables |= _credentials(vendor.upper(), document["credentials"][vendor])
    return variables


def with_named_values(variables: Mapping[str, str], named_values: Iterable[NamedValue]) -> dict[str, str]:
    """Return variables with more of them, under names that a client chose; raises UnknownName."""
    known = {name.lower().replace("_", ".", 1): value for name, value in variables.items()}
    for _, word in named_values:
        if word.lower() not in known:
            raise UnknownName("value of --env", word, list(known))
    return {**variables, **{name: known[word.lower()] for name, word in named_values}}


def parse_named_value(text: str) -> NamedValue:
    """Read `NAME=vendor.word`; raises ValueError."""
    name, equals, word = text.partition("=")
    if not (equals and re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and "." in word):
        raise ValueError(f"{text!r} is not NAME=vendor.value, such as VOICE_API=kaleyra.voice_url")
    return name, word


def _credentials(prefix: str, credentials: Mapping[str, Any]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for name, value in credentials.items():
        if isinstance(value, Mapping):
            one = name.removesuffix("s")
            stem = f"{prefix}_{one.upper()}" + ("" if one in credentials else "_ID")
            variables |= {f"{stem}_{_capitals(key)}": str(entry) for key, entry in value.items()}
        else:
            variables[f"{prefix}_{name.upper()}"] = str(value)
    return variables


def _capitals(name: str) -> str:
    return re.sub(r"\W+", "_", name.upper())


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
