"""What became of one attempt to deliver a callback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from simulator.exchange import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended: the receiver's status, or an error code with its reason for people.

    Codes: blocked_address (the reason starts with the rule), bad_request, unresolved, refused, timeout, tls,
    broken, bug (of the simulator), too_large, redirect. The last two have a status as well. The reply is kept
    only for a request that reads it. `took` is how long it took by the dispatcher's clock, without its wait
    for others.
    """

    status: int | None = None
    error: str | None = None
    reason: str = ""
    reply: Answer | None = None
    took: timedelta = timedelta(0)

    @property
    def delivered(self) -> bool:
        """Whether the receiver answered 2xx, whole and in time."""
        return self.error is None and self.status is not None and 200 <= self.status < 300
