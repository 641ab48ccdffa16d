"""JavaScript of scripts in a real engine: QuickJS, which the extra `js` installs.

An engine is made for each step that computes something, and freed with it: nothing is shared between steps,
runs or threads. What it may use is counted, never timed, so that the same script always ends the same way:

- loops and calls: QuickJS asks at every ten thousandth jump backwards, call or place that a pattern tries
  whether to go on; a limit of no time at all answers no, so that one expression has ten thousand of them;
- its own methods, which it does not count, spend the run's work before they look at a long text or list;
- memory and stack by limits of the engine.
"""

from __future__ import annotations

import json
import re
from bisect import bisect
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from simulator.telephony.policies import find_zone
from simulator.vendors.callr.javascript.free_names import free_names
from simulator.vendors.callr.javascript.plain import Plain
from simulator.vendors.callr.javascript.values import (
    LONGEST_TEXT,
    PREDEFINED,
    READING,
    Interpreter,
    NotSimulated,
    Scope,
    refuse,
    weigh,
)

MEMORY, STACK = 8 << 20, 256 << 10
ENDLESS = "for (;;);"
INTERRUPTED = 300_000
"""What an expression costs that was interrupted: ten of them use up a run."""

MADE = 2_000
"""What it costs to ask an engine once."""

_BIG_INTEGER = re.compile(r"(?<![\w$.])(?:0[xXoObB])?[0-9][0-9a-fA-F_]*n\b", re.ASCII)
_REASONS = {
    "InternalError: interrupted": "more than 10000 jumps, calls and places of patterns in one expression",
    "InternalError: out of memory": f"more than {MEMORY >> 20} MB of memory in one step",
}
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
STRIDE = timedelta(days=10)
MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=1)
def load_quickjs() -> Any:
    """Return the module of the engine, or None where the extra `js` is not installed.

    It is the part in C: the package around it starts a thread when it is imported.
    """
    try:
        version("quickjs-ng")  # another package has a module of the same name
        return import_module("_quickjs")
    except ImportError:
        return None


class Engine:
    """An Interpreter that computes all of JavaScript, as far as the bounds go."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._quickjs = load_quickjs()
        self._context = self._quickjs.Context()
        self._context.set_memory_limit(MEMORY)
        self._context.set_max_stack_size(STACK)
        scope.work.spend(weigh(scope.values))
        self._work = scope.work.left
        try:
            self._ask = self._context.eval(_shim("prelude"))(_settings(scope), _shim("calendar"))
        except self._quickjs.JSException as error:
            raise self._explained(str(error).partition("\n")[0]) from None
        self._context.set_time_limit(0.0)

    def value(self, source: str) -> Any:
        """Return what an expression is."""
        return self._answer("value", source)

    def truth(self, source: str) -> bool:
        """Tell whether an expression is taken for true."""
        return bool(self._answer("truth", source))

    def text(self, source: str) -> str:
        """Return an expression as a text."""
        return str(self._answer("text", source))

    def run(self, code: str) -> dict[str, Any]:
        """Do statements, and return all `$variables`."""
        variables: dict[str, Any] = self._answer("run", code)
        return variables

    def check(self, source: str, *, code: bool = False) -> None:
        """Tell what of an expression, or statements, no engine takes, or names that nobody sets."""
        self._answer("checkCode" if code else "check", source)
        known = {*PREDEFINED, *self._answer("globals", "")}
        if unknown := [name for name in free_names(source) if name not in known]:
            refuse(f"the name {', '.join(unknown)[:80]}")

    def _answer(self, kind: str, source: str) -> Any:
        self._scope.work.spend(MADE + READING * len(source))
        if _BIG_INTEGER.search(source):
            refuse("a BigInt")
        try:
            answer = self._count_anew(kind, source)
        except self._quickjs.JSException as error:
            raise self._explained(str(error).partition("\n")[0]) from None
        finally:
            self._settle()
        return self._read(answer)

    def _settle(self) -> None:
        """Spend what the engine's own methods cost, or all that is left where it is too full to tell."""
        try:
            left = int(float(str(self._count_anew("left", ""))))
        except self._quickjs.JSException:
            left = -1
        spent, self._work = self._work - left, left
        self._scope.work.spend(max(0, spent))

    def _count_anew(self, kind: str, source: str) -> str | None:
        """Ask with all jumps and calls to spend: whoever was interrupted has as many again."""
        with suppress(self._quickjs.JSException):
            self._context.eval(ENDLESS)
        answer: str | None = self._ask(kind, json.dumps(source))
        return answer

    def _explained(self, message: str) -> NotSimulated:
        if message == "InternalError: interrupted":
            self._scope.work.spend(INTERRUPTED)
        reason = _REASONS.get(message, message[:200])
        return NotSimulated(f"{reason} is not simulated" if message.startswith("InternalError") else reason)

    def _read(self, answer: str | None) -> Any:
        if answer is None:
            return None
        if len(answer) > 2 * LONGEST_TEXT:
            refuse(f"a value of more than {LONGEST_TEXT} characters")
        try:
            value = json.loads(answer)
        except RecursionError:
            refuse("a value of such a depth")
        self._scope.work.spend(weigh(value))
        return value


@lru_cache(maxsize=2)
def _shim(name: str) -> str:
    return (files(__package__) / f"{name}.js").read_text("utf-8")


def _settings(scope: Scope) -> str:
    return json.dumps(
        {
            "now": (scope.at - FIRST) // MILLISECOND,
            "seed": scope.seed,
            "zone": offsets(scope.zone),
            "work": scope.work.left,
            "names": dict(scope.values),
            "known": PREDEFINED,
        },
        default=str,
    )


@lru_cache(maxsize=64)
def offsets(zone: str) -> list[tuple[int, int]]:
    """Return since when (ms since 1970) a zone is how far from UTC (ms), from 1970 to 2100."""

    def offset(at: datetime) -> int:
        return (at.astimezone(find_zone(zone)).utcoffset() or timedelta(0)) // MILLISECOND

    table, at = [(0, offset(FIRST))], FIRST
    while at < LAST:
        if offset(at + STRIDE) != table[-1][1]:
            minutes = range(STRIDE // timedelta(minutes=1))
            place = bisect(
                minutes, 0, key=lambda minute: offset(at + timedelta(minutes=minute)) != table[-1][1]
            )
            changed = at + timedelta(minutes=place)
            table.append(((changed - FIRST) // MILLISECOND, offset(changed)))
        at += STRIDE
    return table


def open_interpreter(scope: Scope, javascript: str = "engine") -> Interpreter:
    """Return what computes in a scope: an engine where one is wanted and installed, else the plain part."""
    return Engine(scope) if javascript == "engine" and load_quickjs() is not None else Plain(scope)
