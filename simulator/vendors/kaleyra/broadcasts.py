"""What voice.call and voice.json ask for: one message to many numbers, read from a form or from JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.exchange import Loss
from simulator.formats.json_text import write_compact_json
from simulator.formats.jsonp import is_function
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Order
from simulator.telephony.campaign_settings import Postback
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import FOLLOWS, Policy
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import format_of
from simulator.vendors.kaleyra.click2call import MOST_RETRIES, read_ivr, script_of
from simulator.vendors.kaleyra.fields import Fields, clamps, convert, read_postback, within
from simulator.vendors.kaleyra.phones import read_numbers
from simulator.vendors.kaleyra.provisioning import RETRY_AFTER
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.times import LATEST, SOONEST, read_schedule

MOST_NUMBERS = 200
MOST_DELAY = 900
CLIP_LENGTH = timedelta(seconds=20)
"""How long a sound file plays of which only the name is known."""

PARAMETERS = ("numbers", "group", "play", "message", "retries", "retry", "scheduletime", "delay", "custom")

_SOUND = re.compile(r"([\w-]{1,80})\.sound", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """One script for `numbers`, each called with up to `retries` more attempts, from `start` or at once.

    `custom` is one reference for all calls, or several joined by commas, one for each (documented).
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
        customs = [text.strip() for text in self.custom.split(",")]
        policy = FOLLOWS
        if self.retries or self.start:  # else as their group has it, which costs less
            policy = Policy(attempts=1 + self.retries, retry_after=RETRY_AFTER, earliest=self.start)
        for place, number in enumerate(self.numbers):
            custom = customs[min(place, len(customs) - 1)]
            tags = {"custom": custom, "meta": self.meta, "place": str(first + place)}
            yield Order(callee=number, script=self.script, policy=policy, postback=self.postback, tags=tags)


def parse_form(fields: Fields, context: RequestContext) -> Broadcast:
    """Read the parameters of voice.call; raises Refused for the first that is wrong."""
    options = {name: text for name in PARAMETERS if (text := fields.text(name))}
    callback = fields.text("callback")
    if format_of(context.form) != "jsonp" or not is_function(callback):  # JSONP calls a function of that name
        options["callback"] = callback
    options["meta"] = fields.json("meta")
    return parse_options(options, context, "numbers", MOST_NUMBERS)


def parse_options(
    options: Mapping[str, Any], context: RequestContext, numbers: str = "to", most: int | None = None
) -> Broadcast:
    """Read an entry of voice.json, or a form; raises Refused for the first value that is wrong.

    Whom to call stands in `numbers`, at `most` that many, or are those of the group where there is one
    (documented).
    """
    now = context.world.clock.now
    retries = text_of(options, "retries") or text_of(options, "retry")
    delay = text_of(options, "delay")
    wait = timedelta(seconds=within(context, "delay", delay, MOST_DELAY) if delay else 0)
    start = now + wait if wait else None
    if schedule := text_of(options, "scheduletime"):
        start = read_start(context, schedule, now) + wait
    play, message = text_of(options, "play"), text_of(options, "message")
    if play and message:
        context.losses.append(Loss("message_ignored", "message", message))
    return Broadcast(
        numbers=_read_callees(options, context, numbers, most),
        script=read_script(context.account, play, message),
        retries=within(context, "retries", retries, MOST_RETRIES) if retries else 0,
        start=start,
        postback=read_postback(text_of(options, "callback")),
        custom=text_of(options, "custom"),
        meta=text_of(options, "meta"),
    )


def read_start(context: RequestContext, text: str, now: datetime) -> datetime:
    """Return when a schedule begins, 15 minutes to 2 months from now (documented)."""
    start = convert("scheduletime", read_schedule, text)
    if now + SOONEST <= start <= now + LATEST:
        return start
    if not clamps(context.account):
        raise Refused("schedule_invalid")
    taken = min(max(start, now + SOONEST), now + LATEST)
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
    """Return a value as text: JSON may hold it as a number, and `meta` as an object."""
    value = options.get(name)
    if value is None or isinstance(value, str):
        return (value or "").strip()
    return write_compact_json(value).decode()


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
    """Return the groups that are meant: one name, or several ids (documented)."""
    known = any(group.name == text for group in account.groups.values())
    return [text] if known else [part.strip() for part in text.split(",")]
