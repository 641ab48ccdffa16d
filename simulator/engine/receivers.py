"""Receivers that take no callbacks: told once each, in the log of whoever runs a simulator."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from simulator.telephony.outbox import Delivery

MOST_KNOWN = 100

log = logging.getLogger("simulator")


class Receivers:
    """The receivers of a world that have let a callback fail in the end, by host and port."""

    def __init__(self) -> None:
        self._failed: set[str] = set()

    def note_failed(self, delivery: Delivery, url: str, why: str) -> None:
        """Tell of a callback that nobody took, if its receiver is not known for that."""
        place = urlsplit(url).netloc.rpartition("@")[2]
        if place in self._failed or len(self._failed) >= MOST_KNOWN:
            return
        self._failed.add(place)
        what = f"{delivery.vendor} {delivery.event}, tried {len(delivery.attempts)} times, the last: {why}"
        advice = "is your receiver up? `simulator deliveries` lists each try"
        log.warning("nobody takes callbacks at %s (%s); %s", place, what, advice)
