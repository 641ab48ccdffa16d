"""The product's own source, as the rules of the house look at it."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import simulator
from simulator.resources import shipped

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(simulator.__file__).resolve().parent
"""The package that is tested, which an installed wheel may have brought."""
CONTRACTS, SCENARIOS = (Path(str(shipped(folder))) for folder in ("contracts", "scenarios"))


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the product by its dotted name.

    That is half a million objects that stay: whoever collects garbage need not look at them each time.
    """
    trees = {dotted(path): ast.parse(path.read_text(), str(path)) for path in sorted(PACKAGE.rglob("*.py"))}
    gc.freeze()
    return trees


@cache
def nodes_of(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Return all that stands in a module, walked once for every rule that asks."""
    return tuple(ast.walk(tree))


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def path_of(module: str) -> Path:
    folder = PACKAGE.parent.joinpath(*module.split("."))
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def imports(tree: ast.Module, typing_too: bool = False) -> Iterator[str]:
    """Yield every module imported anywhere in `tree`, but for those that only type checkers see."""
    hidden = {id(node) for node in _typing_blocks(tree)} if not typing_too else set()
    for node in nodes_of(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            submodules = [name for name in inner if node.module == "simulator" and path_of(name).exists()]
            yield from submodules or [node.module]


def _typing_blocks(tree: ast.Module) -> Iterator[ast.AST]:
    for node in nodes_of(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for inner in node.body:
                yield from ast.walk(inner)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes_of(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
