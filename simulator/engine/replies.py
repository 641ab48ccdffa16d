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

    def signed(self) -> Answer:
        """Return the answer with what only we have to say, in headers of our own."""
        exchange = self.exchange
        ours = [("X-Simulator-Exchange", exchange.id)]
        if rule := "; ".join(filter(None, (exchange.rule, self.remark))):
            ours.append(("X-Simulator-Rule", _in_a_header(rule)))
        if exchange.violations:
            ours.append(("X-Simulator-Violations", str(len(exchange.violations))))
        return Answer(self.answer.status, self.answer.body, (*self.answer.headers, *ours))


def _in_a_header(text: str) -> str:
    """Return a text as a header can hold it: without control letters, and with escapes for foreign ones."""
    plain = text.encode("latin-1", "backslashreplace").decode("latin-1")
    return "".join([letter if letter >= " " and letter != "\x7f" else " " for letter in plain])
