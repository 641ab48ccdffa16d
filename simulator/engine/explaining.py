"""Why an answer is what it is: in the contract's names, for a header and for the judge."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from simulator.conformance.contract import Contract
from simulator.conformance.operations import Variant
from simulator.conformance.refusals import ANY, find_refusal, is_allowed
from simulator.engine.mistaken_ids import find_cut, find_mistaken
from simulator.errors import SimulatorError, nearest
from simulator.exchange import STAGED, Answer, Refusal, Request
from simulator.vendor import RequestContext

ADMITTED = "admitted: new account"


class RefusalTerms(Struct, frozen=True):
    """What the client of a world answers for.

    `expected_refusals` are names, codes or operations of refusals that are part of the test. A world that
    `vouches_for_keys` holds every key against the client that nobody handed out.
    """

    expected_refusals: Collection[str] = ()
    vouches_for_keys: bool = False


def check_expected(words: Collection[str], contracts: Iterable[Contract]) -> None:
    """Raise SimulatorError for the first word that is no error, code or operation of any of the contracts."""
    known: set[str] = {ANY}
    for contract in contracts:
        names = {*contract.errors, *(error.code for error in contract.errors.values() if error.code)}
        names |= {operation.id for operation in contract.operations}
        known |= names | {f"{contract.vendor}.{name}" for name in names}
    for word in words:
        if word not in known:
            meant = nearest(word, sorted(known))
            hint = f"did you mean {meant!r}?" if meant else "`simulator contracts show VENDOR` lists them"
            raise SimulatorError(f"expected refusals: no error, code or operation is called {word!r}", hint)


def explain_answer(
    contract: Contract, variant: Variant | None, context: RequestContext, answer: Answer, terms: RefusalTerms
) -> tuple[str | None, Refusal | None, bool]:
    """Return the rule behind an answer, for a header, its refusal, and whether nobody had issued the key.

    Whoever is let in without having been invited is told so once.
    """
    refusal = _refusal(contract, variant, context, answer, terms)
    account = context.customer
    unissued = terms.vouches_for_keys and account is not None and account.uninvited
    return "; ".join(_rules(contract, context, answer, refusal)) or None, refusal, unissued


def _refusal(
    contract: Contract, variant: Variant | None, context: RequestContext, answer: Answer, terms: RefusalTerms
) -> Refusal | None:
    """Return why the vendor refused; a fault of ours, or words of somebody's own, are no refusal of its."""
    if not context.refused or (context.rule or "").startswith(STAGED):
        return None
    refusal = find_refusal(contract, variant, answer, context.fact)
    if refusal is None:
        return None
    if context.rate_limit is not None:
        refusal = replace(refusal, cause="limit")
    error = contract.errors.get(refusal.name)
    if refusal.cause == "state" and (cut := find_cut(context.customer, context.request, context.form)):
        refusal = replace(refusal, cause="request", place=cut.place, advice=cut.advice)
    elif error and (other := find_mistaken(error.asks, context.customer, context.request, context.form)):
        refusal = replace(refusal, advice=other)
    elif context.rule and context.rate_limit is None:
        usual = f"{error.fix}; " if error and error.fix else ""
        refusal = replace(refusal, advice=usual + context.rule)
    operation = variant.operation if variant else None
    return replace(refusal, expected=is_allowed(refusal, contract.vendor, operation, terms.expected_refusals))


def explain_unread(contract: Contract, answer: Answer, advice: str, terms: RefusalTerms) -> Refusal | None:
    """Return why a request was refused that nobody read, with `advice` on what to change."""
    refusal = find_refusal(contract, None, answer)
    if refusal is None:
        return None
    expected = is_allowed(refusal, contract.vendor, None, terms.expected_refusals)
    return replace(refusal, advice=advice, expected=expected)


def _rules(
    contract: Contract, context: RequestContext, answer: Answer, refusal: Refusal | None
) -> Iterator[str]:
    if refusal is None:
        if context.rule:
            yield context.rule
    elif (context.rule or "").startswith("limit: "):
        yield f"{context.rule}, {refusal.rule}"
    else:
        yield f"refusal: {refusal.rule}" + (f", {context.rule}" if context.rule else "")
    for loss in answer.losses:
        place = f", at {loss.place}" if loss.place else ""
        yield f"loss: {loss.name} [{contract.losses[loss.name].provenance}]{place}"
    is_clock_told = (context.rule or "").startswith("clock: ")
    if not is_clock_told and (far := far_date(context.request, context.world.clock.now)):
        yield far
    if context.newcomer:
        yield ADMITTED


FAR = timedelta(days=62)
MOST_BYTES = 16_384
MOST_DATES = 20

_ASKED = re.compile(
    rb"(?:date|from|to|since|until|start|end)\w{0,20}(?:=|\"\s*:\s*\")(20\d\d-[01]\d-[0-3]\d)", re.IGNORECASE
)


def far_date(request: Request, now: datetime) -> str:
    """Return what to say of the first date that is far ahead of the world's clock; nothing where none is."""
    asked = request.query.encode("utf-8", "replace") + b"&" + request.body[:MOST_BYTES]
    if b"20" not in asked:  # as in nearly all
        return ""
    for match in islice(_ASKED.finditer(asked), MOST_DATES):
        text = match[1].decode("ascii")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            continue
        if day - now.date() > FAR:
            days = (day - now.date()).days
            return f"clock: {text} is {days} days ahead of this world, where it is {now:%F %H:%M}"
    return ""
