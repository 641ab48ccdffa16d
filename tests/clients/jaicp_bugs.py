"""The bugs of the JAICP client: what is wrong, of which kind, and where it is planted; one a line."""

from __future__ import annotations

import json
from typing import Any

from tests.clients.edits import (
    as_json,
    as_text,
    body_as_form,
    drop,
    encoded_twice,
    header,
    json_body,
    json_change,
    json_drop,
    json_put,
    json_rename,
    path,
    put,
    verb,
)
from tests.clients.vendor_client import CONCLUDED, Bug
from tests.clients.wire import Edit, Request


def _token_in_a_header(request: Request) -> None:
    before, _, rest = request.path.partition("/campaign/")
    token, _, way = rest.partition("/")
    request.path = f"{before}/campaign/{way}"
    request.headers["Authorization"] = f"Bearer {token}"


def _interval(wrong: Any) -> Edit:
    return json_put("allowedTime", {"default": [wrong]})


def _day(**wrong: Any) -> Edit:
    return json_put("filter", wrong)


def _page(**wrong: Any) -> Edit:
    return json_put("pagination", {"page": 0, "pageSize": 2} | wrong)


# fmt: off
NAMES_AND_PLACES = (
    Bug("slip_in_a_name", 1, "add", "maxAttemps for maxAttempts.", json_rename("maxAttempts", "maxAttemps"), "add_phones"),
    Bug("slip_in_a_filter", 1, "pages", "createAtFrom for createdAtFrom.", _day(createAtFrom="2026-03-02T00:00:00Z"), "call_job_report_by_date"),
    Bug("case_of_a_name", 3, "add", "gmtzone for gmtZone.", json_rename("gmtZone", "gmtzone"), "add_phones"),
    Bug("snake_case", 3, "add", "dialer_priority for dialerPriority.", json_rename("dialerPriority", "dialer_priority"), "add_phones"),
    Bug("case_of_the_path", 3, "add", "getreport for getReport.", path(lambda way: way.replace("getReport", "getreport")), "call_job_report"),
    Bug("cyrillic_day", 4, "add", "A day with a Cyrillic letter.", json_put("allowedDays", ["mоn"]), "add_phones"),
    Bug("cyrillic_name", 4, "add", "The name phone with a Cyrillic letter.", json_rename("phone", "phоne"), "add_phones"),
    Bug("singular_for_plural", 5, "add", "id for ids.", json_rename("ids", "id"), "call_job_report"),
    Bug("no_phone", 6, "add", "A job without a number.", json_drop("phone"), "add_phones"),
    Bug("no_phone_in_a_form", 6, "crm", "A form without a number.", drop("phone"), "crm_add_phone_post"),
    Bug("half_an_interval", 6, "add", "An interval that never ends.", _interval({"localTimeFrom": "09:00"}), "add_phones"),
    Bug("name_of_another_vendor", 7, "several", "to, as another vendor has it, for phone.", json_rename("phone", "to"), "add_phones"),
    Bug("call_id_for_ids", 7, "add", "call_ids, as another vendor has it.", json_rename("ids", "call_ids"), "call_job_report"),
    Bug("token_in_a_header", 11, "add", "The token in a header instead of the path.", _token_in_a_header, "add_phones"),
    Bug("report_by_get", 13, "add", "A report by GET.", verb("GET"), "call_job_report"),
    Bug("status_by_post", 13, "control", "A status by POST.", verb("POST"), "campaign_status"),
    Bug("pause_by_put", 13, "control", "A pause by PUT.", verb("PUT"), "pause"),
)
TYPES_AND_RANGES = (
    Bug("number_as_text", 15, "add", "maxAttempts is text.", json_put("maxAttempts", "3"), "add_phones"),
    Bug("number_with_a_unit", 15, "add", "retryIntervalInMinutes is 30m.", json_put("retryIntervalInMinutes", "30m"), "add_phones"),
    Bug("too_many_attempts", 16, "add", "51 attempts.", json_put("maxAttempts", 51), "add_phones"),
    Bug("no_interval_at_all", 16, "add", "0 minutes between attempts.", json_put("retryIntervalInMinutes", 0), "add_phones"),
    Bug("priority_beyond", 16, "add", "A priority of 6.", json_put("dialerPriority", 6), "add_phones"),
    Bug("page_too_large", 17, "pages", "500 rows a page.", _page(pageSize=500), "call_job_report_by_date"),
    Bug("id_as_float", 19, "add", "Ids went through floats.", json_change("ids", lambda ids: [f"{one}.0" for one in ids]), "call_job_report"),
    Bug("object_for_list", 23, "several", "One job where a list is read.", json_body(lambda jobs: jobs[0]), "add_phones"),
    Bug("text_for_a_list", 23, "add", "One id where a list is read.", json_change("ids", lambda ids: ids[0]), "call_job_report"),
    Bug("list_for_an_object", 23, "add", "A payload that is a list.", json_put("payload", ["Anna"]), "add_phones"),
    Bug("days_joined", 28, "add", "Days joined by commas.", json_put("allowedDays", "mon,tue"), "add_phones"),
    Bug("ids_joined", 28, "several", "Ids joined by commas inside the list."),
    Bug("literal_undefined", 31, "add", "undefined is said to the callee."),
    Bug("letters_misread", 25, "add", "UTF-8 that was read as Windows-1251 on its way.", json_put("payload", {"name": "РўРІРѕР№ СЃС‚РѕР»"}), "add_phones"),
    Bug("encoded_twice", 32, "several", "JSON inside a string of JSON.", encoded_twice, "add_phones"),
    Bug("payload_encoded", 32, "add", "A payload that is JSON in a string.", json_change("payload", json.dumps), "add_phones"),
    Bug("inner_name", 34, "checked", "url for externalCheckUrl.", json_change("externalCheck", lambda check: {"url": check["externalCheckUrl"]}), "add_phones"),
    Bug("inner_name_of_time", 34, "add", "from and to inside allowedTime.", _interval({"from": "09:00", "to": "20:00"}), "add_phones"),
)
PHONES_ENCODING_AND_TIMES = (
    Bug("national_form", 36, "several", "Ten digits without a country.", json_change("phone", lambda phone: phone[1:]), "add_phones"),
    Bug("brackets_and_hyphens", 37, "several", "A number as people write it.", json_change("phone", lambda phone: f"+7 (916) 12-{phone[-3:]}"), "add_phones"),
    Bug("tel_scheme", 38, "several", "Numbers as links.", json_change("phone", lambda phone: f"tel:+{phone}"), "add_phones"),
    Bug("same_number_twice", 40, "several", "One number stands twice in a list."),
    Bug("form_for_json", 44, "several", "A form where JSON is read.", body_as_form, "add_phones"),
    Bug("json_for_a_form", 43, "crm", "JSON where a form is read.", as_json, "crm_add_phone_post"),
    Bug("plain_text", 45, "several", "JSON that calls itself text.", as_text, "add_phones"),
    Bug("no_zone", 50, "add", "A time without a zone.", json_put("startDateTime", "2026-03-02T08:00:00"), "add_phones"),
    Bug("blank_for_t", 50, "pages", "A time with a blank for its T, and no zone.", _day(createdAtFrom="2026-03-02 00:00:00"), "call_job_report_by_date"),
    Bug("one_digit_hour", 51, "add", "9:00 for 09:00.", _interval({"localTimeFrom": "9:00", "localTimeTo": "20:00"}), "add_phones"),
    Bug("days_in_full", 52, "add", "Days by their full names.", json_put("allowedDays", ["monday"]), "add_phones"),
    Bug("zone_by_its_letters", 52, "add", "A zone as people call it.", json_put("gmtZone", "Moscow time"), "add_phones"),
    Bug("milliseconds_in_a_filter", 53, "pages", "Milliseconds where text is read.", _day(createdAtFrom=1772409600000), "call_job_report_by_date"),
    Bug("printed_date", 54, "add", "A date as a language prints it.", json_put("finishDateTime", "Thu Mar 05 2026 17:00:00"), "add_phones"),
    Bug("day_in_another_zone", 56, "pages", "The day of another zone marked Z.", seen=CONCLUDED),
    Bug("overlapping_hours", 60, "add", "Hours that overlap are refused, and nobody notices.", json_put("allowedTime", {"mon": [{"localTimeFrom": "09:00", "localTimeTo": "13:00"}, {"localTimeFrom": "12:00", "localTimeTo": "20:00"}]}), "add_phones"),
)
UNDERSTANDING = (
    Bug("refusal_swallowed", 60, "several", "A list is refused as a whole, and nobody notices."),
    Bug("token_of_nobody", 61, "control", "A token that nobody handed out.", path(lambda _way: "/api/calls/campaign/1.2.abcdef0123456789/status"), "campaign_status"),
    Bug("unknown_status", 66, "watch", "Waits for a status that does not exist.", seen=CONCLUDED),
    Bug("first_page_only", 68, "pages", "Reads the first page only.", seen=CONCLUDED),
    Bug("assumed_page_size", 69, "pages", "Takes every page for a short one.", seen=CONCLUDED),
    Bug("first_page_is_one", 71, "pages", "Begins with page 1, where the first is 0.", seen=CONCLUDED),
    Bug("a_page_twice", 72, "pages", "Reads the first page twice.", seen=CONCLUDED),
    Bug("ids_before_they_exist", 85, "several", "Counts on, and asks for ids that were never given."),
    Bug("id_of_another_campaign", 97, "add", "The id of another campaign's job.", json_put("ids", ["1234567890"]), "call_job_report"),
    Bug("always_yes", 93, "checked", "The check before a call always says yes.", seen=CONCLUDED),
)
CONDUCT = (
    Bug("drops_refused", 73, "burst", "What a limit refused is never asked for again.", situation="limited"),
    Bug("hammers_refused", 74, "burst", "Asks again at once, whatever the limit says.", situation="limited"),
    Bug("waits_less", 75, "burst", "Waits a fifth of what the limit asks.", situation="limited"),
    Bug("adds_all_twice", 78, "lost_list", "A lost answer, and everybody is added again.", situation="lost_list"),
    Bug("fresh_key", 80, "lost", "A lost answer, and the same again under a fresh key.", situation="lost_call"),
    Bug("no_key_at_all", 80, "lost", "No key, and the same again with one more field.", situation="lost_call"),
    Bug("adds_all_with_another_payload", 81, "lost_list", "The same again, spelt otherwise and with more to say.", situation="lost_list"),
    Bug("hammers_outage", 82, "watch", "Asks a vendor that is down again and again.", situation="outage"),
    Bug("polls_without_pause", 83, "watch", "Fifteen looks at a job without a pause."),
    Bug("polls_for_ever", 84, "watch", "Goes on looking at a job that is over.", seen=CONCLUDED),
    Bug("same_number_at_once", 86, "several", "The same person three times within a second."),
    Bug("answers_500", 88, "checked", "The check before a call answers 500."),
    Bug("takes_another_verb", 88, "checked", "The receiver of the check takes GET alone."),
    Bug("gone_too_early", 90, "checked", "Nobody is there when the check is asked."),
    Bug("relative_check", 91, "checked", "A check without scheme and host."),
    Bug("call_at_night", 94, "abroad", "A call to New York before dawn."),
    Bug("starts_in_the_current_edition", 96, "control", "start, which the current edition does not have.", situation="current_edition"),
    Bug("empty_key", 80, "add", "An idempotency key that is empty.", header("Idempotence-Key", ""), "add_phones"),
    Bug("payload_of_none", 31, "crm", "A name that is null.", put("name", "null"), "crm_add_phone_post"),
)
BUGS = (*NAMES_AND_PLACES, *TYPES_AND_RANGES, *PHONES_ENCODING_AND_TIMES, *UNDERSTANDING, *CONDUCT)
