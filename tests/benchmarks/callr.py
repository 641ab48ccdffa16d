"""A hundred thousand messages of one account of Callr, searched page by page, with filters and without."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from statistics import median

from simulator.app import Simulator
from simulator.telephony.messages import Alphabet, Letter
from simulator.telephony.phone_numbers import E164
from tests.benchmarks.figures import Figure, report, seconds
from tests.benchmarks.visitor import visit

MANY, FEW = 100_000, 1_000
ROUNDS = 41
SEARCHES = {
    "by recipient": "to=%2B33639980042",
    "by state": "status=delivered",
    "by direction and traffic": "direction=outbound&trafficType=alerting",
    "by sender and state": "from=SHOP7&status=delivered",
    "by time": "createdAfter=2026-03-02T10%3A00%3A00Z",
    "by text": "contains=number%207",
}


def measure() -> Iterator[Figure]:
    """Compare late pages with first ones, and an account of many messages with one of few."""
    many, few = furnished(MANY), furnished(FEW)
    late = partial(page, many, "", MANY - 10)
    yield compare("SMS page 10,000 : page 1, of 100,000", late, partial(page, many), 1.5)
    for name, query in {"unfiltered": "", **SEARCHES}.items():
        bound = 1.5 if name == "unfiltered" else 3
        yield compare(
            f"SMS {name}, of 100,000 : of 1,000", partial(page, many, query), partial(page, few, query), bound
        )
    texts = iter(range(ROUNDS))
    first = median(seconds(lambda: page(many, f"contains=number%20{next(texts)}")) for _ in range(ROUNDS))
    yield Figure("SMS by a text never looked for before", first * 1e3, 50, "ms", "of 100,000")


def furnished(count: int) -> Simulator:
    """Open a world whose account has sent `count` messages, all of which have arrived."""
    simulator = Simulator(vendors=("callr",), scenario="happy")
    sandbox = simulator.worlds.sandbox()
    simulator.worlds.credentials("callr")
    (account,) = sandbox.world.accounts.values()
    for nth in range(count):
        to = E164(f"+3363998{nth % 50:04}")
        traffic = "alerting" if nth % 3 else "marketing"
        letter = Letter(f"SHOP{nth % 10}", to, f"This is number {nth}.", Alphabet.GSM, traffic)
        sandbox.world.messages.send(account, letter, Decimal(0))
        if nth % 1000 == 0:
            sandbox.world.advance_to(sandbox.world.clock.now + timedelta(seconds=1))
    sandbox.world.advance_to(sandbox.world.clock.now + timedelta(days=3))
    return simulator


def page(simulator: Simulator, query: str = "", offset: int = 0) -> int:
    """Read one page and return how many messages the search found in all."""
    key = simulator.worlds.credentials("callr")["api_key"]
    body = visit(simulator, "GET", "/callr/v2.0/sms", f"limit=10&offset={offset}&{query}", key=key)
    return int(json.loads(body)["total"])


def compare(name: str, one: Callable[[], int], other: Callable[[], int], bound: float) -> Figure:
    """Compare two in turns by their quicker quarter: a noisy neighbour disturbs the longer one more."""
    totals = one(), other()
    rounds = [(seconds(one), seconds(other)) for _ in range(ROUNDS)]
    took = [sorted(column)[ROUNDS // 4] * 1e3 for column in zip(*rounds, strict=True)]
    note = f"{took[0]:.1f} ms for {totals[0]:,}, {took[1]:.1f} ms for {totals[1]:,}"
    return Figure(name, took[0] / took[1], bound, "x", note)


if __name__ == "__main__":
    report(measure())
