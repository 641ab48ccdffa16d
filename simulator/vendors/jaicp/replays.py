"""What JAICP remembers for a day: first answers by `Idempotence-Key`, and what a CRM has added."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from simulator.exchange import Answer
from simulator.telephony.calls import Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.owners import Slot
from simulator.telephony.phone_numbers import digits_of
from simulator.vendors.jaicp.refusals import duplicated

V = TypeVar("V")
DAY = timedelta(hours=24)


class FirstAnswer(NamedTuple):
    """What a key brings again, and the digest of the request that it was the answer to."""

    answer: Answer
    request: bytes


class Memory(Generic[V]):
    """Values remembered for 24 hours, the oldest first."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[datetime, V]] = {}

    def find(self, key: Hashable, now: datetime) -> V | None:
        """Return what was kept under `key` less than a day ago, or None."""
        while self._kept:
            oldest = next(iter(self._kept))
            if now - self._kept[oldest][0] < DAY:
                break
            del self._kept[oldest]
        return self._kept[key][1] if key in self._kept else None

    def keep(self, key: Hashable, now: datetime, value: V) -> None:
        """Keep a value from now on."""
        self._kept.pop(key, None)
        self._kept[key] = (now, value)


FIRST_ANSWERS: Slot[Memory[FirstAnswer]] = Slot("first answers", Memory)
"""The answers of an account, by campaign, operation and key."""

ADDED: Slot[Memory[bool]] = Slot("added by a CRM", Memory)
"""The numbers that CRMs added to an account's campaigns, with their payloads."""


def check_repeat(campaign: Campaign, order: Order, now: datetime) -> None:
    """Remember a number and its payload; raises Refused for what came less than a day ago (observed)."""
    added = ADDED.of(campaign.account)
    identity = (campaign.ref, order.callee, tuple(sorted((order.payload or {}).items())))
    if added.find(identity, now):
        raise duplicated("phone_repeated", [digits_of(order.callee)])
    added.keep(identity, now, value=True)
