"""Verdicts on callbacks: whether they were taken, how fast, and whether one sent twice had one effect."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import timedelta

from simulator.exchange import Exchange
from simulator.scenario import phrases
from simulator.scenario.expectations import ExpectedHook, ExpectedHooks
from simulator.telephony.outbox import Delivery
from simulator.verdicts.client import describe
from simulator.verdicts.evidence import Evidence, Sending, input_of
from simulator.verdicts.findings import Finding, counted
from simulator.verdicts.wishes import Wish, question_of

AFTERMATH = timedelta(minutes=1)
"""How long after a callback, in the world's time, a request still counts as its effect."""

LOOK_AT_DELIVERIES = (
    "is the receiver up, and does it answer 2xx? /v1/deliveries of the control API has each try"
)


def judge_hook(expected: ExpectedHook, evidence: Evidence) -> Iterator[Finding]:
    """Judge the callbacks of one event, by the network's word for it or the vendor's."""
    concerned = _concerned(expected.event, evidence)
    subject = {"event": expected.event}
    if expected.delivered is not None:
        yield _delivered({**subject, "delivered": expected.delivered}, concerned, evidence)
    if expected.within is not None:
        yield _within({**subject, "within": expected.within}, concerned, evidence)


def _concerned(event: str, evidence: Evidence) -> list[Delivery]:
    named = {each.id.rpartition(".")[0] for each in evidence.callbacks if each.operation == event}
    posted = evidence.world.outbox.deliveries.values()
    return [each for each in posted if event == each.event or each.id in named]


def _delivered(words: dict[str, object], concerned: Sequence[Delivery], evidence: Evidence) -> Finding:
    counts = phrases.COUNTS.read(words["delivered"])
    taken = {sending.delivery for sending in evidence.sendings if sending.taken}
    number = len([each for each in concerned if each.id in taken])
    held = counts.low <= number and (counts.high is None or number <= counts.high)
    if not concerned:
        others = dict.fromkeys(each.event for each in evidence.world.outbox.deliveries.values())
        found = f"no such callback was due; those that were: {', '.join(others) or 'none'}"
        advice = "did the client say where it listens, and did the event happen at all?"
        return Finding(words, held, found, advice=advice)
    found = f"{number} taken of {counted(len(concerned), 'callback')}"
    shown = [f"{each.id} {_fate(each)}" for each in concerned]
    return Finding(words, held, found, shown, LOOK_AT_DELIVERIES)


def _fate(delivery: Delivery) -> str:
    last = delivery.tries[-1] if delivery.tries else None
    told = f" ({last.error or last.status})" if last else ""
    return f"{delivery.state.value}{told}"


def _within(words: dict[str, object], concerned: Sequence[Delivery], evidence: Evidence) -> Finding:
    most = phrases.LENGTH.read(words["within"])
    ids = {each.id for each in concerned}
    begun: dict[str, Sending] = {}
    took: dict[str, timedelta] = {}
    for sending in evidence.sendings:
        first = begun.setdefault(sending.delivery, sending)
        if sending.taken and sending.delivery in ids:
            took.setdefault(sending.delivery, sending.at - first.at + sending.took)
    if not took:
        return Finding(words, None, "no such callback was taken")
    slowest = max(took, key=lambda each: took[each])
    slow = [f"{each} took {_seconds(length)}" for each, length in took.items() if length > most]
    found = f"the slowest took {_seconds(took[slowest])}"
    return Finding(words, not slow, found, slow, LOOK_AT_DELIVERIES)


def judge_hooks(expected: ExpectedHooks, evidence: Evidence) -> Iterator[Finding]:
    """Judge how the client treats callbacks in general."""
    if expected.handled_once is not None:
        yield _handled_once(expected.handled_once, evidence)
    if expected.slowest is not None:
        yield _slowest(expected.slowest, evidence)


def _slowest(wanted: str, evidence: Evidence) -> Finding:
    words, most = {"slowest": wanted}, phrases.LENGTH.read(wanted)
    arrived = [each for each in evidence.sendings if each.arrived]
    if not arrived:
        return Finding(words, None, "no callback reached a receiver")
    slowest = max(arrived, key=lambda each: each.took)
    slow = [f"{each.delivery} {_seconds(each.took)}" for each in arrived if each.took > most]
    advice = "let the client answer first and work afterwards: vendors do not wait, and send again"
    return Finding(words, not slow, f"the slowest took {_seconds(slowest.took)}", slow, advice)


def _handled_once(wanted: bool, evidence: Evidence) -> Finding:
    words = {"handled_once": wanted}
    taken: dict[str, int] = {}
    for sending in evidence.sendings:
        taken[sending.delivery] = taken.get(sending.delivery, 0) + sending.taken
    doubled = [delivery for delivery, times in taken.items() if times > 1]
    if not doubled:
        return Finding(words, None, "no callback was taken twice")
    effects = _effects(evidence)
    repeated = [pair for delivery in doubled for pair in _repeated(effects.get(delivery, ()))]
    if not repeated and evidence.gap:
        return Finding(words, None, evidence.gap)
    found = f"{counted(len(doubled), 'callback')} taken twice, {counted(len(repeated), 'request')} made twice"
    shown = [f"{copy.delivery}: {one.id} then {describe(other)}" for copy, one, other in repeated]
    advice = "let the client remember what it has handled, such as the call's id, and answer 200 again"
    return Finding(words, bool(repeated) is not wanted, found, shown, advice)


Effect = tuple[Sending, Exchange]


def _repeated(effects: Sequence[Effect]) -> Iterator[tuple[Sending, Exchange, Exchange]]:
    """Yield pairs of equal requests that followed different copies of one callback."""
    seen: dict[Wish, Effect] = {}
    for copy, exchange in effects:
        first, former = seen.setdefault(question_of(exchange), (copy, exchange))
        if first is not copy:
            yield copy, former, exchange


def _effects(evidence: Evidence) -> dict[str, list[Effect]]:
    """Return by callback the requests that placed calls right after a copy of it, before others were sent."""
    left = sorted(evidence.sendings, key=_after)
    effects: dict[str, list[Effect]] = {}
    for exchange in evidence.exchanges:
        number = input_of(exchange)
        if number is None or exchange.lost or not evidence.placed_by(exchange):
            continue
        end = bisect_left(left, number, key=_after)
        begin = bisect_left(left, left[end - 1].after, key=_after) if end else 0
        for copy in left[begin:end]:
            if exchange.at - copy.at <= AFTERMATH:
                effects.setdefault(copy.delivery, []).append((copy, exchange))
    return effects


def _after(sending: Sending) -> int:
    return sending.after


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():.3g}s"
