"""One added call against one empty Flask POST, both called as WSGI; and a fresh world."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from statistics import median

from simulator.app import Simulator
from tests.benchmarks.figures import Figure, median_seconds, report, seconds
from tests.benchmarks.reference import empty_flask
from tests.benchmarks.visitor import API, SCENARIO, add_call_form, visit

ROUNDS = 15
A_ROUND = 400
WORLDS = 100


def measure() -> Iterator[Figure]:
    """Take turns, so that a noisy neighbour disturbs both alike."""
    simulator, flask = Simulator(scenario=SCENARIO), empty_flask()
    campaign = simulator.worlds.credentials("callo")["campaign_id"]
    forms = [add_call_form(campaign, serial) for serial in range((ROUNDS + 1) * A_ROUND)]
    waiting = iter(forms)

    def ours() -> None:
        for form in islice(waiting, A_ROUND):
            visit(simulator, "POST", f"{API}/phones/call/", body=form)

    def theirs() -> None:
        for form in forms[:A_ROUND]:
            visit(flask, "POST", "/", body=form)

    seconds(ours), seconds(theirs)
    rounds = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    own, empty = (median(column) / A_ROUND * 1e6 for column in zip(*rounds, strict=True))
    note = f"{own:.0f} us against {empty:.0f} us"
    yield Figure("add call : empty Flask POST", median(a / b for a, b in rounds), 3, "x", note)
    fresh = median_seconds(partial(simulator.worlds.open, "fresh", "happy"), WORLDS)
    yield Figure("fresh world", fresh * 1e3, 5, "ms", "scenario happy")


if __name__ == "__main__":
    report(measure())
