"""Verdicts on the client's conduct: waiting when told to, calling nobody twice, not asking too often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from simulator.exchange import Exchange
from simulator.scenario import phrases
from simulator.scenario.expectations import ExpectedClient
from simulator.telephony.calls import Call
from simulator.verdicts.calls import describe_call
from simulator.verdicts.evidence import Evidence, input_of
from simulator.verdicts.findings import Finding, counted
from simulator.verdicts.wishes import Wish, question_of, wish_of


def judge_client(expected: ExpectedClient, evidence: Evidence) -> Iterator[Finding]:
    """Judge the requests at a place, word by word."""
    exchanges = evidence.within(expected.where)
    subject = {"where": expected.where} if expected.where else {}
    if expected.honours is not None:
        yield _honours({**subject, "honours": expected.honours}, exchanges, evidence)
    if expected.double_dials is not None:
        words = {**subject, "double_dials": expected.double_dials}
        yield _double_dials(words, exchanges, evidence)
    if expected.refused is not None:
        yield _refused({**subject, "refused": expected.refused}, exchanges, evidence)
    if expected.polls is not None:
        yield _polls({**subject, "polls": expected.polls}, exchanges, evidence)


# -- waiting --------------------------------------------------------------------------------------------


def _honours(words: Mapping[str, object], exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    refused = [each for each in exchanges if each.haste and not each.lost]
    hasty = _hasty(refused, evidence)
    if not hasty:
        held = True if refused and not evidence.gap else None
        found = f"waited after {counted(len(refused), 'refusal')}" if refused else "no limit refused anything"
        return Finding(words, held, evidence.gap or found)
    first, wait, again = hasty[0]
    found = (
        f"{counted(len(hasty), 'request')} before the wait was over, first {describe(again)}: "
        f"{describe(first)} had told it to wait {_length(wait)}, "
        f"it came after {_length(evidence.between(first.at, again.at))}"
    )
    shown = [f"{refusal.id} then {early.id}" for refusal, _, early in hasty]
    advice = "let the client wait for Retry-After, or for the limit's window where the vendor sends none"
    return Finding(words, False, found, shown, advice)


def _hasty(refused: Sequence[Exchange], evidence: Evidence) -> list[tuple[Exchange, timedelta, Exchange]]:
    """Return each refusal that came while an earlier one of the same limit, heard by then, bade to wait."""
    told: dict[str, Exchange] = {}
    found = []
    for exchange in refused:
        key = exchange.haste.key if exchange.haste else ""
        former = told.get(key)
        if former is None or evidence.between(former.at, exchange.at) >= _wait(former):
            told[key] = exchange
        elif input_of(former) not in exchange.beside:
            found.append((former, _wait(former), exchange))
    return found


def _wait(refusal: Exchange) -> timedelta:
    told = refusal.answer.header("Retry-After") or ""
    if told.isascii() and told.isdecimal() and len(told) < 9:
        return timedelta(seconds=int(told))
    return refusal.haste.wait if refusal.haste else timedelta(0)


# -- calling twice --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Repetition:
    """A call made again by a request that repeats another one, and why that is one too many."""

    call: Call
    request: Exchange
    former: Exchange
    why: str


def _double_dials(words: Mapping[str, object], exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    counts = phrases.COUNTS.read(words["double_dials"])
    doubled = [*_doubled(exchanges, evidence)]
    few = counts.high is None or len(doubled) <= counts.high
    if few and evidence.gap:
        return Finding(words, None, evidence.gap)
    found = f"{len(doubled)} of {counted(len(evidence.calls), 'call')}"
    for each in doubled[:1]:
        found += (
            f", first to {each.call.callee}: {describe(each.request)} repeats {each.former.id}, {each.why}"
        )
    shown = [f"{each.former.id} then {each.request.id}: {describe_call(each.call)}" for each in doubled]
    advice = "before it repeats a request, let the client look up whether the first one was accepted"
    return Finding(words, few and len(doubled) >= counts.low, found, shown, advice)


def _doubled(exchanges: Sequence[Exchange], evidence: Evidence) -> Iterator[_Repetition]:
    """Find calls to a number that an equal request had called: it still does, or nobody heard of it."""
    placed: dict[tuple[Wish, str], list[tuple[Exchange, Call]]] = {}
    for exchange in exchanges:
        calls = evidence.placed_by(exchange)
        wish, question = wish_of(exchange), question_of(exchange)
        for call in calls:
            same, alike = (placed.get((each, call.callee), ()) for each in (wish, question))
            for former, why in islice(_reasons(same, alike, exchange.at), 1):
                yield _Repetition(call, exchange, former, why)
        for call in calls:
            for each in {wish: None, question: None}:
                placed.setdefault((each, call.callee), []).append((exchange, call))


def _reasons(
    same: Sequence[tuple[Exchange, Call]], alike: Sequence[tuple[Exchange, Call]], at: datetime
) -> Iterator[tuple[Exchange, str]]:
    """Tell which earlier request makes a new one a repetition.

    Of one wish, while its call is not over; after a lost answer another key does not make it another wish.
    """
    for earlier, _ in alike[-1:]:
        if earlier.lost:
            yield earlier, f"whose answer was lost ({earlier.rule})"
    for earlier, call in reversed(same):
        if call.over is None or call.over > at:
            yield earlier, "whose call was not over yet"


# -- running into limits --------------------------------------------------------------------------------


def _refused(words: Mapping[str, object], exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    band = phrases.BAND.read(words["refused"])
    refused = [each for each in exchanges if each.haste]
    if not exchanges or evidence.gap:
        return Finding(words, None, evidence.gap or "no such request was made")
    share = len(refused) / len(exchanges)
    found = f"{share:.1%}: {len(refused)} of {counted(len(exchanges), 'request')}"
    shown = [f"{describe(each)} {each.rule}" for each in refused]
    advice = "let the client pace itself below the limit instead of finding it out by refusals"
    return Finding(words, float(band.low) <= share <= float(band.high), found, shown, advice)


# -- asking again and again -----------------------------------------------------------------------------


def _polls(words: Mapping[str, object], exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    rate = phrases.RATE_AT_MOST.read(words["polls"])
    asked: dict[Wish, list[Exchange]] = {}
    for exchange in exchanges:
        if _is_reading(exchange, evidence):
            asked.setdefault(question_of(exchange), []).append(exchange)
    crowds = [crowd for each in asked.values() if (crowd := _crowd(each, rate.count, rate.per, evidence))]
    if not crowds:
        total = sum(map(len, asked.values()))
        held = None if evidence.gap else True
        return Finding(words, held, evidence.gap or f"{counted(total, 'question')}, none too often")
    worst = max(crowds, key=len)
    found = (
        f"{counted(len(crowds), 'question')} too often, {worst[0].vendor}.{worst[0].operation} "
        f"{len(worst)} times within {_length(evidence.between(worst[0].at, worst[-1].at))}"
    )
    advice = "ask less often, or let the vendor call back"
    return Finding(words, False, found, [each.id for each in worst], advice)


def _is_reading(exchange: Exchange, evidence: Evidence) -> bool:
    contract = evidence.contracts.get(exchange.vendor)
    return contract is not None and exchange.operation in contract.reads


def _crowd(
    exchanges: Sequence[Exchange], most: int, per: timedelta, evidence: Evidence
) -> Sequence[Exchange]:
    """Return the most exchanges in any window that has more than `most`."""
    worst: Sequence[Exchange] = ()
    first = 0
    for last, exchange in enumerate(exchanges):
        while evidence.between(exchanges[first].at, exchange.at) >= per:
            first += 1
        if last - first >= max(most, len(worst)):
            worst = exchanges[first : last + 1]
    return worst


# -- words ----------------------------------------------------------------------------------------------


def describe(exchange: Exchange) -> str:
    """Return how a request is named in a verdict."""
    return f"{exchange.id} ({exchange.vendor}.{exchange.operation or '?'})"


def _length(length: timedelta) -> str:
    return f"{length.total_seconds():g}s"
