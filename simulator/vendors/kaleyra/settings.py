"""What an account of Kaleyra may have set differently; a scenario sets it in the account's profile."""

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
    "addresses": Setting((), "documented", "addresses or networks the key may be used from; none means any"),
    "over_limit": Setting("reject", "inferred", "`reject` or `clamp` what is beyond a documented limit"),
    "refuses_blocked": Setting(
        False, "inferred", "a call of which one side is blocked is refused, where else it ends BLOCKED"
    ),
    "tells_obd_id": Setting(
        False, "observed", "voice.call tells `data.id` even without return=1, which its samples never show"
    ),
    "sounds": Setting((), "inferred", "the sound files that exist; none listed means that any is taken"),
    "ivrs": Setting((), "inferred", "the IVRs that exist; none listed means that any is taken"),
    "monitor": Setting(True, "documented", "the account has the plugin that `monitor` asks for, else E542"),
    "incidents": Setting(
        (), "documented", "what `monitor` tells: region, region_code, type, service, numbers"
    ),
    "agent_names": Setting({}, "inferred", "names of agents by number, as c2cstatus shows them"),
    "errors": Setting(
        {}, "inferred", "other words for a refusal, by its name in refusals.toml: code, message, http_status"
    ),
}


def check_profile(profile: Mapping[str, Any]) -> None:
    """Raise ValueError, with what there is, for a setting that does not exist or has a wrong value."""
    for name, value in profile.items():
        if name not in SETTINGS:
            raise UnknownSetting("kaleyra", name, SETTINGS)
        default = SETTINGS[name].default
        kind = (list, tuple) if isinstance(default, tuple) else type(default)
        if not isinstance(value, kind):
            wanted = {tuple: "a list", dict: "a mapping", bool: "true or false", str: "a word"}[type(default)]
            raise ValueError(f"kaleyra's setting {name!r} is {wanted}, not {value!r}")
        if name == "over_limit" and value not in ("reject", "clamp"):
            raise ValueError(f"kaleyra's setting 'over_limit' is reject or clamp, not {value!r}")


def setting(account: Owner, name: str) -> Any:
    """Return what the account has set, or the default."""
    return account.profile.get(name, SETTINGS[name].default)
