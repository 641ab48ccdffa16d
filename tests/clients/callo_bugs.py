"""The bugs of the Callo client: what is wrong, of which kind, and where it is planted; one a line."""

from __future__ import annotations

from tests.clients.edits import (
    all_in_the_query,
    as_json,
    change,
    drop,
    path,
    put,
    rename,
    unencoded,
    verb,
)
from tests.clients.vendor_client import CONCLUDED, Bug
from tests.clients.wire import Request


def _key_in_the_query(request: Request) -> None:
    key, *rest = request.form or []
    request.query, request.form = [key], rest


def _cyrillic_name(name: str) -> str:
    return name.replace("c", "с").replace("a", "а")  # look-alike letters of another alphabet


# fmt: off
NAMES_AND_PLACES = (
    Bug("slip_in_a_name", 1, "call", "A letter is missing: campain_id.", rename("campaign_id", "campain_id"), "add_call"),
    Bug("slip_in_a_filter", 1, "statistics", "form_date for from_date.", rename("from_date", "form_date"), "camp_stats"),
    Bug("camel_case", 3, "call", "maxCallTime for max_call_time.", rename("max_call_time", "maxCallTime"), "add_call"),
    Bug("cyrillic_name", 4, "call", "The name campaign_id has Cyrillic letters.", rename("campaign_id", _cyrillic_name("campaign_id")), "add_call"),
    Bug("cyrillic_label", 4, "call", "A label holds a Cyrillic letter, and is never found again.", put("label", "bооking_17"), "add_call"),
    Bug("singular_for_plural", 5, "bulk", "call_id carries a list.", rename("call_ids", "call_id"), "call_by_id"),
    Bug("missing_campaign", 6, "account", "No campaign_id where one is needed.", drop("campaign_id"), "calls_by_label"),
    Bug("missing_mode", 6, "account", "No mode when campaigns are listed.", drop("mode"), "campaigns"),
    Bug("name_of_another_vendor", 7, "call", "to, as another vendor has it, for phone.", rename("phone", "to"), "add_call"),
    Bug("invented_callback", 8, "call", "A parameter that no document knows.", put("callback_url", "http://127.0.0.1:9/done"), "add_call"),
    Bug("both_forms", 10, "bulk", "call_id beside call_ids.", put("call_id", "260302123456789"), "call_by_id"),
    Bug("no_last_slash", 12, "call", "A POST without the last slash loses its body.", path(lambda way: way.rstrip("/")), "add_call"),
    Bug("post_to_read", 13, "call", "POST where only GET reads.", all_in_the_query("POST"), "call_by_id"),
    Bug("put_to_remove", 13, "account", "PUT where POST is asked.", verb("PUT"), "remove_call"),
    Bug("everything_by_get", 14, "call", "A call by GET, against the vendor's advice.", all_in_the_query("GET"), "add_call"),
)
TYPES_AND_RANGES = (
    Bug("time_with_a_unit", 15, "call", "max_call_time is 120s.", put("max_call_time", "120s"), "add_call"),
    Bug("flag_in_words", 15, "account", "expand is yes.", put("expand", "yes"), "calls_by_phone"),
    Bug("no_time_at_all", 16, "call", "max_call_time is 0.", put("max_call_time", "0"), "add_call"),
    Bug("page_zero", 71, "bulk", "Pages are counted from 0.", put("page", "0"), "all_calls"),
    Bug("id_as_float", 19, "call", "An id went through a float.", change("call_id", lambda value: f"{value}.0"), "call_by_id"),
    Bug("campaign_as_float", 19, "call", "A campaign's id went through a float.", change("campaign_id", lambda value: f"{value}.0"), "add_call"),
    Bug("blank_in_a_label", 27, "call", "A label holds a blank.", put("label", "booking 17"), "add_call"),
    Bug("list_by_semicolons", 28, "bulk", "Ids joined by semicolons.", change("call_ids", lambda value: value.replace(",", ";")), "call_by_id"),
    Bug("too_many_ids", 29, "bulk", "250 ids where 200 are allowed.", change("call_ids", lambda value: ",".join([value.split(",")[0]] * 250)), "call_by_id"),
    Bug("zeros_lost", 30, "codes", "The code 0042 became 42.", put("pincode", "42"), "add_confirm_call"),
    Bug("suffix_without_zeros", 30, "codes", "The last four digits became two.", put("phone_suffix", "42"), "add_flashcall"),
    Bug("literal_undefined", 31, "call", "undefined is read out to the callee."),
    Bug("template_not_filled", 31, "call", "A template whose place nobody filled.", put("text", "Hello {{name}}, your table is booked."), "add_call"),
    Bug("float_for_words", 15, "call", "A sum with the rest that a float leaves.", put("text", f"Your total is {0.1 + 0.2} euro."), "add_call"),
    Bug("words_encoded_twice", 32, "call", "Russian words that were encoded twice.", put("text", "%D0%92%D0%B0%D1%88%20%D1%81%D1%82%D0%BE%D0%BB"), "add_call"),
    Bug("label_none", 31, "call", "A label that is None.", put("label", "None"), "add_call"),
    Bug("wrong_media", 33, "clip", "An MP3 where WAV is read."),
    Bug("no_clip_name", 6, "clip", "A clip without a name.", drop("clip_name"), "upload_audio"),
)
PHONES_AND_ENCODING = (
    Bug("national_form", 36, "call", "A number as it is dialled at home.", put("phone", "07700900101"), "add_call"),
    Bug("hyphens", 37, "call", "A number as people write it.", put("phone", "+44 7700-900101"), "add_call"),
    Bug("tel_scheme", 38, "call", "A number as a link.", put("phone", "tel:+447700900310"), "add_call"),
    Bug("digit_too_many", 39, "call", "A number with a digit too many.", put("phone", "+4477009003101"), "add_call"),
    Bug("numbers_as_floats", 39, "bulk", "Numbers that a spreadsheet made floats of.", change("phones", lambda phones: phones.replace("\n", ".0\n") + ".0"), "append_calls"),
    Bug("same_number_twice", 40, "bulk", "One number stands twice in a list."),
    Bug("json_for_a_form", 43, "call", "JSON where a form is read.", as_json, "add_call"),
    Bug("webhook_not_encoded", 46, "button", "An address with & inside a form, not encoded.", unencoded("ivr_lvl_1_btn_1_webhook"), "add_call"),
    Bug("iso_date", 48, "statistics", "An ISO date where the vendor has its own form.", put("from_date", "2026-03-02T00:00:00Z"), "camp_stats"),
    Bug("day_first", 49, "statistics", "The day before the month.", put("from_date", "02-03-2026 00:00:00"), "camp_stats"),
    Bug("dates_in_local_time", 56, "statistics", "The day is the reader's, in another zone.", seen=CONCLUDED),
)
UNDERSTANDING = (
    Bug("refusal_taken_for_success", 58, "refusals", "A refused call's id, None, is asked for."),
    Bug("refusal_swallowed", 60, "refusals", "A label used twice is refused, and nobody notices."),
    Bug("no_key", 61, "account", "No key at all.", drop("public_key"), "campaign_cost"),
    Bug("somebody_elses_key", 61, "account", "A key that nobody handed out.", put("public_key", "0" * 32), "balance"),
    Bug("junk_in_the_list", 65, "bulk", "A line that is no number goes along, and nobody counts what was taken."),
    Bug("unknown_status", 66, "watch", "Waits for a status that does not exist.", seen=CONCLUDED),
    Bug("cents_for_euros", 67, "account", "The balance times a million.", seen=CONCLUDED),
    Bug("first_page_only", 68, "bulk", "Reads the first page only.", seen=CONCLUDED),
    Bug("a_page_twice", 72, "bulk", "Reads the first page twice.", seen=CONCLUDED),
    Bug("key_in_the_query", 95, "call", "The key of a POST stands in the address.", _key_in_the_query, "add_call"),
    Bug("campaign_of_another_kind", 97, "codes", "Codes by a campaign that has none.", put("campaign_id", "1459666765"), "add_tellcode_call"),
)
CONDUCT = (
    Bug("drops_refused", 73, "burst", "What a limit refused is never asked for again.", situation="limited"),
    Bug("hammers_refused", 74, "burst", "Asks again at once, whatever the limit says.", situation="limited"),
    Bug("waits_less", 75, "burst", "Waits a fifth of a second for a limit of one.", situation="limited"),
    Bug("reads_refusal_as_json", 76, "burst", "Reads the page of a limit as JSON.", situation="limited"),
    Bug("dials_twice_with_another_label", 77, "lost", "A lost answer, and the call again under another label.", situation="lost_call"),
    Bug("dials_twice", 81, "lost", "A lost answer, and the call again, spelt and worded otherwise.", situation="lost_call"),
    Bug("hands_over_twice", 78, "lost_list", "A lost answer, and the whole list again.", situation="lost_list"),
    Bug("hammers_outage", 82, "watch", "Asks a vendor that is down again and again.", situation="outage"),
    Bug("polls_without_pause", 83, "watch", "Fifteen looks at a call without a pause."),
    Bug("polls_for_ever", 84, "watch", "Goes on looking at a call that is over.", seen=CONCLUDED),
    Bug("asks_before_import", 85, "bulk", "Looks for the calls of a list at once, and never again.", seen=CONCLUDED),
    Bug("same_number_at_once", 86, "again", "The same person three times within a second."),
    Bug("handles_twice", 87, "button", "A webhook sent twice has two effects.", situation="twice"),
    Bug("answers_500", 88, "button", "The receiver answers 500."),
    Bug("gone_too_early", 90, "button", "The receiver is gone before the webhook comes."),
    Bug("unreachable_webhook", 91, "button", "A webhook without scheme and host."),
    Bug("call_at_night", 94, "abroad", "A call to New York before dawn."),
)
BUGS = (*NAMES_AND_PLACES, *TYPES_AND_RANGES, *PHONES_AND_ENCODING, *UNDERSTANDING, *CONDUCT)
