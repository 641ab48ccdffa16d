"""What an account of Callr may have set differently; scenarios set it, sales and support do at the vendor."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from simulator.errors import guess
from simulator.telephony.owners import Owner
from simulator.vendor import UnknownSetting

PREPAID, POSTPAID = "prepaid", "postpaid"


class Setting(NamedTuple):
    """One setting: what holds when nothing is set, how sure we are that it exists, what it means."""

    default: Any
    provenance: str
    meaning: str
    choices: tuple[str, ...] = ()


SETTINGS: Mapping[str, Setting] = {
    "payment": Setting(PREPAID, "documented", "how the account pays", (PREPAID, POSTPAID)),
    "warning_level": Setting("100.00", "inferred", "cents of credit at which a warning is sent"),
    "shutdown_level": Setting("0.00", "inferred", "cents of credit at which the account stops"),
    "absent_credential": Setting(
        "403",
        "inferred",
        "the status for no credentials at all; the vendor's page allows both",
        ("403", "401"),
    ),
    "trial": Setting(False, "observed", "a test account, which buys no numbers"),
    "endpoints": Setting(
        "strict",
        "documented",
        "whether webhooks go only to a host with a dotted name, such as hook.localhost, or to any",
        ("strict", "relaxed"),
    ),
    "senders": Setting((), "documented", "the senders of messages that are approved; any when empty"),
    "unknown_keys": Setting(
        "ignore", "inferred", "what becomes of keys that the document lacks", ("ignore", "refuse")
    ),
    "unknown_actions": Setting(
        "refuse",
        "inferred",
        "whether scripts with actions that no guide shows are refused, or kept and those actions passed over",
        ("refuse", "pass"),
    ),
    "sms_price": Setting("5.50", "documented", "cents that one part of a message costs"),
    "exports_per_day": Setting(5, "documented", "how many exports of calls a day allows"),
    "patience": Setting("5", "documented", "seconds that a receiver of webhooks has to answer"),
    "backoff": Setting("1", "inferred", "seconds before the second try of a webhook; each wait doubles"),
    "disable_after": Setting(10, "inferred", "events given up in a row after which a webhook is disabled"),
    "numbers": Setting(
        ("+33199001234", "+33639984242"), "inferred", "numbers that the account owns from the start"
    ),
    "scenarios": Setting(
        (), "inferred", "scripts that exist from the start, each with name, script and the numbers it answers"
    ),
    "webhooks": Setting(
        (), "inferred", "webhooks that exist from the start, each with type, endpoint, options and status"
    ),
    "inventory": Setting((), "inferred", "series of numbers for sale; the shipped ones when empty"),
}


def check_profile(profile: Mapping[str, Any]) -> None:
    """Raise ValueError, with the names that exist, for a setting that does not exist or has a wrong value."""
    for name, value in profile.items():
        if name not in SETTINGS:
            raise UnknownSetting("callr", name, SETTINGS)
        _check(name, SETTINGS[name], value)


def _check(name: str, known: Setting, value: Any) -> None:
    if known.choices and str(value) not in known.choices:
        raise ValueError(f"callr's setting {name!r} is never {value!r}; {guess(str(value), known.choices)}")
    if isinstance(known.default, bool) and not isinstance(value, bool):
        raise ValueError(f"callr's setting {name!r} is true or false, not {value!r}")
    if isinstance(known.default, tuple) and not isinstance(value, (list, tuple)):
        raise ValueError(f"callr's setting {name!r} is a list, not {value!r}")
    if name in SHAPES:
        _check_entries(name, value)
    if isinstance(known.default, int | str) and not known.choices and not isinstance(known.default, bool):
        _check_amount(name, value)


SHAPES: Mapping[str, tuple[str, ...]] = {
    "scenarios": ("name", "script"),
    "webhooks": ("type", "endpoint"),
    "inventory": ("country", "type", "first"),
}
"""What each entry of a list of things has to name."""


def _check_entries(name: str, entries: Any) -> None:
    for nth, entry in enumerate(entries):
        missing = [key for key in SHAPES[name] if not isinstance(entry, Mapping) or key not in entry]
        if missing:
            raise ValueError(f"callr's setting {name!r}: entry {nth + 1} lacks {', '.join(missing)}")


def _check_amount(name: str, value: Any) -> None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite():
        raise ValueError(f"callr's setting {name!r} is a number, not {value!r}")
    if isinstance(SETTINGS[name].default, int) and (amount < 0 or amount != int(amount)):
        raise ValueError(f"callr's setting {name!r} is a whole number, not {value!r}")


def setting(account: Owner, name: str) -> Any:
    """Return what the account has set, or the default."""
    return account.profile.get(name, SETTINGS[name].default)


def cents(account: Owner, name: str) -> Decimal:
    """Return a setting in cents as money in the account's currency."""
    return Decimal(str(setting(account, name))) / 100


def count(account: Owner, name: str) -> int:
    """Return a setting that is a whole number; the timeline of a scenario sets text."""
    return int(str(setting(account, name)))
