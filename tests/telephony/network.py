"""A small phone network for tests: one operator, one account, one campaign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call, Order
from simulator.telephony.campaigns import Campaign
from simulator.telephony.operators import NetworkEvent, Operator
from simulator.telephony.outbox import Signing
from simulator.telephony.outcomes import Disposition
from simulator.telephony.owners import Ref
from simulator.telephony.people import People, Person, Persona
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ALICE = E164("+380501234567")
BOB = E164("+380507654321")


@dataclass(eq=False)
class PlainOperator(Operator[World]):
    """An operator whose references are whole numbers below `space`, and who tells of every end."""

    name: str = "plain"
    keyed_campaigns: bool = False
    space: int = 1_000_000
    calls_told: list[str] = field(default_factory=list)
    events: list[NetworkEvent] = field(default_factory=list)

    def tamper_signature(self, request: Any, signing: Signing) -> Any:
        return f"{request} {signing}"

    def new_id(self, kind: str, at: datetime, draw: int) -> Ref:
        return draw % self.space

    def accepts_credential(self, credential: str) -> bool:
        return credential.isalnum()

    def check_profile(self, profile: Mapping[str, Any]) -> None:
        if "unheard_of" in profile:
            raise ValueError("no setting is called unheard_of")

    def new_credential(self, draw: int) -> str:
        return f"key{draw}"

    def provision(self, world: World, account: Account) -> None:
        world.open_campaign(account, "newcomer's", "plain")

    def apply_settings(self, world: World, account: Account) -> None:
        account.state["adapted"] = dict(account.profile)

    def configure_campaign(self, campaign: Campaign) -> None:
        campaign.lines = 2

    def callbacks(self, world: World, event: NetworkEvent) -> Iterable[Any]:
        if not isinstance(event.subject, Call):
            self.events.append(event)
            return []
        self.calls_told.append(event.name)
        return [f"{event.name} {event.call.ref}"] if event.name == "call.finished" else []


def network(seed: int = 1, space: int = 1_000_000, **changes: Any) -> World:
    return World(START, {"plain": PlainOperator(space=space)}, seed=seed, **changes)


def campaign_in(world: World, **changes: Any) -> Campaign:
    account = world.open_account(
        Account(name="tenant", vendor="plain", credential="key", opened=world.clock.now)
    )
    campaign = world.open_campaign(account, "reminders", "plain")
    for name, value in changes.items():
        setattr(campaign, name, value)
    return campaign


def people_who(*attempts: Disposition, **conduct: Any) -> People:
    return People(strangers=Persona(name="everybody", attempts=attempts, **conduct))


def place(campaign: Campaign, world: World, callee: E164 = ALICE, **order: Any) -> Call:
    return world.place_call(campaign, Order(callee=callee, **order))


def settle(world: World, length: timedelta = timedelta(days=1)) -> None:
    """Let `length` pass, throwing away what is ready to be sent."""
    end = world.clock.now + length
    world.advance_to(end)
    while world.outbox.take_ready():
        world.advance_to(end)


def introduce(world: World, number: E164, *attempts: Disposition, **conduct: Any) -> None:
    world.people.listed[number] = Person(number, Persona(name="described", attempts=attempts, **conduct))
