"""One attempt to deliver a callback: as an exchange that is judged, and a receiver that takes none."""

from __future__ import annotations

import logging
from datetime import datetime
from urllib.parse import urlsplit

from simulator.conformance.checks import check_delivery
from simulator.conformance.contract import Contract
from simulator.exchange import Answer, CallbackRequest, DeliveryAttempt, Exchange, Request
from simulator.telephony.outbox import Delivery


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


MOST_KNOWN = 100

log = logging.getLogger("simulator")


class Receivers:
    """The receivers of a world that have let a callback fail in the end, by host and port."""

    def __init__(self) -> None:
        self._failed: set[str] = set()

    def note_failed(self, delivery: Delivery, url: str, last: DeliveryAttempt) -> None:
        """Tell of a callback that nobody took, if its receiver is not known for that."""
        place = urlsplit(url).netloc.rpartition("@")[2]
        if place in self._failed or len(self._failed) >= MOST_KNOWN:
            return
        self._failed.add(place)
        count, why = len(delivery.attempts), last.error or f"status {last.status}"
        tried = "once" if count == 1 else f"{count} times"
        what = f"{delivery.vendor} {delivery.event}, tried {tried}, the last: {why}"
        if last.status is not None:
            wrong = "its answer is none that the vendor reads" if last.delivered else "has to answer 2xx"
            advice = f"it is up, and {wrong}"
        elif last.error in ("refused", "timeout", "unresolved"):
            advice = "is your receiver up for as long as the vendor calls back?"
        else:
            advice = last.reason
        log.warning("nobody takes callbacks at %s (%s); %s", place, what, advice)
