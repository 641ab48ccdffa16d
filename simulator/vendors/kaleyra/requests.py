"""What requests ask for: click2calls, broadcasts, entries of a dialer, and follow-ups."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sized
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from simulator.errors import counted
from simulator.exchange import Loss
from simulator.formats.json_text import is_function, read_json, write_compact_json
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Order
from simulator.telephony.campaign_settings import Postback
from simulator.telephony.errors import MalformedNumber
from simulator.telephony.follow_ups import Plan
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import FOLLOWS, Policy
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import format_of
from simulator.vendors.kaleyra.callbacks import OBD_VARIABLES, VARIABLES, read_postback
from simulator.vendors.kaleyra.fields import Fields, clamps, convert, within
from simulator.vendors.kaleyra.phones import read_number, read_numbers
from simulator.vendors.kaleyra.provisioning import IVR, RETRY_AFTER, WELCOME
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.statuses import IVR_TAG
from simulator.vendors.kaleyra.times import SOONEST, latest_start, read_follow_up, read_schedule, render_stamp

MOST_RETRIES, MOST_NUMBERS, MOST_DELAY = 2, 200, 900
MOST_ENTRIES = 1_000
"""Documented: of more, only the first thousand are considered."""

CLIP_LENGTH = timedelta(seconds=20)
"""How long a sound file plays of which only the name is known."""

PARAMETERS = (
    *("numbers", "group", "play", "message", "retries", "retry", "scheduletime", "delay"),
    *("custom", "callback", "meta"),
)

_IVR = re.compile(r"ivr:([\w-]{1,40})|([\w-]{1,40})\.ivr", re.ASCII)
_SOUND = re.compile(r"([\w-]{1,80})\.sound", re.ASCII | re.IGNORECASE)


def parse_click_to_call(context: RequestContext) -> tuple[Order, bool]:
    """Read an order and whether its id is wanted; `delay` counts from now.

    Several callers are joined by `-`, several receivers by `^` (documented).
    """
    fields, now = Fields(context), context.world.clock.now
    caller, *others = fields.numbers("caller", "-")
    ivr = read_ivr(fields.required("receiver"))
    script = script_of(fields.account, ivr) if ivr else None
    receivers = () if ivr else fields.numbers("receiver", "^")
    if {caller, *others} & {*receivers}:
        context.losses.append(Loss("connected_with_itself", "receiver", "the number of a caller"))
    tags = {"meta": fields.json("meta"), "custom": fields.text("custom"), IVR_TAG: ivr}
    retries = fields.integer("retry", MOST_RETRIES)
    order = Order(
        callee=caller,
        script=script,
        caller_id=read_caller_id(fields),
        others=tuple(others),
        bridge=receivers,
        policy=Policy(
            attempts=1 + retries,
            retry_after=RETRY_AFTER,
            earliest=now + timedelta(seconds=fields.integer("delay")),
        ),
        postback=read_postback(context, fields.text("callback"), VARIABLES, answers=True),
        tags={name: value for name, value in tags.items() if value},
    )
    return order, fields.flag("return")


def read_caller_id(fields: Fields) -> E164 | None:
    """Return the number to call from: one of the account's, the first where none is asked (documented)."""
    known = fields.account.caller_ids
    if (number := fields.number("caller_id")) is None:
        return next(iter(known), None)
    if number not in known:
        raise Refused("caller_id_unknown", number=fields.text("caller_id"))
    return number


def read_ivr(text: str) -> str:
    """Return the id in `ivr:<id>` or `<id>.ivr`, or an empty text for anything else."""
    match = _IVR.fullmatch(text)
    return (match[1] or match[2]) if match else ""


def script_of(account: Account, ivr: str) -> Script:
    """Return what an IVR says: that of the account's campaign of this id or name, else a welcome."""
    for campaign in account.campaigns.values():
        if campaign.kind == IVR and ivr in (str(campaign.ref), campaign.name):
            return campaign.script
    known = KaleyraSettings.of(account).ivrs
    if known and ivr not in known:
        raise Refused("sound_unknown", id=ivr)
    return WELCOME


class Broadcast(Struct, frozen=True, kw_only=True):
    """One script for `numbers`, each called with up to `retries` more attempts, from `start` or at once.

    `custom` is one reference for all calls, or several joined by commas, one for each (documented); where
    they are fewer, the last calls have none, and those beyond the last call are dropped. That of a single
    call stands as it is, commas and all (inferred).
    """

    numbers: tuple[E164, ...]
    script: Script
    retries: int
    start: datetime | None
    postback: Postback | None
    custom: str = ""
    meta: str = ""

    def orders(self, first: int) -> Iterator[Order]:
        """Yield an order for each number, the `first` and following of their group."""
        customs = _references(self.custom, self.numbers)
        policy = FOLLOWS
        if self.retries or self.start:  # else as their group has it, which costs less
            policy = Policy(attempts=1 + self.retries, retry_after=RETRY_AFTER, earliest=self.start)
        if len(customs) == 1:
            customs *= len(self.numbers)
        for place, number in enumerate(self.numbers):
            custom = customs[place] if place < len(customs) else ""
            tags = {"custom": custom, "meta": self.meta, "place": str(first + place)}
            yield Order(callee=number, script=self.script, policy=policy, postback=self.postback, tags=tags)


def parse_form(fields: Fields, context: RequestContext) -> Broadcast:
    """Read the parameters of voice.call; raises Refused for the first that is wrong."""
    options = {name: fields.text(name) for name in PARAMETERS}
    if format_of(context.form) == "jsonp" and is_function(options["callback"]):
        del options["callback"]  # JSONP calls a function of that name
    return parse_options(options, context, "numbers", MOST_NUMBERS)


def parse_options(
    options: Mapping[str, Any], context: RequestContext, numbers: str = "to", most: int | None = None
) -> Broadcast:
    """Read an entry of voice.json, or a form; raises Refused for the first value that is wrong.

    Whom to call stands in `numbers`, at `most` that many, or are those of the group where there is one
    (documented).
    """
    now = context.world.clock.now
    again = "retries" if text_of(options, "retries") else "retry"
    retries, meta = text_of(options, again), text_of(options, "meta")
    if isinstance(options.get("meta"), str) and meta:
        convert("meta", lambda text: read_json(text.encode()), meta)
    delay = text_of(options, "delay")
    wait = timedelta(seconds=within(context, "delay", delay, MOST_DELAY) if delay else 0)
    start = now + wait if wait else None
    if schedule := text_of(options, "scheduletime"):
        start = read_start(context, schedule, now) + wait
    play, message = text_of(options, "play"), text_of(options, "message")
    if play and message:
        context.losses.append(Loss("message_ignored", "message", message))
    callees, custom = _read_callees(options, context, numbers, most), text_of(options, "custom")
    if (references := len(_references(custom, callees))) > 1 and references != len(callees):
        loss = "references_missing" if references < len(callees) else "references_beyond"
        arrived = f"{references} references for {counted(len(callees), 'number')}"
        context.losses.append(Loss(loss, "custom", arrived))
    return Broadcast(
        numbers=callees,
        script=read_script(context.account, play, message),
        retries=within(context, again, retries, MOST_RETRIES) if retries else 0,
        start=start,
        postback=read_postback(context, text_of(options, "callback"), OBD_VARIABLES),
        custom=custom,
        meta=meta,
    )


def _references(custom: str, numbers: Sized) -> list[str]:
    return [custom.strip()] if len(numbers) == 1 else [text.strip() for text in custom.split(",")]


def read_start(context: RequestContext, text: str, now: datetime) -> datetime:
    """Return when a schedule begins, 15 minutes to 2 months from now (documented)."""
    start, latest = convert("scheduletime", read_schedule, text), latest_start(now)
    if now + SOONEST <= start <= latest:
        return start
    if not clamps(context.account):
        error = Refused("schedule_invalid")
        read = "" if text == render_stamp(start) else f", and {text} is {render_stamp(start)} there"
        error.advice = f"it is {render_stamp(now)} in India here{read}"
        raise error
    taken = min(max(start, now + SOONEST), latest)
    context.losses.append(Loss("value_clamped", "scheduletime", f"{text}, taken as {taken.isoformat()}"))
    return taken


def read_script(account: Account, play: str, message: str) -> Script:
    """Return the script of a sound file or IVR in `play`, else of a `message` in ASCII (documented)."""
    if not play and not message:
        raise Refused("parameter_missing", name="play")
    if not play:
        if not message.isascii():  # documented: English only
            raise Refused("parameter_invalid", name="message")
        return Script(Prompt(message))
    if ivr := read_ivr(play):
        return script_of(account, ivr)
    if not (match := _SOUND.fullmatch(play)):
        raise Refused("parameter_invalid", name="play")
    known = KaleyraSettings.of(account).sounds
    if known and match[1] not in known and play not in known:
        raise Refused("sound_unknown", id=play)
    return Script(Prompt(clip=play, clip_length=CLIP_LENGTH))


def text_of(options: Mapping[str, Any], name: str) -> str:
    """Return a value as text: JSON may hold it as a number, also as 2.0, and `meta` as an object."""
    value = options.get(name)
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return write_compact_json(value).decode()


def without_nulls(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry says: null is the same as leaving a key out (inferred)."""
    return {name: value for name, value in entry.items() if value is not None}


def _read_callees(
    options: Mapping[str, Any], context: RequestContext, name: str, most: int | None
) -> tuple[E164, ...]:
    account = context.account
    if group := text_of(options, "group"):
        members = [number for ref in _refs(account, group) for number in account.group(ref).numbers]
        if not members:
            raise Refused("parameter_invalid", name="group")
        if other := text_of(options, name):
            context.losses.append(Loss("numbers_ignored", name, other))
        return tuple(members)
    if not (text := text_of(options, name)):
        raise Refused("parameter_missing", name=name)
    numbers = convert(name, lambda listed: read_numbers(listed, ","), text)
    if most is not None and len(numbers) > most:
        if not clamps(account):
            raise Refused("limit_exceeded", name=name, limit=most)
        called = f"{len(numbers)} numbers, of which {most} are called"
        context.losses.append(Loss("value_clamped", name, called))
    return numbers[:most]


def _refs(account: Account, text: str) -> list[str]:
    """Return the groups that are meant, each once: one name, or several ids (documented)."""
    known = any(group.name == text for group in account.groups.values())
    parts = [text] if known else [part.strip() for part in text.split(",")]
    return [part for part in dict.fromkeys(parts) if part]


def read_campaign_name(fields: Fields) -> str:
    """Return the campaign's name; letters, digits and what joins them (the sample has an underscore)."""
    name = fields.required("name")
    if not name.replace("_", "").replace("-", "").replace(" ", "").isalnum():
        raise Refused("parameter_invalid", name="name")
    return name


def parse_entries(context: RequestContext, body: Any) -> tuple[list[Order], int]:
    """Read a JSON body of autodial: orders for entries that have a number, and how many entries it has."""
    entries = body.get("data") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        raise Refused("parameter_missing", name="data")
    orders = list(_entry_orders(entries[:MOST_ENTRIES]))
    context.losses.extend(_entry_losses(len(entries), len(orders)))
    return orders, len(entries)


def _entry_orders(entries: list[Any]) -> Iterator[Order]:
    for entry in entries:
        row = entry if isinstance(entry, dict) else {}
        try:
            number = read_number(text_of(row, "number"))
        except MalformedNumber:
            continue
        custom = {key: value for key, value in row.items() if key != "number"}
        yield Order(callee=number, tags={"meta": write_compact_json(custom).decode()})


def _entry_losses(sent: int, taken: int) -> Iterator[Loss]:
    """Yield what of the entries nobody will be called for; the answer tells of it by its counter alone."""
    looked_at = min(sent, MOST_ENTRIES)
    if sent > looked_at:
        yield Loss("entries_cut", "/data", f"{sent} entries, of which {sent - looked_at} were not looked at")
    if looked_at > taken:
        seen = counted(looked_at, "entry", "entries")
        yield Loss("entries_skipped", "/data", f"{looked_at - taken} of {seen} without a number")


def parse_plan(fields: Fields) -> Plan:
    """Read who calls whom again and when; a time that has passed is no mistake, nor is it acted on."""
    return Plan(
        phone=fields.one_number("phone"),
        name=fields.required("name"),
        follower=fields.one_number("follower"),
        at=convert("ontime", read_follow_up, fields.required("ontime")),
        calls=fields.flag("autocall"),
        notes=fields.text("notes"),
    )
