"""How shipped scenarios about calls are played: by a client that does well, and one with a mistake."""

from __future__ import annotations

from datetime import timedelta

from tests.library.client import Client, is_taken
from tests.library.play import Play

ANN, BEN, EVE = "+447700900101", "+447700900102", "+447700900103"
PATIENTS = [f"+44770090020{place}" for place in range(5)]
CUSTOMERS = [f"+44770090031{place}" for place in range(3)]
CITIZENS = [f"+447700{place * 499:06}" for place in range(2_000)]
INDIANS = [f"+91955550000{place}" for place in range(4)]


def call_and_wait(client: Client) -> None:
    client.call(ANN)
    client.wait("20m")


def call_again_while_it_is_busy(client: Client) -> None:
    client.call(ANN)
    client.wait("1m")
    client.call(ANN)


def look_at_the_balance_first(client: Client) -> None:
    for phone in PATIENTS:
        while client.balance() <= 0:
            client.wait("10m")
        client.call(phone)
        client.wait("2m")


def call_whatever_the_balance(client: Client) -> None:
    for phone in PATIENTS:
        client.call(phone)
        client.wait("2m")


def import_once(client: Client) -> None:
    client.append(f"+447700900{place:03}" for place in range(300))
    client.wait("30m")


def import_until_it_is_seen(client: Client) -> None:
    while not client.calls_to("+447700900000"):
        client.append(f"+447700900{place:03}" for place in range(300))
        client.wait("15s")


def skip_who_is_stopped(client: Client) -> None:
    for phone in CUSTOMERS:
        client.call(phone)
    client.wait("1h")


def insist(client: Client) -> None:
    for _ in range(3):
        skip_who_is_stopped(client)


def call_each_number_once(client: Client) -> None:
    for phone in PATIENTS:
        client.call(phone)
    client.wait("1h")


def try_wrong_numbers_again(client: Client) -> None:
    call_each_number_once(client)
    for phone in PATIENTS[1::2]:
        client.call(phone)


def come_back_in_a_minute(client: Client) -> None:
    for phone in PATIENTS[:3]:
        client.call_gently(phone, "1m")


def hammer(client: Client) -> None:
    for phone in PATIENTS[:3]:
        client.call_gently(phone, "5s")


def turn_to_the_other_vendor(client: Client) -> None:
    for phone in INDIANS[:3]:
        if not is_taken(client.call(phone, text="Hello")):
            client.connect(INDIANS[3], phone)
        client.wait("10m")


def give_up(client: Client) -> None:
    for phone in INDIANS[:3]:
        client.call(phone, text="Hello")
        client.wait("10m")


def call_the_census(client: Client) -> None:
    client.append(CITIZENS)
    client.wait("3h")


def call_the_census_twice(client: Client) -> None:
    client.append(CITIZENS[:1_000])
    client.append(CITIZENS[:1_000])
    client.wait("3h")


def verify_without_haste(client: Client) -> None:
    for phone in (ANN, BEN, EVE):
        client.confirm(phone, "0042")
    client.wait("10m")
    client.confirm(EVE, "0043")


def ring_for_a_code_again_and_again(client: Client) -> None:
    for phone in (ANN, BEN, EVE, EVE, EVE):
        client.confirm(phone, "0042")
        client.wait("30s")


def look_up_what_was_lost(client: Client) -> None:
    client.call_gently(ANN, "1m")
    client.wait("10m")


def ask_again_for_what_was_lost(client: Client) -> None:
    while not is_taken(client.call(ANN)):
        client.wait("1m")


def look_up_behind_the_page(client: Client) -> None:
    for phone in PATIENTS[:2]:
        client.call_gently(phone, "1m")


def believe_the_page(client: Client) -> None:
    for phone in PATIENTS[:2]:
        while not is_taken(client.call(phone)):
            client.wait("1m")


def wait_for_a_new_key(client: Client) -> None:
    for phone in PATIENTS[:3]:
        client.call_gently(phone, "10m")
        client.wait("4m")


def beat_on_the_closed_door(client: Client) -> None:
    for phone in PATIENTS[:3]:
        client.call_gently(phone, "2s")
        client.wait("4m")


def call_by_the_callees_clock(client: Client) -> None:
    for phone in PATIENTS[:4]:
        local = client.local("Europe/London")
        evening = local.replace(hour=19, minute=30, second=0, microsecond=0)
        client.wait(timedelta(seconds=evening.timestamp() - local.timestamp()))
        client.call(phone)
        client.wait("10h")


def call_every_24_hours(client: Client) -> None:
    client.wait("7h30m")
    for phone in PATIENTS[:4]:
        client.call(phone)
        client.wait("1d")


def add_each_list_once(client: Client) -> None:
    for day in range(3):
        client.add(f"7916123{place:04}" for place in range(day * 50, day * 50 + 50))
        client.wait("1d")


def add_each_list_until_it_is_done(client: Client) -> None:
    for day in range(3):
        for _ in range(2):
            client.add(f"7916123{place:04}" for place in range(day * 50, day * 50 + 50))
            client.wait("12h")


def remind(client: Client) -> None:
    client.call(CUSTOMERS[0], ivr_lvl_1_btn_1_webhook=f"http://127.0.0.1:{client.port}/confirmed")
    client.wait("10m")


def remind_somebody_else(client: Client) -> None:
    client.call(CUSTOMERS[1])


def add_all_and_wait(client: Client) -> None:
    client.append(["+447700900999", *(f"+447700900{place:03}" for place in range(500))])


def add_all_each_day(client: Client) -> None:
    for _ in range(2):
        client.append(f"+447700900{place:03}" for place in range(500))
        client.wait("1d")


def ask_once_for_each_code(client: Client) -> None:
    for phone in (ANN, BEN, EVE):
        client.confirm(phone, "0042")
    client.wait("20m")


def ask_again_at_once(client: Client) -> None:
    for _ in range(3):
        client.confirm(EVE, "0042")
    ask_once_for_each_code(client)


def order_for_twenty(client: Client) -> None:
    client.append(f"+4479111234{place:02}" for place in range(20))
    client.wait("1h")


def order_and_refuse_what_comes(client: Client) -> None:
    client.handle = lambda _path, _body: 500
    order_for_twenty(client)


def connect_one_by_one(client: Client) -> None:
    for place in range(3):
        client.connect(f"+91944440001{place}", f"+91955550001{place}")
        client.wait("5m")


def connect_all_at_once(client: Client) -> None:
    for place in range(8):
        client.connect(f"+91944440001{place}", f"+91955550001{place}")


def add_everywhere(client: Client) -> None:
    client.add(f"4477009001{place:02}" for place in range(100))
    client.add(f"4930123456{place:02}" for place in range(100))
    client.add(f"1212555010{place}" for place in range(10))


def add_everywhere_each_day(client: Client) -> None:
    for _ in range(2):
        add_everywhere(client)
        client.wait("1d")


PLAYS = {
    "happy": Play(remind, remind_somebody_else, 'call: {to: "+447700900310", outcome: answered}'),
    "campaign": Play(add_all_and_wait, add_all_each_day, "calls: {per_number: at most 5}"),
    "callo/codes": Play(
        ask_once_for_each_code, ask_again_at_once, 'with: {phone: "+447700900103"}, count: 1..3}'
    ),
    "callo/postbacks": Play(order_for_twenty, order_and_refuse_what_comes, "hooks: {failed: 0}"),
    "kaleyra/call_centre": Play(connect_one_by_one, connect_all_at_once, "pace: at most 2 per 1m}"),
    "jaicp/clock_change": Play(add_everywhere, add_everywhere_each_day, "calls: {per_number: at most 6}"),
    "busy_then_answered": Play(call_and_wait, call_again_while_it_is_busy, "request: {where: callo.add_call"),
    "balance_runs_dry": Play(look_at_the_balance_first, call_whatever_the_balance, "calls: {count: 5}"),
    "slow_bulk_import": Play(import_once, import_until_it_is_seen, "request: {where: callo.append_calls"),
    "stop_listed_customers": Play(skip_who_is_stopped, insist, "request: {where: callo.add_call"),
    "wrong_numbers": Play(call_each_number_once, try_wrong_numbers_again, "calls: {count: 5}"),
    "vendor_outage": Play(come_back_in_a_minute, hammer, "pace: at most 4 per 1m}"),
    "failover_between_vendors": Play(turn_to_the_other_vendor, give_up, "where: kaleyra.click_to_call"),
    "a_million_numbers": Play(call_the_census, call_the_census_twice, "calls: {per_number: at most 1}"),
    "one_time_codes": Play(verify_without_haste, ring_for_a_code_again_and_again, "pace: at most 1 per 5m}"),
    "lost_answer": Play(look_up_what_was_lost, ask_again_for_what_was_lost, "client: {double_dials: 0}"),
    "proxy_page_after_the_work": Play(look_up_behind_the_page, believe_the_page, "per_number: at most 1}"),
    "key_expires": Play(wait_for_a_new_key, beat_on_the_closed_door, "request: {where: callo.*"),
    "clock_change_weekend": Play(call_by_the_callees_clock, call_every_24_hours, "calls: {outside: "),
    "three_day_campaign": Play(add_each_list_once, add_each_list_until_it_is_done, "where: jaicp.add_phones"),
}
