"""The net around everything that watches: a bug of the simulator costs nobody an answer, and is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from traceback import format_exception, format_tb

BUG = "bug: "
"""How the rule begins of an exchange in which the simulator itself failed."""

MOST_KEPT = 100

log = logging.getLogger("simulator")


class Net:
    """Catches and reports what a block raises; the list that the block is given then holds the rule of it."""

    __slots__ = ("_bugs", "_exchange", "_rules")

    def __init__(self, bugs: Bugs, exchange: str) -> None:
        self._bugs = bugs
        self._exchange = exchange
        self._rules: list[str] = []

    def __enter__(self) -> list[str]:
        return self._rules

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        self._rules.append(self._bugs.report(self._exchange, error))
        return True


class Bugs:
    """The failures of the simulator in one world, newest last, each in a line that can be shown.

    `on_bug` is given each line as well; `mask` hides what a traceback may say of secrets and numbers.
    """

    def __init__(
        self, mask: Callable[[str], str], on_bug: Callable[[str], None] = lambda _line: None
    ) -> None:
        self.lines: list[str] = []
        self._mask = mask
        self._on_bug = on_bug

    def caught(self, exchange: str) -> Net:
        """Return what catches and reports the failure of a block about an exchange."""
        return Net(self, exchange)

    def report(self, exchange: str, error: Exception) -> str:
        """Log a failure with its traceback, remember it, and return the rule that tells of it."""
        bug = BUG + exchange
        try:
            story = self._mask("".join(format_exception(error)))
        except Exception:  # the masker may be what failed: then the places alone, without any value
            story = "".join(format_tb(error.__traceback__)) + type(error).__name__
        line = f"{bug} ({story.rstrip().rpartition(chr(10))[2][:300]})"
        if len(self.lines) < MOST_KEPT:
            self.lines.append(line)
        self._on_bug(line)
        log.error("%s: this is a bug of the simulator, please report it\n%s", bug, story)
        return bug


def with_bug(rule: str | None, bugs: list[str]) -> str | None:
    """Return the rule of an exchange in which `bugs` were met: the first of them, then what it was before."""
    if not bugs or (rule or "").startswith(BUG):
        return rule
    return f"{bugs[0]}, {rule}" if rule else bugs[0]
