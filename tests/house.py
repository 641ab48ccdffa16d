"""The figures of the house: `python -m tests.house` prints its sizes, its circles and what a walk enters.

Lines of code are those that are neither blank, comment, docstring nor import.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from statistics import median, quantiles

from tests.source_tree import functions, imports, modules, nodes_of, path_of

MANY_POSITIONS = 6
SILENT_TOKENS = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def lines_of(module: str) -> list[str]:
    return path_of(module).read_text().splitlines()


def code_lines(module: str) -> int:
    """Count the lines of a module that hold code."""
    tokens = tokenize.generate_tokens(io.StringIO(path_of(module).read_text()).readline)
    spoken = {
        line
        for token in tokens
        if token.type not in SILENT_TOKENS | {tokenize.ENDMARKER}
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(spoken - {line for node in _silent(modules()[module]) for line in _span(node)})


def _silent(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements that do nothing: imports and docstrings."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node


def _span(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def spread(values: list[int]) -> str:
    return f"median {median(values):g}, p90 {quantiles(values, n=10)[-1]:g}, longest {max(values)}"


def function_lengths() -> list[int]:
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for tree in modules().values()
        for node in functions(tree)
    ]


def many_positions() -> int:
    """Count the calls with six positional arguments or more; a starred one counts as one."""
    return sum(
        len(node.args) >= MANY_POSITIONS
        for tree in modules().values()
        for node in nodes_of(tree)
        if isinstance(node, ast.Call)
    )


def circles(typing_too: bool) -> list[set[str]]:
    """Return the groups of modules that all need each other; imports inside functions do not count."""
    graph = {module: _needs(module, tree, typing_too) for module, tree in modules().items()}
    reach = {module: _reached(graph, module) for module in graph}
    groups = {frozenset(other for other in reach[module] if module in reach[other]) for module in graph}
    return [set(group) for group in groups if group]


def _needs(module: str, tree: ast.Module, typing_too: bool) -> set[str]:
    """Return which modules one imports at its top; a name of a package that is a module stands for itself."""
    top = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    whole = set(imports(ast.Module(top, []), typing_too))
    parts = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.Module(top, []))
        if isinstance(node, ast.ImportFrom) and node.module in whole
        for alias in node.names
    }
    inner = {name for name in parts if name in modules()}
    return ((whole & modules().keys()) - {name.rpartition(".")[0] for name in inner} | inner) - {module}


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    """Return what a module needs, directly or by others; itself too if it lies on a circle."""
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        fresh = graph[ahead.pop()] - reached
        reached |= fresh
        ahead += fresh
    return reached


def report() -> Iterator[str]:
    """Yield the figures, a line each."""
    names = list(modules())
    total, code = sum(len(lines_of(name)) for name in names), sum(map(code_lines, names))
    yield f"files      {len(names)}: {spread([len(lines_of(name)) for name in names])}"
    yield f"lines      {total:,}, of code {code:,}"
    yield f"functions  {len(function_lengths()):,}: {spread(function_lengths())}"
    yield f"positions  {many_positions()} calls with {MANY_POSITIONS} or more positional arguments"
    for kind, groups in (("at run time", circles(False)), ("with type imports", circles(True))):
        yield f"circles    {len(groups)} {kind}, of {sum(map(len, groups))} files"
    rooms: Counter[str] = Counter()
    for name in names:
        rooms[".".join(name.split(".")[1:2]) or "simulator"] += code_lines(name)
    yield "rooms      " + ", ".join(f"{room} {lines:,}" for room, lines in rooms.most_common())
    from tests.walks import walks  # noqa: PLC0415 - the rules of the house need nothing of the product

    yield from (f"walk       {name}: {walk}" for name, walk in walks())


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report())
