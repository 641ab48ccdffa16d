"""Verdicts on receivers: whether they take callbacks, in time, in any order, and check signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from simulator.errors import counted
from simulator.scenario.values import Counts
from simulator.telephony.outbox import Delivery, DeliveryState, Signing
from simulator.telephony.subscriptions import SubscriptionState
from simulator.verdicts.evidence import Evidence, Sending, grouped
from simulator.verdicts.findings import Finding, tell_length

WORK_AFTERWARDS = "let the client answer first and work afterwards: vendors do not wait, and send again"
LATE = timedelta(seconds=1)
"""What comes later than this after its event was held back on purpose."""

PATIENCE = timedelta(seconds=10)
"""How long a vendor waits for an answer, where none says otherwise."""

MOST_PILES = 1_000
SLOW, REDIRECT = "timeout", "redirect"
NO_ANSWER = frozenset({405, 415, 501})
"""What a server says that has nothing there for such a request; no client means a no by it."""

SIGNING = (
    "is it the right secret and the raw body, from which the client computes the signature, "
    "and is that encoded as the vendor says?"
)
LOOK = "let it answer 2xx to what it has understood; its own log tells why not"
ADVICE_BY_STATUS = {
    401: "let the vendor in without credentials, or put a name and a password into its address",
    404: "is the path that the vendor was given the one at which the receiver listens?",
    405: "let the receiver take {verb} there: the vendor comes by no other verb",
    415: "let the receiver take the Content-Type in which the vendor sends",
}


def judge_failing(allowed: Counts, evidence: Evidence) -> Finding:
    """Judge how many callbacks a receiver on this machine never took, against what is `allowed`."""
    here = filter(_is_here, evidence.deliveries)
    tried = [(delivery, tries) for delivery in here if (tries := evidence.arrivals(delivery))]
    if not tried:
        return Finding(None, "no callback reached a receiver")
    failed = [(delivery, tries) for delivery, tries in tried if _is_untaken(delivery, tries)]
    held = len(failed) in allowed
    text = f"{len(failed)} of {counted(len(tried), 'callback')} never taken"
    for delivery, tries in failed[:1]:
        text += f", first {delivery.id} ({delivery.event}): {tell_try(delivery, tries[-1])}"
    slow = any(one.error == SLOW for _, tries in failed for one in tries)
    advice = WORK_AFTERWARDS if slow or not failed else _advise_on_answer(failed[0][0], failed[0][1][-1])
    return Finding(held, text, [delivery.id for delivery, _ in failed], advice)


def _is_untaken(delivery: Delivery, tries: Sequence[Sending]) -> bool:
    """Tell whether a receiver took none of the copies; a question may have been answered by a no."""
    if delivery.state is DeliveryState.DELIVERED:
        return tries[-1].status in NO_ANSWER
    return not any(one.taken for one in tries)


def _advise_on_answer(delivery: Delivery, last: Sending) -> str:
    """Return what to change in a receiver that answered so."""
    verb = delivery.request.method if delivery.request is not None else "POST"
    if last.error == REDIRECT or last.status in range(300, 400):
        return (
            "give the vendor the receiver's own address: it follows no redirect, such as one to a login page"
        )
    if last.status in (400, 401, 403) and _has_signature(delivery):
        return SIGNING
    return ADVICE_BY_STATUS.get(last.status or 0, LOOK).format(verb=verb)


def advise_on_receivers(evidence: Evidence) -> Iterator[str]:
    """Yield what went wrong and was made good, or was nobody's fault that answers here."""
    yield from _piled_up(evidence)
    slow, absent = [], []
    for delivery in evidence.deliveries:
        tries = evidence.tries.get(delivery.id, [])
        slow += [(delivery, sending) for sending in tries if sending.error == SLOW]
        if tries and not any(sending.arrived for sending in tries):
            absent.append(delivery)
    if slow:
        yield (
            f"a receiver was too slow for {counted(len(slow), 'callback')}: "
            f"{slow[0][0].id} {tell_try(*slow[0])}; {WORK_AFTERWARDS}"
        )
    if absent:
        why = evidence.tries[absent[0].id][-1].why
        yield (
            f"nobody took {counted(len(absent), 'callback')}, "
            f"first {absent[0].id} for {_place(absent[0])}, {why}: "
            "is the receiver up for as long as the vendor calls back?"
        )


def _piled_up(evidence: Evidence) -> Iterator[str]:
    """Yield that one receiver is subscribed to one kind of event more than once, and is told each time."""
    for account in evidence.world.accounts.values():
        if account.vendor in evidence.spared:
            continue
        enabled = (one for one in account.subscriptions.values() if one.state is SubscriptionState.ENABLED)
        piles = grouped(enabled, lambda one: (one.event, one.url))
        for (event, _), pile in [*piles.items()][:MOST_PILES]:
            if len(pile) > 1:
                yield (
                    f"{len(pile)} webhooks of {account.vendor} tell one receiver of {event}, "
                    "which hears of each event as often: let the client look for its own before it makes one"
                )


def tell_try(delivery: Delivery, sending: Sending) -> str:
    """Say in words what became of one attempt to deliver."""
    if sending.error == SLOW:
        patience = tell_length(patience_of(delivery))
        return f"took {tell_length(sending.took)} without an answer, the vendor waits {patience}"
    if sending.status is not None:
        return f"answered {sending.status} after {tell_length(sending.took)}"
    return f"broke off: {sending.why}"


def patience_of(delivery: Delivery) -> timedelta:
    """Return how long the vendor waits for an answer to a callback."""
    request = delivery.request
    return (request.patience if request is not None else None) or PATIENCE


def _place(delivery: Delivery) -> str:
    """Return the origin of a receiver."""
    return "{0.scheme}://{0.netloc}".format(urlsplit(delivery.request.url)) if delivery.request else "nobody"


def _is_here(delivery: Delivery) -> bool:
    """Tell whether a callback was for this machine, where only the client can be behind the receiver.

    One whose signature was spoilt is for nobody.
    """
    if delivery.signing is not Signing.VENDOR:
        return False
    host = (urlsplit(delivery.request.url).hostname or "") if delivery.request is not None else ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


# -- how long it takes ----------------------------------------------------------------------------------


def judge_slowest(most: timedelta, evidence: Evidence) -> Finding:
    """Judge whether a receiver took longer than `most`, on the wall clock."""
    arrived = [(delivery, one) for delivery in evidence.deliveries for one in evidence.arrivals(delivery)]
    answered = [(delivery, one) for delivery, one in arrived if one.taken or one.error == SLOW]
    if not answered:
        why = f"{counted(len(arrived), 'callback')} came, and none was taken" if arrived else ""
        return Finding(None, why or "no callback reached a receiver")
    delivery, slowest = max(answered, key=lambda entry: entry[1].took)
    late = [(delivery, one) for delivery, one in answered if one.took > most or one.error == SLOW]
    text = (
        f"the slowest took {tell_length(slowest.took)}, the vendor waits {tell_length(patience_of(delivery))}"
    )
    shown = [f"{delivery.id} {tell_length(one.took)}" for delivery, one in late]
    return Finding(not late, text, shown, WORK_AFTERWARDS)


# -- signatures -----------------------------------------------------------------------------------------


def judge_signature(evidence: Evidence) -> Finding:
    """Judge whether a receiver tells right signatures from wrong ones: it takes those, and refuses these."""
    signed = {_place(delivery) for delivery in evidence.deliveries if _has_signature(delivery)}
    arrived = [delivery for delivery in evidence.deliveries if evidence.arrivals(delivery)]
    right = [delivery for delivery in arrived if delivery.signing is Signing.VENDOR]
    sound = [delivery for delivery in right if _has_signature(delivery)]
    wrong = [delivery for delivery in arrived if delivery.signing is not Signing.VENDOR]
    spoilt = [delivery for delivery in wrong if _place(delivery) in signed]
    if not spoilt:
        return Finding(None, "no callback came with a wrong signature")
    taken = [delivery for delivery in spoilt if _is_taken(delivery, evidence)]
    if taken:
        text = f"{len(taken)} of {counted(len(spoilt), 'callback')} with a wrong signature taken"
        advice = "compare the signature, over the raw body, before anything is believed; refuse with a 4xx"
        return Finding(False, text, [delivery.id for delivery in taken], advice)
    if not sound:
        text = f"{len(spoilt)} with a wrong signature refused, but none came with a right one to compare"
        return Finding(None, text)
    if not any(_is_taken(delivery, evidence) for delivery in sound):
        text = f"all refused: {len(spoilt)} with a wrong signature, and {len(sound)} with a right one"
        advice = SIGNING
        return Finding(False, text, [delivery.id for delivery in sound], advice)
    return Finding(True, f"{len(spoilt)} wrong refused, of {len(sound)} right some taken")


def _has_signature(delivery: Delivery) -> bool:
    """Tell whether a callback is signed at all, which is the client's choice."""
    headers = delivery.request.headers if delivery.request is not None else ()
    return any("signature" in name.lower() for name, _ in headers)


def _is_taken(delivery: Delivery, evidence: Evidence) -> bool:
    """Tell whether a callback was taken; a question is by any answer, a no included."""
    if delivery.state is DeliveryState.DELIVERED:
        return True
    return any(sending.taken for sending in evidence.arrivals(delivery))


# -- order and lateness ---------------------------------------------------------------------------------


def judge_order(evidence: Evidence) -> Finding:
    """Judge whether a receiver takes callbacks that come in another order than what they tell of."""
    strayed = [delivery for delivery in _out_of_order(evidence) if evidence.arrivals(delivery)]
    if not strayed:
        return Finding(None, "all callbacks came in order")
    advice = "order them by what they say, such as their time; take those that come too early or too late"
    return _taken_like_others(strayed, "out of order", advice, evidence)


def judge_lateness(evidence: Evidence) -> Finding:
    """Judge whether a receiver takes callbacks that come late."""
    late = [delivery for delivery in evidence.deliveries if _is_late(delivery, evidence)]
    arrived = [delivery for delivery in late if evidence.arrivals(delivery)]
    if not arrived:
        gone = f"; {counted(len(late), 'late callback')} found nobody" if late else ""
        return Finding(None, f"no callback came late to a receiver{gone}")
    advice = "take what comes late: networks are slow, and the vendor tells when it happened"
    return _taken_like_others(arrived, "late", advice, evidence)


def _taken_like_others(odd: Sequence[Delivery], how: str, advice: str, evidence: Evidence) -> Finding:
    """Judge whether odd callbacks were taken, where those of the same event that came as usual were."""
    odd = [delivery for delivery in odd if delivery.signing is Signing.VENDOR]
    strange = {delivery.id for delivery in odd}
    usual = {
        (delivery.vendor, delivery.event)
        for delivery in evidence.deliveries
        if delivery.id not in strange and _is_taken(delivery, evidence)
    }
    untaken = [delivery for delivery in odd if not _is_taken(delivery, evidence)]
    refused = [delivery for delivery in untaken if (delivery.vendor, delivery.event) in usual]
    if untaken and not refused:
        return Finding(None, f"{len(untaken)} refused, and none that came otherwise to compare with")
    text = f"{len(refused)} of {counted(len(odd), 'callback')} that came {how} refused"
    for first in refused[:1]:
        text += f", first {first.id} ({first.event}) {tell_try(first, evidence.arrivals(first)[-1])}"
    return Finding(not refused, text, [delivery.id for delivery in refused], advice)


def _out_of_order(evidence: Evidence) -> Iterator[Delivery]:
    """Yield the callbacks that a receiver got after one of a later event."""
    about: dict[tuple[str, str], list[tuple[Sending, Delivery]]] = {}
    for delivery in evidence.deliveries:
        rule, tries = evidence.world.outbox.rule_of(delivery), evidence.tries.get(delivery.id)
        if tries and (rule.late.high or rule.shuffle):
            about.setdefault((delivery.vendor, _place(delivery)), []).append((tries[0], delivery))
    for entries in about.values():
        earliest = None
        for sending, delivery in reversed(entries):
            if earliest is not None and (sending.at, sending.after) > earliest:
                yield delivery
            earliest = min(earliest or (sending.at, sending.after), (sending.at, sending.after))


def _is_late(delivery: Delivery, evidence: Evidence) -> bool:
    tries, rule = evidence.tries.get(delivery.id), evidence.world.outbox.rule_of(delivery)
    return rule.late.high > LATE and tries is not None and tries[0].at - delivery.created > LATE
