"""How shipped scenarios about messages and callbacks are played: by a client that does well, and another."""

from __future__ import annotations

from datetime import timedelta

from tests.library.client import Client, Handle, subject_of
from tests.library.play import Play

ANN, BEN = "+33639980001", "+33639980002"
INDIANS = ("+919555500001", "+919555500002")


def write_to_three(client: Client) -> None:
    for place in range(3):
        client.text(f"+3363998000{place}")
    client.wait("5m")


def refuse_what_is_older(client: Client) -> None:
    newest: dict[str, str] = {}

    def handle(_path: str, body: str) -> int:
        message = subject_of(body)
        known = newest.setdefault(message["sid"], message["updated"])
        newest[message["sid"]] = max(known, message["updated"])
        return 200 if known <= message["updated"] else 409

    client.handle = handle
    write_to_three(client)


def thanking(client: Client, remembers: bool) -> Handle:
    handled: set[str] = set()

    def handle(_path: str, body: str) -> int:
        message = subject_of(body)
        if message["sid"] not in handled:
            client.text(message["from"], "Thank you")
        handled.update([message["sid"]] if remembers else [])
        return 200

    return handle


def thank_once(client: Client) -> None:
    client.handle = thanking(client, remembers=True)
    client.wait("15m")


def thank_for_each_copy(client: Client) -> None:
    client.handle = thanking(client, remembers=False)
    client.wait("15m")


def connect_two(client: Client) -> None:
    url = f"http://hook.localhost:{client.port}/ended?id={{id}}&status={{status}}"
    client.connect(*INDIANS, callback=url)
    client.wait("1h")


def come_back_after_ten_minutes(client: Client) -> None:
    away = client.now + timedelta(minutes=10)
    client.handle = lambda _path, _body: 200 if client.now >= away else 503
    connect_two(client)


def never_come_back(client: Client) -> None:
    client.handle = lambda _path, _body: 503
    connect_two(client)


def write_to_whoever_called_at_night(client: Client) -> None:
    def handle(_path: str, body: str) -> int:
        if client.local("Europe/Paris").hour >= 18:
            client.text(subject_of(body)["callerNumber"], "We open at nine.")
        return 200

    client.handle = handle
    client.wait("12h")


def write_to_everybody(client: Client) -> None:
    def handle(_path: str, body: str) -> int:
        client.text(subject_of(body)["callerNumber"], "We open at nine.")
        return 200

    client.handle = handle
    client.wait("12h")


def note_each(client: Client) -> None:
    client.wait("20m")


def fail_under_load(client: Client) -> None:
    client.handle = lambda _path, _body: 500 if len(client.taken) % 3 == 0 else 200
    client.wait("20m")


def write_again_when_it_is_known(client: Client) -> None:
    written = [client.text(number) for number in (ANN, BEN)]
    while client.state_of(written[0]) not in ("delivered", "expired"):
        client.wait("6h")
    client.text(ANN)
    client.wait("10m")


def write_until_it_arrives(client: Client) -> None:
    client.text(BEN)
    for _ in range(3):
        client.text(ANN)
        client.wait("10m")


def miss_some_messages_at_first(client: Client) -> None:
    back = client.now + timedelta(minutes=4)
    client.handle = lambda path, _body: 503 if path == "/inbox" and client.now < back else 200


def miss_all_messages(client: Client) -> None:
    client.handle = lambda path, _body: 503 if path == "/inbox" else 200


def listen(client: Client) -> None:
    client.wait("1h")


def lose_recordings(client: Client) -> None:
    client.handle = lambda path, _body: 500 if path == "/recordings" else 200


PLAYS = {
    "callr/receiver_comes_back": Play(miss_some_messages_at_first, miss_all_messages, "delivered: 8}"),
    "callr/support_line": Play(listen, lose_recordings, "event: recording.updated"),
    "callbacks_out_of_order": Play(write_to_three, refuse_what_is_older, "hooks: {order: any}"),
    "duplicate_webhooks": Play(thank_once, thank_for_each_copy, "hooks: {handled_once: true}"),
    "unreachable_receiver": Play(come_back_after_ten_minutes, never_come_back, "hooks: {failed: 0}"),
    "business_hours_ivr": Play(
        write_to_whoever_called_at_night, write_to_everybody, f'to: "{ANN}", count: 0'
    ),
    "inbound_rush": Play(note_each, fail_under_load, "tries: 1}"),
    "phone_switched_off": Play(
        write_again_when_it_is_known, write_until_it_arrives, f'to: "{ANN}", count: 2'
    ),
}
