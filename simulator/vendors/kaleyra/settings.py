"""What an account of Kaleyra may have set differently; a scenario sets it in the account's profile."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Literal

from msgspec import Meta, field

from simulator.telephony.phone_numbers import E164
from simulator.vendor_settings import (
    Entry,
    PhoneNumber,
    Settings,
    Word,
    documented,
    inferred,
    observed,
    read_by,
)
from simulator.vendors.kaleyra.phones import read_number


def _read_network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise ValueError(f"{text!r} is no address or network, such as 10.0.0.1 or 10.0.0.0/8") from None


class RefusalWords(Entry, frozen=True, kw_only=True, omit_defaults=True):
    """Other words for one refusal; what is None stays as refusals.toml has it, and is left out of a map."""

    code: Annotated[str | None, inferred("What stands in `status`.")] = None
    message: Annotated[str | None, inferred("The text, with the refusal's own {details}.")] = None
    http_status: Annotated[
        Annotated[int, Meta(ge=200, le=599)] | None, inferred("The status of the answer.")
    ] = None


class Incident(Entry, frozen=True, kw_only=True):
    """What a region suffers from, its fields in the order of the sample."""

    region: Annotated[Word, documented("The name of the region.")] = ""
    region_code: Annotated[Word, documented("Its code, such as KA-IN.")] = ""
    type: Annotated[Literal["operational", "warning", "critical"], documented("How bad it is.")] = (
        "operational"
    )
    service: Annotated[Literal["incoming", "outgoing", "all"], documented("The service that suffers.")] = (
        "all"
    )
    numbers: Annotated[tuple[PhoneNumber, ...], documented("The numbers that suffer.")] = ()


class KaleyraSettings(Settings, frozen=True, kw_only=True):
    """The settings of an account of Kaleyra."""

    addresses: Annotated[
        tuple[Annotated[str, read_by(_read_network)], ...],
        documented("Addresses or networks the key may be used from; none means any."),
    ] = ()
    over_limit: Annotated[
        Literal["reject", "clamp"], inferred("What becomes of what is beyond a documented limit.")
    ] = "reject"
    refuses_blocked: Annotated[
        bool, inferred("A call of which one side is blocked is refused, where else it ends BLOCKED.")
    ] = False
    tells_obd_id: Annotated[
        bool,
        observed("voice.call tells `data.id` even without return=1, which its samples never show."),
    ] = False
    status_words: Annotated[
        Literal["by_leg", "plain"],
        observed("`{status}` of callbacks: words that name a leg, NOANSWER_LEG2, or the six plain ones."),
    ] = "by_leg"
    ivr_answer: Annotated[
        bool, observed("`{status}` tells IVR-ANSWER of an IVR that was answered, as reports do, not ANSWER.")
    ] = False
    off_hours: Annotated[
        Literal["end", "wait"],
        observed("A click2call out of the hours of its campaign ends at once, OFF-HOUR, or waits for them."),
    ] = "end"
    lines_full: Annotated[
        Literal["end", "wait"],
        inferred("A click2call beyond the lines of its campaign waits for one, or ends at once, MAX-USE."),
    ] = "wait"
    references_in_rows: Annotated[
        bool,
        inferred("Rows of dial.c2cstatus, voice.status and voice.groupstatus end with custom and meta."),
    ] = False
    reports_after: Annotated[
        int, inferred("Seconds after its end until dial.callreports has a call's row.")
    ] = 0
    unreported: Annotated[
        Annotated[int, Meta(ge=0, le=100)],
        observed("Of a hundred calls, how many dial.callreports never has a row of; one client lacks 12."),
    ] = 0
    paging: Annotated[
        Literal["live", "steady"],
        inferred("Later pages count rows as they are now, or as they were when the first page was asked."),
    ] = "live"
    cors_origin: Annotated[
        Word,
        inferred(
            "The origin that browsers may ask from, * for any; none by default. A preflight has no key, so "
            "that it is `profiles` that lets it in."
        ),
    ] = ""
    sounds: Annotated[
        tuple[Word, ...], inferred("The sound files that exist; none listed means that any is taken.")
    ] = ()
    ivrs: Annotated[
        tuple[Word, ...], inferred("The IVRs that exist; none listed means that any is taken.")
    ] = ()
    monitor: Annotated[bool, documented("The account has the plugin that `monitor` asks for, else E542.")] = (
        True
    )
    incidents: Annotated[
        tuple[Incident, ...] | None,
        documented("What `monitor` tells, E701 where it is none; by default own numbers are operational."),
    ] = None
    past_calls: Annotated[
        Annotated[int, Meta(ge=0, le=1000)],
        inferred("How many calls had come in before an account without campaigns was opened."),
    ] = 1
    agent_names: Annotated[
        dict[Annotated[E164, read_by(read_number)], Word],
        inferred("Names of agents by number, as c2cstatus shows them."),
    ] = field(default_factory=dict)
    errors: Annotated[
        dict[Word, RefusalWords], inferred("Other words for a refusal, by its name in refusals.toml.")
    ] = field(default_factory=dict)
