"""Adding calls over the socket against an empty Flask answer on the same server."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from statistics import median

from tests.benchmarks.figures import Figure, report, seconds
from tests.benchmarks.reference import serving_reference
from tests.benchmarks.visitor import API, FORM, SCENARIO, add_call_form
from tests.serving_process import serving

CONNECTIONS = 4
ROUNDS = 9
A_ROUND = 250
"""Requests on each connection."""


class Load:
    """Some connections that stay open, each asking as fast as it is answered."""

    def __init__(self, port: int, path: str, campaign: object) -> None:
        self._path, self._campaign, self._serials = path, campaign, count()
        self._lines = [HTTPConnection("127.0.0.1", port) for _ in range(CONNECTIONS)]
        self._threads = ThreadPoolExecutor(CONNECTIONS)

    def round(self) -> None:
        list(self._threads.map(self._ask, self._lines))

    def _ask(self, line: HTTPConnection) -> None:
        for _ in range(A_ROUND):
            form = add_call_form(self._campaign, next(self._serials))
            line.request("POST", self._path, form, {"Content-Type": FORM})
            answer = line.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise SystemExit(f"{self._path}: {answer.status}: {body[:500]!r}")


def measure() -> Iterator[Figure]:
    """Take turns between both servers, each in a process of its own."""
    with serving("--scenario", str(SCENARIO)) as served, serving_reference() as port:
        campaign = served.ready["credentials"]["callo"]["campaign_id"]
        ours, theirs = Load(served.port, f"{API}/phones/call/", campaign), Load(port, "/", campaign)
        seconds(ours.round), seconds(theirs.round)
        rounds = [(seconds(ours.round), seconds(theirs.round)) for _ in range(ROUNDS)]
    own, empty = (CONNECTIONS * A_ROUND / median(column) for column in zip(*rounds, strict=True))
    note = f"{own:.0f} against {empty:.0f} requests a second, {CONNECTIONS} connections"
    ratio = median(empty_took / own_took for own_took, empty_took in rounds)
    yield Figure("add call over the socket : empty Flask", ratio, 0.4, "x", note, at_least=True)


if __name__ == "__main__":
    report(measure())
