"""What a newcomer to Callr finds, and how this vendor calls things."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import to_builtins

from simulator.telephony.accounts import Account, AudioClip, ClipSource
from simulator.telephony.owned_numbers import OwnedNumber
from simulator.telephony.owners import Ref
from simulator.telephony.phone_numbers import E164
from simulator.telephony.world import World
from simulator.vendor_settings import WrongSetting, all_wrong
from simulator.vendors.callr.actions.script import ScriptError
from simulator.vendors.callr.clients import letters
from simulator.vendors.callr.numbering import DESTINATIONS, SHIPPED, series_of
from simulator.vendors.callr.responses import WEBHOOK_STATES
from simulator.vendors.callr.settings import CallrSettings, Script
from simulator.vendors.callr.store import keep_scenario, read_script, register

_MIXED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
STATES_BY_WORD = {word: state for state, word in WEBHOOK_STATES.items()}
_LENGTHS = {"job": 32, "reservation": 40, "event": 32}


def new_id(kind: str, at: datetime, draw: int) -> Ref:
    """Make an id as the vendor's look.

    A call's is the day as YYMMDD and six digits (the samples), a run's `api:` and eight capitals, a task's
    has 32 letters and digits, a token 40; everything else is called by a SID of eight.
    """
    if kind == "line_call":
        return int(f"{at:%y%m%d}{draw % 10**6:06}")
    if kind == "run":
        return "api:" + letters(draw, 8, _CAPITALS)
    if kind in _LENGTHS:
        return letters(draw, _LENGTHS[kind], _MIXED)
    return letters(draw, 8)


def check_settings(settings: CallrSettings) -> None:
    """Raise WrongSetting for a script that cannot be read, or has names in it that nothing reads."""
    all_wrong(
        [error for nth, entry in enumerate(settings.scenarios) for error in _wrong(settings, nth, entry)]
    )


def _wrong(settings: CallrSettings, nth: int, entry: Script) -> Iterator[WrongSetting]:
    try:
        read_script(settings, entry.script, careful=True)
    except ScriptError as first:
        for error in (first, *first.others):
            wrong = WrongSetting("callr", ("scenarios", nth, "script"), f"cannot be read: {error}")
            wrong.at, wrong.of_key = (*wrong.at, *error.place), error.of_key
            yield wrong


def find_doubts(settings: CallrSettings) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield what of each script no run of it will do."""
    for nth, entry in enumerate(settings.scenarios):
        for missed in read_script(settings, entry.script).unsimulated:
            yield ("scenarios", nth, "script"), f"not simulated: {missed}"


def provision(world: World, account: Account) -> None:
    """Give a new account its levels of credit, its numbers, and a sound of the vendor's own."""
    apply_settings(world, account)
    account.factors = {destination.prefix: destination.factor for destination in DESTINATIONS}
    for own in _own_numbers(account):
        if _give(world, account, own) is None and not account.caller_ids:
            alike = [series for series in SHIPPED if series.kind == series_of(account, own).kind]
            for other, series in world.numbers.pick(alike, 1):
                world.numbers.give(account, other, series)
    clip = AudioClip(
        ref=0, name="Silence", created=world.clock.now, length=world.clips.SILENCE, kind="system"
    )
    clip.source, clip.read_only = ClipSource.OPERATOR, True
    world.clips.add(account, clip)
    settings = CallrSettings.of(account)
    for entry in settings.scenarios:
        scenario = keep_scenario(world, account, entry.name, entry.script)
        for number in entry.numbers:
            if (owned := _give(world, account, number)) is not None:
                owned.routed_to = scenario.sid
    for webhook in settings.webhooks:
        hook = register(world, account, webhook.type, webhook.endpoint, to_builtins(webhook.options))
        hook.state = STATES_BY_WORD[webhook.status]


def _own_numbers(account: Account) -> list[E164]:
    """Return the numbers that a scenario gives an account, in both places; the usual ones if in none."""
    named = "numbers" in account.profile or not account.caller_ids
    return list(dict.fromkeys((*account.caller_ids, *(CallrSettings.of(account).numbers if named else ()))))


def apply_settings(world: World, account: Account) -> None:
    """Let an account pay, be warned and be stopped as its profile tells now."""
    settings = CallrSettings.of(account)
    account.postpaid = settings.payment == "postpaid"
    if account.postpaid:
        world.credit.set_levels(account, None, None)
    else:
        world.credit.set_levels(account, settings.warning_level / 100, settings.shutdown_level / 100)


def _give(world: World, account: Account, number: E164) -> OwnedNumber | None:
    """Return a number of the account, which gets it now if nobody owns it."""
    if world.numbers.find(number) is None:
        world.numbers.give(account, number, series_of(account, number))
    return account.numbers.get(number)
