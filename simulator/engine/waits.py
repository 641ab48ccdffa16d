"""Waits of clients where the clock stands still: one that was really waited for is taken at its word."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from simulator.engine.real_time import steady
from simulator.exchange import Exchange, Request
from simulator.formats.forms import MalformedForm
from simulator.telephony.errors import TelephonyError
from simulator.web.vendor_app import VendorApp

MOST_WAITS = 1_000

Client = tuple[str, str]
"""A vendor and the credential that is presented to it."""


class _Wait(Struct, frozen=True):
    until: datetime
    length: timedelta
    since: timedelta


class Waits:
    """Which clients are `known` to have been told to wait: until when in the world, since when by the host.

    Each limit counts by itself, and only its last refusal: whoever asks again too early begins to wait anew.
    """

    def __init__(self, vendors: Mapping[str, VendorApp], host_time: Callable[[], timedelta] = steady) -> None:
        self._vendors = vendors
        self._host_time = host_time
        self.known: OrderedDict[tuple[Client, str], _Wait] = OrderedDict()

    def note(self, request: Request, refusal: Exchange, wait: timedelta) -> None:
        """Remember that whoever made a request was told to wait."""
        key = self._client(refusal.vendor, request), refusal.rate_limit.key if refusal.rate_limit else ""
        self.known[key] = _Wait(refusal.at + wait, wait, self._host_time())
        self.known.move_to_end(key)
        if len(self.known) > MOST_WAITS:
            self.known.popitem(last=False)

    def waited_out(self, vendor: str, request: Request) -> datetime | None:
        """Return until when in the world the client of a request has really waited; each wait counts once."""
        client, now = self._client(vendor, request), self._host_time()
        mine = [(key, wait) for key, wait in self.known.items() if key[0] == client]
        over = [(key, wait.until) for key, wait in mine if now - wait.since >= wait.length]
        for key, _ in over:
            del self.known[key]
        return max((until for _, until in over), default=None)

    def _client(self, vendor: str, request: Request) -> Client:
        app = self._vendors[vendor]
        canonical = replace(request, path=app.vendor.canonical_path(request.path))
        with suppress(TelephonyError, MalformedForm):
            return vendor, app.vendor.credential(canonical, app.vendor.read_form(canonical))
        return vendor, ""


def advice_on(wait: timedelta) -> str:
    """Return what a client can do that was told to wait where time stands still."""
    length = f"{wait.total_seconds():g}s"
    return f"time stands still here: really wait {length}, or POST /_simulator/v1/clock/advance"
