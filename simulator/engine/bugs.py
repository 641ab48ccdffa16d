"""Our own failures: whoever watches a request reports what it raised, which costs nobody an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from traceback import format_exception, format_tb, walk_tb

from simulator.errors import note_place, noted_place
from simulator.resources import installed_vendors
from simulator.vendor import Rejection

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
        bug, place = BUG + exchange, find_place(error)
        try:
            story = self._mask("".join(format_exception(error)))
        except Exception:  # the masker may be what failed: then the places alone, without any value
            story = "".join(format_tb(error.__traceback__)) + type(error).__name__
        line = f"{bug} ({story.rstrip().rpartition(chr(10))[2][:300]})"
        if len(self.lines) < MOST_KEPT:
            self.lines.append(line)
        self._on_bug(line)
        whose = f"{place} failed" if place else "this is a bug of the simulator, please report it"
        log.error("%s: %s\n%s", bug, whose, story)
        return bug


def find_place(error: Exception) -> str | None:
    """Return the code of our user's in which an error was raised, a view or a vendor; None for ours.

    The error has a note of it from now on. A refusal that cannot be worded is the vendor's who raised it.
    """
    if (place := noted_place(error)) is not None:
        return place
    packages = {point.module.partition(".")[0] for point in installed_vendors().values()}
    refused = error.__context__ if isinstance(error.__context__, Rejection) else None
    frames = (frame for one in (error, refused) if one for frame, _ in walk_tb(one.__traceback__))
    modules = (str(frame.f_globals.get("__name__")) for frame in frames)
    met = [module for module in modules if module.partition(".")[0] in packages]
    if not met:
        return None
    note_place(error, place := f"the vendor of {met[-1]}")
    return place


def with_bug(rule: str | None, bug: str | None) -> str | None:
    """Return the rule of an exchange: that of a bug, if one was met, then what it was before."""
    if bug is None or (rule or "").startswith(BUG):
        return rule
    return f"{bug}, {rule}" if rule else bug
