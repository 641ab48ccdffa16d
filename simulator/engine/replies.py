"""What a world answers to one request."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.exchange import Answer, Exchange
from simulator.web.faults import Decision


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back for one request; `number` is the input, to be reported as written when it is.

    A `remark` is ours, for a header: what the client can do that the vendor's answer does not say.
    """

    number: int
    exchange: Exchange
    answer: Answer
    fault: Decision | None = None
    remark: str = ""
