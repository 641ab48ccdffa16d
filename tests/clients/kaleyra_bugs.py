"""The bugs of the Kaleyra client: what is wrong, of which kind, and where it is planted; one a line."""

from __future__ import annotations

from tests.clients.edits import (
    all_in_the_query,
    as_json,
    change,
    drop,
    header,
    json_change,
    json_drop,
    json_put,
    json_rename,
    put,
    rename,
    unencoded,
    verb,
)
from tests.clients.vendor_client import CONCLUDED, Bug
from tests.clients.wire import Request


def _key_in_the_query(request: Request) -> None:
    form = request.form or []
    request.query = [pair for pair in form if pair[0] == "api_key"]
    request.form = [pair for pair in form if pair[0] != "api_key"]


def _key_in_the_callback(request: Request) -> None:
    key = dict(request.form or [])["api_key"]
    change("callback", lambda address: f"{address}&key={key}")(request)


def _key_as_bearer(request: Request) -> None:
    key = dict(request.form or [])["api_key"]
    drop("api_key")(request)
    request.headers["Authorization"] = f"Bearer {key}"


# fmt: off
NAMES_AND_PLACES = (
    Bug("slip_in_a_name", 1, "connect", "reciever for receiver.", rename("receiver", "reciever"), "click_to_call"),
    Bug("slip_in_a_table", 1, "pages", "formdate for fromdate.", rename("fromdate", "formdate"), "click_to_call_status"),
    Bug("slip_in_a_group", 1, "broadcast", "group_id for groupid.", rename("groupid", "group_id"), "obd_group_status"),
    Bug("slip_in_the_method", 2, "connect", "dial.click2cal.", put("method", "dial.click2cal"), "click_to_call"),
    Bug("slip_in_the_method_of_a_report", 2, "broadcast", "voice.group-status.", put("method", "voice.group-status"), "obd_group_status"),
    Bug("cyrillic_value", 4, "broadcast", "A campaign's message holds a Cyrillic letter.", put("message", "Your tаble is booked."), "start_obd_call"),
    Bug("cyrillic_name", 4, "connect", "The name caller has a Cyrillic letter.", rename("caller", "саller"), "click_to_call"),
    Bug("no_receiver", 6, "connect", "Only one of the two is told.", drop("receiver"), "click_to_call"),
    Bug("no_message", 6, "broadcast", "A call to many with nothing to say.", drop("message"), "start_obd_call"),
    Bug("no_meta", 6, "dialer", "No meta where it is mandatory.", drop("meta"), "autodial_add"),
    Bug("retries_for_retry", 7, "connect", "A name of the other product: retries.", rename("retry", "retries"), "click_to_call"),
    Bug("phone_for_number", 7, "dialer", "phone where number is asked.", rename("number", "phone"), "autodial_add"),
    Bug("invented_callback", 8, "connect", "A parameter that no document knows.", put("callback_url", "http://127.0.0.1:9/x"), "click_to_call"),
    Bug("key_as_bearer", 11, "connect", "The key in a header that the vendor does not read.", _key_as_bearer, "click_to_call"),
    Bug("put_to_call", 13, "broadcast", "PUT where POST is asked.", verb("PUT"), "start_obd_call"),
    Bug("import_by_get", 13, "dialer", "An import by GET.", verb("GET"), "autodial_import"),
    Bug("everything_by_get", 14, "connect", "A call by GET, key and all in the address.", all_in_the_query("GET"), "click_to_call"),
)
TYPES_AND_RANGES = (
    Bug("delay_with_a_unit", 15, "connect", "A delay of 10s.", put("delay", "10s"), "click_to_call"),
    Bug("retries_in_words", 15, "broadcast", "Retries in words.", put("retries", "two"), "start_obd_call"),
    Bug("retry_beyond", 16, "connect", "Five retries where two are allowed.", put("retry", "5"), "click_to_call"),
    Bug("delay_beyond", 16, "broadcast", "A delay of 1000 where 900 is the most.", put("delay", "1000"), "start_obd_call"),
    Bug("page_zero", 71, "pages", "Pages are counted from 0.", put("page", "0"), "click_to_call_status"),
    Bug("return_true", 18, "connect", "A flag as true.", put("return", "true"), "click_to_call"),
    Bug("autocall_no", 18, "account", "A flag as no.", put("autocall", "no"), "create_follow_up"),
    Bug("format_of_another_product", 24, "connect", "php, which only the other product has.", put("format", "php"), "click_to_call"),
    Bug("sound_without_ending", 24, "broadcast", "A sound file named without its ending.", put("play", "welcome"), "start_obd_call"),
    Bug("empty_custom", 26, "connect", "A reference that is empty.", put("custom", ""), "click_to_call"),
    Bug("hindi_message", 27, "broadcast", "A message in letters that are not read out.", put("message", "नमस्ते"), "start_obd_call"),
    Bug("numbers_by_semicolons", 28, "broadcast", "Numbers joined by semicolons.", change("numbers", lambda value: value.replace(",", ";")), "start_obd_call"),
    Bug("list_in_brackets", 28, "broadcast", "Numbers under a name with brackets.", rename("numbers", "numbers[0]"), "start_obd_call"),
    Bug("too_many_numbers", 29, "broadcast", "201 numbers where 200 are allowed."),
    Bug("literal_undefined", 31, "broadcast", "undefined is read out to everybody."),
    Bug("literal_null", 31, "connect", "A reference that is null.", put("custom", "null"), "click_to_call"),
    Bug("meta_is_python", 32, "connect", "meta as a language prints it, which is no JSON.", put("meta", "{'order': 17}"), "click_to_call"),
    Bug("number_renamed_in_json", 7, "dialer", "phone for number inside the JSON.", json_rename("number", "phone", "data"), "autodial_import"),
    Bug("nobody_in_json", 6, "broadcast_in_json", "Nobody to call inside the JSON.", json_drop("to", "call"), "obd_call_json"),
    Bug("retries_in_json", 16, "broadcast_in_json", "Nine retries inside the JSON.", json_put("retries", 9), "obd_call_json"),
    Bug("camel_case_in_json", 3, "broadcast_in_json", "scheduleTime inside the JSON.", json_put("scheduleTime", "2026-03-02 18:00:00", "call"), "obd_call_json"),
    Bug("list_in_json", 23, "broadcast_in_json", "A list where numbers are joined by commas.", json_change("to", lambda value: [value], "call"), "obd_call_json"),
)
PHONES_ENCODING_AND_TIMES = (
    Bug("hyphens", 37, "connect", "A number as people write it.", put("receiver", "95555-00102"), "click_to_call"),
    Bug("blanks", 37, "account", "A number with a blank.", put("number", "95555 00103"), "blacklist"),
    Bug("digits_missing", 39, "connect", "A number of eight digits.", put("receiver", "95555001"), "click_to_call"),
    Bug("same_number_twice", 40, "broadcast", "One number stands twice in a list."),
    Bug("foreign_caller_id", 41, "callers", "A caller ID that is not the account's: refused, and nobody notices."),
    Bug("plus_not_encoded", 42, "connect", "The bare + of a number becomes a blank.", put("receiver", " 919555500102"), "click_to_call"),
    Bug("json_for_a_form", 43, "connect", "JSON where a form is read.", as_json, "click_to_call"),
    Bug("callback_not_encoded", 46, "events", "An address with & inside a form, not encoded.", unencoded("callback"), "click_to_call"),
    Bug("key_in_a_callback", 95, "events", "The key goes along in the address of a callback.", _key_in_the_callback, "click_to_call"),
    Bug("iso_day", 48, "pages", "An ISO day where the vendor has its own form.", put("fromdate", "2026-03-02"), "click_to_call_status"),
    Bug("iso_schedule", 48, "broadcast", "An ISO time where the vendor has its own form.", put("scheduletime", "2026-03-02T18:00:00+05:30"), "start_obd_call"),
    Bug("month_first", 49, "formats", "The month before the day: the 3rd of February.", put("fromdate", "03/02/2026"), "call_details", seen=CONCLUDED),
    Bug("time_without_minutes", 51, "account", "A time of one number.", put("ontime", "03-03-2026 9"), "create_follow_up"),
    Bug("printed_date", 54, "broadcast", "A date as a language prints it.", put("scheduletime", "Mon Mar 02 2026 18:00:00 GMT+0530"), "start_obd_call"),
    Bug("schedule_in_utc", 55, "broadcast", "The time of a schedule in UTC: hours ago."),
)
UNDERSTANDING = (
    Bug("failure_inside_a_200", 59, "callers", "Looks at 200 alone; inside it stands a refusal."),
    Bug("no_key", 61, "account", "No key at all.", drop("api_key"), "health"),
    Bug("somebody_elses_key", 61, "account", "A key that nobody handed out.", put("api_key", "A" + "0" * 32), "health"),
    Bug("default_format_as_json", 62, "formats", "The default format, text, is read as JSON.", drop("format"), "call_details", seen=CONCLUDED),
    Bug("no_id_asked_for", 63, "connect", "Reads an id that was not asked for.", drop("return"), "click_to_call"),
    Bug("ok_with_a_blank", 64, "dialer", 'Does not know "OK " with its blank, and adds the number three times.'),
    Bug("more_than_are_taken", 65, "dialer", "Imports 1,100, of which 1,000 are taken."),
    Bug("unknown_status", 66, "watch", "Waits for a status that does not exist.", seen=CONCLUDED),
    Bug("first_page_only", 68, "pages", "Reads the first page only.", seen=CONCLUDED),
    Bug("assumed_page_size", 69, "pages", "Takes every page for a short one.", seen=CONCLUDED),
    Bug("a_page_twice", 72, "pages", "Reads the first page twice.", seen=CONCLUDED),
    Bug("key_in_the_query", 95, "connect", "The key of a POST stands in the address.", _key_in_the_query, "click_to_call"),
    Bug("no_key_in_json", 61, "broadcast_in_json", "No key beside JSON.", header("x-api-key", None), "obd_call_json"),
)
CONDUCT = (
    Bug("drops_refused", 73, "burst", "What a limit refused is never asked for again.", situation="limited"),
    Bug("hammers_refused", 74, "burst", "Asks again at once, whatever the limit says.", situation="limited"),
    Bug("waits_less", 75, "burst", "Waits a fifth of what the limit asks.", situation="limited"),
    Bug("dials_twice", 77, "lost", "A lost answer, and both are called again.", situation="lost_call"),
    Bug("dials_twice_with_another_reference", 81, "lost", "The same, spelt otherwise and with another reference.", situation="lost_call"),
    Bug("calls_all_twice", 78, "lost_list", "A lost answer, and everybody is called again.", situation="lost_list"),
    Bug("hammers_outage", 82, "watch", "Asks a vendor that is down again and again.", situation="outage"),
    Bug("polls_without_pause", 83, "watch", "Fifteen looks at a call without a pause."),
    Bug("polls_for_ever", 84, "watch", "Goes on looking at a call that is over.", seen=CONCLUDED),
    Bug("same_number_at_once", 86, "again", "The same two people twice within a second."),
    Bug("handles_twice", 87, "events", "An event sent twice has two effects.", situation="twice"),
    Bug("answers_500", 88, "events", "The receiver answers 500."),
    Bug("gone_too_early", 90, "events", "The receiver is gone before the events come."),
    Bug("relative_callback", 91, "events", "A callback without scheme and host."),
    Bug("receiver_at_night", 94, "abroad", "The second leg rings in New York before dawn."),
)
BUGS = (*NAMES_AND_PLACES, *TYPES_AND_RANGES, *PHONES_ENCODING_AND_TIMES, *UNDERSTANDING, *CONDUCT)
