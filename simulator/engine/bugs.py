"""Our own failures: whoever watches a request reports what it raised, which costs nobody an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from traceback import format_exception, format_tb

from simulator.errors import noted_place

BUG = "bug: "
"""How the rule begins of an exchange in which the simulator itself failed."""

MOST_KEPT = 100

log = logging.getLogger("simulator")


class Bugs:
    """The failures of the simulator in one world, newest last, each in a line that can be shown.

    `on_bug` is given each line as well; `mask` hides what a traceback may say of secrets and numbers.
    """

    def __init__(self, mask: Callable[[str], str], on_bug: Callable[[str], None]) -> None:
        self.lines: list[str] = []
        self._mask = mask
        self._on_bug = on_bug

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
        place = noted_place(error)
        whose = f"{place} failed" if place else "this is a bug of the simulator, please report it"
        log.error("%s: %s\n%s", bug, whose, story)
        return bug


def with_bug(rule: str | None, bug: str | None) -> str | None:
    """Return the rule of an exchange: that of a bug, if one was met, then what it was before."""
    if bug is None or (rule or "").startswith(BUG):
        return rule
    return f"{bug}, {rule}" if rule else bug
