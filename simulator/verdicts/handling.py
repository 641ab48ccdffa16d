"""Verdict on repeated callbacks: whether one that came twice had one effect.

No request says what caused it, so a cause is only named where nothing else explains what was done:

- Effects are requests that placed a call or sent a message. Equal ones (same operation, people, parameters,
  but for digits, since labels count) are looked at together, and each may be the work of a copy that had
  arrived by then and not long before; a callback that tells of these very effects is no cause of them.
- Handling a callback once explains one of them: by its first copy that was taken, or one before that failed.
- A client reacts in this way to one kind of event. If, for each kind, the callbacks that differ are too few
  to explain all equal effects once, then one was handled again: that whose other copy did the same.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from simulator.errors import counted
from simulator.exchange import Exchange
from simulator.telephony.outbox import Delivery
from simulator.verdicts.effects import Effect, effects_of
from simulator.verdicts.evidence import Evidence, Sending, input_of
from simulator.verdicts.findings import Finding, describe
from simulator.verdicts.repetition import RequestIdentity, question_of

AFTERMATH = timedelta(minutes=1)
"""How long after a callback was answered, in the world's time, a request still counts as its effect."""

_DIGITS = re.compile(r"[0-9]+")

WORK = 10.0
"""The same in seconds of the host: a clock that jumps or is moved does not tell how long a handler works."""

MOST_EQUAL = 200
"""So many equal effects are compared; a client that has more has told enough by the first of them."""

TELLING = 7
"""How many last digits of a number make a callback one about that number."""

ADVICE = "let the client remember what it has handled, such as the call's id, and answer 200 again"


class _Copy(Struct, frozen=True):
    """One copy of a callback: it arrived after input `after`, and is a repeat unless among the `first`."""

    delivery: Delivery
    nth: int
    after: int
    sending: Sending
    first: bool


class _Deed(Struct, frozen=True):
    """A request with an effect, and the copies that may have caused it."""

    exchange: Exchange
    number: int
    causes: tuple[_Copy, ...]


def judge_handling(evidence: Evidence, expected: bool = True) -> Finding:
    """Judge whether callbacks that arrived more than once were handled once."""
    copies = [*_copies(evidence)]
    doubled = {copy.delivery.id for copy in copies if copy.nth}
    if not doubled:
        return Finding(None, "no callback was taken twice")
    repeated = [pair for deeds in _equal_deeds(copies, evidence) for pair in _handled_again(deeds)]
    if not repeated and evidence.gap:
        return Finding(None, evidence.gap)
    text = f"{counted(len(doubled), 'callback')} came twice, {counted(len(repeated), 'request')} made twice"
    shown = [f"{ref}: {one.id} then {describe(other)}" for ref, one, other in repeated]
    return Finding(bool(repeated) is not expected, text, shown, ADVICE)


def _copies(evidence: Evidence) -> Iterator[_Copy]:
    """Yield the copies that reached a receiver, of callbacks that it took at last.

    Copies of one callback travel one after another, so none arrives before the one before was answered.
    """
    for delivery in evidence.deliveries:
        tries = [sending for sending in evidence.tries.get(delivery.id, ()) if sending.arrived]
        taken = next((nth for nth, sending in enumerate(tries) if sending.taken), None)
        former = 0
        for nth, sending in enumerate(tries if taken is not None else ()):
            yield _Copy(delivery, nth, max(sending.after, former), sending, nth <= (taken or 0))
            former = sending.settled


def _equal_deeds(copies: Sequence[_Copy], evidence: Evidence) -> Iterator[list[_Deed]]:
    """Yield the effects that are equal, each with what may have caused it, oldest first."""
    equal: dict[Hashable, list[Exchange]] = {}
    for exchange in evidence.exchanges:
        if input_of(exchange) is None or exchange.lost:
            continue
        if people := tuple(effect.person for effect in effects_of(exchange, evidence)):
            equal.setdefault((people, _without_counters(question_of(exchange))), []).append(exchange)
    for exchanges in equal.values():
        deeds, others = [], _others(exchanges, copies, evidence)
        for exchange in exchanges[:MOST_EQUAL] if len(exchanges) > 1 else ():
            number = input_of(exchange) or 0
            if causes := _causes(exchange, number, others):
                deeds.append(_Deed(exchange, number, _about(effects_of(exchange, evidence), causes)))
        if len(deeds) > 1:
            yield deeds


def _others(exchanges: Iterable[Exchange], copies: Sequence[_Copy], evidence: Evidence) -> list[_Copy]:
    """Return the copies that do not tell of these very effects: who reacts to those never comes to rest."""
    own = {effect.ref for exchange in exchanges for effect in effects_of(exchange, evidence)}
    return [
        copy
        for copy in copies
        if copy.delivery.subject not in own
        and not any(ref.encode() in _words_of(copy.delivery) for ref in own)
    ]


def _without_counters(question: RequestIdentity) -> RequestIdentity:
    """Return a question without its digits: a label that counts, or a time, makes no other one of it."""
    return tuple(
        _without_counters(part) if isinstance(part, tuple) else _DIGITS.sub("#", str(part))
        for part in question
    )


def _causes(exchange: Exchange, number: int, copies: Iterable[_Copy]) -> list[_Copy]:
    """Return the copies that a receiver was handling when a request came, else those handled just before."""
    arrived = [copy for copy in copies if copy.after < number]
    under_way = [copy for copy in arrived if not copy.sending.settled or number < copy.sending.settled]
    return under_way or [copy for copy in arrived if _is_aftermath(copy.sending, exchange)]


def _is_aftermath(sending: Sending, exchange: Exchange) -> bool:
    measured = sending.ended and exchange.arrived
    soon = measured and exchange.arrived - sending.ended <= WORK
    return bool(soon) or exchange.at - sending.at <= AFTERMATH


def _about(effects: Sequence[Effect], causes: Sequence[_Copy]) -> tuple[_Copy, ...]:
    """Return those causes that speak of whom the effect concerns, if any does: the others have no part."""
    digits = {effect.number[-TELLING:].encode() for effect in effects[:1]}
    telling = [copy for copy in causes if any(number in _words_of(copy.delivery) for number in digits)]
    return tuple(telling or causes)


def _words_of(delivery: Delivery) -> bytes:
    request = delivery.request
    return request.url.encode("utf-8", "replace") + request.body if request is not None else b""


# -- what explains what ---------------------------------------------------------------------------------


def _handled_again(deeds: Sequence[_Deed]) -> Iterator[tuple[str, Exchange, Exchange]]:
    """Yield pairs of equal requests, the earlier one first, with the callback whose copies caused both."""
    kinds = dict.fromkeys(_kind(copy) for deed in deeds for copy in deed.causes)
    explained = [_explain(deeds, kind) for kind in kinds]
    if any(len(by_callback) == len(deeds) for by_callback in explained):
        return
    for kind, by_callback in zip(kinds, explained, strict=True):
        pairs = [*_left_over(deeds, kind, by_callback)]
        if pairs:
            yield from pairs
            return


def _kind(copy: _Copy) -> tuple[str, str]:
    return copy.delivery.vendor, copy.delivery.event


def _explain(deeds: Sequence[_Deed], kind: tuple[str, str]) -> dict[str, _Deed]:
    """Return for as many deeds as can be a callback of one kind that was handled once, each another."""
    chosen: dict[str, _Deed] = {}
    for deed in deeds:
        _assign(deed, kind, chosen, set())
    return chosen


def _assign(deed: _Deed, kind: tuple[str, str], chosen: dict[str, _Deed], tried: set[str]) -> bool:
    """Give a deed a callback, moving other deeds where that helps; tell whether there is one for it."""
    for copy in deed.causes:
        ref = copy.delivery.id
        if _kind(copy) != kind or not copy.first or ref in tried:
            continue
        tried.add(ref)
        if ref not in chosen or _assign(chosen[ref], kind, chosen, tried):
            chosen[ref] = deed
            return True
    return False


def _left_over(
    deeds: Sequence[_Deed], kind: tuple[str, str], explained: Mapping[str, _Deed]
) -> Iterator[tuple[str, Exchange, Exchange]]:
    """Yield the deeds that no callback explains, with one that was caused by another copy of the same."""
    innocent = {deed.number for deed in explained.values()}
    for deed in deeds:
        refs = [copy.delivery.id for copy in deed.causes if _kind(copy) == kind]
        ref = next((ref for ref in refs if ref in explained), None)
        if deed.number not in innocent and ref is not None:
            one, other = sorted((explained[ref], deed), key=lambda one_of_both: one_of_both.number)
            yield ref, one.exchange, other.exchange
