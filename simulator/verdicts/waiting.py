"""Verdict on waiting: a client waits as long as it is told to, and longer each time where nobody tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from msgspec import Struct

from simulator.exchange import Exchange
from simulator.verdicts.evidence import Evidence, input_of
from simulator.verdicts.findings import Finding, counted, describe, tell_length
from simulator.verdicts.repetition import RequestIdentity, question_of

DOWN = frozenset({500, 502, 503, 504})
MOST_RETRIES = 5
"""So many retries of one request are taken for patience, however fast they come."""

LONG = timedelta(seconds=5)
"""A pause that hurts nobody, even if it does not grow."""

GROWTH = 1.5
"""How much longer the later half of the pauses is than the earlier one, if they grow at all."""

FEW = 3
"""Other requests into a limit that a client may make by chance before it learns to wait."""

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
    if lenient:
        pairs = _plainly(pairs, exchanges, evidence)
    yield _heeded(refused, pairs, evidence)
    if worst := max(_hammering(exchanges, evidence), key=len, default=()):
        text = (
            f"{describe(worst[0])} failed and was repeated {len(worst) - 1} times within "
            f"{tell_length(evidence.pause(worst[0], worst[-1]))}, with pauses that do not grow"
        )
        yield Finding(False, text, [exchange.id for exchange in worst], GROWING)


def _heeded(refused: Sequence[Exchange], pairs: Sequence[_Early], evidence: Evidence) -> Finding:
    if not pairs:
        held = True if refused and not evidence.gap else None
        text = f"waited after {counted(len(refused), 'refusal')}" if refused else "no limit refused anything"
        return Finding(held, evidence.gap or text)
    first = pairs[0]
    text = (
        f"{counted(len(pairs), 'request')} before the wait was over, first {describe(first.again)}: "
        f"{describe(first.refusal)} had told it to wait {tell_length(first.wait)}, "
        f"it came after {tell_length(evidence.pause(first.refusal, first.again))}"
    )
    return Finding(False, text, [f"{pair.refusal.id} then {pair.again.id}" for pair in pairs], IN_VAIN)


# -- refusals that bid to wait --------------------------------------------------------------------------


def _early_repeats(refused: Iterable[Exchange], evidence: Evidence) -> Iterator[_Early]:
    """Yield each refusal that came while an earlier one of the same limit, heard by then, bade to wait."""
    standing: dict[str, tuple[Exchange, timedelta]] = {}
    for exchange in refused:
        key = (
            exchange.rate_limit.key if exchange.rate_limit else f"{exchange.vendor} {exchange.answer.status}"
        )
        former, wait = standing.get(key, (None, timedelta(0)))
        if former is None or evidence.waited(former, exchange) >= wait:
            standing[key] = exchange, exchange.wait or timedelta(0)
        elif input_of(former) not in exchange.beside:
            yield _Early(former, wait, exchange)


def _plainly(pairs: Sequence[_Early], exchanges: Sequence[Exchange], evidence: Evidence) -> list[_Early]:
    """Return what no innocent client does.

    It repeats the very request that was refused, or drops it and goes straight on; or it has run into the
    same limit again and again. A single other request may be another part of a program, with no way to know.
    """
    last: dict[RequestIdentity, Exchange] = {question_of(exchange): exchange for exchange in exchanges}
    plain, others = [], []
    for pair in pairs:
        question = question_of(pair.refusal)
        alone = not pair.again.beside and not pair.refusal.beside
        dropped = last[question] is pair.refusal and not evidence.reads(pair.refusal)
        if question == question_of(pair.again) or (alone and dropped):
            plain.append(pair)
        elif alone:
            others.append(pair)
    return [*plain, *(others if len(others) >= FEW else ())]


# -- a vendor that is down ------------------------------------------------------------------------------


def _hammering(exchanges: Iterable[Exchange], evidence: Evidence) -> Iterator[Sequence[Exchange]]:
    """Yield the requests that were repeated, without a pause worth the name, at a vendor that is down."""
    runs: dict[RequestIdentity, list[Exchange]] = {}
    for exchange in exchanges:
        question = question_of(exchange)
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
    pauses = [evidence.pause(one, other) for one, other in pairwise(run)]
    half = len(pauses) // 2
    early, late = _mean(pauses[:half]), _mean(pauses[half:])
    return _mean(pauses) < LONG and late < max(early * GROWTH, timedelta(milliseconds=100))


def _mean(lengths: Sequence[timedelta]) -> timedelta:
    return sum(lengths, timedelta(0)) / len(lengths)
