"""Expressions of the kinds that the vendor's guides show, by the engine and by the part that needs none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.vendors.callr.javascript.engine import Engine, load_quickjs, open_interpreter
from simulator.vendors.callr.javascript.plain import Plain
from simulator.vendors.callr.javascript.templates import fill
from simulator.vendors.callr.javascript.values import MOST_WORK, NotSimulated, Scope, Work
from tests.growth import grows_in_step, undisturbed

NOON = datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC)
VALUES: Any = {
    "$a": [1, 2],
    "$m": {"x": {"y": "deep"}},
    "$t": "Hello Bob",
    "$users": [{"name": "Ann", "age": 31}, {"name": "Bob", "age": 17}],
    "$api": {"ok": True, "status": 200, "json": {"results": [{"phone": "+33639980001"}]}},
    "call": {"fromType": "MOBILE", "fromNumber": "+33639980001", "toNumber": "+33199001234"},
    "sms": {"bodyText": " stop ", "fromNumber": "+33639980001"},
}
BOTH = [
    ("$a", [1, 2]),
    ("$a[1] + 1", 3),
    ("$a.length", 2),
    ("$a.length === 2", True),
    ("$a.includes(2)", True),
    ("$m.x.y", "deep"),
    ("$m['x']['y'] + '!'", "deep!"),
    ("$m?.['x']?.y", "deep"),
    ("$none", None),
    ("$none?.x", None),
    ("$none ?? 'nobody'", "nobody"),
    ("$none || $m.x.y", "deep"),
    ("!$none && true", True),
    ("!$api.ok || !$api?.json?.results?.length", False),
    ("$api.ok && $api.status === 200", True),
    ("$api.json.results[0].phone === call.fromNumber", True),
    ("call.fromType === 'MOBILE' ? 'sms' : 'call'", "sms"),
    ("call.fromType == \"FIXED_LINE\" || call.fromType == 'MOBILE'", True),
    ("call.fromNumber.startsWith('+33')", True),
    ("call.fromNumber.slice(-4)", "0001"),
    ("sms.bodyText.trim().toUpperCase() === 'STOP'", True),
    ("sms.bodyText.toLowerCase().includes('stop')", True),
    ("$t.split(' ').join('-')", "Hello-Bob"),
    ("$t.split('').length", 9),
    ("$t.toUpperCase().slice(-3)", "BOB"),
    ("$t.includes('lo B') && $t.startsWith('Hell')", True),
    ("$t.endsWith('Bob')", True),
    ("$t[0]", "H"),
    ("$t.length", 9),
    ("JSON.stringify($m)", '{"x":{"y":"deep"}}'),
    ("JSON.stringify([1, 'x', true, null])", '[1,"x",true,null]'),
    ("2 * (3 + 4) % 5", 4),
    ("8 / 2 / 2", 2),
    ("1 + 2 + 'x'", "3x"),
    ("'x' + 1 + 2", "x12"),
    ("'1' == 1", True),
    ("'1' === 1", False),
    ("true === 1", False),
    ("null == undefined", True),
    ("'a' < 'b' ? 'yes' : 'no'", "yes"),
    ("'10' < '9'", True),
    ("'10' < 9", False),
    ("-$a[0] + 1 === 0", True),
    ("'1234'.split('').join(' ')", "1 2 3 4"),
    ("['dimanche', 'lundi'][now.getDay()]", "dimanche"),
    ("Number('3') + 1", 4),
    ("String(3) + 1", "31"),
    ("[1, 'x', $a[0]]", [1, "x", 1]),
    ("'it\\'s\\n'", "it's\n"),
    ("false ? $none.x : 1", 1),
    ("[] ? 'full' : 'empty'", "full"),
    ("'' || 'empty'", "empty"),
    ("now.getHours()", 1),
    ("now.getDay() === 0 || now.getDay() === 6", True),
    ("now.getHours() >= 9 && now.getHours() < 18", False),
    ("now.getHours() * 60 + now.getMinutes()", 119),
    ("now.getFullYear() + '/' + (now.getMonth() + 1) + '/' + now.getDate()", "2026/3/29"),
    ("now.toISOString()", "2026-03-29T00:59:30.000Z"),
    ("now", "2026-03-29T00:59:30.000Z"),
]
ENGINE_ONLY = [
    ("{from: call.fromNumber, nested: {a: [1]}}", {"from": "+33639980001", "nested": {"a": [1]}}),
    ("{...$m, z: 1}", {"x": {"y": "deep"}, "z": 1}),
    ("JSON.stringify({from: call.fromNumber})", '{"from":"+33639980001"}'),
    ("JSON.stringify($m, null, 1)", '{\n "x": {\n  "y": "deep"\n }\n}'),
    ("JSON.parse('{\"a\":[1,2]}').a[1]", 2),
    ("`Hello ${$users[0].name}, you are ${$users[0].age + 1}`", "Hello Ann, you are 32"),
    ("$users.map(user => user.name)", ["Ann", "Bob"]),
    ("$users.filter(({age}) => age >= 18).length", 1),
    ("$users.find(user => user.name === 'Bob')?.age", 17),
    ("$users.some(user => user.age < 18)", True),
    ("$users.every(user => user.age < 18)", False),
    ("$users.reduce((sum, user) => sum + user.age, 0)", 48),
    ("$users.map(function (user) { return user.age })", [31, 17]),
    ("[...$a, 3].reverse()", [3, 2, 1]),
    ("[3, 1, 2].sort((a, b) => a - b)", [1, 2, 3]),
    ("[[1], [2, [3]]].flat(Infinity)", [1, 2, 3]),
    ("Object.keys($m.x)", ["y"]),
    ("Object.entries({a: 1}).map(([key, value]) => key + value)", ["a1"]),
    ("$t.replace(/o|l/g, '0')", "He000 B0b"),
    ("$t.replace('Bob', 'Eve')", "Hello Eve"),
    ("call.fromType.match(/MOBILE/)", ["MOBILE"]),
    ("/^fixed$/i.test(call.fromType)", False),
    ("call.fromNumber.replace(/^\\+33/, '0')", "0639980001"),
    ("'a-b'.split('-', 1)", ["a"]),
    ("$t.substring(0, 5)", "Hello"),
    ("$t.indexOf('Bob')", 6),
    ("'7'.padStart(3, '0')", "007"),
    ("encodeURIComponent('é & ?')", "%C3%A9%20%26%20%3F"),
    ("parseInt('12 apples') + Math.max(1, 2.5)", 14.5),
    ("Math.floor(7.9) + Math.round(2.5)", 10),
    ("(12.345).toFixed(2)", "12.35"),
    ("typeof $none === 'undefined'", True),
    ("typeof call", "object"),
    ("'FR' in {FR: 1}", True),
    ("new Set([1, 1, 2]).size", 2),
    ("((a, b = 2) => a ** b)(3)", 9),
    ("$none?.x.y.z", None),
    ("(() => { let sum = 0; for (const one of $a) sum += one; return sum })()", 3),
    ("Date.now() === now.getTime() && +new Date() === +now", True),
    ("new Date(2026, 2, 29, 9).toISOString()", "2026-03-29T07:00:00.000Z"),
    ("new Date('2026-03-29T12:00').getTimezoneOffset()", -120),
    ("new Date('2026-03-29').toISOString()", "2026-03-29T00:00:00.000Z"),
    ("`${now}`", "Sun Mar 29 2026 01:59:30 GMT+0100"),
    ("(date => (date.setMinutes(60), date.getHours()))(new Date(+now))", 3),
    ("new Date('2026-06-01T09:00:00Z') > now", True),
    ("[1, 2].at(-1)", 2),
    ("Array.from({length: 3}, (_, place) => place)", [0, 1, 2]),
]
Kind = type[Engine] | type[Plain]
with_engine = pytest.mark.skipif(load_quickjs() is None, reason="the extra js is not installed")
KINDS = [pytest.param(Engine, marks=with_engine), Plain]


def scope(**more: Any) -> Scope:
    return Scope({**VALUES, **{f"${name}": value for name, value in more.items()}}, NOON, "Europe/Paris")


@with_engine
@pytest.mark.parametrize(("expression", "value"), BOTH + ENGINE_ONLY)
def test_the_engine_computes_what_the_guides_write(expression: str, value: Any) -> None:
    assert Engine(scope()).value(expression) == value


@pytest.mark.parametrize(("expression", "value"), BOTH)
def test_the_plain_part_computes_the_same(expression: str, value: Any) -> None:
    assert Plain(scope()).value(expression) == value


@pytest.mark.parametrize(("expression", "_value"), ENGINE_ONLY)
def test_the_plain_part_refuses_the_rest(expression: str, _value: Any) -> None:
    plain = Plain(scope())

    def compute() -> None:
        plain.check(expression)
        plain.value(expression)

    with pytest.raises(NotSimulated):
        compute()


@pytest.mark.parametrize(
    "expression", ["$a.map(x => x)", "{a: 1}", "`x`", "new Date()", "$t.padStart(9)", "fly"]
)
def test_the_plain_part_names_the_extra_that_has_the_rest(expression: str) -> None:
    with pytest.raises(NotSimulated, match=r"without vendor-simulator\[js\]"):
        Plain(scope()).check(expression)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("plain", "plain"),
        ("n: ${{ 1.0 }} ${{ $a }}", "n: 1 [1,2]"),
        ({"k": ["${{ -1 }}"]}, {"k": [-1]}),
        ("${{ $none }}!", "undefined!"),
        ("${{ $m.x }} ${{ 'a' }}", '{"y":"deep"} a'),
        ("${{ never closed", "${{ never closed"),
    ],
)
def test_a_template_is_filled(kind: Kind, template: Any, value: Any) -> None:
    assert fill(template, kind(scope())) == value


@with_engine
def test_an_object_may_close_its_braces_inside_a_template() -> None:
    template = "x ${{ JSON.stringify({a: {b: 1}}) }} ${{ {c: 2}.c }}"

    assert fill(template, Engine(scope())) == 'x {"a":{"b":1}} 2'
    assert fill("${{ {a: {b: 1}} }}", Engine(scope())) == {"a": {"b": 1}}


@with_engine
@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("f(1)", "f is not defined"),
        ("$none.x", "cannot read property 'x' of undefined"),
        ("1);x();(2", "SyntaxError"),
        ("", "SyntaxError"),
        ("$t.split", "a function as a value"),
        ("(async () => 1)()", "a promise as a value"),
        ("10n ** 3n", "a BigInt"),
        ("now.toLocaleDateString('fr-FR')", "toLocaleDateString is not simulated"),
        ("Function('return 1')()", "not defined"),
        ("(() => 0).constructor('return 1')()", "not a function"),
        ("performance.now()", "not defined"),
    ],
)
def test_what_the_engine_cannot_do_has_a_reason(expression: str, reason: str) -> None:
    with pytest.raises(NotSimulated, match=reason.replace("(", r"\(")):
        Engine(scope()).value(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "$x.y", "f(1)", "1/0", "a => a", "new Date()", "`x`", "(" * 99, "x" * 3000, "'9e999' * 1", "",
        "$t.repeat(9)", "$t.split", "/a/.test($t)", "'x'.constructor", "$t.__class__", "$m.x.y()", "[1,",
        "$t.toUpperCase(1)", "9" * 400 + "+ 1", "{}", "$a < 1", "{a: 1}", "now - 1", "1 +", "Date.now()",
    ],
)  # fmt: skip
def test_what_the_plain_part_cannot_do_is_told(expression: str) -> None:
    with pytest.raises(NotSimulated):
        Plain(scope()).value(expression)


@with_engine
@pytest.mark.parametrize(
    ("source", "unknown"),
    [
        ("console.log(1)", "console"),
        ("setTimeout(() => $a = 1, 5)", "setTimeout"),
        ("const total = $a.length; $b = total + other", "other"),
        ("$users.map(({name, age: years}) => name + years + `${who}`)", "who"),
        ("for (const one of $a) { $b = one }", ""),
        ("function twice(x) { return 2 * x }\n$b = twice(2) // console", ""),
        ("try { $b = JSON.parse('console') } catch (error) { $b = error.message }", ""),
        ("$b = {console: 1, 'x': call?.fromNumber, ...$m}", ""),
        ("label = $t.replace(/console/g, ''); $b = label", ""),
        ("/(console)/.exec($t)[1]", ""),
    ],
)
def test_names_that_nobody_sets_are_told_beforehand(source: str, unknown: str) -> None:
    reason = ""
    try:
        open_interpreter(scope()).check(source, code=True)
    except NotSimulated as error:
        reason = str(error)

    assert reason == (f"the name {unknown} is not simulated" if unknown else "")


@with_engine
def test_code_changes_variables_and_nothing_outlives_its_step() -> None:
    code = "let n = 0\nwhile (n < 5) n++\n$n = n; $a.push($n); delete $t; $none = undefined; leak = 1"

    variables = Engine(scope()).run(code)

    assert (variables["$n"], variables["$a"]) == (5, [1, 2, 5])
    assert {"$t", "$none", "leak"}.isdisjoint(variables)
    assert Engine(scope()).value("typeof leak") == "undefined"


@with_engine
def test_chance_is_keyed() -> None:
    draws = [Engine(Scope(seed=seed)).value("[Math.random(), Math.random()]") for seed in (7, 7, 8)]

    assert draws[0] == draws[1] != draws[2]
    assert all(0 <= draw < 1 for draw in draws[0])


@with_engine
@pytest.mark.parametrize(
    ("zone", "expression", "value"),
    [
        ("Europe/Paris", "new Date(2026, 2, 29, 2, 30).toISOString()", "2026-03-29T01:30:00.000Z"),
        ("Europe/Paris", "new Date(2026, 9, 25, 2, 30).toISOString()", "2026-10-25T00:30:00.000Z"),
        ("Australia/Lord_Howe", "new Date(2026, 9, 4, 2, 15).toISOString()", "2026-10-03T15:45:00.000Z"),
        ("America/St_Johns", "Date.parse('Mar 29 2026 12:00')", 1774794600000),
        ("America/St_Johns", "new Date(0).toString()", "Wed Dec 31 1969 20:30:00 GMT-0330"),
        ("Asia/Kolkata", "new Date(2026, 0, 31, 9).getTimezoneOffset()", -330),
        ("Asia/Kolkata", "new Date('2026-07-01T12:00+02:00').getHours()", 15),
    ],
)
def test_dates_are_what_another_engine_makes_of_them_in_that_zone(
    zone: str, expression: str, value: object
) -> None:
    assert Engine(Scope(zone=zone)).value(expression) == value


@with_engine
def test_threads_compute_side_by_side() -> None:
    def compute(number: int) -> Any:
        return [Engine(Scope({"$n": number})).value(f"$n * {factor}") for factor in range(20)]

    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(compute, range(40)))

    assert rows == [[number * factor for factor in range(20)] for number in range(40)]


@with_engine
@pytest.mark.parametrize(("rounds", "ends"), [(4_900, True), (5_100, False)])
def test_a_loop_has_so_many_rounds_and_no_time(rounds: int, ends: bool) -> None:
    engine = Engine(scope())
    code = f"let i = 0; while (i < {rounds}) i++; $b = i"
    for _ in range(3):
        if ends:
            assert engine.run(code)["$b"] == rounds
            continue
        with pytest.raises(NotSimulated, match="more than 10000 jumps"):
            engine.run(code)


HOSTILE = [
    "while (1);", "try { while (1); } catch (e) {}", "const f = n => f(n - 1) + f(n - 2); f(50)",
    "/(a+)+$/.test('a'.repeat(40) + 'b')",
    "Array(4294967295).join('')", "Array(4e9).reverse()", "[1].concat(Array(4e9))", "Array(4e9).splice(0, 1)",
    "Array.prototype.includes.call({length: 2 ** 53}, 1)", "new Set(Array(4e9))", "[Array(4e9)].flat()",
    "let a = []; for (let i = 0; i < 40; i++) a = [a, a]; a.flat(Infinity)", "`${Array(4e9)}`",
    "'a'.repeat(300000).indexOf('a'.repeat(150000) + 'b')", "'a'.repeat(1e9)", "'x'.padEnd(1e9)",
    "const s = 'a'.repeat(99999); Array(20000).fill(s + 1).concat(Array(20000).fill(s + 2)).sort()",
    "'a'.repeat(100000).normalize('NFD').normalize('NFC')", "JSON.stringify({}, Array(4e9))",
    "let s = 'ab'; while (1) s += s", "const l = []; while (1) l.push(l)", "Array(4e9).values().drop(1e9)",
    "JSON.parse('['.repeat(100000))", "$b = 'ab'.repeat(300000)",
    "let d = []; for (let i = 0; i < 99; i++) d = [d]; $b = d",
    "let n = 0; Array.prototype.reverse.call({get length() { return n++ ? 4e9 : 0 }})",
    "let n = 0; [].concat({[Symbol.isConcatSpreadable]: true, get length() { return n++ ? 4e9 : 0 }})",
    "Array.prototype.join.call({length: Infinity})", "globalThis.l = []; while (1) l.push({})",
    "const b = {toString: () => 'a'.repeat(150000) + 'b'}; 'a'.repeat(300000).indexOf(b)",
    "String.prototype.indexOf.call({toString: () => 'a'.repeat(300000)}, 'a'.repeat(150000) + 'b')",
    "Object.defineProperty(RegExp, Symbol.hasInstance, {value: () => true}); Array(4e9).reverse()",
    "for (let s = 'a'; ; s += s) globalThis[s] = s",
    "JSON.stringify = () => 'x'; $b = {toJSON() { while (1); }}", "String.raw({raw: {length: 2 ** 40}})",
]  # fmt: skip


@with_engine
@pytest.mark.parametrize("code", HOSTILE)
def test_hostile_code_comes_to_an_end_with_a_reason(code: str) -> None:
    with pytest.raises(NotSimulated, match=r"not simulated|stack size|not a function"):
        Engine(scope()).run(code)


@pytest.mark.parametrize("unit", ["-", "1+", "$a[0]", "!", "(", "`", "{", "/*", "x=>", "'"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_expression_is_read_in_step_with_its_length(kind: Kind, unit: str) -> None:
    def read(length: int) -> None:
        with suppress(NotSimulated):
            kind(scope()).check(unit * (length // len(unit)) + "1")

    with undisturbed():
        assert grows_in_step(read, 8_000)


LONG: Any = {"text": "ab" * 5_000, "list": [*"ab" * 2_500]}
LOOKS = [
    "$x + $x",
    "$x == $x",
    "' ' + $x",
    "$x",
    "JSON.stringify($x)",
    "$x.includes($x)",
    "$x.slice(1)",
    "[$x, $x]",
]


@pytest.mark.parametrize("value", LONG.values(), ids=LONG)
@pytest.mark.parametrize("expression", LOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_looks_at_a_long_value_takes_from_the_work_of_its_run(
    kind: Kind, expression: str, value: Any
) -> None:
    work = Work()
    with suppress(NotSimulated):
        fill(f"a ${{{{ {expression} }}}}", kind(Scope({"$x": value}, work=work)))

    assert MOST_WORK - work.left > 5_000


@pytest.mark.parametrize("text", ["$x + $x + $x", "[$x, $x, $x].join($x)"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_expression_makes_more_text_than_fits(kind: Kind, text: str) -> None:
    with pytest.raises(NotSimulated, match="more than 262144 characters"):
        fill("${{" + text + "}}", kind(scope(x="a" * 100_000)))
