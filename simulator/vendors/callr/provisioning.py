"""What a newcomer to Callr finds, and how this vendor calls things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from simulator.errors import guess
from simulator.telephony.accounts import Account
from simulator.telephony.audio import AudioClip, ClipSource
from simulator.telephony.errors import MalformedNumber
from simulator.telephony.owned_numbers import OwnedNumber
from simulator.telephony.owners import Ref
from simulator.telephony.phone_numbers import E164, parse_number
from simulator.telephony.world import World
from simulator.vendor import WrongSetting
from simulator.vendors.callr.actions.script import ScriptError, parse_script
from simulator.vendors.callr.callbacks import ALGORITHMS, TYPES
from simulator.vendors.callr.credentials import letters
from simulator.vendors.callr.destinations import DESTINATIONS
from simulator.vendors.callr.inventory import CLASSES, SHIPPED, WORDS_OF_A_SERIES, read_series, series_of
from simulator.vendors.callr.inventory import TYPES as KINDS_OF_NUMBERS
from simulator.vendors.callr.rendering import WEBHOOK_STATES
from simulator.vendors.callr.settings import POSTPAID, cents, setting
from simulator.vendors.callr.settings import check_profile as check_settings
from simulator.vendors.callr.store import keep_scenario, register

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


def check_profile(profile: Mapping[str, Any]) -> None:
    """Raise ValueError for settings that do not exist or that nothing can be made of."""
    check_settings(profile)
    for name, read in _READERS.items():
        for nth, entry in enumerate(profile.get(name, ())):
            try:
                read(profile, entry)
            except (ValueError, ArithmeticError, TypeError, MalformedNumber, ScriptError) as error:
                told = f"callr's setting {name!r}: entry {nth + 1}: {error}"
                raise WrongSetting(told, name, nth, *getattr(error, "at", ())) from None


def _read_scenario(profile: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
    _check_words(entry, ("name", "script", "numbers"))
    parse_script(str(entry["script"]), lenient=profile.get("unknown_actions") == "pass")
    for number in entry.get("numbers", ()):
        parse_number(str(number))


def _read_webhook(_profile: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
    _check_words(entry, ("type", "endpoint", "options", "status"))
    if entry["type"] not in TYPES.values():
        raise WrongSetting(
            f"unknown type {entry['type']!r}; {guess(str(entry['type']), TYPES.values())}", "type"
        )
    if not isinstance(entry.get("options", {}), Mapping):
        raise TypeError("options are a map")
    algorithm = entry.get("options", {}).get("hmacAlgo", ALGORITHMS[0])
    if algorithm not in ALGORITHMS:
        told = f"unknown hmacAlgo {algorithm!r}; {guess(str(algorithm), ALGORITHMS)}"
        raise WrongSetting(told, "options", "hmacAlgo")
    status = entry.get("status", "enabled")
    if status not in STATES_BY_WORD:
        raise WrongSetting(f"unknown status {status!r}; {guess(str(status), STATES_BY_WORD)}", "status")


def _read_series(_profile: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
    _check_words(entry, WORDS_OF_A_SERIES)
    for word, known in (("type", KINDS_OF_NUMBERS), ("class", CLASSES)):
        if entry.get(word, known[0]) not in known:
            raise WrongSetting(f"unknown {word} {entry[word]!r}; {guess(str(entry[word]), known)}", word)
    read_series(entry)


def _check_words(entry: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for word in (word for word in entry if word not in known):
        raise WrongSetting(f"there is no {word!r} in it; {guess(str(word), known)}", word)


_READERS: Mapping[str, Callable[[Mapping[str, Any], Any], object]] = MappingProxyType(
    {
        "numbers": lambda _profile, entry: parse_number(str(entry)),
        "inventory": _read_series,
        "scenarios": _read_scenario,
        "webhooks": _read_webhook,
    }
)


def provision(world: World, account: Account) -> None:
    """Give a new account its levels of credit, its numbers, and a sound of the vendor's own."""
    apply_settings(world, account)
    account.factors = {each.prefix: each.factor for each in DESTINATIONS}
    for own in _own_numbers(account):
        if _give(world, account, own) is None and not account.caller_ids:
            alike = [series for series in SHIPPED if series.kind == series_of(account, own).kind]
            for other, series in world.numbers.pick(alike, 1):
                world.numbers.give(account, other, series)
    clip = AudioClip(0, "Silence", world.clock.now, world.clips.SILENCE, "system")
    clip.source, clip.read_only = ClipSource.OPERATOR, True
    world.add_clip(account, clip)
    for entry in setting(account, "scenarios"):
        scenario = keep_scenario(world, account, str(entry["name"]), str(entry["script"]))
        for text in entry.get("numbers", ()):
            if (owned := _give(world, account, parse_number(str(text)))) is not None:
                owned.routed_to = scenario.sid
    for entry in setting(account, "webhooks"):
        hook = register(world, account, entry["type"], entry["endpoint"], entry.get("options") or {})
        hook.state = STATES_BY_WORD[entry.get("status", "enabled")]


def _own_numbers(account: Account) -> list[E164]:
    """Return the numbers that a scenario gives an account, in both places; the usual ones if in none."""
    named: list[E164] = []
    if "numbers" in account.profile or not account.caller_ids:
        named = [parse_number(str(text)) for text in setting(account, "numbers")]
    return list(dict.fromkeys((*account.caller_ids, *named)))


def apply_settings(world: World, account: Account) -> None:
    """Let an account pay, be warned and be stopped as its profile tells now."""
    account.postpaid = setting(account, "payment") == POSTPAID
    warning, shutdown = cents(account, "warning_level"), cents(account, "shutdown_level")
    world.credit.set_levels(account, *((None, None) if account.postpaid else (warning, shutdown)))


def _give(world: World, account: Account, number: E164) -> OwnedNumber | None:
    """Return a number of the account, which gets it now if nobody owns it."""
    if world.numbers.find(number) is None:
        world.numbers.give(account, number, series_of(account, number))
    return account.numbers.get(number)


def try_it(base_url: str, credentials: Mapping[str, Any]) -> str:
    """Return a shell command that sends a message; the plus sign of a query is escaped."""
    return (
        f"curl -H 'x-api-key: {credentials['api_key']}' -H 'Content-Type: application/json' "
        f"-d '{{\"text\":\"Hello world!\"}}' '{base_url}/v2.0/sms?to=%2B33639980001'"
    )
