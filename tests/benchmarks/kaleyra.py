"""A group of 200 in one request, and pages of 100,000 click2calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from statistics import median
from time import process_time
from urllib.parse import urlencode

from simulator.app import Simulator
from simulator.telephony.calls import Order
from simulator.telephony.phone_numbers import E164
from tests.benchmarks.figures import Figure, report
from tests.benchmarks.visitor import visit

ROWS = 100_000
FEW = 100
GROUP = 200
ROUNDS = 15
PAGE = 50


class Visitor:
    """A customer with money, in a world of their own."""

    def __init__(self) -> None:
        self.simulator = Simulator(vendors=("kaleyra",))
        self.key = str(self.simulator.worlds.credentials("kaleyra")["api_key"])
        self.account = self.simulator.worlds.sandbox().world.accounts["kaleyra", self.key]
        self.simulator.worlds.sandbox().world.credit.top_up(self.account, Decimal(10**9))

    def call_group(self, method: str, first: int) -> None:
        """Start a group of calls by one request."""
        numbers = ",".join(f"98{first + place:08}" for place in range(GROUP))
        sent = {"method": method, "api_key": self.key, "format": "json", "play": "1.sound"}
        if method == "voice.call":
            body = urlencode({**sent, "numbers": numbers, "newgroup": "1"}).encode()
            answer = visit(self.simulator, "POST", "/kaleyra/v1/", body=body)
        else:
            entry = {"call": [{"to": numbers, "play": "1.sound"}]}
            answer = visit(
                self.simulator, "POST", "/kaleyra/v1/", urlencode(sent), json.dumps(entry).encode()
            )
        assert b'"200"' in answer

    def connect_many(self, count: int) -> None:
        """Let that many click2calls come to their end."""
        sandbox = self.simulator.worlds.sandbox()
        campaign = next(one for one in self.account.campaigns.values() if one.kind == "click2call")
        receiver = (E164("+447700900002"),)
        orders = [Order(callee=E164(f"+9198{place:08}"), bridge=receiver) for place in range(count)]
        sandbox.world.place_calls(campaign, orders)
        sandbox.advance()

    def page(self, number: int, **filters: str) -> None:
        """Read one full page."""
        sent = {
            "method": "dial.c2cstatus",
            "api_key": self.key,
            "format": "json",
            "page": str(number),
            **filters,
        }
        rows = json.loads(visit(self.simulator, "GET", "/kaleyra/v1/", urlencode(sent)))["data"]
        assert len(rows) == PAGE


def busy_seconds(act: Callable[[], object]) -> float:
    """Return how long the processor was at it, whatever else the machine does meanwhile."""
    start = process_time()
    act()
    return process_time() - start


def measure() -> Iterator[Figure]:
    """Time both ways to call a group, then pages of few calls and of many in turns."""
    visitor = Visitor()
    for method in ("voice.call", "voice.json"):
        took = median(busy_seconds(partial(visitor.call_group, method, nth * GROUP)) for nth in range(ROUNDS))
        yield Figure(f"{method} of {GROUP} numbers", took * 1e3, 10, "ms", "one request, all of the server")
    small, large = Visitor(), Visitor()
    small.connect_many(FEW)
    large.connect_many(ROWS)
    for name, number in (("first", 1), ("last", ROWS // PAGE)):
        pages = partial(small.page, 1), partial(large.page, number)
        few, many = zip(*[[busy_seconds(page) for page in pages] for _ in range(ROUNDS)], strict=True)
        note = f"{min(many) * 1e3:.1f} ms against {min(few) * 1e3:.1f} ms"
        yield Figure(f"{name} page of {ROWS:,} calls : of {FEW}", min(many) / min(few), 1.5, "x", note)


if __name__ == "__main__":
    report(measure())
