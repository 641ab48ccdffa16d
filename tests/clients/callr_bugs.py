"""The bugs of the Callr client: what is wrong, of which kind, and where it is planted; one a line."""

from __future__ import annotations

from tests.clients.edits import (
    as_text,
    body_as_form,
    change,
    drop,
    header,
    json_body,
    json_drop,
    json_put,
    json_rename,
    path,
    plus_unencoded,
    put,
    rename,
    verb,
)
from tests.clients.vendor_client import CONCLUDED, Bug
from tests.clients.wire import Edit, Request


def _query_in_the_body(request: Request) -> None:
    request.body |= dict(request.query)
    request.query = []


def _body_in_the_query(request: Request) -> None:
    request.query += [(name, str(value)) for name, value in request.body.items()]
    request.body = None


def _key_as_bearer(request: Request) -> None:
    request.headers = {"Authorization": f"Bearer {request.headers['x-api-key']}"}


def _key_in_the_query(request: Request) -> None:
    request.query.append(("x-api-key", request.headers.pop("x-api-key")))


def _endpoint(address: str) -> Edit:
    return json_put("endpoint", address)


# fmt: off
NAMES_AND_PLACES = (
    Bug("slip_in_a_name", 1, "send_one", "traficType for trafficType.", rename("trafficType", "traficType"), "send_sms"),
    Bug("slip_in_a_filter", 1, "pages", "createAfter for createdAfter.", rename("createdAfter", "createAfter"), "search_sms"),
    Bug("slip_in_json", 1, "send_one", "txt for text.", json_rename("text", "txt"), "send_sms"),
    Bug("slip_in_an_event", 2, "webhook", "v2.sms.outbound.update.", put("type", "v2.sms.outbound.update"), "create_webhook"),
    Bug("snake_case", 3, "pages", "created_after for createdAfter.", rename("createdAfter", "created_after"), "search_sms"),
    Bug("no_receiver", 6, "send_one", "A message to nobody.", drop("to"), "send_sms"),
    Bug("no_text", 6, "send_one", "A message without a text.", json_drop("text"), "send_sms"),
    Bug("no_direction", 6, "export", "An export without its direction.", drop("direction"), "export_calls"),
    Bug("no_script", 6, "script", "A scenario without a script.", json_drop("script"), "create_scenario"),
    Bug("name_of_another_vendor", 7, "send_one", "phone, as another vendor has it, for to.", rename("to", "phone"), "send_sms"),
    Bug("invented_callback", 8, "send_one", "A parameter that no document knows.", put("callback_url", "https://example.com"), "send_sms"),
    Bug("invented_key", 8, "send_one", "A key in JSON that no document knows.", json_put("reference", "17"), "send_sms"),
    Bug("query_in_the_body", 9, "send_one", "Everything in JSON, where the query is read.", _query_in_the_body, "send_sms"),
    Bug("body_in_the_query", 9, "send_one", "The text in the query.", _body_in_the_query, "send_sms"),
    Bug("key_in_the_query", 11, "account", "The key in the query, where no one reads it.", _key_in_the_query, "get_credit_balance"),
    Bug("wrong_verb", 13, "person", "PUT where PATCH is asked.", verb("PUT"), "update_end_user"),
    Bug("post_to_read", 13, "send_one", "POST on what is read.", verb("POST"), "get_sms"),
    Bug("export_by_get", 13, "export", "An export by GET.", verb("GET"), "export_calls"),
    Bug("reserve_by_get", 13, "account", "A reservation by GET.", verb("GET"), "reserve_numbers"),
)
TYPES_AND_RANGES = (
    Bug("limit_zero", 16, "pages", "No row a page.", put("limit", "0"), "search_sms"),
    Bug("quantity_beyond", 16, "account", "101 numbers at once.", put("quantity", "101"), "reserve_numbers"),
    Bug("negative_offset", 16, "pages", "An offset below nothing.", put("offset", "-1"), "search_sms"),
    Bug("page_too_large", 17, "pages", "500 rows a page.", put("limit", "500"), "search_sms"),
    Bug("flag_false", 18, "account", "detached=false, where only true may be sent.", put("detached", "false"), "search_phone_numbers"),
    Bug("flag_as_number", 18, "recordings", "read=1.", put("read", "1"), "search_recordings"),
    Bug("number_in_exponents", 20, "pages", "An offset in exponents.", put("offset", "1e3"), "search_sms"),
    Bug("transactional", 24, "send_one", "A kind of traffic of another vendor.", put("trafficType", "transactional"), "send_sms"),
    Bug("type_in_capitals", 24, "account", "A type as the former edition had it.", put("type", "GEOGRAPHIC"), "reserve_numbers"),
    Bug("country_in_full", 25, "account", "A country as people call it.", put("country", "France"), "reserve_numbers"),
    Bug("country_in_small_letters", 25, "person", "A country in small letters.", json_put("country", "fr", "address"), "create_end_user"),
    Bug("no_words", 26, "send_one", "An empty text.", json_put("text", ""), "send_sms"),
    Bug("too_many_words", 26, "send_one", "3,201 letters.", json_put("text", "a" * 3201), "send_sms"),
    Bug("long_sender", 26, "send_one", "A sender of twelve letters.", put("from", "BistroAuCoin"), "send_sms"),
    Bug("sender_with_a_blank", 27, "send_one", "A sender with a blank.", put("from", "Au Coin"), "send_sms"),
    Bug("list_of_receivers", 28, "send_one", "Two receivers joined by a comma.", change("to", lambda to: f"{to},+33639980002"), "send_sms"),
    Bug("literal_undefined", 31, "send_one", "undefined is what the message says."),
    Bug("source_for_words", 32, "send_one", "Letters as JSON escapes them.", json_put("text", "Votre table est r\\u00e9serv\\u00e9e."), "send_sms"),
    Bug("page_for_words", 24, "send_one", "HTML of a web page.", json_put("text", "<p>Your table is <b>booked</b>.</p>"), "send_sms"),
    Bug("sid_undefined", 31, "watch", "undefined for the SID.", path(lambda way: f"{way[: way.rindex('/')]}/undefined"), "get_sms"),
    Bug("digits_missing", 39, "send_one", "A number of five digits.", put("to", "+33639"), "send_sms"),
)
PHONES_ENCODING_AND_TIMES = (
    Bug("no_plus", 35, "send_one", "A number without its plus.", change("to", lambda to: to[1:]), "send_sms"),
    Bug("two_zeros", 35, "send_one", "00 for the plus.", change("to", lambda to: f"00{to[1:]}"), "send_sms"),
    Bug("hyphens", 37, "send_one", "A number as people write it.", put("to", "+33 6 39 98 01 01"), "send_sms"),
    Bug("foreign_sender", 41, "senders", "A sender that is not the account's."),
    Bug("plus_not_encoded", 42, "send_one", "A bare + in the query.", plus_unencoded, "send_sms"),
    Bug("form_for_json", 44, "send_one", "A form where JSON is read.", body_as_form, "send_sms"),
    Bug("plain_text", 45, "send_one", "JSON that calls itself text.", as_text, "send_sms"),
    Bug("month_first", 49, "export", "The month before the day.", put("from", "02/03/2026"), "export_calls"),
    Bug("no_zone", 50, "export", "A time without a zone.", put("from", "2026-02-02T00:00:00"), "export_calls"),
    Bug("blank_for_t", 50, "pages", "A time with a blank for its T.", put("createdAfter", "2026-03-02 00:00:00"), "search_sms"),
    Bug("printed_date", 54, "export", "A date as a language prints it.", put("to", "Mon Mar 02 2026 10:00:00 GMT+0100"), "export_calls"),
    Bug("day_in_another_zone", 56, "pages", "Local time marked Z: nothing is found.", seen=CONCLUDED),
    Bug("sixty_days", 57, "export", "An export of sixty days, where 31 are allowed: refused, and nobody notices."),
    Bug("list_for_an_object", 23, "person", "A list where one is read.", json_body(lambda user: [user]), "create_end_user"),
)
UNDERSTANDING = (
    Bug("refusal_taken_for_success", 58, "send_one", "A refused message's SID, None, is asked for.", put("to", "+33"), "send_sms"),
    Bug("no_key", 61, "account", "No key at all.", header("x-api-key", None), "search_phone_numbers"),
    Bug("key_as_bearer", 61, "account", "The key by a scheme that the vendor does not have.", _key_as_bearer, "get_credit_balance"),
    Bug("somebody_elses_key", 61, "account", "A key that nobody handed out.", header("x-api-key", "0123456789012345678901234567890123456789"), "get_credit_balance"),
    Bug("unknown_status", 66, "watch", "Waits for a status that does not exist.", seen=CONCLUDED),
    Bug("cents_for_euros", 67, "account", "Cents are taken for euros.", seen=CONCLUDED),
    Bug("first_page_only", 68, "pages", "Reads the first page only.", seen=CONCLUDED),
    Bug("assumed_page_size", 69, "pages", "Takes every page for a short one.", seen=CONCLUDED),
    Bug("overlapping_offsets", 70, "pages", "Offsets that do not fit the rows.", seen=CONCLUDED),
    Bug("first_offset_is_one", 71, "pages", "Begins with the second row.", seen=CONCLUDED),
    Bug("a_page_twice", 72, "pages", "Reads the first page twice.", seen=CONCLUDED),
    Bug("changes_the_endpoint", 98, "webhook", "Changes a webhook's endpoint, which the vendor forbids."),
    Bug("reserves_twice", 99, "account", "Reserves while a reservation is open: refused, and nobody notices."),
    Bug("empty_filter", 100, "recordings", "An empty list of SIDs: all recordings go."),
    Bug("variable_without_dollar", 101, "script", "A variable without $ is dropped in silence.", json_put("variables", {"number": "+33639980001"}), "start_scenario"),
    Bug("reservation_after_purchase", 60, "account", "Asks for a reservation that it has used up: refused, and nobody notices."),
)
CONDUCT = (
    Bug("drops_refused", 73, "burst", "What a limit refused is never asked for again.", situation="limited"),
    Bug("hammers_refused", 74, "burst", "Asks again at once, whatever the limit says.", situation="limited"),
    Bug("waits_less", 75, "burst", "Waits a fifth of what the limit asks.", situation="limited"),
    Bug("calls_twice", 77, "lost_run", "A lost answer, and the script calls again.", situation="lost_run"),
    Bug("texts_twice", 79, "lost", "A lost answer, and the message again.", situation="lost_text"),
    Bug("texts_twice_otherwise", 79, "lost", "The same, worded otherwise and from another sender.", situation="lost_text"),
    Bug("hammers_outage", 82, "watch", "Asks a vendor that is down again and again.", situation="outage"),
    Bug("polls_without_pause", 83, "watch", "Fifteen looks at a message without a pause."),
    Bug("polls_a_task_without_pause", 83, "export", "Fifteen looks at a task without a pause."),
    Bug("polls_for_ever", 84, "watch", "Goes on looking at a message that is over.", seen=CONCLUDED),
    Bug("same_message_twice", 86, "again", "The same message to the same person at once."),
    Bug("handles_twice", 87, "webhook", "An event sent twice has two effects: two messages.", situation="twice"),
    Bug("answers_500", 88, "webhook", "The receiver answers 500."),
    Bug("is_slow", 89, "webhook", "The receiver takes longer than the vendor waits."),
    Bug("gone_too_early", 90, "webhook", "The receiver is gone before the events come."),
    Bug("bare_address", 91, "webhook", "A webhook at a bare IP address.", _endpoint("http://127.0.0.1:9000/sms"), "create_webhook"),
    Bug("relative_address", 91, "webhook", "A webhook without scheme and host.", _endpoint("/sms"), "create_webhook"),
    Bug("takes_a_wrong_signature", 92, "webhook", "Takes events whose signature is wrong.", situation="wrong_signature"),
)
BUGS = (*NAMES_AND_PLACES, *TYPES_AND_RANGES, *PHONES_ENCODING_AND_TIMES, *UNDERSTANDING, *CONDUCT)
