from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier

from werkzeug.routing import Rule

from simulator.web.flask_side import KeptInput, LateMap, LateRule


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


def test_what_was_read_comes_again_and_the_rest_as_it_came() -> None:
    body = KeptInput(BytesIO(b"0123456789"))

    first = body.read(4)
    body.seek(0)

    assert (first, body.read(2), body.read(), body.read(1)) == (b"0123", b"01", b"23456789", b"")


def test_it_is_read_by_lines_too() -> None:
    body = KeptInput(BytesIO(b"a\nb\n"))

    assert [*body] == [b"a\n", b"b\n"]
