"""Postbacks: what a campaign tells its owner after a call, by URL templates with `{ct_…}` placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from simulator.exchange import CallbackRequest
from simulator.formats.urls import fill_template, is_web_address, without_credentials
from simulator.telephony.calls import Call, CallResult
from simulator.telephony.campaign_settings import Postback
from simulator.telephony.operators import NetworkEvent
from simulator.telephony.phone_numbers import digits_of
from simulator.telephony.world import World
from simulator.vendors.callo.media import recording_of
from simulator.vendors.callo.responses import render_call_to_phone
from simulator.vendors.callo.transcripts import reply_of

FINISHED, NO_ANSWER, EVERY = "finished", "no_answer", "any"
SLOTS: Mapping[CallResult, tuple[str, ...]] = {
    CallResult.COMPLETED: (FINISHED, EVERY),
    CallResult.EXHAUSTED: (NO_ANSWER, EVERY),
}
"""The slots of a campaign that hear of an end (two were observed; `any` is ours, for any end)."""

EVENTS, POSTBACKS = ("call.finished",), (FINISHED, NO_ANSWER, EVERY)
"""What clients hear of, and the slots that a campaign has for that."""

PLACEHOLDERS = (
    *("ct_campaign_id", "ct_call_id", "ct_phone", "ct_phone9", "ct_status", "ct_dial_status"),
    *("ct_button_num", "ct_user_choice", "ct_caller", "ct_completed", "ct_completed_ts", "ct_duration"),
    *("ct_record_url", "ct_recognized_speech", "ct_data", "ct_phone_oper", "ct_mnp_oper", "ct_phone_region"),
)
"""Every placeholder seen in public templates."""

_PLACEHOLDER = re.compile(r"\{(ct_[a-z0-9_]+)\}")
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def callbacks(world: World, event: NetworkEvent) -> Iterator[CallbackRequest]:  # noqa: ARG001 - the event tells all
    """Yield the postbacks that the end of a call sets off: those of the campaign, then of its buttons."""
    if event.name != "call.finished" or event.call.ending is None:
        return
    call = event.call
    hooks = [
        call.campaign.postbacks[slot]
        for slot in SLOTS.get(event.call.ending, (EVERY,))
        if slot in call.campaign.postbacks
    ]
    hooks += [Postback(url) for url in _webhooks(call)]
    if not hooks:
        return
    values = placeholder_values(call)
    for hook in hooks:
        yield render_postback(hook, values)


def render_postback(hook: Postback, values: Mapping[str, str]) -> CallbackRequest:
    """Fill a template in; POST repeats the values as a form, with the URL unchanged (inferred).

    A name and password in the URL become a header, as HTTP clients have it (inferred).
    """
    url, credentials = without_credentials(fill_template(_PLACEHOLDER, hook.url, values))
    if hook.method.upper() == "GET":
        names = [name for name in _PLACEHOLDER.findall(hook.url) if name in values]
        return CallbackRequest("GET", url, credentials, filled=tuple((name, values[name]) for name in names))
    headers = (*_FORM, *credentials)
    return CallbackRequest(hook.method.upper(), url, headers, urlencode(values).encode())


def placeholder_values(call: Call) -> dict[str, str]:
    """Return every placeholder seen in public templates, empty where there is nothing to tell."""
    result, last, recording = render_call_to_phone(call, expand=False), call.settled, recording_of(call)
    ended = call.ended.astimezone(ZoneInfo(call.account.zone)) if call.ended else None
    return {
        "ct_campaign_id": str(call.campaign.ref),
        "ct_call_id": str(call.ref),
        "ct_phone": call.callee,
        "ct_phone9": digits_of(call.callee)[-10:],
        "ct_status": result["status"],
        "ct_dial_status": _text(result["dial_status"]),
        "ct_button_num": _text(result["button_num"]),
        "ct_user_choice": _text(result["user_choice"]),
        "ct_caller": _text(call.caller_id),
        "ct_completed": f"{ended:%Y-%m-%d %H:%M:%S}" if ended else "",
        "ct_completed_ts": f"{ended.timestamp():.0f}" if ended else "",
        "ct_duration": _text(result["duration"]),
        "ct_record_url": recording.url if recording else "",
        "ct_recognized_speech": reply_of(call, last) if last else "",
        "ct_data": call.order.label or "",
        "ct_phone_oper": "",
        "ct_mnp_oper": "",
        "ct_phone_region": "",
    }


def _webhooks(call: Call) -> Iterator[str]:
    """Yield the webhooks of the buttons pressed that are URLs at all."""
    talk = call.settled.conversation if call.settled else None
    for press in talk.presses if talk else ():
        url = press.choice.detail.get("webhook", "") if press.choice else ""
        if is_web_address(url):
            yield url


def _text(value: object) -> str:
    return "" if value is None else str(value)
