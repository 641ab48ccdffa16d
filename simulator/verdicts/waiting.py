"""Verdict on waiting: a client waits as long as it is told to, and longer each time where nobody tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from msgspec import Struct

from simulator.errors import counted
from simulator.exchange import Exchange
from simulator.verdicts.evidence import Evidence, grouped, input_of
from simulator.verdicts.findings import Finding, describe, tell_length
from simulator.verdicts.repetition import RequestIdentity, words_of

DOWN = frozenset({500, 502, 503, 504})
MOST_RETRIES = 5
"""So many retries of one request are taken for patience, however fast they come."""

LONG = timedelta(seconds=5)
"""A pause that hurts nobody, even if it does not grow."""

GROWTH = 1.5
"""How much longer the later half of the pauses is than the earlier one, if they grow at all."""

FEW = 3
"""Requests that were refused and given up on, and no sign yet of a client that does so always."""

WORKERS = 100
"""So many threads or coroutines, as many as HTTP clients open connections, may each run into a limit once."""

IN_VAIN = (
    "let the client wait for Retry-After, or for the limit's window where the vendor sends none; "
    "a test that only pretends to sleep moves the clock by as much"
)
GROWING = (
    "let each pause be longer than the last (1s, 2s, 4s ...), and give up in the end; "
    "a test that only pretends to sleep moves the clock by as much"
)


class _Early(Struct, frozen=True):
    """A refusal that bade to wait, how long, and the request that did not."""

    refusal: Exchange
    wait: timedelta
    again: Exchange


def judge_waiting(
    exchanges: Sequence[Exchange], evidence: Evidence, lenient: bool = False
) -> Iterator[Finding]:
    """Judge whether refusals were heeded, and whether a vendor that is down was left in peace.

    A `lenient` judge looks away where the requests may be those of clients that know nothing of each other.
    """
    refused = [exchange for exchange in exchanges if exchange.wait is not None]
    pairs = [*_early_repeats(refused, evidence)]
    if lenient and pairs:
        pairs = _plainly(pairs, exchanges, evidence)
    yield _heeded(refused, pairs, evidence)
    if worst := max(_hammering(exchanges, evidence), key=len, default=()):
        text = (
            f"{describe(worst[0])} failed and was repeated {counted(len(worst) - 1, 'time')} within "
            f"{tell_length(evidence.pause(worst[0], worst[-1]))}, with pauses that do not grow"
        )
        yield Finding(False, text, [exchange.id for exchange in worst], GROWING)


def _heeded(refused: Sequence[Exchange], pairs: Sequence[_Early], evidence: Evidence) -> Finding:
    if not pairs:
        held = True if refused and not evidence.gap else None
        text = f"waited after {counted(len(refused), 'refusal')}" if refused else "no limit refused anything"
        return Finding(held, evidence.gap or text)
    first = pairs[0]
    bidding = "had told it to wait" if _tells(first.refusal) else "had met a limit that lasts for another"
    text = (
        f"{counted(len(pairs), 'request')} before the wait was over, first {describe(first.again)}: "
        f"{describe(first.refusal)} {bidding} {tell_length(first.wait)}, "
        f"it came after {tell_length(evidence.pause(first.refusal, first.again))}"
    )
    return Finding(False, text, [f"{pair.refusal.id} then {pair.again.id}" for pair in pairs], IN_VAIN)


# -- refusals that bid to wait --------------------------------------------------------------------------


def _early_repeats(refused: Iterable[Exchange], evidence: Evidence) -> Iterator[_Early]:
    """Yield each refusal that came while an earlier one of the same limit, heard by then, bade to wait.

    Of the earlier ones it is the last of the same question, or else the first of all.
    """
    standing: dict[str, tuple[Exchange, timedelta, dict[RequestIdentity, Exchange]]] = {}
    for exchange in refused:
        key = (
            exchange.rate_limit.key if exchange.rate_limit else f"{exchange.vendor} {exchange.answer.status}"
        )
        question = words_of(exchange)
        former, wait, own = standing.get(key, (None, timedelta(0), {}))
        if former is None or evidence.waited(former, exchange) >= wait:
            standing[key] = exchange, exchange.wait or timedelta(0), {question: exchange}
            continue
        last = own.get(question, former)
        own[question] = exchange
        if input_of(last) not in exchange.beside:
            yield _Early(last, last.wait or timedelta(0), exchange)


def _plainly(pairs: Sequence[_Early], exchanges: Sequence[Exchange], evidence: Evidence) -> list[_Early]:
    """Return what no innocent client does.

    It repeats the very request that was refused, unless it backs off; or it drops it and goes straight on; or
    it has run into the same limit again and again with others, that it drops or that no number of workers
    explains. Another request may be another part of a program, with no way to know.
    """
    asked = grouped(exchanges, words_of)
    early = {pair.again.id for pair in pairs}
    backing = {repeat for repeats in asked.values() for repeat in _backing_off(repeats, early, evidence)}
    plain, others = [], []
    for pair in pairs:
        question = words_of(pair.refusal)
        alone = not pair.again.beside and not pair.refusal.beside
        dropped = asked[question][-1] is pair.refusal and not evidence.reads(pair.refusal)
        if question == words_of(pair.again):
            plain += [] if pair.again.id in backing else [pair]
        elif alone and dropped:
            plain.append(pair)
        elif alone:
            others.append(pair)
    given_up = [pair for pair in others if len(asked[words_of(pair.again)]) == 1]
    crowds = Counter(pair.refusal.id for pair in others)
    many = len(given_up) >= FEW or max(crowds.values(), default=0) > WORKERS
    return [*plain, *(others if many else ())]


def _backing_off(asked: Iterable[Exchange], early: Container[str], evidence: Evidence) -> Iterator[str]:
    """Yield the `early` repeats of one question by a client that was told no length, and finds it out.

    It came once too early and waited then, or paused longer each time, until it had waited long enough.
    """
    series: list[Exchange] = []
    for exchange in asked:
        series.append(exchange)
        if exchange.id in early:
            continue
        repeats = series[1:-1]
        if repeats and not any(map(_tells, series[:-1])) and (len(repeats) == 1 or _grow(series, evidence)):
            yield from (repeat.id for repeat in repeats)
        series = [exchange]


def _tells(refusal: Exchange) -> bool:
    return refusal.answer.header("Retry-After") is not None


# -- a vendor that is down ------------------------------------------------------------------------------


def _hammering(exchanges: Iterable[Exchange], evidence: Evidence) -> Iterator[Sequence[Exchange]]:
    """Yield the requests that were repeated, without a pause worth the name, at a vendor that is down."""
    runs: dict[RequestIdentity, list[Exchange]] = {}
    for exchange in exchanges:
        question = words_of(exchange)
        run = runs.setdefault(question, [])
        if run and input_of(run[-1]) in exchange.beside:
            continue
        if _is_down(exchange):
            run.append(exchange)
        elif runs.pop(question) and _is_hammering(run, evidence):
            yield run
    yield from (run for run in runs.values() if _is_hammering(run, evidence))


def _is_down(exchange: Exchange) -> bool:
    bug = exchange.rule is not None and exchange.rule.startswith("bug")
    return not bug and (exchange.lost or exchange.answer.status in DOWN)


def _is_hammering(run: Sequence[Exchange], evidence: Evidence) -> bool:
    if len(run) - 1 < MOST_RETRIES or all(exchange.wait is not None for exchange in run):
        return False
    return evidence.pause(run[0], run[-1]) < LONG * (len(run) - 1) and not _grow(run, evidence)


def _grow(run: Sequence[Exchange], evidence: Evidence) -> bool:
    """Tell whether the later half of the pauses between some requests is longer than the earlier one."""
    pauses = [evidence.pause(one, other) for one, other in pairwise(run)]
    half = len(pauses) // 2
    early, late = _mean(pauses[:half]), _mean(pauses[half:])
    return late >= max(early * GROWTH, timedelta(milliseconds=100))


def _mean(lengths: Sequence[timedelta]) -> timedelta:
    return sum(lengths, timedelta(0)) / len(lengths)
