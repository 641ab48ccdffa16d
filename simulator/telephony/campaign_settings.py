"""What a campaign is set to do: with what script, how often, on how many lines; and bulk imports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct, field

from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.outcomes import Disposition
from simulator.telephony.owners import Entity, Owner, Ref, Tariff
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import AllowedHours


class CampaignState(StrEnum):
    """Whether a campaign dials; one that is planned waits for its start."""

    PLANNED = "planned"
    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"
    ARCHIVED = "archived"


class Method(StrEnum):
    """How a campaign reaches people; one that receives connects whoever calls in with an agent."""

    SPEAK = "speak"
    FLASH = "flash"
    AWAIT = "await"
    RECEIVE = "receive"


OPEN_STATES = (CampaignState.PLANNED, CampaignState.ACTIVE, CampaignState.PAUSED)


class RetryPolicy(Struct, frozen=True):
    """How many attempts a call gets in all, and how long to wait between them.

    `gives_up_on` are dispositions after which no further attempt is made, besides those final for anybody.
    """

    attempts: int = 3
    after: timedelta = timedelta(minutes=5)
    gives_up_on: frozenset[Disposition] = frozenset()


class RepeatLimit(Struct, frozen=True):
    """At most `allow` calls to one number within `per`."""

    allow: int = 5
    per: timedelta = timedelta(seconds=30)


class Postback(Struct, frozen=True):
    """Where a vendor reports an event of a campaign or a call to its client; `url` may hold placeholders.

    With `answers` it also hears of a call when somebody picks up.
    """

    url: str
    method: str = "GET"
    answers: bool = False


class ImportPace(Struct, frozen=True):
    """How a bulk import turns into calls: after `lag`, `portion` of them at a time, one portion `every`."""

    lag: timedelta = timedelta(seconds=3)
    portion: int = 1000
    every: timedelta = timedelta(seconds=1)


class Contact(NamedTuple):
    """One accepted row of an import."""

    callee: E164
    opening: Prompt | None = None
    label: str | None = None


class RowVerdict(NamedTuple):
    """Why a row of an import was not accepted; `row` counts from 1."""

    row: int
    text: str
    reason: str


class CampaignSettings(Entity, kw_only=True):
    """What one campaign of one owner is set to do; `kind` is the vendor's own word for its type.

    Where campaigns have a credential each, `key` is the one that opens this one. With `customer_time` its
    hours are meant in each callee's own zone, where that is known. A new call waits for its `delay` before it
    may be dialed. It connects callers with its `agents`.
    """

    ref: Ref
    name: str
    kind: str
    account: Owner
    created: datetime
    key: str = ""
    method: Method = Method.SPEAK
    script: Script = Script()
    retry: RetryPolicy = RetryPolicy()
    lines: int = 100
    gap: timedelta = timedelta(0)
    delay: timedelta = timedelta(0)
    hours: AllowedHours = AllowedHours()
    repeat: RepeatLimit | None = RepeatLimit()
    lifetime: timedelta | None = None
    max_length: timedelta | None = None
    tariff: Tariff | None = None
    postbacks: Mapping[str, Postback] = field(default_factory=dict)
    importing: ImportPace = ImportPace()
    agents: tuple[E164, ...] = ()
    customer_time: bool = False
    state: CampaignState = CampaignState.ACTIVE
