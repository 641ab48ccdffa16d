from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from werkzeug.routing import Rule

from simulator.web.late_map import LateMap, LateRule


def test_whoever_asks_first_waits_until_all_rules_are_there() -> None:
    rules = [Rule(f"/{number}/<name>", endpoint=str(number)) for number in range(200)]
    adapter, together = LateMap(rules).bind("localhost"), Barrier(8)

    def ask(number: int) -> str:
        together.wait()
        endpoint, _ = adapter.match(f"/{number}/x")
        return str(endpoint)

    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(ask, range(192, 200))] == [str(number) for number in range(192, 200)]


def test_addresses_are_built_as_by_a_rule_that_was_ready_for_it() -> None:
    for values in ({"name": "a b"}, {"name": "x", "page": 2}):
        built = {
            LateMap([kind("/calls/<name>", endpoint="call")]).bind("localhost").build("call", values)
            for kind in (Rule, LateRule)
        }
        assert len(built) == 1
