"""One attempt to deliver a callback, as an exchange that is judged."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from simulator.conformance.contract import Contract
from simulator.conformance.deliveries import check_delivery
from simulator.exchange import Answer, CallbackRequest, DeliveryAttempt, Exchange, Request


def judge_callback(
    contract: Contract,
    name: str,
    sent: CallbackRequest,
    attempt: DeliveryAttempt,
    *,
    world: str,
    at: datetime,
) -> Exchange:
    """Return an attempt to deliver, `name`d; `operation` is the event, `rule` what kept it from arriving.

    The answer has the receiver's status, or 0 where none came, and no body, for nobody keeps that.
    """
    address = urlsplit(sent.url)
    base = f"{address.scheme}://{address.netloc}"
    path = address.path or "/"
    request = Request(sent.method, path, address.query, sent.headers, sent.body, base=base)
    event, violations = check_delivery(contract, request, sent.filled)
    return Exchange(
        id=name,
        at=at,
        world=world,
        vendor=contract.vendor,
        operation=event,
        request=request,
        answer=Answer(attempt.status or 0),
        rule=attempt.error,
        violations=tuple(violations),
        callback=True,
    )
