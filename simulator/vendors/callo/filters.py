"""Which calls a request for results wants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from simulator.telephony.calls import Call
from simulator.vendors.callo.statuses import own_status_of, status_of


@dataclass(frozen=True, slots=True)
class Filters:
    """Dates and a status; bounds are inclusive (inferred), None leaves a side open."""

    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    status: str = ""

    @property
    def changing(self) -> Filters:
        """What of this a call may come to fit, or no longer fit, after it was placed."""
        return replace(self, created_from=None, created_to=None)

    def match(self, call: Call) -> bool:
        """Tell whether a call is wanted; a status may also be one the user defined."""
        return (
            _within(call.created, self.created_from, self.created_to)
            and _within(call.updated, self.updated_from, self.updated_to)
            and (not self.status or self.status in (status_of(call), own_status_of(call)))
        )


EVERYTHING = Filters()


def _within(instant: datetime, low: datetime | None, high: datetime | None) -> bool:
    return (low is None or low <= instant) and (high is None or instant <= high)
