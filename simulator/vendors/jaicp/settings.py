"""What an account of JAICP may have set differently; scenarios set it under `profile: {jaicp: ...}`."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from simulator.telephony.owners import Owner
from simulator.vendor_settings import Settings, documented, inferred, observed

FORMER: Final = "1.10.3"
CURRENT: Final = "current"
BOTH: Final = "both"

LARGEST_BODY, MOST_VALUES = 25_000_000, 2_000_000
"""A list of numbers has no documented end; so many bytes and JSON values are 100,000 with rich terms each."""


class JaicpSettings(Settings, frozen=True, kw_only=True):
    """The settings of an account of JAICP."""

    profile: Annotated[
        Literal["both", "1.10.3", "current"],
        observed(
            "The edition of the API: the operations of the 1.10.3 page, those of the current one, or all."
        ),
    ] = BOTH
    cyrillic_status: Annotated[
        bool,
        documented(
            "Spell `longCallWithResult` with U+0421 as the 1.10.3 page does; no client seen expects it."
        ),
    ] = False
    external_check_answer: Annotated[
        Literal["status", "body"],
        inferred(
            "What answers `externalCheck`: the status (2xx allows it, 4xx does not), or the JSON of a 2xx: "
            "a boolean, or an object with a boolean `allowed`."
        ),
    ] = "status"
    stopped_status: Annotated[
        Literal["noAnswer", "notDone"],
        observed(
            "What a stop makes of jobs that wait for a retry: `notDone` is for jobs never called on the "
            "1.10.3 page, and in help 1.11.17 also for those not completed."
        ),
    ] = "noAnswer"
    paging: Annotated[
        Literal["live", "steady"],
        inferred("Whether each page is cut from the rows there are now, or from those of the first page."),
    ] = "live"
    in_process_status: Annotated[
        bool, observed("A campaign that dials is `inProcess`, as help pages have it, and not `inProgress`.")
    ] = False


def edition_of(account: Owner) -> str | None:
    """Return the one edition of the API that an account uses, or None where it may use both."""
    edition = JaicpSettings.of(account).profile
    return None if edition == BOTH else edition
