"""voice.call, voice.json, voice.status and voice.groupstatus: one message to many, one group a request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.exchange import Loss
from simulator.formats.json_text import write_compact_json
from simulator.telephony.accounts import Account
from simulator.telephony.calls import Call, Order
from simulator.telephony.campaign_settings import Postback
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import UnknownCall, UnknownCampaign
from simulator.telephony.ivr import Prompt, Script
from simulator.telephony.owners import Slot
from simulator.telephony.phone_numbers import E164
from simulator.telephony.policies import FOLLOWS, Policy
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.answers import Said, keyed, statuses, success
from simulator.vendors.kaleyra.click2call import MOST_RETRIES, own_words, read_ivr, script_of
from simulator.vendors.kaleyra.endpoint import operation, refuse_blocked, require_credit
from simulator.vendors.kaleyra.fields import Fields, clamps, convert, read_postback, within
from simulator.vendors.kaleyra.phones import read_numbers, render_number
from simulator.vendors.kaleyra.provisioning import OBD, RETRY_AFTER
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.statuses import SENT, obd_status
from simulator.vendors.kaleyra.times import LATEST, SOONEST, read_schedule, render_stamp

MOST_NUMBERS = 200
MOST_DELAY = 900
CLIP_LENGTH = timedelta(seconds=20)
"""How long a sound file plays of which only the name is known."""

ROWS = {"data": "voice"}

_SOUND = re.compile(r"([\w-]{1,80})\.sound", re.ASCII | re.IGNORECASE)
_ID = re.compile(r"([0-9]{1,12})-([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """What one request, or one entry of voice.json, wants: each of `numbers` called with one script."""

    numbers: tuple[E164, ...]
    script: Script
    retries: int
    start: datetime | None
    postback: Postback | None
    custom: str = ""
    meta: str = ""

    def orders(self, first: int) -> Iterator[Order]:
        """Yield an order for each number, the `first` and following of their group.

        Each has its own reference where `custom` lists several (documented).
        """
        customs = [text.strip() for text in self.custom.split(",")]
        policy = FOLLOWS
        if self.retries or self.start:  # else as their group has it, which costs less
            policy = Policy(1 + self.retries, RETRY_AFTER, earliest=self.start)
        for place, number in enumerate(self.numbers):
            custom = customs[min(place, len(customs) - 1)]
            tags = {"custom": custom, "meta": self.meta, "place": str(first + place)}
            yield Order(number, self.script, policy=policy, postback=self.postback, tags=tags)


@operation("voice.call", "start_obd_call", "obd_api_start_call")
def start_obd_call(context: RequestContext) -> Said:
    """Call numbers or groups; the samples tell nothing but OK, clients get an id with return=1 (observed)."""
    fields = Fields(context)
    wish = parse_call(fields, context)
    campaign, calls = _place(context, fields.text("campaign"), fields.flag("newgroup"), [wish])
    wants_id = fields.flag("return") or KaleyraSettings.of(context.account).tells_obd_id
    data = {"id": obd_id(calls[0])} if wants_id else None
    return Said(success(data), only_in_text={"GID": str(campaign.ref)})


@operation("voice.json", "obd_call_json", verbs=("POST",))
def obd_call_json(context: RequestContext) -> Said:
    """Call the numbers of a JSON body, whose entries may each say otherwise than its defaults.

    Each request is a group of its own (the samples: ids count from 1).
    """
    body = Fields(context).body()
    if not isinstance(body, dict):
        raise Refused("body_malformed", reason="a JSON object is expected")
    entries = body.get("call")
    if not isinstance(entries, list) or not entries or not all(isinstance(each, dict) for each in entries):
        raise Refused("parameter_missing", name="call")
    wishes = [parse_wish({**body, **each}, context) for each in entries]
    campaign, calls = _place(context, _text(body, "campaign"), new_group=True, wishes=wishes)
    rows = [{"id": obd_id(call), "mobile": render_number(call.callee), "status": SENT} for call in calls]
    return Said(success({**keyed(rows), "group_id": campaign.ref}), ROWS)


@operation("voice.status", "obd_status", "obd_api_status")
def obd_status_of_call(context: RequestContext) -> Said:
    """Tell of one call; `mobile` filters (documented)."""
    fields = Fields(context)
    call = find_obd_call(context.account, fields.required("id"))
    calls = [call] if fields.number("mobile") in (None, call.callee) else []
    return Said(statuses(keyed([render_obd_call(each) for each in calls])), ROWS, prolog=False)


@operation("voice.groupstatus", "obd_group_status", "obd_api_group_status")
def obd_status_of_group(context: RequestContext) -> Said:
    """Tell of all calls of a group, in their order."""
    fields = Fields(context)
    ref, name = fields.required("groupid"), fields.text("campaign")
    campaign = find_group(context.account, ref)
    if name not in ("", campaign.name):
        raise UnknownCampaign(ref)
    return Said(statuses(keyed([render_obd_call(each) for each in campaign.calls])), ROWS, prolog=False)


def parse_call(fields: Fields, context: RequestContext) -> Wish:
    """Read voice.call."""
    names = ("numbers", "group", "play", "message", "retries", "retry", "scheduletime", "delay")
    others = ("custom", "callback")
    told = {name: text for name in (*names, *others) if (text := fields.text(name))}
    told["meta"] = fields.json("meta")
    return parse_wish(told, context, "numbers", MOST_NUMBERS)


def parse_wish(
    told: Mapping[str, Any], context: RequestContext, numbers: str = "to", most: int | None = None
) -> Wish:
    """Read what is wanted; the numbers are those of the group where there is one (documented)."""
    now = context.world.clock.now
    retries = _text(told, "retries") or _text(told, "retry")
    delay = _text(told, "delay")
    wait = timedelta(seconds=within(context, "delay", delay, MOST_DELAY) if delay else 0)
    start = now + wait if wait else None
    if schedule := _text(told, "scheduletime"):
        start = read_start(context, schedule, now) + wait
    play, message = _text(told, "play"), _text(told, "message")
    if play and message:
        context.losses.append(Loss("message_ignored", "message", message))
    return Wish(
        _read_callees(told, context, numbers, most),
        read_script(context.account, play, message),
        within(context, "retries", retries, MOST_RETRIES) if retries else 0,
        start,
        read_postback(_text(told, "callback")),
        _text(told, "custom"),
        _text(told, "meta"),
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
    """Return what is said: a sound file, an IVR, or a message where neither is told (documented)."""
    if not play and not message:
        raise Refused("parameter_missing", name="play")
    if not play:
        if not message.isascii():  # documented: English only
            raise Refused("parameter_invalid", name="message")
        return Script(Prompt(message))
    if ivr := read_ivr(play):
        return script_of(account, ivr)
    if not (found := _SOUND.fullmatch(play)):
        raise Refused("parameter_invalid", name="play")
    known = KaleyraSettings.of(account).sounds
    if known and found[1] not in known and play not in known:
        raise Refused("sound_unknown", id=play)
    return Script(Prompt(clip=play, clip_length=CLIP_LENGTH))


def find_group(account: Account, ref: str) -> Campaign:
    """Return the calls of one group; raises UnknownCampaign."""
    campaign = account.campaigns.get(int(ref)) if ref.isascii() and ref.isdigit() and len(ref) < 13 else None
    if campaign is None or campaign.kind != OBD:
        raise UnknownCampaign(ref)
    return campaign


def find_obd_call(account: Account, ref: str) -> Call:
    """Return the call with an id `<group>-<n>`, n counted from 1; raises UnknownCall."""
    if not (found := _ID.fullmatch(ref)):
        raise UnknownCall(ref)
    campaign = account.campaigns.get(int(found[1]))
    if campaign is None or campaign.kind != OBD or not 1 <= int(found[2]) <= len(campaign.calls):
        raise UnknownCall(ref)
    return campaign.calls[int(found[2]) - 1]


def obd_id(call: Call) -> str:
    """Return the id of a call: its group, and its place in it."""
    return f"{call.campaign.ref}-{call.order.tags['place']}"


def render_obd_call(call: Call) -> dict[str, str]:
    """Return a row, its keys in the order of the sample."""
    return {
        "id": obd_id(call),
        "mobile": render_number(call.callee),
        "status": obd_status(call),
        "senttime": render_stamp(call.attempts[0].started if call.attempts else call.created),
        **own_words(call),
    }


def _place(
    context: RequestContext, name: str, new_group: bool, wishes: list[Wish]
) -> tuple[Campaign, list[Call]]:
    require_credit(context)
    refuse_blocked(context, [number for wish in wishes for number in wish.numbers])
    campaign = _group(context, name or "API", wishes[0].script, new_group)
    orders: list[Order] = []
    for wish in wishes:
        orders += wish.orders(len(campaign.calls) + len(orders) + 1)
    return campaign, context.world.place_calls(campaign, orders)


_GROUPS: Slot[dict[tuple[str, Prompt], Campaign]] = Slot("obd groups", dict)


def _group(context: RequestContext, name: str, script: Script, new: bool) -> Campaign:
    """Return a group for calls: by default similar requests share one (documented).

    Similar are requests of one campaign with the same script (inferred).
    """
    shared = _GROUPS.of(context.account)
    key = (name, script.opening)
    if new or key not in shared:
        campaign = context.world.open_campaign(context.account, name, OBD)
        shared.setdefault(key, campaign)
        return campaign
    return shared[key]


def _read_callees(
    told: Mapping[str, Any], context: RequestContext, name: str, most: int | None
) -> tuple[E164, ...]:
    account = context.account
    if group := _text(told, "group"):
        found = [number for ref in _refs(account, group) for number in account.group(ref).numbers]
        if not found:
            raise Refused("parameter_invalid", name="group")
        if other := _text(told, name):
            context.losses.append(Loss("numbers_ignored", name, other))
        return tuple(found)
    if not (text := _text(told, name)):
        raise Refused("parameter_missing", name=name)
    numbers = convert(name, lambda listed: read_numbers(listed, ","), text)
    if most is not None and len(numbers) > most:
        if not clamps(account):
            raise Refused("limit_exceeded", name=name, limit=most)
        context.losses.append(
            Loss("value_clamped", name, f"{len(numbers)} numbers, of which {most} are called")
        )
    return numbers[:most]


def _refs(account: Account, text: str) -> list[str]:
    """Return the groups that are meant: one name, or several ids (documented)."""
    known = any(group.name == text for group in account.groups.values())
    return [text] if known else [part.strip() for part in text.split(",")]


def _text(told: Mapping[str, Any], name: str) -> str:
    """Return a value as text: JSON may hold it as a number, and `meta` as an object."""
    value = told.get(name)
    if value is None or isinstance(value, str):
        return (value or "").strip()
    return write_compact_json(value).decode()
