from __future__ import annotations

import json
from contextlib import suppress
from itertools import product
from typing import Any

import pytest

from simulator.vendors.callr.actions.expressions import fill, parse_expression
from simulator.vendors.callr.actions.methods import FUNCTIONS, METHODS, Function, MalformedExpression
from simulator.vendors.callr.actions.names import MOST_WORK, Names, Work
from simulator.vendors.callr.actions.run import RUNS
from simulator.vendors.callr.actions.script import API_INITIATED
from tests.growth import grows_in_step, undisturbed
from tests.vendors.callr.desk import open_desk

VALUES = {"$a": [1, 2], "$m": {"x": {"y": "deep"}}, "$t": "Hello Bob", "call": {"fromType": "MOBILE"}}


def names(**more: Any) -> Names:
    return Names({**VALUES, **{f"${name}": value for name, value in more.items()}}, Work())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${{ $a }}", [1, 2]),
        ("${{ $a[1] + 1 }}", 3),
        ("${{ $a.length }}", 2),
        ("${{ $m.x.y }}", "deep"),
        ("${{ $m['x']['y'] + '!' }}", "deep!"),
        ("${{ JSON.stringify($m) }}", '{"x":{"y":"deep"}}'),
        ("${{ $none }}", None),
        ("${{ $none ?? 'nobody' }}", "nobody"),
        ("${{ !$none && true }}", True),
        ("${{ 2 * (3 + 4) % 5 }}", 4),
        ("${{ '1' == 1 }}", True),
        ("${{ '1' === 1 }}", False),
        ("${{ 'a' < 'b' ? 'yes' : 'no' }}", "yes"),
        ("n: ${{ 1.0 }} ${{ $a }}", "n: 1 [1,2]"),
        ({"k": ["${{ -1 }}"]}, {"k": [-1]}),
        ("plain", "plain"),
        ("${{ $none?.x.y.z }}", None),
        ("${{ $m?.['x']?.y }}", "deep"),
        ("${{ $none?.(1) }}", None),
        ("${{ $t.split('').length }}", 9),
        ("${{ $t.split(' ').join('-') }}", "Hello-Bob"),
        ("${{ $t.toUpperCase().slice(-3) }}", "BOB"),
        ("${{ $t.includes('lo B') && $t.startsWith('Hell') }}", True),
        ("${{ $t.replace('Bob', 'Eve') }}", "Hello Eve"),
        ("${{ $t.replace(/o|l/g, '0') }}", "He000 B0b"),
        ("${{ call.fromType.match(/MOBILE/) }}", ["MOBILE"]),
        ("${{ call.fromType.match(/^fixed$/i) }}", None),
        ("${{ /bob/i.test($t) ? 1 : 0 }}", 1),
        ("${{ 8 / 2 / 2 }}", 2),
        ("${{ [1, 'x', $a[0]].indexOf('x') }}", 1),
        ("${{ $a.concat([3], 4).length }}", 4),
        ("${{ parseInt('12 apples') + Number('3') + Math.max(1, 2.5) }}", 17.5),
        ("${{ 'it\\'s\\n' }}", "it's\n"),
    ],
)
def test_plain_expressions_are_computed(text: Any, value: Any) -> None:
    assert fill(text, names()) == value


@pytest.mark.parametrize(
    "text",
    [
        "$x.y", "f(1)", "1/0", "a => a", "new Date()", "`x`", "(" * 99, "x" * 3000, "'9e999' * 1", "",
        "$t.repeat(9)", "$t.split", "$t.match('x')", "/(a+)+$/.test($t)", "/[a-z]/.test($t)", "$t.slice({})",
        "'x'.constructor", "$t.__class__", "$m.x.y()", "[1,", "$t.toUpperCase(1)",
        "9" * 400 + "+ 1", "(1).toFixed(101)",
    ],
)  # fmt: skip
def test_other_expressions_are_not_run(text: str) -> None:
    with pytest.raises(MalformedExpression):
        fill("${{" + text + "}}", names())


@pytest.mark.parametrize("unit", ["-", "1+", "$a[0]", "!", "("])
def test_an_expression_is_read_in_step_with_its_length(unit: str) -> None:
    def read(length: int) -> None:
        with suppress(MalformedExpression):
            parse_expression(unit * (length // len(unit)) + "1")(names())

    with undisturbed():
        assert grows_in_step(read, 1_000)


LONG = {str: "ab" * 5_000, list: [*"ab" * 2_500]}
METHOD_CALLS = [
    (f"$x.{name}($x)", LONG[kind]) for kind, methods in METHODS if kind in LONG for name in methods
]
FUNCTION_CALLS = [
    f"{path}($x)"
    for name, one in FUNCTIONS.items()
    for path in ([name] if isinstance(one, Function) else [f"{name}.{part}" for part in one])
]
PLAIN = ["$x + $x", "$x == $x", "$x < $x", "-$x", "$m[$x]", "' ' + $x", "/a|b/.test($x)", "$x"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [*METHOD_CALLS, *product([*FUNCTION_CALLS, *PLAIN], LONG.values())],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else type(value).__name__,
)
def test_whatever_looks_at_a_long_value_takes_from_the_work_of_its_run(expression: str, value: Any) -> None:
    work = Work()
    with suppress(MalformedExpression):
        fill(f"a ${{{{ {expression} }}}}", Names({"$x": value, "$m": {}}, work))

    assert MOST_WORK - work.left > 5_000


def test_a_pattern_costs_as_much_as_it_has_places_to_try() -> None:
    with pytest.raises(MalformedExpression, match="so much work"):
        fill("${{ /" + "|".join(["a" * 9] * 50) + "/.test($x) }}", names(x="a" * 10_000))


@pytest.mark.parametrize("text", ["$x.replace(/a/g, $x)", "$x.concat($x, $x, $x)", "$x.split('').join($x)"])
def test_no_expression_makes_more_text_than_fits(text: str) -> None:
    with pytest.raises(MalformedExpression, match=r"more than 262144 characters|so much work"):
        fill("${{" + text + "}}", names(x="a" * 100_000))


def test_the_variables_of_a_run_have_one_bound() -> None:
    code = "$x = '12345678'\n" + "$x += $x;" * 13 + "".join(f"$x{place} = $x;" for place in range(9))
    desk = open_desk()
    script = {"branches": {API_INITIATED: [{"action": "javascript@v1", "params": {"code": code}}]}}
    made = desk.make("/actions", {"name": "Any", "script": json.dumps(script)})
    desk.make(f"/actions/{made['sid']}/runs", {})
    desk.advance(seconds=5)

    (record,) = desk.account.script_runs.values()
    (run,) = RUNS.of(desk.account).values()
    assert sum(len(str(value)) for value in run.variables.values()) < 262_144
    assert record.lines[-1].text.endswith("a value of more than 262144 characters is not simulated")


def test_an_endless_script_is_ended_when_its_work_is_used_up() -> None:
    make = "$x += $x;" * 12 + "$l = $x.split('')"
    build = "${{ [" + ",".join(["JSON.stringify($l)"] * 90) + "].length }}"
    actions = [
        {"action": "javascript@v1", "params": {"code": f"$x = '12345678'\n{make}"}},
        {"goto": {"branch": "again"}},
    ]
    again = [{"action": "log@v1", "params": {"message": build}}, {"goto": {"branch": "again"}}]
    desk = open_desk()
    script = {"branches": {API_INITIATED: {"actions": actions}, "again": {"actions": again}}}
    made = desk.make("/actions", {"name": "Any", "script": json.dumps(script)})
    desk.make(f"/actions/{made['sid']}/runs", {})
    desk.advance(hours=1)

    (record,) = desk.account.script_runs.values()
    assert record.state == "ended"
    assert record.lines[-1].text == "so much work; the run was ended"
