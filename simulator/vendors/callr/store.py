"""What an account keeps that is this vendor's own: scripts, end users, and webhooks that are registered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from simulator.telephony.accounts import Account
from simulator.telephony.owners import Entity, Slot
from simulator.telephony.subscriptions import Subscription
from simulator.telephony.world import World
from simulator.vendors.callr.actions.script import Script, parse_script
from simulator.vendors.callr.fields import find_by_sid
from simulator.vendors.callr.settings import CallrSettings


class Scenario(Entity, kw_only=True):
    """One script of an account, under its name, as text and as it was understood."""

    sid: str
    name: str
    text: str
    script: Script
    created: datetime
    updated: datetime


class EndUser(Entity, kw_only=True):
    """Whom a number of the account is used by."""

    sid: str
    name: str
    address: dict[str, Any]
    comment: str
    created: datetime
    updated: datetime


SCENARIOS: Slot[dict[str, Scenario]] = Slot("scenarios", dict)
"""The scripts of an account by SID."""

END_USERS: Slot[dict[str, EndUser]] = Slot("end users", dict)
"""The end users of an account by SID."""


def scenario_of(account: Account, sid: object, name: str = "sid") -> Scenario:
    """Return the script whose SID stands in a field; raises Refused."""
    return find_by_sid(SCENARIOS.of(account), sid, "scenario_unknown", name)


def end_user_of(account: Account, sid: object, name: str = "sid") -> EndUser:
    """Return the end user whose SID stands in a field; raises Refused."""
    return find_by_sid(END_USERS.of(account), sid, "enduser_unknown", name)


def keep_scenario(world: World, account: Account, name: str, text: str) -> Scenario:
    """Keep a script under a new SID; raises ScriptError."""
    script, kept, now = read_script(CallrSettings.of(account), text), SCENARIOS.of(account), world.clock.now
    nth = world.network.turn(account, "scenario")
    sid = str(world.network.mint(account, "scenario", kept, name, nth))
    scenario = kept[sid] = Scenario(sid=sid, name=name, text=text, script=script, created=now, updated=now)
    return scenario


def read_script(settings: CallrSettings, text: str, *, careful: bool = False) -> Script:
    """Read a script as an account's settings have it; raises ScriptError."""
    lenient = settings.unknown_actions == "pass"
    return parse_script(text, lenient=lenient, javascript=settings.javascript, careful=careful)


def register(
    world: World, account: Account, kind: str, endpoint: str, options: Mapping[str, Any]
) -> Subscription:
    """Register a webhook under a new SID."""
    kept, now = account.subscriptions, world.clock.now
    nth = world.network.turn(account, "subscription")
    ref = world.network.mint(account, "subscription", kept, kind, nth)
    hook = kept[ref] = Subscription(
        ref=ref, event=kind, url=endpoint, created=now, updated=now, options=options
    )
    return hook


def numbers_of_end_user(account: Account, sid: str) -> list[str]:
    """Return the numbers that an end user stands behind, which keep it from being deleted (documented)."""
    return [str(owned.number) for owned in account.numbers.values() if owned.holder == sid]
