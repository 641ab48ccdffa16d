"""Sizes, names and determinism: the rules of the house that a machine can keep."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source_tree import ROOT, functions, imports, modules, path_of

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
BANNED_NAMES = {"utils", "helpers", "common", "base", "misc", "manager", "service", "services", "data"}
CLOCKS = {"time", "sched"}
WALL_CLOCK = {"now", "utcnow", "today"}
MAY_READ_THE_WALL_CLOCK = {"simulator.engine.real_time"}
SHORT = 10
MANY_FIELDS = 6
EMPTY_WORDS = {"told", "said", "found", "each", "wanted", "heard"}
IN_PLAIN_WORDS = {
    f"simulator.{room}"
    for room in [
        "admin",
        "cli",
        "conformance",
        "engine",
        "faults",
        "formats",
        "pytest_plugin",
        "scenario",
        "serving",
        "state",
        "telephony",
        "testing",
        "vendors.callo",
        "vendors.jaicp",
        "vendors.kaleyra",
        "vendors.callr",
        "web",
    ]
}
PLAIN = [name for name in modules() if any(f"{name}.".startswith(f"{room}.") for room in IN_PLAIN_WORDS)]
TESTS = [path for path in sorted((ROOT / "tests").rglob("*.py")) if "benchmarks" not in path.parts]
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


@pytest.mark.parametrize("module", modules())
def test_a_file_is_short_enough_to_read_in_one_go(module: str) -> None:
    assert len(path_of(module).read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("module", modules())
def test_a_function_fits_on_a_screen(module: str) -> None:
    long = {
        node.name: length_of(node)
        for node in functions(modules()[module])
        if length_of(node) > LONGEST_FUNCTION
    }

    assert long == {}


def length_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("module", modules())
def test_a_module_is_named_by_the_noun_it_holds(module: str) -> None:
    name = module.rsplit(".", 1)[-1]

    assert name not in BANNED_NAMES
    assert name not in set(sys.stdlib_module_names) - {"calendar"} or name in {"__main__", "simulator"}


@pytest.mark.parametrize("module", [name for name in modules() if name not in MAY_READ_THE_WALL_CLOCK])
def test_time_moves_only_by_the_clock(module: str) -> None:
    tree = modules()[module]
    readings = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WALL_CLOCK
        and ast.unparse(node.func.value) in {"datetime", "date", "datetime.datetime"}
    ]

    assert readings == []
    assert CLOCKS.isdisjoint(imports(tree))


@pytest.mark.parametrize("module", modules())
def test_no_fate_is_drawn_from_a_shared_generator(module: str) -> None:
    assert {"random", "secrets", "uuid"}.isdisjoint(imports(modules()[module]))


@pytest.mark.parametrize("module", modules())
def test_no_module_keeps_mutable_state(module: str) -> None:
    assert list(mutable_globals(modules()[module])) == []


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


@pytest.mark.parametrize("module", modules())
def test_no_set_is_iterated_where_its_order_could_show(module: str) -> None:
    loops = [
        ast.unparse(node.iter)
        for node in ast.walk(modules()[module])
        if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Set | ast.SetComp)
    ]

    assert loops == []


@pytest.mark.parametrize("module", modules())
def test_globals_are_never_rebound_from_a_function(module: str) -> None:
    assert [node for node in ast.walk(modules()[module]) if isinstance(node, ast.Global)] == []


@pytest.mark.parametrize("module", PLAIN)
def test_a_value_is_named_by_what_it_is(module: str) -> None:
    nodes = [*ast.walk(modules()[module])]
    language = {id(target) for node in nodes for target in scenario_words(node)}
    names = {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in language}
    names |= {node.arg for node in nodes if isinstance(node, ast.arg)}

    assert names.isdisjoint(EMPTY_WORDS)


def scenario_words(node: ast.AST) -> list[ast.expr]:
    """Return the fields of a class that are words of a scenario: those are the users' names, not ours."""
    if not isinstance(node, ast.ClassDef) or "Words" not in [ast.unparse(base) for base in node.bases]:
        return []
    return [entry.target for entry in node.body if isinstance(entry, ast.AnnAssign)]


@pytest.mark.parametrize("module", PLAIN)
def test_what_has_many_fields_is_built_by_their_names(module: str) -> None:
    classes = [node for node in ast.walk(modules()[module]) if isinstance(node, ast.ClassDef)]

    assert [node.name for node in classes if is_built_by_positions(node)] == []


def is_built_by_positions(node: ast.ClassDef) -> bool:
    """Return whether a dataclass has many fields and takes them by position."""
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    fields = [ast.unparse(entry.annotation) for entry in node.body if isinstance(entry, ast.AnnAssign)]
    by_name = "KW_ONLY" in fields or any("kw_only=True" in decorator for decorator in decorators)
    return any("dataclass" in word for word in decorators) and len(fields) >= MANY_FIELDS and not by_name


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_no_test_depends_on_how_busy_the_machine_is(path: Path) -> None:
    nodes = [*ast.walk(ast.parse(path.read_text()))]
    clocks = {
        name for node in nodes if isinstance(node, ast.ImportFrom | ast.Import) for name in clocks_of(node)
    }
    short = [ast.unparse(node) for node in nodes if isinstance(node, ast.Call) and is_hasty(node)]

    assert clocks <= ({"thread_time"} if path.name == "growth.py" else set())
    assert short == []


def clocks_of(node: ast.ImportFrom | ast.Import) -> list[str]:
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return names if node.module == "time" else []
    return [name for name in names if name == "time"]


def is_hasty(call: ast.Call) -> bool:
    """Tell whether a call waits for a short time that has no name to say what for."""
    waits = [word.value for word in call.keywords if word.arg == "timeout"]
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("settimeout", "result"):
        waits += call.args
    seconds = [each.value for each in waits if isinstance(each, ast.Constant)]
    return any(isinstance(each, int | float) and 0 < each < SHORT for each in seconds)
