"""Accounts: all that is kept for an owner, each thing by its reference; its clips and groups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from simulator.telephony.calls import Call
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import (
    UnknownCall,
    UnknownCampaign,
    UnknownClip,
    UnknownGroup,
    UnknownNumber,
)
from simulator.telephony.live_calls import LiveCall
from simulator.telephony.messages import Message, MessageLog
from simulator.telephony.owned_numbers import OwnedNumber
from simulator.telephony.owners import Owner, Ref, look_up
from simulator.telephony.phone_numbers import E164
from simulator.telephony.script_runs import ScriptRun
from simulator.telephony.subscriptions import DeliveryRecord, Subscription


class ClipState(StrEnum):
    """Whether a clip can be played; new content is converted first."""

    EMPTY = "empty"
    WAITING = "waiting"
    PROCESSING = "processing"
    READY = "ready"
    BROKEN = "broken"


class ClipSource(StrEnum):
    """Where a clip's content came from."""

    CLIENT = "client"
    TELEPHONE = "telephone"
    OPERATOR = "operator"


class AudioClip(Struct, kw_only=True):
    """One clip; `body` is what was uploaded, empty for a synthesised clip."""

    ref: int | str
    name: str
    created: datetime
    length: timedelta
    kind: str = "uploaded"
    text: str = ""
    speaker: str = ""
    body: bytes = b""
    state: ClipState = ClipState.READY
    source: ClipSource = ClipSource.CLIENT
    read_only: bool = False
    updated: datetime | None = None


class ContactGroup(Struct, frozen=True):
    """Numbers kept under a reference and a name, to be called together."""

    ref: str
    name: str
    numbers: tuple[E164, ...] = ()


class Account(Owner, kw_only=True):
    """An owner with all that it has in a world."""

    campaigns: dict[Ref, Campaign] = field(default_factory=dict)
    clips: dict[Ref, AudioClip] = field(default_factory=dict)
    calls: dict[Ref, Call] = field(default_factory=dict)
    latest: dict[E164, Call] = field(default_factory=dict)
    groups: dict[str, ContactGroup] = field(default_factory=dict)
    numbers: dict[E164, OwnedNumber] = field(default_factory=dict)
    messages: dict[Ref, Message] = field(default_factory=dict)
    message_log: MessageLog = field(default_factory=MessageLog)
    line_calls: dict[Ref, LiveCall] = field(default_factory=dict)
    script_runs: dict[Ref, ScriptRun] = field(default_factory=dict)
    subscriptions: dict[Ref, Subscription] = field(default_factory=dict)
    delivery_log: list[DeliveryRecord] = field(default_factory=list)

    def campaign(self, ref: Ref) -> Campaign:
        """Return the campaign called `ref`; raises UnknownCampaign."""
        return look_up(self.campaigns, ref, UnknownCampaign)

    def call(self, ref: Ref) -> Call:
        """Return the call `ref`; raises UnknownCall."""
        return look_up(self.calls, ref, UnknownCall)

    def clip(self, ref: Ref) -> AudioClip:
        """Return the audio clip `ref`; raises UnknownClip."""
        return look_up(self.clips, ref, UnknownClip)

    def group(self, ref: str) -> ContactGroup:
        """Return the group with this reference, or else this name; raises UnknownGroup."""
        if (group := self.groups.get(ref)) is not None:
            return group
        for group in self.groups.values():
            if group.name == ref:
                return group
        raise UnknownGroup(ref)

    def calls_to(self, number: E164, campaign: Campaign) -> list[Call]:
        """Return the campaign's calls to `number`, newest first; raises UnknownNumber when there is none."""
        calls = [call for call in self.history(number) if call.campaign is campaign]
        if not calls:
            raise UnknownNumber(number)
        return calls

    def history(self, number: E164) -> Iterator[Call]:
        """Yield every call of the account to `number`, newest first."""
        call = self.latest.get(number)
        while call is not None:
            yield call
            call = call.earlier
