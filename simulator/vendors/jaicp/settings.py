"""What an account of JAICP may have set differently; scenarios set it under `profile: {jaicp: ...}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from simulator.errors import guess
from simulator.telephony.owners import Owner
from simulator.vendor import UnknownSetting

FORMER, CURRENT, BOTH = "1.10.3", "current", "both"
BY_STATUS, BY_BODY = "status", "body"

LARGEST_BODY, MOST_VALUES = 25_000_000, 2_000_000
"""A list of numbers has no documented end; so many bytes and JSON values are 100,000 with rich terms each."""


class Setting(NamedTuple):
    """One setting: its values, the first of which holds when nothing is set, how sure we are, its meaning."""

    values: tuple[Any, ...]
    provenance: str
    meaning: str


SETTINGS: Mapping[str, Setting] = {
    "profile": Setting(
        (BOTH, FORMER, CURRENT),
        "observed",
        "the edition of the API: the seven operations of the 1.10.3 page, those of the current one, or all",
    ),
    "cyrillic_status": Setting(
        (False, True),
        "documented",
        "spell `longCallWithResult` with U+0421 as the 1.10.3 page does; no client was seen to expect it",
    ),
    "external_check_answer": Setting(
        (BY_STATUS, BY_BODY),
        "inferred",
        "what answers an `externalCheck`: the status (2xx allows it, 4xx does not), or the JSON of a 2xx: "
        "a boolean, or an object with a boolean `allowed`",
    ),
    "in_process_status": Setting(
        (False, True), "documented", "a campaign that dials is `inProcess`, as help pages print `inProgress`"
    ),
}


def check_profile(profile: Mapping[str, Any]) -> None:
    """Raise ValueError, with what there is, for a setting or a value that does not exist."""
    for name, value in profile.items():
        if name not in SETTINGS:
            raise UnknownSetting("jaicp", name, SETTINGS)
        known = [str(each).lower() for each in SETTINGS[name].values]
        if str(value).lower() not in known:
            raise ValueError(f"jaicp's {name} is never {value!r}; {guess(str(value), known)}")


def setting(account: Owner, name: str) -> Any:
    """Return what the account has set, or the default; a timeline sets text, which means the same."""
    told, values = account.profile.get(name), SETTINGS[name].values
    return next((each for each in values if str(each).lower() == str(told).lower()), values[0])


def edition_of(account: Owner) -> str | None:
    """Return the one edition of the API that an account uses, or None where it may use both."""
    chosen: str = setting(account, "profile")
    return None if chosen == BOTH else chosen
