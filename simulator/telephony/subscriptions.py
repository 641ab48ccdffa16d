"""Subscriptions: which events a client wants to hear of, where, and how well its receiver does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from simulator.telephony.owners import Entity, Ref


class SubscriptionState(StrEnum):
    """Whether a subscriber is told, and who decided that it is not."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    DISABLED_BY_OPERATOR = "disabled by operator"
    DISABLED_BY_FAILURES = "disabled by failures"


class Subscription(Entity, kw_only=True):
    """One receiver of one kind of event; `event` and `options` are in the vendor's words.

    `failed` counts the events that no try could deliver, `failing` those since the last success.
    """

    ref: Ref
    event: str
    url: str
    created: datetime
    updated: datetime
    options: Mapping[str, Any] = field(default_factory=dict)
    state: SubscriptionState = SubscriptionState.ENABLED
    failed: int = 0
    failing: int = 0
    last_failed: datetime | None = None

    def note_success(self) -> None:
        """Note that an event arrived."""
        self.failing = 0

    def note_failure(self, at: datetime, most: int) -> None:
        """Note that an event was given up; after `most` of them in a row the subscription is switched off."""
        self.failed, self.failing, self.last_failed = self.failed + 1, self.failing + 1, at
        if self.failing >= most and self.state is SubscriptionState.ENABLED:
            self.state, self.updated = SubscriptionState.DISABLED_BY_FAILURES, at

    def bar(self, at: datetime, *, barred: bool) -> None:
        """Switch it off for the operator, which the client cannot undo, or on again."""
        self.state = SubscriptionState.DISABLED_BY_OPERATOR if barred else SubscriptionState.ENABLED
        self.updated, self.failing = at, 0

    def enable(self, at: datetime, *, enabled: bool) -> None:
        """Switch it on or off for the client; switched on, it counts failures from 0."""
        self.state = SubscriptionState.ENABLED if enabled else SubscriptionState.DISABLED
        self.updated = at
        if enabled:
            self.failing = 0


class DeliveryRecord(Struct, frozen=True, kw_only=True):
    """One try to tell a subscriber of an event: the receiver's status, or the error that kept it away."""

    event_id: str
    at: datetime
    subscription: Subscription
    nth: int
    status: int | None
    error: str | None
