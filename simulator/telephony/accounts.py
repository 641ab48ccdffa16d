"""Accounts: who may call, with what money, through which campaigns, and whom never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any

from simulator.telephony.audio import AudioClip
from simulator.telephony.errors import (
    UnknownCall,
    UnknownCampaign,
    UnknownClip,
    UnknownFollowUp,
    UnknownGroup,
    UnknownNumber,
)
from simulator.telephony.message_log import MessageLog
from simulator.telephony.phone_numbers import E164

if TYPE_CHECKING:
    from simulator.telephony.calls import Call
    from simulator.telephony.campaigns import Campaign
    from simulator.telephony.follow_ups import FollowUp
    from simulator.telephony.jobs import Job
    from simulator.telephony.live_calls import LiveCall
    from simulator.telephony.messages import Message
    from simulator.telephony.owned_numbers import OwnedNumber
    from simulator.telephony.recordings import Recording
    from simulator.telephony.script_runs import ScriptRun
    from simulator.telephony.subscriptions import DeliveryRecord, Subscription

Ref = int | str
"""How a vendor calls a thing in its own answers."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What talk costs: `per_minute`, billed in whole `step`s."""

    per_minute: Decimal = Decimal("0.17")
    step: timedelta = timedelta(minutes=1)

    def cost(self, talk: timedelta) -> Decimal:
        """Return the price of `talk`; no talk costs nothing."""
        steps = ceil(talk / self.step)
        return self.per_minute * steps * (self.step // timedelta(seconds=1)) / 60


@dataclass(frozen=True, slots=True)
class ContactGroup:
    """Numbers kept under a reference and a name, to be called together."""

    ref: str
    name: str
    numbers: tuple[E164, ...] = ()


@dataclass(slots=True, eq=False)
class Account:
    """One customer of one vendor.

    `reached_at` is the URL under which its client last reached the vendor; `profile` holds the vendor's own
    settings, `settings` a profile with what the vendor reads in it, and `memory` what it remembers between
    requests, all opaque to the core. At `warning_level` it
    is warned and at `shutdown_level` suspended, where it has such levels. One that is `uninvited` was opened
    for a key that nobody had handed out.
    """

    name: str
    vendor: str
    credential: str
    opened: datetime
    balance: Decimal = Decimal(1000)
    reached_at: str = ""
    currency: str = "EUR"
    language: str = "en"
    zone: str = "UTC"
    tariff: Tariff = Tariff()
    refuses_on_credit: bool = False
    caller_ids: tuple[E164, ...] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)
    settings: tuple[Mapping[str, Any], Any] | None = field(default=None, repr=False)
    stop_list: dict[E164, datetime] = field(default_factory=dict, repr=False)
    campaigns: dict[Ref, Campaign] = field(default_factory=dict, repr=False)
    clips: dict[Ref, AudioClip] = field(default_factory=dict, repr=False)
    calls: dict[Ref, Call] = field(default_factory=dict, repr=False)
    latest: dict[E164, Call] = field(default_factory=dict, repr=False)
    groups: dict[str, ContactGroup] = field(default_factory=dict, repr=False)
    follow_ups: dict[Ref, FollowUp] = field(default_factory=dict, repr=False)
    memory: dict[str, Any] = field(default_factory=dict, repr=False)
    factors: Mapping[str, Decimal] = field(default_factory=dict, repr=False)
    warning_level: Decimal | None = None
    shutdown_level: Decimal | None = None
    suspended: bool = False
    postpaid: bool = False
    uninvited: bool = False
    reservations_made: int = 0
    numbers: dict[E164, OwnedNumber] = field(default_factory=dict, repr=False)
    messages: dict[Ref, Message] = field(default_factory=dict, repr=False)
    message_log: MessageLog = field(default_factory=MessageLog, repr=False)
    line_calls: dict[Ref, LiveCall] = field(default_factory=dict, repr=False)
    script_runs: dict[Ref, ScriptRun] = field(default_factory=dict, repr=False)
    recordings: dict[Ref, Recording] = field(default_factory=dict, repr=False)
    jobs: dict[Ref, Job] = field(default_factory=dict, repr=False)
    subscriptions: dict[Ref, Subscription] = field(default_factory=dict, repr=False)
    delivery_log: list[DeliveryRecord] = field(default_factory=list, repr=False)

    def campaign(self, ref: Ref) -> Campaign:
        """Return the campaign called `ref`; raises UnknownCampaign."""
        try:
            return self.campaigns[ref]
        except KeyError:
            raise UnknownCampaign(ref) from None

    def call(self, ref: Ref) -> Call:
        """Return the call `ref`; raises UnknownCall."""
        try:
            return self.calls[ref]
        except KeyError:
            raise UnknownCall(ref) from None

    def clip(self, ref: Ref) -> AudioClip:
        """Return the audio clip `ref`; raises UnknownClip."""
        try:
            return self.clips[ref]
        except KeyError:
            raise UnknownClip(ref) from None

    def group(self, ref: str) -> ContactGroup:
        """Return the group with this reference, or else this name; raises UnknownGroup."""
        if (group := self.groups.get(ref)) is not None:
            return group
        for group in self.groups.values():
            if group.name == ref:
                return group
        raise UnknownGroup(ref)

    def follow_up(self, ref: Ref) -> FollowUp:
        """Return the follow-up `ref`; raises UnknownFollowUp."""
        try:
            return self.follow_ups[ref]
        except KeyError:
            raise UnknownFollowUp(ref) from None

    def calls_to(self, number: E164, campaign: Campaign) -> list[Call]:
        """Return the campaign's calls to `number`, newest first; raises UnknownNumber when there is none."""
        found = [call for call in self.history(number) if call.campaign is campaign]
        if not found:
            raise UnknownNumber(number)
        return found

    def history(self, number: E164) -> list[Call]:
        """Return every call of the account to `number`, newest first."""
        found: list[Call] = []
        call = self.latest.get(number)
        while call is not None:
            found.append(call)
            call = call.earlier
        return found

    def tariff_to(self, number: E164) -> Tariff:
        """Return what talk with a number costs, where `factors` tell how many times the usual by its prefix.

        The first prefix that fits counts.
        """
        factor = next((times for prefix, times in self.factors.items() if number.startswith(prefix)), None)
        return (
            self.tariff
            if factor is None
            else replace(self.tariff, per_minute=self.tariff.per_minute * factor)
        )

    def pay(self, amount: Decimal) -> None:
        """Take `amount` from the balance, which may fall below zero."""
        self.balance -= amount

    def affords(self, amount: Decimal) -> bool:
        """Tell whether `amount` can be paid without reaching below the level at which the account stops."""
        return self.shutdown_level is None or self.balance - amount >= self.shutdown_level

    @property
    def overdrawn(self) -> bool:
        """Whether the money is used up, by its levels or else below zero, so that no attempt is made."""
        if self.postpaid:
            return False
        return self.balance < 0 if self.shutdown_level is None else self.suspended
