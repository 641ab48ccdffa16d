from __future__ import annotations

from contextlib import suppress
from time import thread_time
from typing import Any

import pytest

from simulator.vendors.callr.actions.expressions import fill, parse_expression
from simulator.vendors.callr.actions.methods import MalformedExpression

NAMES = {"$a": [1, 2], "$m": {"x": {"y": "deep"}}, "$t": "Hello Bob", "call": {"fromType": "MOBILE"}}


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
    assert fill(text, NAMES) == value


@pytest.mark.parametrize(
    "text",
    [
        "$x.y", "f(1)", "1/0", "a => a", "new Date()", "`x`", "(" * 99, "x" * 3000, "'9e999' * 1", "",
        "$t.repeat(9)", "$t.split", "$t.match('x')", "/(a+)+$/.test($t)", "/[a-z]/.test($t)", "$t.slice({})",
        "'x'.constructor", "$t.__class__", "$m.x.y()", "[1,", "$t.toUpperCase(1)",
    ],
)  # fmt: skip
def test_other_expressions_are_not_run(text: str) -> None:
    with pytest.raises(MalformedExpression):
        fill("${{" + text + "}}", NAMES)


@pytest.mark.parametrize("text", ["-" * 1_999, "1+" * 999 + "1", "$a" + "[0]" * 600, "!" * 39 + "1", "(((1"])
def test_no_expression_takes_long_to_read(text: str) -> None:
    start = thread_time()
    with suppress(MalformedExpression):
        parse_expression(text)(NAMES)

    assert thread_time() - start < 5
