"""What JAICP remembers for a day: first answers by `Idempotence-Key`, and what a CRM has added."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta

from simulator.exchange import Answer
from simulator.telephony.campaigns import Campaign
from simulator.telephony.owners import Ref, Slot
from simulator.telephony.phone_numbers import E164, digits_of
from simulator.vendors.jaicp.errors import duplicated

DAY = timedelta(hours=24)

Payload = tuple[tuple[str, str], ...]


class Memory:
    """Things remembered for 24 hours, the oldest first."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[datetime, Answer | None]] = {}

    def find(self, key: Hashable, now: datetime) -> tuple[datetime, Answer | None] | None:
        """Return what was kept under `key` less than a day ago, with its time, or None."""
        while self._kept:
            oldest = next(iter(self._kept))
            if now - self._kept[oldest][0] < DAY:
                break
            del self._kept[oldest]
        return self._kept.get(key)

    def keep(self, key: Hashable, now: datetime, answer: Answer | None = None) -> None:
        """Keep something from now on."""
        self._kept.pop(key, None)
        self._kept[key] = (now, answer)


MEMORIES: Slot[dict[tuple[str, Ref], Memory]] = Slot("memories", dict)


def memory_of(campaign: Campaign, what: str) -> Memory:
    """Return what is remembered of `what` for a campaign."""
    return MEMORIES.of(campaign.account).setdefault((what, campaign.ref), Memory())


def check_repeat(campaign: Campaign, callee: E164, payload: Payload, now: datetime) -> None:
    """Refuse a number that came with the same payload less than a day ago (documented), else remember it."""
    added = memory_of(campaign, "added by a CRM")
    if added.find((callee, payload), now) is not None:
        raise duplicated("phone_repeated", [digits_of(callee)])
    added.keep((callee, payload), now)
