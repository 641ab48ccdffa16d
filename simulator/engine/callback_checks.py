"""What the simulator told a receiver, as an exchange that the judge has read."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from simulator.conformance.contract import Contract
from simulator.conformance.deliveries import check_delivery
from simulator.exchange import Answer, CallbackRequest, Exchange, Request
from simulator.telephony.outbox import Delivery
from simulator.web.attempts import Outcome


def judge_callback(
    contract: Contract, delivery: Delivery, sent: CallbackRequest, outcome: Outcome, world: str, at: datetime
) -> Exchange:
    """Return one attempt to deliver; `operation` is the event, `rule` the error that kept it from arriving.

    The answer has the receiver's status, or 0 where none came, and no body, for nobody keeps that.
    """
    address = urlsplit(sent.url)
    base = f"{address.scheme}://{address.netloc}"
    path = address.path or "/"
    request = Request(sent.method, path, address.query, sent.headers, sent.body, base=base)
    event, found = check_delivery(contract, request, sent.filled)
    return Exchange(
        f"{delivery.id}.{len(delivery.tries)}",
        at,
        world,
        contract.vendor,
        event,
        request,
        Answer(outcome.status or 0),
        outcome.error,
        tuple(found),
        callback=True,
    )
