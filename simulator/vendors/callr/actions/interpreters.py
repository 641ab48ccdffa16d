"""Which interpreter computes the JavaScript of an account's scripts."""

from __future__ import annotations

from simulator.vendors.callr.actions.engine import Engine, load_quickjs
from simulator.vendors.callr.actions.plain import Plain
from simulator.vendors.callr.actions.scope import Interpreter, Scope


def open_interpreter(scope: Scope, javascript: str = "engine") -> Interpreter:
    """Return what computes in a scope: an engine where one is wanted and installed, else the plain part."""
    return Engine(scope) if javascript == "engine" and load_quickjs() is not None else Plain(scope)
