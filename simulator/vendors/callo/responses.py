"""Calls, campaigns and clips in Callo's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from math import ceil
from typing import Any

from simulator.telephony.accounts import Account, AudioClip
from simulator.telephony.attempt_planner import script_of
from simulator.telephony.calls import Attempt, Call
from simulator.telephony.campaign_settings import CampaignState
from simulator.telephony.campaigns import Campaign, PhoneList
from simulator.telephony.ivr import Choice, Press
from simulator.telephony.owners import Owner
from simulator.vendors.callo.media import clip_url, original_url, recording_of, recording_of_attempt
from simulator.vendors.callo.settings import CalloSettings
from simulator.vendors.callo.statuses import (
    ACTION_NUMBERS,
    ACTIONS,
    BUTTON,
    CALL_STATUSES,
    DIAL_STATUSES,
    chosen_in,
    dial_status_of,
    dial_status_of_attempt,
    is_button,
    name_of,
    status_of,
)
from simulator.vendors.callo.transcripts import render_transcript

STATES = {CampaignState.ACTIVE: "active", CampaignState.ARCHIVED: "archive"}
"""The words of `mode`; any other state is `stopped` (inferred)."""

CLIP_TYPES = {"synth": "synth", "uploaded": "upload"}
"""`synth` is documented, `upload` inferred."""

Json = dict[str, Any]


def wrap(value: object) -> Json:
    """Return a success in the envelope that some operations use and others do not (documented)."""
    return {"status": "ok", "data": value}


@lru_cache(maxsize=1_000)  # much happens at one instant, and is shown again and again
def render_time(instant: datetime) -> str:
    """Return an instant as ISO 8601 in UTC with milliseconds and Z (documented)."""
    local = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return local.isoformat(timespec="milliseconds")[:-6] + "Z"


@lru_cache(maxsize=1_000)  # nearly all calls of a campaign cost the same
def render_money(amount: Decimal) -> str:
    """Return money with at least two and at most six decimals."""
    text = f"{amount:.6f}"
    return text[:-4] + text[-4:].rstrip("0")


def render_balance(account: Owner) -> str:
    """Return the balance as a string with six decimals (documented)."""
    return f"{account.balance:.6f}"


def render_added_call(call: Call) -> Json:
    """Return the answer of `phones/call/`, which has no envelope; a code is told where there is one."""
    code = call.order.code
    return {
        "call_id": call.ref,
        "phone": call.callee,
        "balance": render_balance(call.account),
        "audioclip_id": script_of(call).opening.clip,
        "created": render_time(call.created),
        "callerid": call.caller_id,
        **({} if code is None else {"pincode": code}),
    }


def render_verification(call: Call, callable_at: tuple[str, ...]) -> Json:
    """Return the data of `confirm/`, `tellcode/` and `flashcall/`; `callable_at` are service numbers."""
    return {
        "balance": render_balance(call.account),
        "call_id": call.ref,
        "created": render_time(call.created),
        "phone": call.callee,
        "pincode": call.order.code or "",
        **({"allowed_phones_for_call": list(callable_at)} if callable_at else {}),
    }


def render_phone_list(phones: PhoneList, campaign: Campaign) -> Json:
    """Return the answer of `append/calls/`."""
    return {"campaign_id": campaign.ref, "calls_count": phones.accepted, "phonelist_id": phones.ref}


def render_call(call: Call, expand: bool) -> Json:
    """Return a result of `call_by_id/`, the fullest; its duration has a fraction (the sample: 20.0)."""
    row = _common(call)
    transcript, duration = row.pop("transcribing"), row["duration"]
    row["duration"] = None if duration is None else float(duration)
    return {
        **row,
        "audioclip_id": script_of(call).opening.clip,
        "ivr_data": _steps(call),
        "transcribing": transcript,
        "cost": _cost(call),
        "currency": call.account.currency,
        **_expanded(call, expand),
    }


def render_call_to_phone(call: Call, expand: bool) -> Json:
    """Return a result of `calls_by_phone/`, which the sample shows without clip, menu and money."""
    return {**_common(call), **_expanded(call, expand)}


def render_labelled_call(call: Call, expand: bool) -> Json:
    """Return a result of `calls_by_label/`, which tells the label (documented)."""
    return {**render_call_to_phone(call, expand), "label": call.order.label}


def render_campaign_call(call: Call, expand: bool) -> Json:
    """Return a result of `all_calls/`; money and menu beyond the sample were observed."""
    status = status_of(call)
    display = _status_display(call, status, _pressed(call))
    row = _common(call, call_status=status, call_status_display=display)
    if not CalloSettings.of(call.account).status_in_all_calls:
        del row["status"], row["status_display"]
    return {**row, "ivr_data": _steps(call), "cost": _cost(call), **_expanded(call, expand)}


def render_clip(clip: AudioClip, account: Account) -> Json:
    """Return the answer of `audio/upload/`."""
    return {"length": _length(clip), "audioclip_id": clip.ref, "url": clip_url(clip, account)}


def render_clip_info(clip: AudioClip, account: Account) -> Json:
    """Return the answer of `audio/info/`."""
    return {
        "audioclip_id": clip.ref,
        "text": clip.text,
        "length_val": _length(clip),
        "clip_name": clip.name,
        "clip_type": CLIP_TYPES[clip.kind],
        "speaker_name": clip.speaker or None,
        "converted_url": clip_url(clip, account),
        "original_url": original_url(clip, account),
    }


def render_cost(campaign: Campaign, now: datetime) -> Json:
    """Return the answer of `phones/cost/`: strings with three decimals (documented), of the account's day."""
    today = campaign.account.day_of(now)
    return {
        "campaign_id": campaign.ref,
        "forever_cost": f"{campaign.cost:.3f}",
        "daily_cost": f"{campaign.spent.get(today, Decimal(0)):.3f}",
        "currency": campaign.account.currency,
    }


def render_campaigns(account: Account, mode: str) -> Json | list[Json]:
    """Return the campaigns in the state that `mode` names, under the names one client reads (observed)."""
    rows = [_campaign(campaign) for campaign in account.campaigns.values()]
    rows = [row for row in rows if mode in ("all", row["status"])]
    return {"campaigns": rows} if CalloSettings.of(account).campaigns == "object" else rows


def _campaign(campaign: Campaign) -> Json:
    return {
        "id": campaign.ref,
        "name": campaign.name,
        "status": STATES.get(campaign.state, "stopped"),
        "type": campaign.kind,
        "is_active": campaign.state is CampaignState.ACTIVE,
    }


def _common(call: Call, **more: str) -> Json:
    """Return what all results have, in the order of the samples; `more` stands where `all_calls` has it."""
    language, status, dial = call.account.language, status_of(call), dial_status_of(call)
    recording, pressed, chosen = recording_of(call), _pressed(call), chosen_in(call)
    updated, settled = render_time(call.updated), call.settled
    return {
        "phone": call.callee,
        "status_display": _status_display(call, status, None),
        "recorded_audio": recording.url if recording else None,
        "status": status,
        "dial_status_display": None if dial is None else DIAL_STATUSES[dial].to(language),
        **more,
        "dial_status": dial,
        "call_id": call.ref,
        "user_choice": name_of(chosen) if chosen else None,
        "updated": updated,
        "user_choice_display": _choice_display(call, chosen) if chosen else None,
        "action_type": (chosen.choice.action or None) if chosen and chosen.choice else None,
        "created": render_time(call.created),
        "button_num": pressed,
        "completed": _completed(call, updated),
        "duration": None if settled is None else _seconds(settled),
        "transcribing": render_transcript(recording) if recording else None,
    }


def _completed(call: Call, updated: str) -> str | None:
    """Return when a call was completed, which most often is when it last changed."""
    if call.ended is None:
        return None
    return updated if call.ended == call.updated else render_time(call.ended)


def _status_display(call: Call, status: str, pressed: int | None) -> str:
    """Return the status in words; `all_calls` names the button too (documented)."""
    language = call.account.language
    display = CALL_STATUSES[status].to(language)
    if pressed is None or status != "user":
        return display
    return f"{display} ({BUTTON.to(language).format(key=pressed)})"


def _choice_display(call: Call, chosen: Press) -> str | None:
    """Return in words what a branch did; its label where the action has no words of its own."""
    if chosen.choice is None or chosen.choice.action not in ACTIONS:
        return name_of(chosen)
    phone = _phone_in(chosen.choice.detail) or call.callee
    return ACTIONS[chosen.choice.action].to(call.account.language).format(phone=phone)


def _pressed(call: Call) -> int | None:
    """Return the last button pressed in a completed call, valid or not; None for words and codes."""
    presses = _presses(call)
    if not presses or call.ended is None or script_of(call).code is not None:
        return None
    key = presses[-1].key
    return int(key) if is_button(key) and key.isdigit() else None


def _steps(call: Call) -> list[Json] | None:
    """Return the branches taken, one object a step (observed); None when there was none."""
    return [_step(press, press.choice) for press in _presses(call) if press.choice] or None


def _presses(call: Call) -> tuple[Press, ...]:
    last = call.settled
    return last.conversation.presses if last is not None and last.conversation is not None else ()


def _step(press: Press, choice: Choice) -> Json:
    detail, button = choice.detail, is_button(press.key) and press.key.isdigit()
    return {
        "ivr_num": press.level,
        "button_num": int(press.key) if button else 0,
        "action_type": ACTION_NUMBERS.get(choice.action, 0),
        "webhook": detail.get("webhook"),
        "sms_name": None,
        "sms_text": detail.get("sms_text", detail.get("text")),
        "to_phone": _phone_in(detail),
        "to_sipname": detail.get("to_sipname"),
        "status_name": name_of(press),
        "recognize_num": None if button else press.level,
        "follow_ivr_num": press.level + 1 if choice.follow else None,
    }


def _phone_in(detail: Mapping[str, str]) -> str | None:
    """Return whom a branch reaches: what was sent for this callee, else what the campaign's own menu says."""
    return detail.get("to_phone") or detail.get("to")


def _cost(call: Call) -> str | None:
    return render_money(call.cost) if call.settled else None


def _expanded(call: Call, expand: bool) -> Json:
    return {"attempts": [_attempt(call, attempt) for attempt in call.attempts]} if expand else {}


def _attempt(call: Call, attempt: Attempt) -> Json:
    """Return one attempt; it carries the call's status if it is the last and nothing follows (the sample)."""
    recording = recording_of_attempt(call, attempt)
    last = attempt is call.attempts[-1] and attempt.closed
    return {
        "created": render_time(attempt.started),
        "call_type": str(attempt.direction),
        "attempt_num": attempt.number,
        "status": status_of(call) if last else "in_process",
        "dial_status": dial_status_of_attempt(call, attempt),
        "billsec": _seconds(attempt) if attempt.closed else 0,
        "cost": float(round(attempt.cost, 6)),
        "currency": call.account.currency,
        "recorded_audio": recording.direct_url if recording else None,
    }


def _seconds(attempt: Attempt) -> int:
    """Return the length of a talk in whole seconds, as all samples are; one begun counts (inferred)."""
    return ceil(attempt.talk.total_seconds())


def _length(clip: AudioClip) -> float:
    return round(clip.length.total_seconds(), 3)
