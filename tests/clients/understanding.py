"""Bugs of understanding, which only a suite can see: switches in the clients that do its tasks.

Each names the theme of its suite in which it shows.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.clients.vendor_client import CONCLUDED, Bug


def slip(name: str, kind: int, task: str, text: str) -> Bug:
    """Return a bug that shows in what a client concludes of a task."""
    return Bug(name, kind, task, text, seen=CONCLUDED)


CALLO = (
    slip("refusal_is_success", 58, "place", "Every answer is a success."),
    slip("repeats_what_was_lost", 77, "place", "Places the call again when the answer is lost."),
    slip("limit_is_refusal", 73, "place", "A 429 is a refusal like any other."),
    slip("calls_at_night", 94, "place", "Calls at three in the morning."),
    slip("lost_is_refused", 77, "place", "A lost answer counts as a refusal."),
    slip("id_through_a_float", 19, "find", "An id is a float."),
    slip("id_through_32_bits", 21, "find", "An id is cut to 32 bits."),
    slip("code_as_a_number", 30, "confirm", "0042 is 42."),
    slip("envelope_not_opened", 58, "confirm", "Looks for the id beside the envelope."),
    slip("suffix_as_a_number", 30, "flash", "0007 is 7."),
    slip("zone_dropped", 50, "status", "Times lose their zone."),
    slip("time_of_the_reader", 56, "status", "Times are taken for the reader's."),
    slip("cost_in_whole_units", 67, "status", "Money is rounded."),
    slip("only_good_ends", 66, "watch", "Knows no end but the good ones."),
    slip("first_look_is_the_end", 66, "watch", "Looks once, and takes it for the end."),
    slip("end_is_an_answer", 66, "watch", "Whatever is over was answered."),
    slip("rows_counted_twice", 72, "report", "Counts a row that comes twice twice."),
    slip("sum_in_a_float", 22, "report", "Adds ids as floats."),
    slip("pages_from_0", 71, "report", "Counts pages from 0, and reads the first one twice."),
    slip("full_page_is_the_end", 69, "report", "Takes 1,000 rows for all."),
    slip("page_1_only", 68, "report", "Reads one page."),
    slip("all_are_taken", 65, "bulk", "Believes that every row was taken."),
    slip("junk_goes_along", 65, "bulk", "Sends what is no number."),
    slip("import_is_at_once", 85, "import", "Looks for the calls before they are there."),
    slip("balance_in_cents", 67, "balance", "Euros are cents."),
    slip("cents_cut_off", 67, "balance", "Cents are cut off."),
    slip("cost_of_today", 67, "cost", "Takes today's cost for all."),
    slip("dates_as_they_came", 56, "statistics", "Writes the reader's day."),
    slip("total_added_in", 67, "statistics", "Adds the total to what it is the total of."),
    slip("removes_nothing", 60, "remove", "Says that it was removed."),
    slip("calls_who_is_blocked", 94, "block", "Calls whoever is on the list."),
    slip("forgets_at_a_restart", 87, "receive", "Forgets at a restart what was handled."),
    slip("answers_errors", 88, "receive", "Answers 500 to every event."),
    slip("trusts_postbacks_alone", 90, "receive", "Waits for what is lost."),
    slip("handles_each_copy", 87, "receive", "Handles each copy of an event."),
    slip("goes_by_the_order", 87, "receive", "Takes events for those it waits for next."),
)
KALEYRA = (
    slip("http_200_is_success", 59, "connect", "HTTP 200 is a success, whatever it holds."),
    slip("repeats_what_was_lost", 77, "connect", "Connects again when the answer is lost."),
    slip("lost_is_refused", 77, "connect", "A lost answer counts as a refusal."),
    slip("message_cut_at_an_ampersand", 46, "broadcast", "A message ends at its &."),
    slip("prefix_cut", 63, "connect", "The prefix of an id is cut off."),
    slip("prefix_cut_in_status", 63, "status", "The prefix of an id is cut off in reports."),
    slip("times_taken_for_utc", 56, "status", "Indian times are taken for UTC."),
    slip("status_in_lower_case", 66, "status", "A status is made lower case."),
    slip("ringing_is_talk", 67, "status", "Ringing counts as talk."),
    slip("credits_by_the_second", 67, "status", "Seconds are credits."),
    slip("first_leg_is_the_call", 66, "watch", "Whoever is called first is the call."),
    slip("first_look_is_the_end", 84, "watch", "Looks once, and takes it for the end."),
    slip("pages_from_0", 71, "report", "Reads page 1 twice."),
    slip("page_1_only", 68, "report", "Reads one page."),
    slip("full_page_is_the_end", 69, "report", "A full page is the last one."),
    slip("day_first", 49, "report", "Writes the day first."),
    slip("day_before_in_utc", 56, "report", "Takes the day before, which it is in UTC."),
    slip("last_row_dropped", 70, "report", "Drops the last row."),
    slip("joined_by_semicolons", 28, "broadcast", "Joins numbers by semicolons."),
    slip("group_with_its_call", 63, "broadcast", "Takes the first call's id for the group's."),
    slip("schedule_as_it_came", 55, "broadcast", "Writes the reader's time."),
    slip("first_message_for_all", 97, "broadcast_each", "Everybody is told the first one's message."),
    slip("all_numbers_at_once", 29, "broadcast_and_watch", "201 numbers in one request."),
    slip("first_portion_only", 65, "broadcast_and_watch", "The rest is never sent."),
    slip("only_good_ends", 66, "broadcast_and_watch", "Knows no end but the good one."),
    slip("sent_is_over", 84, "broadcast_and_watch", "Looks once, and takes it for the end."),
    slip("over_is_completed", 66, "broadcast_and_watch", "Whatever is over is completed."),
    slip("ok_has_no_blank", 64, "dialer_add", "Waits for OK without a blank."),
    slip("all_people_at_once", 65, "dialer_import", "1,100 people in one request."),
    slip("import_never_read", 65, "dialer_import", "Sends all, and believes that all were taken."),
    slip("blocks_and_lets_in", 94, "block", "Lets in again whom it blocked."),
    slip("follow_up_as_it_came", 55, "follow_up", "Writes the reader's time."),
    slip("month_first_in_follow_up", 49, "follow_up", "Writes the month first."),
    slip("no_incidents_is_a_failure", 60, "incidents", "No incidents are a failure."),
    slip("outage_is_no_incident", 60, "incidents", "An outage means that all is well."),
    slip("limit_in_the_envelope_unknown", 73, "incidents", "Knows limits by 429 alone."),
    slip("forgets_at_a_restart", 87, "receive", "Forgets at a restart what was handled."),
    slip("answers_errors", 88, "receive", "Answers 500 to every event."),
    slip("trusts_callbacks_alone", 90, "receive", "Waits for what is lost."),
    slip("handles_each_copy", 87, "receive", "Handles each copy of an event."),
    slip("answer_is_the_end", 66, "receive", "Takes an answer for the end."),
)
BUGS: Mapping[str, tuple[Bug, ...]] = {"callo": CALLO, "kaleyra": KALEYRA}
