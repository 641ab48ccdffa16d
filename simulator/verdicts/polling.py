"""Verdicts on asking again: how often a client asks for the same thing, and for what is always refused.

What a vendor refuses for what the world is, it refuses again until that changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import chain, groupby

from simulator.errors import counted
from simulator.exchange import Exchange, Request
from simulator.scenario.values import Counts, Rate
from simulator.telephony.calls import Call
from simulator.telephony.holds import holds_of
from simulator.telephony.owners import Ref
from simulator.verdicts.effects import effects_of
from simulator.verdicts.evidence import Evidence, find_crowd, grouped
from simulator.verdicts.findings import Finding, describe, tell_length
from simulator.verdicts.repetition import RequestIdentity, question_of

ADVICE = "ask less often, or let the vendor call back where it tells results"

_WORD = re.compile(rb"[A-Za-z0-9-]+")

BREATH = timedelta(milliseconds=100)
"""A pause that a program makes on purpose; anything shorter is none."""

MOST_BREATHLESS = 10
"""So many times without a breath is a loop that only the answer ends; nobody asks so by hand or by chance."""

LONG_STREAK = 7
"""From so many on, a single breath is the machine's, which is busy, and not the client's."""

MOST_AFTER_THE_END = 5
"""So often may be asked for what is over: parts of a program that know nothing of each other do so."""

STOPPING = "let the client stop at the vendor's end states, all of them; does it know each by its right name?"

OFTEN = 3
"""So many times is no chance and no second look."""

NOT_BY_STATE = frozenset({401, 403, 405, 429})
_REFUSED = re.compile(r"refusal\b|.*\[(?:documented|observed|inferred)\]")
_NO_REFUSAL = re.compile(r"limit|fault|scenario|bug|replay|admitted|clamp|cut")
IN_VAIN = (
    "is the id the one that the vendor answered, whole, and of this account? "
    "Look at the refusal, and stop asking once it is final"
)


def judge_polls(rate: Rate, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge questions by the highest rate, in the world's time."""
    asked = _questions(exchanges, evidence)
    crowds = [
        crowd
        for exchanges in asked.values()
        if (crowd := find_crowd(exchanges, rate.count, rate.per, evidence))
    ]
    if not crowds:
        total = sum(map(len, asked.values()))
        held = None if evidence.gap else True
        return Finding(held, evidence.gap or f"{counted(total, 'question')}, none too often")
    worst = max(crowds, key=len)
    text = (
        f"{counted(len(crowds), 'question')} too often, {worst[0].vendor}.{worst[0].operation} "
        f"{len(worst)} times within {tell_length(evidence.between(worst[0].at, worst[-1].at))}"
    )
    shown = [exchange.id for exchange in worst]
    return Finding(False, text, shown, ADVICE)


def judge_breathless(evidence: Evidence) -> Iterator[Finding]:
    """Judge whether something was asked again and again without any pause, whatever the clock does."""
    asked = _questions(_about_effects(evidence), evidence)
    if not any(len(questions) > 1 for questions in asked.values()):
        yield Finding(None, "nothing was asked twice")
        return
    runs = [run for questions in asked.values() for run in _breathless(questions, evidence)]
    if not runs:
        yield _ended(asked.values(), evidence)
        return
    worst = max(runs, key=len)
    length = tell_length(evidence.pause(worst[0], worst[-1]))
    text = f"{worst[0].vendor}.{worst[0].operation} {len(worst)} times within {length}, without a pause"
    yield Finding(False, text, [exchange.id for exchange in worst], f"let the client pause; {ADVICE}")


def _ended(asked: Iterable[Sequence[Exchange]], evidence: Evidence) -> Finding:
    """Judge whether a client goes on asking for what it was told is over."""
    ends = {
        effect.ref.encode(): effect.over
        for exchange in evidence.exchanges
        for effect in effects_of(exchange, evidence)
    }
    ends |= {_word_of(job.ref): job.ended for job in evidence.world.jobs.all()}
    for questions in asked:
        over = [ends[ref] for ref in _words_of(questions[0].request) & ends.keys()]
        late = [
            exchange
            for exchange in questions
            if over and all(end is not None and end <= exchange.at for end in over)
        ]
        if len(late) > MOST_AFTER_THE_END:
            place = f"{late[0].vendor}.{late[0].operation}"
            text = f"{place} {len(late)} times after what it asks for was over, first told so in {late[0].id}"
            return Finding(False, text, [exchange.id for exchange in late], STOPPING)
    return Finding(True, "with pauses, and not for ever")


def _words_of(request: Request) -> set[bytes]:
    text = f"{request.path}?{request.query}&".encode("utf-8", "surrogatepass") + request.body
    return set(_WORD.findall(text))


def _word_of(ref: Ref) -> bytes:
    """Return the part of an id that tells requests about it from others: what stands behind a colon."""
    return str(ref).rpartition(":")[2].encode()


def _about_effects(evidence: Evidence) -> Iterator[Exchange]:
    """Yield the requests that name a call, message, run or job of the client: only these are polled for.

    Whoever reads a balance twenty times in a row is the limit's affair, not a poll's.
    """
    effects = (effect for exchange in evidence.exchanges for effect in effects_of(exchange, evidence))
    refs = {effect.ref.encode() for effect in effects}
    refs |= {_word_of(job.ref) for job in evidence.world.jobs.all()}
    refs |= {_word_of(run.ref) for exchange in evidence.exchanges for run in evidence.run_by(exchange)}
    yield from (
        exchange for exchange in evidence.exchanges if not refs.isdisjoint(_words_of(exchange.request))
    )


def _questions(exchanges: Iterable[Exchange], evidence: Evidence) -> dict[RequestIdentity, list[Exchange]]:
    return grouped(filter(evidence.reads, exchanges), question_of)


def _breathless(exchanges: Sequence[Exchange], evidence: Evidence) -> Iterator[Sequence[Exchange]]:
    """Yield the questions asked without a breath, and those of loops that only a busy machine held up."""
    streaks = groupby(_streaks(exchanges, evidence), key=lambda streak: len(streak) >= LONG_STREAK)
    for is_long, together in streaks:
        run = [*chain.from_iterable(together)]
        if is_long and len(run) >= MOST_BREATHLESS:
            yield run


def _streaks(exchanges: Sequence[Exchange], evidence: Evidence) -> Iterator[Sequence[Exchange]]:
    """Yield what was asked between one breath and the next."""
    first = 0
    for last in range(1, len(exchanges) + 1):
        if last == len(exchanges) or evidence.waited(exchanges[last - 1], exchanges[last]) >= BREATH:
            yield exchanges[first:last]
            first = last


def advise_on_waits(evidence: Evidence) -> Iterator[str]:
    """Yield why a call that a client asks for again and again has not been dialed, one line for all."""
    asked = Counter(word for one in _about_effects(evidence) for word in _words_of(one.request))
    waiting = [
        (call, holds[0])
        for call in evidence.calls
        if isinstance(call, Call) and not call.attempts and call.ending is None
        if asked[str(call.ref).encode()] >= OFTEN and (holds := [*holds_of(evidence.world, call)])
    ]
    for call, hold in waiting[:1]:
        times = asked[str(call.ref).encode()]
        others = f", and so it is with {len(waiting) - 1} more" if len(waiting) > 1 else ""
        until = f" until {hold.until:%F %H:%M}Z" if hold.until else ""
        yield f"call {call.ref} was asked for {times} times and waits{until}: {hold.text}{others}"


# -- asking in vain -------------------------------------------------------------------------------------


def judge_unknown_ids(allowed: Counts, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge how much was asked again and again that was always refused, against what is `allowed`."""
    asked = grouped(
        (one for one in exchanges if one.operation is not None and not one.rate_limit and not one.lost),
        question_of,
    )
    refused = [crowd for crowd in asked.values() if all(map(refused_by_state, crowd))]
    insisting = [crowd for crowd in refused if len(crowd) >= OFTEN]
    if not insisting and (evidence.gap or not refused):
        return Finding(None, evidence.gap or "nothing was refused for what it named")
    held = len(insisting) in allowed
    text = f"{counted(len(insisting), 'question')} asked again and again in vain"
    for worst in insisting[:1]:
        text += f", first {describe(worst[0])} {len(worst)} times: {worst[0].rule or worst[0].answer.status}"
    return Finding(held, text, [exchange.id for crowd in insisting for exchange in crowd], IN_VAIN)


def refused_by_state(exchange: Exchange) -> bool:
    """Tell whether the vendor refused a sound request for what the world is: an unknown id, no funds."""
    rule = exchange.rule or ""
    if exchange.staged or _NO_REFUSAL.match(rule):
        return False
    if any(violation.blame == "client" for violation in exchange.violations):
        return False
    status = exchange.answer.status
    return status not in NOT_BY_STATE and (400 <= status < 500 or _REFUSED.match(rule) is not None)
