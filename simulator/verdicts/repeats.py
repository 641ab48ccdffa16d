"""Verdict on repetitions: nobody is called or written to twice for one request."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from simulator.errors import counted
from simulator.exchange import Exchange
from simulator.scenario.values import Counts
from simulator.verdicts.effects import Effect, effects_of
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, describe, tell_length
from simulator.verdicts.repetition import RequestIdentity, identity_of, is_key, question_of

AFTER_LOSS = timedelta(hours=1)
"""How long after a lost answer another request for the same person is taken for its repetition, though its
words differ and the first call is over: a client that gave up in the morning may write again at noon."""


OFTEN = 3
"""So many equal requests in a row are no chance."""


class Repetition(Struct, frozen=True):
    """An effect had again by a request that repeats another one, and why that is one too many."""

    effect: Effect
    request: Exchange
    former: Exchange
    why: str


class _Past(Struct, frozen=True):
    """One effect of an earlier request, and what that request asked."""

    exchange: Exchange
    effect: Effect
    identity: RequestIdentity
    question: RequestIdentity


class _Person(Struct):
    """What one operation did to one person: everything, by request, and the last of it."""

    last: _Past | None = None
    by_identity: dict[RequestIdentity, list[_Past]] = field(default_factory=dict)


def judge_repeats(allowed: Counts, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge how often somebody was called or written to twice, against what is `allowed`."""
    doubled = [*repetitions(exchanges, evidence)]
    few = allowed.high is None or len(doubled) <= allowed.high
    if few and evidence.gap:
        return Finding(None, evidence.gap)
    written = sum(len(evidence.sent_by(exchange)) for exchange in exchanges)
    amounts = {"call": len(evidence.calls), "message": written}
    some = [counted(amount, what) for what, amount in amounts.items() if amount] or ["0 calls"]
    text = f"{len(doubled)} of {' and '.join(some)}"
    for repetition in doubled[:1]:
        number = repetition.effect.number
        text += f", first to {number}: {describe(repetition.request)} repeats {repetition.former.id}"
        text += f", {repetition.why}"
    shown = [
        f"{repetition.former.id} then {repetition.request.id}: {repetition.effect.name}"
        for repetition in doubled
    ]
    advice = "before it repeats a request, let the client look up whether the first one was accepted"
    if doubled and (key := _key_for(doubled[0].request, evidence)):
        advice += f", or send both with one {key}, which brings the first answer again"
    return Finding(len(doubled) in allowed, text, shown, advice)


def advise_on_repeats(evidence: Evidence) -> Iterator[str]:
    """Yield what steps of the clock hide: what was asked again at once, and was over only by these steps.

    Nothing is judged by it: a client may know its clock, and wait for less than a call lasts.
    """
    for run in _unheard_runs(evidence):
        length = tell_length(evidence.between(run[0].at, run[-1].at))
        yield (
            f"{describe(run[0])} was repeated {len(run) - 1} times within {length} of the client's own time, "
            "though nothing told it that the first one was over: does it take a success for a failure? "
            "`--clock real` judges that"
        )
        return


def _unheard_runs(evidence: Evidence) -> Iterator[Sequence[Exchange]]:
    """Yield equal requests of an account, one right behind the other, each before its effect could end."""
    runs: dict[Hashable, list[Exchange]] = {}
    for exchange in evidence.exchanges if evidence.steps else ():
        run = runs.setdefault((exchange.vendor, exchange.account), [])
        if run and not _repeats_unheard(run[-1], exchange, evidence):
            if len(run) >= OFTEN:
                yield run[:]
            run.clear()
        run.append(exchange)
    yield from (run for run in runs.values() if len(run) >= OFTEN)


def _repeats_unheard(former: Exchange, later: Exchange, evidence: Evidence) -> bool:
    """Tell whether a request repeats one whose effects had not ended by its client's own time."""
    if question_of(former) != question_of(later) or identity_of(former) != identity_of(later):
        return False
    own = evidence.between(former.at, later.at)
    effects = effects_of(former, evidence)
    pasts = [_Past(former, effect, (), ()) for effect in effects]
    return bool(pasts) and all(
        past.effect.over is not None
        and own < past.effect.over - former.at
        and not _is_known_to_be_over(past, later, evidence)
        for past in pasts
    )


def _key_for(exchange: Exchange, evidence: Evidence) -> str | None:
    """Return the header by which the vendor knows a repetition of this operation, or None."""
    operation = evidence.contracts[exchange.vendor].by_id.get(exchange.operation or "")
    forms = operation.variants if operation else ()
    return next((name for form in forms for name in form.headers.properties if is_key(name)), None)


def repetitions(exchanges: Iterable[Exchange], evidence: Evidence) -> Iterator[Repetition]:
    """Find what was done again for one request.

    After a lost answer whatever that operation does next to the same person is a repetition, however it is
    spelt: the client cannot have known that the first one failed. Of another operation it is one as long as
    the first effect goes on and the client has not come to know of it. Otherwise only an equal request is,
    and only while what the first one did still goes on.
    """
    people: dict[Hashable, _Person] = {}
    lost: dict[Hashable, _Past] = {}
    for exchange in exchanges:
        scope = (exchange.vendor, exchange.operation, exchange.account)
        if not (effects := [*effects_of(exchange, evidence)]):
            continue
        identity, question = identity_of(exchange), question_of(exchange)  # a list of 10,000 is read once
        pasts = [_Past(exchange, effect, identity, question) for effect in effects]
        yield from _within(exchange, pasts)
        for past in pasts:
            person = people.get((scope, past.effect.person))
            elsewhere = lost.get((exchange.vendor, exchange.account, past.effect.person))
            if person and (repetition := _repeated(person, past, evidence)):
                yield Repetition(past.effect, exchange, *repetition)
            elif elsewhere and _is_another_way(elsewhere, past, evidence):
                yield Repetition(past.effect, exchange, elsewhere.exchange, _lost(elsewhere))
        for past in pasts:
            if exchange.lost:
                lost[exchange.vendor, exchange.account, past.effect.person] = past
            person = people.setdefault((scope, past.effect.person), _Person())
            person.last = past
            person.by_identity.setdefault(past.identity, []).append(past)


def _within(exchange: Exchange, pasts: Iterable[_Past]) -> Iterator[Repetition]:
    """Find who stands in one list twice, with nothing to tell the two entries apart."""
    seen: set[Hashable] = set()
    for past in pasts:
        entry = (past.effect.person, past.effect.content)
        if entry in seen:
            yield Repetition(past.effect, exchange, exchange, "which holds this number more than once")
        seen.add(entry)


def _repeated(person: _Person, past: _Past, evidence: Evidence) -> tuple[Exchange, str] | None:
    """Tell which earlier request makes a new one a repetition, and why."""
    at, last = past.exchange.at, person.last
    if last and last.exchange.lost and not _is_known_to_be_over(last, past.exchange, evidence):
        goes_on = last.effect.over is None or last.effect.over > at
        recent = at - last.exchange.at <= AFTER_LOSS
        if last.question == past.question or goes_on or recent:
            return last.exchange, _lost(last)
    for earlier in reversed(person.by_identity.get(past.identity, ())):
        if earlier.effect.over is None or earlier.effect.over > at:
            return earlier.exchange, f"whose {earlier.effect.person[0]} was not over yet"
    return None


def _is_another_way(lost: _Past, past: _Past, evidence: Evidence) -> bool:
    """Tell whether another operation did again what a client could not know to be under way."""
    goes_on = lost.effect.over is None or lost.effect.over > past.exchange.at
    is_other = lost.exchange.operation != past.exchange.operation
    return is_other and goes_on and not any(_times_heard(lost, past.exchange, evidence))


def _lost(past: _Past) -> str:
    return f"whose answer was lost ({past.exchange.rule})"


def _is_known_to_be_over(past: _Past, later: Exchange, evidence: Evidence) -> bool:
    """Tell whether the client had heard, before it asked again, that what it asked for was over."""
    over = past.effect.over
    return over is not None and any(over <= at for at in _times_heard(past, later, evidence))


def _times_heard(past: _Past, later: Exchange, evidence: Evidence) -> Iterator[datetime]:
    """Yield when the client heard, before it asked for more, of an effect whose request it saw unanswered."""
    ref = past.effect.ref
    for delivery in evidence.deliveries:
        if delivery.subject == ref and delivery.vendor == past.exchange.vendor:
            tries = evidence.tries.get(delivery.id, ())
            yield from (sending.at for sending in tries if sending.taken and sending.at <= later.at)
    needle = ref.encode()
    for exchange in evidence.exchanges:
        asked = exchange.vendor == later.vendor and past.exchange.at <= exchange.at <= later.at
        if asked and not exchange.lost and evidence.reads(exchange) and needle in exchange.answer.body:
            yield exchange.at
