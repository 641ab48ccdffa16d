"""The mistakes of clients in shipped scenarios whose good client needs more than a few lines."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.library.client import Client

FRENCH, RUSSIAN, INDIAN, AGENT = "+33639980001", "+79161234567", "+919555500009", "+919876543210"


def look_and_buy_nothing(client: Client) -> None:
    client.bench.callr("GET", "/numbers")


def write_twice(client: Client) -> None:
    for _ in range(2):
        client.text(FRENCH)
    client.wait("2h")


def add_again_and_again(times: int, client: Client) -> None:
    client.bench.jaicp("control/start", None)
    for _ in range(times):
        client.add([RUSSIAN.strip("+")])
        client.wait("5m")
    client.wait("25h")


def connect_again_and_again(client: Client) -> None:
    for _ in range(5):
        client.connect(AGENT, INDIAN)
        client.wait("10m")


Mistake = tuple[Callable[[Client], None], str]
MISTAKES: dict[str, Mistake] = {
    "callr/buying_numbers": (look_and_buy_nothing, "request: {where: callr.buy_phone_numbers"),
    "callr/credit_runs_dry": (write_twice, "messages: {per_number: at most 1"),
    "jaicp/crm_duplicates": (partial(add_again_and_again, 3), "calls: {per_number: at most 2}"),
    "jaicp/stopped_midway": (partial(add_again_and_again, 5), "calls: {per_number: at most 3}"),
    "jaicp/two_campaigns": (partial(add_again_and_again, 9), "calls: {per_number: at most 6}"),
    "kaleyra/obd_campaign": (connect_again_and_again, "calls: {per_number: at most 3}"),
}
"""What each client does, and what it breaks, as a verdict writes it."""
