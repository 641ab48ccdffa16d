"""Refusals on demand: the error behind each name that the contract has, told of what a request says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from simulator.telephony.errors import (
    CallAlreadyEnded,
    TooManyCallsToNumber,
    UnknownCall,
    UnknownCampaign,
    UnknownClip,
    UnknownLabel,
    UnknownNumber,
    UnknownPhoneList,
)
from simulator.vendors.callo.errors import WHOLE_FORM, form_mistake
from simulator.vendors.callo.form_texts import (
    EMPTY_FILE,
    REQUIRED,
    VALID_DATE,
    VALID_PHONE,
    VALID_VALUE,
    WHOLE_NUMBER,
    bad_item,
    no_choice,
    own,
    too_many_items,
)
from simulator.vendors.callo.statuses import Display

Facts = Mapping[str, str]
HALF_MINUTE = timedelta(seconds=30)
NOTHING = 0
"""What is called so nowhere: ids begin far above."""

MISTAKES: Mapping[str, tuple[str, Display]] = {
    "key_missing": ("public_key", REQUIRED),
    "key_malformed": ("public_key", VALID_VALUE),
    "key_unknown": ("public_key", own("Invalid public key")),
    "phone_missing": ("phone", REQUIRED),
    "phone_invalid": ("phone", VALID_PHONE),
    "campaign_missing": ("campaign_id", REQUIRED),
    "campaign_not_a_number": ("campaign_id", WHOLE_NUMBER),
    "campaign_wrong_type": ("campaign_id", own("Invalid campaign type")),
    "campaign_not_active": ("campaign_id", own("Campaign is not active")),
    "balance_too_low": (WHOLE_FORM, own("Not enough money on balance")),
    "label_invalid": ("label", VALID_VALUE),
    "label_taken": ("label", own("Duplicate label")),
    "pincode_not_a_number": ("pincode", WHOLE_NUMBER),
    "phone_suffix_invalid": ("phone_suffix", VALID_VALUE),
    "max_call_time_not_a_number": ("max_call_time", WHOLE_NUMBER),
    "ivr_parameter_invalid": ("ivr_lvl_1_btn_1_to_phone", VALID_PHONE),
    "ivr_several_words": ("ivr_lvl_1_btn_1_webhook", own("Only one word is allowed")),
    "phones_missing": ("phones", REQUIRED),
    "phones_file_empty": ("phones_file", EMPTY_FILE),
    "phones_file_unreadable": ("phones_file", own("Upload a valid CSV or Excel file.")),
    "text_column_not_a_number": ("text_from_column", WHOLE_NUMBER),
    "label_column_not_a_number": ("label_from_column", WHOLE_NUMBER),
    "call_id_not_a_number": ("call_id", WHOLE_NUMBER),
    "call_ids_item_invalid": ("call_ids", bad_item(1, WHOLE_NUMBER)),
    "phones_item_invalid": ("phones", bad_item(1, VALID_PHONE)),
    "labels_item_invalid": ("labels", bad_item(1, VALID_VALUE)),
    "too_many_values": ("phones", too_many_items(201, 200)),
    "both_forms": (WHOLE_FORM, own("Only one of call_id, call_ids is allowed")),
    "neither_form": (WHOLE_FORM, own("One of call_id, call_ids is required")),
    "call_or_phone_missing": (WHOLE_FORM, own("One of call_id, phone is required")),
    "page_not_a_number": ("page", WHOLE_NUMBER),
    "date_invalid": ("from_created_date", VALID_DATE),
    "clip_name_missing": ("clip_name", REQUIRED),
    "clip_file_missing": ("clip_file", REQUIRED),
    "clip_file_empty": ("clip_file", EMPTY_FILE),
    "clip_file_invalid": ("clip_file", own("Upload a valid audio file.")),
    "audioclip_id_missing": ("audioclip_id", REQUIRED),
    "audioclip_id_not_a_number": ("audioclip_id", WHOLE_NUMBER),
    "phonelist_id_missing": ("phonelist_id", REQUIRED),
    "phonelist_id_not_a_number": ("phonelist_id", WHOLE_NUMBER),
    "mode_missing": ("mode", REQUIRED),
}
"""What is said of which field."""

CHOICES: Mapping[str, str] = {
    "speaker_unknown": "speaker",
    "emotion_unknown": "emotion",
    "expand_invalid": "expand",
    "call_status_invalid": "call_status",
    "mode_invalid": "mode",
}
"""The fields of which a value is said to be none of those to choose from."""

ERRORS: Mapping[str, Callable[[Facts], Exception]] = {
    "campaign_unknown": lambda facts: UnknownCampaign(facts.get("campaign_id", NOTHING)),
    "too_many_calls": lambda facts: TooManyCallsToNumber(
        facts.get("campaign_id", NOTHING), facts.get("phone", "0"), 5, HALF_MINUTE, HALF_MINUTE
    ),
    "clip_in_text_unknown": lambda _: form_mistake("text", own(f"Audio clip by id={NOTHING} not found")),
    "call_unknown": lambda facts: UnknownCall(facts.get("call_id", NOTHING)),
    "phone_unknown": lambda facts: UnknownNumber(facts.get("phone", "0")),
    "label_unknown": lambda facts: UnknownLabel(facts.get("label", "0")),
    "call_completed": lambda facts: CallAlreadyEnded(facts.get("call_id", NOTHING)),
    "clip_unknown": lambda facts: UnknownClip(facts.get("audioclip_id", NOTHING)),
    "phonelist_unknown": lambda facts: UnknownPhoneList(facts.get("phonelist_id", NOTHING)),
}
"""Refusals beyond the form."""


def staged_refusal(name: str, facts: Facts) -> Exception:
    """Return the error that is told as the refusal `name`; raises KeyError for one that there is not."""
    if name in MISTAKES:
        return form_mistake(*MISTAKES[name])
    if name in CHOICES:
        return form_mistake(CHOICES[name], no_choice(facts.get(CHOICES[name], "0")))
    return ERRORS[name](facts)
