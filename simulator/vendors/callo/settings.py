"""What an account of Callo may have set differently; scenarios set it, the cabinet does at the vendor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from simulator.telephony.owners import Owner
from simulator.vendor import UnknownSetting


class Setting(NamedTuple):
    """One setting: what holds when nothing is set, how sure we are that it exists, what it means."""

    default: Any
    provenance: str
    meaning: str


SETTINGS: Mapping[str, Setting] = {
    "post_reads": Setting(False, "inferred", "operations that only read also answer POST"),
    "status_in_all_calls": Setting(
        True, "documented", "`status` stands beside `call_status` in all_calls; its removal is announced"
    ),
    "speakers": Setting((), "inferred", "the voices that exist; none listed means that any name is taken"),
    "emotions": Setting((), "inferred", "the emotions that exist; none listed means that any name is taken"),
}


def check_profile(profile: Mapping[str, Any]) -> None:
    """Raise ValueError, with the names that exist, for a setting that does not exist or has a wrong type."""
    for name, value in profile.items():
        if name not in SETTINGS:
            raise UnknownSetting("callo", name, SETTINGS)
        kind = bool if isinstance(SETTINGS[name].default, bool) else (list, tuple)
        if not isinstance(value, kind):
            wanted = "true or false" if kind is bool else "a list of names"
            raise ValueError(f"callo's setting {name!r} is {wanted}, not {value!r}")


def setting(account: Owner, name: str) -> Any:
    """Return what the account has set, or the default."""
    return account.profile.get(name, SETTINGS[name].default)
