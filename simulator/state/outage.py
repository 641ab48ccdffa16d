"""Whether what keeps the inputs can be reached: told once when it cannot, and once when it can again."""

from __future__ import annotations

import logging

from simulator.errors import StateUnavailable

log = logging.getLogger("simulator")


class Outage:
    """Tells of a store that fails, and of its return, instead of at each of a thousand attempts."""

    def __init__(self) -> None:
        self._reason: str | None = None

    def __bool__(self) -> bool:
        """Return whether there is one."""
        return self._reason is not None

    def begin(self, problem: StateUnavailable) -> None:
        """Note that the store failed."""
        if self._reason is None:
            line = "%s; what would change a world is answered 503 meanwhile. What helps: %s"
            log.warning(line, problem.message, problem.remedy)
        self._reason = problem.message

    def end(self) -> None:
        """Note that the store works."""
        if self._reason is not None:
            log.warning("what was told is over: %s", self._reason)
        self._reason = None
