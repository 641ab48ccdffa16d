"""Verdicts on receivers: whether they take callbacks, in time, in any order, and check signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from simulator.scenario.values import Counts
from simulator.telephony.outbox import Delivery, DeliveryState, Signing
from simulator.verdicts.evidence import Evidence, Sending
from simulator.verdicts.findings import Finding, counted, tell_length

WORK_AFTERWARDS = "let the client answer first and work afterwards: vendors do not wait, and send again"
LATE = timedelta(seconds=1)
"""What comes later than this after its event was held back on purpose."""

PATIENCE = timedelta(seconds=10)
"""How long a vendor waits for an answer, where none says otherwise."""

SLOW = "timeout"


def judge_failing(allowed: Counts, evidence: Evidence) -> Finding:
    """Judge by how many are `allowed` the callbacks that a receiver on this machine never took."""
    tried = [(each, tries) for each in evidence.deliveries if (tries := evidence.arrivals(each))]
    tried = [(each, tries) for each, tries in tried if each.signing is Signing.VENDOR and _is_here(each)]
    if not tried:
        return Finding(None, "no callback reached a receiver")
    failed = [
        (each, tries)
        for each, tries in tried
        if each.state is not DeliveryState.DELIVERED and not any(one.taken for one in tries)
    ]
    held = len(failed) in allowed
    found = f"{len(failed)} of {counted(len(tried), 'callback')} never taken"
    for delivery, tries in failed[:1]:
        found += f", first {delivery.id} ({delivery.event}): {tell_try(delivery, tries[-1])}"
    slow = any(one.error == SLOW for _, tries in failed for one in tries)
    advice = (
        WORK_AFTERWARDS if slow else "let it answer 2xx to what it has understood; its own log tells why not"
    )
    return Finding(held, found, [delivery.id for delivery, _ in failed], advice)


def advise_on_receivers(evidence: Evidence) -> Iterator[str]:
    """Yield what went wrong and was made good, or was nobody's fault that answers here."""
    slow, absent = [], []
    for delivery in evidence.deliveries:
        tries = evidence.tries.get(delivery.id, [])
        slow += [(delivery, each) for each in tries if each.error == SLOW]
        if tries and not any(each.arrived for each in tries):
            absent.append(delivery)
    if slow:
        yield (
            f"a receiver was too slow for {counted(len(slow), 'callback')}: "
            f"{slow[0][0].id} {tell_try(*slow[0])}; {WORK_AFTERWARDS}"
        )
    if absent:
        error = evidence.tries[absent[0].id][-1].error
        whom = _place(absent[0])
        yield (
            f"nobody took {counted(len(absent), 'callback')}, first {absent[0].id} for {whom} ({error}): "
            "is the receiver up for as long as the vendor calls back?"
        )


def tell_try(delivery: Delivery, sending: Sending) -> str:
    """Say in words what became of one attempt to deliver."""
    if sending.error == SLOW:
        patience = tell_length(patience_of(delivery))
        return f"took {tell_length(sending.took)} without an answer, the vendor waits {patience}"
    if sending.status is not None:
        return f"answered {sending.status} after {tell_length(sending.took)}"
    return f"broke off: {sending.error}"


def patience_of(delivery: Delivery) -> timedelta:
    """Return how long the vendor waits for an answer to a callback."""
    request = delivery.request
    return (request.patience if request is not None else None) or PATIENCE


def _place(delivery: Delivery) -> str:
    address = urlsplit(delivery.request.url) if delivery.request is not None else None
    return f"{address.scheme}://{address.netloc}" if address else "nobody"


def _is_here(delivery: Delivery) -> bool:
    """Tell whether a callback was for this machine, where only the client can be behind the receiver."""
    host = (urlsplit(delivery.request.url).hostname or "") if delivery.request is not None else ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


# -- how long it takes ----------------------------------------------------------------------------------


def judge_slowest(most: timedelta, evidence: Evidence) -> Finding:
    """Judge how long receivers took, `most` at best, on the wall clock."""
    arrived = [(each, one) for each in evidence.deliveries for one in evidence.arrivals(each)]
    answered = [(each, one) for each, one in arrived if one.taken or one.error == SLOW]
    if not answered:
        why = f"{counted(len(arrived), 'callback')} came, and none was taken" if arrived else ""
        return Finding(None, why or "no callback reached a receiver")
    delivery, slowest = max(answered, key=lambda entry: entry[1].took)
    late = [(each, one) for each, one in answered if one.took > most or one.error == SLOW]
    found = (
        f"the slowest took {tell_length(slowest.took)}, the vendor waits {tell_length(patience_of(delivery))}"
    )
    shown = [f"{each.id} {tell_length(one.took)}" for each, one in late]
    return Finding(not late, found, shown, WORK_AFTERWARDS)


# -- signatures -----------------------------------------------------------------------------------------


def judge_signature(evidence: Evidence) -> Finding:
    """Judge whether a receiver tells right signatures from wrong ones: it takes those, and refuses these."""
    spoilt = [each for each in evidence.deliveries if each.signing is not Signing.VENDOR]
    signed = {_place(each) for each in evidence.deliveries if _has_signature(each)}
    spoilt = [each for each in spoilt if _place(each) in signed and evidence.arrivals(each)]
    sound = [
        each
        for each in evidence.deliveries
        if each.signing is Signing.VENDOR and _has_signature(each) and evidence.arrivals(each)
    ]
    if not spoilt:
        return Finding(None, "no callback came with a wrong signature")
    taken = [each for each in spoilt if _is_taken(each, evidence)]
    if taken:
        found = f"{len(taken)} of {counted(len(spoilt), 'callback')} with a wrong signature taken"
        advice = "compare the signature, over the raw body, before anything is believed; refuse with a 4xx"
        return Finding(False, found, [each.id for each in taken], advice)
    if not sound:
        found = f"{len(spoilt)} with a wrong signature refused, but none came with a right one to compare"
        return Finding(None, found)
    if not any(_is_taken(each, evidence) for each in sound):
        found = f"all refused: {len(spoilt)} with a wrong signature, and {len(sound)} with a right one"
        advice = "is it the right secret, and the raw body, from which the client computes the signature?"
        return Finding(False, found, [each.id for each in sound], advice)
    return Finding(True, f"{len(spoilt)} wrong refused, of {len(sound)} right some taken")


def _has_signature(delivery: Delivery) -> bool:
    """Tell whether a callback is signed at all, which is the client's choice."""
    headers = delivery.request.headers if delivery.request is not None else ()
    return any("signature" in name.lower() for name, _ in headers)


def _is_taken(delivery: Delivery, evidence: Evidence) -> bool:
    return any(each.taken for each in evidence.arrivals(delivery))


# -- order and lateness ---------------------------------------------------------------------------------


def judge_order(evidence: Evidence) -> Finding:
    """Judge whether a receiver takes callbacks that come in another order than what they tell of."""
    strayed = [each for each in _out_of_order(evidence) if evidence.arrivals(each)]
    if not strayed:
        return Finding(None, "all callbacks came in order")
    advice = "order them by what they say, such as their time; take those that come too early or too late"
    return _taken_like_others(strayed, "out of order", advice, evidence)


def judge_lateness(evidence: Evidence) -> Finding:
    """Judge whether a receiver takes callbacks that come late."""
    late = [each for each in evidence.deliveries if _is_late(each, evidence)]
    arrived = [each for each in late if evidence.arrivals(each)]
    if not arrived:
        gone = f"; {counted(len(late), 'late callback')} found nobody" if late else ""
        return Finding(None, f"no callback came late to a receiver{gone}")
    advice = "take what comes late: networks are slow, and the vendor tells when it happened"
    return _taken_like_others(arrived, "late", advice, evidence)


def _taken_like_others(odd: Sequence[Delivery], how: str, advice: str, evidence: Evidence) -> Finding:
    """Judge whether odd callbacks were taken, where those of the same event that came as usual were."""
    odd = [each for each in odd if each.signing is Signing.VENDOR]
    strange = {each.id for each in odd}
    usual = {
        (each.vendor, each.event)
        for each in evidence.deliveries
        if each.id not in strange and _is_taken(each, evidence)
    }
    refused = [each for each in odd if not _is_taken(each, evidence)]
    if refused and not any((each.vendor, each.event) in usual for each in refused):
        return Finding(None, f"{len(refused)} refused, and none that came otherwise to compare with")
    refused = [each for each in refused if (each.vendor, each.event) in usual]
    found = f"{len(refused)} of {counted(len(odd), 'callback')} that came {how} refused"
    for first in refused[:1]:
        found += f", first {first.id} ({first.event}) {tell_try(first, evidence.arrivals(first)[-1])}"
    return Finding(not refused, found, [each.id for each in refused], advice)


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
