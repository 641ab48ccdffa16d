"""Adding calls and reading a balance over the socket, against an empty Flask answer on the same server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, repeat
from statistics import median

from tests.benchmarks.figures import Figure, report
from tests.benchmarks.load import Load, get, load, post
from tests.benchmarks.reference import serving_reference
from tests.benchmarks.visitor import API, KEY, SCENARIO, add_call_form
from tests.serving_process import serving

CONNECTIONS = 16
ROUNDS = 5


def measure() -> Iterator[Figure]:
    """Take turns between both servers, each in a process of its own."""
    with serving("--scenario", str(SCENARIO)) as served, serving_reference() as port:
        campaign = served.ready["credentials"]["callo"]["campaign_id"]
        forms = (add_call_form(campaign, serial) for serial in count())
        adding = (post(f"{API}/phones/call/", form) for form in forms)
        reading = repeat(get(f"{API}/users/balance/?public_key={KEY}"))
        empty = repeat(post("/", b""))
        load(served.port, adding, CONNECTIONS), load(port, empty, CONNECTIONS)
        rounds = [
            (
                load(served.port, adding, CONNECTIONS),
                load(served.port, reading, CONNECTIONS),
                load(port, empty, CONNECTIONS),
            )
            for _ in range(ROUNDS)
        ]
        alone = [load(served.port, reading, 1) for _ in range(ROUNDS)]
    added, read, nothing = zip(*rounds, strict=True)
    yield _compare("add call over the socket : empty Flask", added, nothing, 0.2)
    yield _compare("read a balance over the socket : empty Flask", read, nothing, 0.35)
    late = median(one.p99 for one in alone)
    yield Figure("read a balance, 1 connection, p99", late, 5, "ms", f"median {alone[0].median:.2f} ms")


def _compare(name: str, ours: tuple[Load, ...], theirs: tuple[Load, ...], bound: float) -> Figure:
    own, other = (median(one.rate for one in loads) for loads in (ours, theirs))
    ratio = median(one.rate / two.rate for one, two in zip(ours, theirs, strict=True))
    note = f"{own:.0f} against {other:.0f} requests a second, {CONNECTIONS} connections"
    return Figure(name, ratio, bound, "x", note, at_least=True)


if __name__ == "__main__":
    report(measure())
