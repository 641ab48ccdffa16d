"""Verdicts on callbacks: whether they were taken, how fast, and whether one sent twice had one effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from simulator.errors import counted
from simulator.scenario.expectations import ExpectedHook, ExpectedHooks
from simulator.scenario.values import Counts
from simulator.telephony.outbox import Delivery
from simulator.verdicts.evidence import Evidence, Sending
from simulator.verdicts.findings import Finding, Judged, judge_words
from simulator.verdicts.handling import judge_handling
from simulator.verdicts.receivers import (
    judge_failing,
    judge_lateness,
    judge_order,
    judge_signature,
    judge_slowest,
    tell_try,
)

IS_IT_UP = "is the receiver up, and does it answer 2xx?"


def judge_hook(expected: ExpectedHook, written: Mapping[str, object], evidence: Evidence) -> Judged:
    """Judge the callbacks of one event, by the network's word for it or the vendor's, or to one receiver."""
    judges: Mapping[str, Callable[..., Finding]] = {
        "due": _due,
        "delivered": _delivered,
        "tries": _tries,
        "within": _within,
    }
    concerned = _concerned(expected.event, evidence)
    if expected.to is not None:
        concerned = [delivery for delivery in concerned if _goes_to(delivery, expected.to)]
    return judge_words(judges, expected, written, concerned, evidence, about=("event", "to"))


def _goes_to(delivery: Delivery, receiver: str) -> bool:
    """Return whether a callback is sent to an address that begins like this."""
    url = getattr(delivery.request, "url", "")
    return bool(url == receiver or (url.startswith(receiver) and not url[len(receiver) :][:1].isalnum()))


def _due(allowed: Counts, concerned: Sequence[Delivery], _evidence: Evidence) -> Finding:
    advice = "did the client say where it listens, and did the event happen that often?"
    shown = [delivery.id for delivery in concerned]
    return Finding(len(concerned) in allowed, counted(len(concerned), "callback"), shown, advice)


def _tries(allowed: Counts, concerned: Sequence[Delivery], evidence: Evidence) -> Finding:
    tries = {delivery.id: len(evidence.tries.get(delivery.id, ())) for delivery in concerned}
    wrong = [
        f"{ref}: {counted(count, 'try', 'tries')}" for ref, count in tries.items() if count not in allowed
    ]
    counts = f"{min(tries.values(), default=0)} to {max(tries.values(), default=0)} of each"
    return Finding(not wrong if tries else 0 in allowed, counts, wrong, IS_IT_UP, "deliveries")


def _concerned(event: str | None, evidence: Evidence) -> list[Delivery]:
    if event is None:
        return [*evidence.deliveries]
    named = {exchange.id.rpartition(".")[0] for exchange in evidence.callbacks if exchange.operation == event}
    posted = evidence.world.outbox.deliveries.values()
    return [delivery for delivery in posted if event == delivery.event or delivery.id in named]


def _delivered(allowed: Counts, concerned: Sequence[Delivery], evidence: Evidence) -> Finding:
    taken = {sending.delivery for sending in evidence.sendings if sending.taken}
    number = len([delivery for delivery in concerned if delivery.id in taken])
    if not concerned:
        others = dict.fromkeys(delivery.event for delivery in evidence.world.outbox.deliveries.values())
        text = f"no such callback was due; those that were: {', '.join(others) or 'none'}"
        advice = "did the client say where it listens, and did the event happen at all?"
        return Finding(number in allowed, text, advice=advice)
    text = f"{number} taken of {counted(len(concerned), 'callback')}"
    shown = [f"{delivery.id} {_fate(delivery, evidence)}" for delivery in concerned]
    return Finding(number in allowed, text, shown, IS_IT_UP, "deliveries")


def _fate(delivery: Delivery, evidence: Evidence) -> str:
    tries = evidence.tries.get(delivery.id)
    return f"{delivery.state.value} ({tell_try(delivery, tries[-1])})" if tries else delivery.state.value


def _within(most: timedelta, concerned: Sequence[Delivery], evidence: Evidence) -> Finding:
    ids = {delivery.id for delivery in concerned}
    begun: dict[str, Sending] = {}
    took: dict[str, timedelta] = {}
    for sending in evidence.sendings:
        first = begun.setdefault(sending.delivery, sending)
        if sending.taken and sending.delivery in ids:
            took.setdefault(sending.delivery, sending.at - first.at + sending.took)
    if not took:
        return Finding(None, "no such callback was taken")
    slowest = max(took, key=lambda ref: took[ref])
    slow = [f"{ref} took {_seconds(length)}" for ref, length in took.items() if length > most]
    text = f"the slowest took {_seconds(took[slowest])}"
    return Finding(not slow, text, slow, IS_IT_UP, "deliveries")


def judge_hooks(expected: ExpectedHooks, written: Mapping[str, object], evidence: Evidence) -> Judged:
    """Judge how the client treats callbacks in general."""
    judges: Mapping[str, Callable[..., Finding]] = {
        "handled_once": lambda once, evidence: judge_handling(evidence, once),
        "slowest": judge_slowest,
        "failed": judge_failing,
        "signature": lambda _checked, evidence: judge_signature(evidence),
        "order": lambda _any, evidence: judge_order(evidence),
        "late": lambda _taken, evidence: judge_lateness(evidence),
    }
    return judge_words(judges, expected, written, evidence)


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():.3g}s"
