"""Dates by which a client asks that lie far ahead of its world: the host's calendar against a scenario's."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from itertools import islice

from simulator.exchange import Request

FAR = timedelta(days=62)
MOST_BYTES = 16_384
MOST_DATES = 20

_ASKED = re.compile(
    rb"(?:date|from|to|since|until|start|end)\w{0,20}(?:=|\"\s*:\s*\")(20\d\d-[01]\d-[0-3]\d)", re.IGNORECASE
)


def far_date(request: Request, now: datetime) -> str:
    """Return what to say of the first date that is far ahead of the world's clock; nothing where none is."""
    asked = request.query.encode("utf-8", "replace") + b"&" + request.body[:MOST_BYTES]
    for match in islice(_ASKED.finditer(asked), MOST_DATES):
        text = match[1].decode("ascii")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            continue
        if day - now.date() > FAR:
            days = (day - now.date()).days
            return f"clock: {text} is {days} days ahead of this world, where it is {now:%F %H:%M}"
    return ""
