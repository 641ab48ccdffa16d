"""What an account of Callo may have set differently; scenarios set it, the cabinet does at the vendor."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from simulator.telephony.owners import Owner
from simulator.vendor_settings import Settings, Word, documented, inferred, observed

LARGEST_BODY: Final = 8_000_000
"""A list of numbers has no documented end; so many bytes are half a million."""


class CalloSettings(Settings, frozen=True, kw_only=True):
    """The settings of an account of Callo."""

    post_reads: Annotated[bool, inferred("Operations that only read also answer POST.")] = False
    status_in_all_calls: Annotated[
        bool,
        documented("`status` stands beside `call_status` in all_calls; its removal is announced."),
    ] = True
    paging: Annotated[
        Literal["live", "steady"],
        inferred("Whether pages of all_calls count the calls there are now, or those of the first page."),
    ] = "live"
    campaigns: Annotated[
        Literal["object", "array"],
        observed("Whether the list of campaigns stands under `campaigns` of an object, or is the answer."),
    ] = "object"
    bad_key: Annotated[
        Literal["form", "page"],
        inferred("What meets a key that opens nothing, under `profiles`: a form, or a page with 403."),
    ] = "form"
    speakers: Annotated[
        tuple[Word, ...], inferred("The voices that exist; none listed means that any name is taken.")
    ] = ()
    emotions: Annotated[
        tuple[Word, ...], inferred("The emotions that exist; none listed means that any name is taken.")
    ] = ()


def edition_of(account: Owner) -> str | None:
    """Return the edition of the API, as the contract calls it, of an account that may read by POST."""
    return "post_reads" if CalloSettings.of(account).post_reads else None
