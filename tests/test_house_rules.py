"""Sizes, names and determinism: the rules of the house that a machine can keep."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tests.source_tree import ROOT, functions, imports, modules, nodes_of, path_of

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
BANNED_NAMES = {"utils", "helpers", "common", "base", "misc", "manager", "service", "services", "data"}
CLOCKS = {"time", "sched"}
READINGS = {"now", "utcnow", "today"}
WALL_CLOCK = {
    f"{clock}.{reading}" for clock in ("datetime", "date", "datetime.datetime") for reading in READINGS
}
MAY_READ_THE_WALL_CLOCK = {"simulator.engine.real_time"}
SHORT = 10
MANY_FIELDS = 6
EMPTY_WORDS = {"told", "said", "found", "each", "wanted", "heard"}
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)

Rule = Callable[[ast.Module], Iterable[str]]
"""What yields the names of what breaks a rule in a module."""

Broken = dict[str, list[str]]
"""What breaks a rule, by module."""


def broken(
    rule: Callable[[ast.Module], Iterable[str]], *, but: set[str] | frozenset[str] = frozenset()
) -> Broken:
    """Return what breaks a rule in the product's modules, but for some."""
    problems = {name: [*rule(tree)] for name, tree in modules().items() if name not in but}
    return {name: those for name, those in problems.items() if those}


def test_a_file_is_short_enough_to_read_in_one_go() -> None:
    lengths = {name: len(path_of(name).read_text().splitlines()) for name in modules()}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_a_function_fits_on_a_screen() -> None:
    def long(tree: ast.Module) -> list[str]:
        return [node.name for node in functions(tree) if length_of(node) > LONGEST_FUNCTION]

    assert broken(long) == {}


def length_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_a_module_is_named_by_the_noun_it_holds() -> None:
    names = {name.rsplit(".", 1)[-1] for name in modules()}
    taken = set(sys.stdlib_module_names) - {"calendar"}

    assert names & BANNED_NAMES == set()
    assert names & taken <= {"__main__", "simulator"}


def test_time_moves_only_by_the_clock() -> None:
    def readings(tree: ast.Module) -> Iterator[str]:
        yield from CLOCKS & {*imports(tree)}
        for node in nodes_of(tree):
            if isinstance(node, ast.Attribute) and node.attr in READINGS and ast.unparse(node) in WALL_CLOCK:
                yield ast.unparse(node)

    assert broken(readings, but=MAY_READ_THE_WALL_CLOCK) == {}


def test_nobody_but_a_clock_sets_its_time() -> None:
    def settings(tree: ast.Module) -> Iterator[str]:
        for node in nodes_of(tree):
            if isinstance(node, ast.Attribute) and node.attr == "now" and isinstance(node.ctx, ast.Store):
                yield ast.unparse(node)

    assert broken(settings, but={"simulator.telephony.clock"}) == {}


def test_no_fate_is_drawn_from_a_shared_generator() -> None:
    assert broken(lambda tree: {"random", "secrets", "uuid"} & {*imports(tree)}) == {}


def test_no_module_keeps_mutable_state() -> None:
    assert broken(mutable_globals) == {}


def mutable_globals(tree: ast.Module) -> Iterator[str]:
    """Yield module-level names bound to lists, dicts or sets that are not declared constant."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, MUTABLE) and not is_constant(target.id):
                yield target.id


def is_constant(name: str) -> bool:
    return name.isupper() or name.strip("_").isupper() or name == "__all__"


def test_no_set_is_iterated_where_its_order_could_show() -> None:
    def loops(tree: ast.Module) -> Iterator[str]:
        for node in nodes_of(tree):
            if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Set | ast.SetComp):
                yield ast.unparse(node.iter)

    assert broken(loops) == {}


def test_globals_are_never_rebound_from_a_function() -> None:
    def rebound(tree: ast.Module) -> list[str]:
        return [ast.unparse(node) for node in nodes_of(tree) if isinstance(node, ast.Global)]

    assert broken(rebound) == {}


def test_texts_are_read_and_written_as_utf_8_whatever_the_machine_prefers() -> None:
    arguments = {"read_text": 1, "write_text": 2}

    def unsaid(tree: ast.Module) -> Iterator[str]:
        for call in nodes_of(tree):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in arguments
            ):
                words = {word.arg for word in call.keywords}
                if len(call.args) < arguments[call.func.attr] and "encoding" not in words:
                    yield f"line {call.lineno}"

    assert broken(unsaid) == {}


def test_a_value_is_named_by_what_it_is() -> None:
    served = {"simulator.verdicts.findings"}  # `expected` and `found`, as a verdict is printed and served

    assert broken(lambda tree: empty_names(nodes_of(tree)), but=served) == {}


def test_a_value_in_a_test_is_named_by_what_it_is_too() -> None:
    names = {str(path.relative_to(ROOT)): empty_names(nodes) for path, nodes in modules_of_tests()}

    assert {path: empty for path, empty in names.items() if empty} == {}


def modules_of_tests() -> Iterator[tuple[Path, list[ast.AST]]]:
    """Yield every module of the tests with all that stands in it."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        yield path, [*ast.walk(ast.parse(path.read_text()))]


def empty_names(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names of values in a module that say nothing of what the value is."""
    language = {id(target) for node in nodes for target in scenario_words(node)}
    names = {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in language}
    return EMPTY_WORDS & (names | {node.arg for node in nodes if isinstance(node, ast.arg)})


def scenario_words(node: ast.AST) -> list[ast.expr]:
    """Return the fields of a class that are words of a scenario: those are the users' names, not ours."""
    if not isinstance(node, ast.ClassDef) or "Words" not in [ast.unparse(base) for base in node.bases]:
        return []
    return [entry.target for entry in node.body if isinstance(entry, ast.AnnAssign)]


def test_what_has_many_fields_is_built_by_their_names() -> None:
    def by_position(tree: ast.Module) -> list[str]:
        return [node.name for node in classes_of(tree) if is_built_by_positions(node, known)]

    known = structs()

    assert broken(by_position) == {}


def classes_of(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in nodes_of(tree) if isinstance(node, ast.ClassDef)]


def structs() -> set[str]:
    """Return the names of structs, derived ones among them, but for the words that only loading makes."""
    classes = [node for tree in modules().values() for node in classes_of(tree) if node.name != "Words"]
    known = {"Struct", "msgspec.Struct"}
    while more := {node.name for node in classes if known & {*map(ast.unparse, node.bases)}} - known:
        known |= more
    return known


def is_built_by_positions(node: ast.ClassDef, known: set[str]) -> bool:
    """Return whether a dataclass or a struct has many fields and takes them by position."""
    makers = [*map(ast.unparse, node.decorator_list), *map(ast.unparse, node.bases)]
    options = " ".join([*makers, *map(ast.unparse, node.keywords)])
    fields = [ast.unparse(entry.annotation) for entry in node.body if isinstance(entry, ast.AnnAssign)]
    by_name = "KW_ONLY" in fields or "kw_only=True" in options or "array_like=True" in options  # a row's
    is_made = any("dataclass" in maker or maker in known for maker in makers)
    return is_made and len(fields) >= MANY_FIELDS and not by_name


def test_no_test_depends_on_how_busy_the_machine_is() -> None:
    busy = {}
    for path, nodes in modules_of_tests():
        clocks = [name for node in nodes for name in clocks_of(node)] if path.name != "growth.py" else []
        short = [ast.unparse(node) for node in nodes if isinstance(node, ast.Call) and is_hasty(node)]
        if "benchmarks" not in path.parts and (clocks or short):
            busy[path.stem] = clocks + short

    assert busy == {}


def clocks_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [alias.name for alias in node.names] if node.module == "time" else []
    return (
        [alias.name for alias in node.names if alias.name == "time"] if isinstance(node, ast.Import) else []
    )


def is_hasty(call: ast.Call) -> bool:
    """Tell whether a call waits for a short time that has no name to say what for."""
    waits = [word.value for word in call.keywords if word.arg == "timeout"]
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("settimeout", "result"):
        waits += call.args
    seconds = [wait.value for wait in waits if isinstance(wait, ast.Constant)]
    return any(isinstance(value, int | float) and 0 < value < SHORT for value in seconds)
