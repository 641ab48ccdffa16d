"""One added call and one balance against an empty Flask, all called as WSGI; and a fresh world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from statistics import median

from simulator.app import Simulator
from tests.benchmarks.figures import Figure, median_seconds, report, seconds
from tests.benchmarks.reference import empty_flask
from tests.benchmarks.visitor import API, KEY, SCENARIO, add_call_form, visit

ROUNDS = 15
A_ROUND = 400
WORLDS = 100


def measure() -> Iterator[Figure]:
    """Take turns, so that a noisy neighbour disturbs both alike."""
    simulator, flask = Simulator(scenario=SCENARIO), empty_flask()
    campaign = simulator.worlds.credentials("callo")["campaign_id"]
    forms = [add_call_form(campaign, serial) for serial in range((ROUNDS + 1) * A_ROUND)]
    waiting, balance = iter(forms), f"{API}/users/balance/"

    def add() -> None:
        for form in islice(waiting, A_ROUND):
            visit(simulator, "POST", f"{API}/phones/call/", body=form)

    def post() -> None:
        for form in forms[:A_ROUND]:
            visit(flask, "POST", "/", body=form)

    def read() -> None:
        for _ in range(A_ROUND):
            visit(simulator, "GET", balance, f"public_key={KEY}")

    def get() -> None:
        for _ in range(A_ROUND):
            visit(flask, "GET", "/", f"public_key={KEY}")

    yield _compare("add call : empty Flask POST", add, post, 2.0)
    yield _compare("read a balance : empty Flask GET", read, get, 1.5)
    fresh = median_seconds(partial(simulator.worlds.open, "fresh", "happy"), WORLDS)
    yield Figure("fresh world", fresh * 1e3, 5, "ms", "scenario happy")


def _compare(name: str, ours: Callable[[], None], theirs: Callable[[], None], bound: float) -> Figure:
    seconds(ours), seconds(theirs)
    rounds = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    own, empty = (median(column) / A_ROUND * 1e6 for column in zip(*rounds, strict=True))
    note = f"{own:.0f} us against {empty:.0f} us"
    return Figure(name, median(a / b for a, b in rounds), bound, "x", note)


if __name__ == "__main__":
    report(measure())
