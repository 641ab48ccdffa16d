"""Verdict on secrets in addresses: what stands in a URL is written into logs, histories and referrers.

How hard this is judged: a key in the query of a POST whose form could carry it fails, for no vendor shows
that form of the request in a document, and the client has a body at hand. A GET that a vendor documents is
no mistake, though another form exists: it is told as advice, and fails nothing. Where the only form is a GET,
the key stands in the path, or the body is no form (JSON), nothing is said: the client has no choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.conformance.contract import Contract
from simulator.exchange import Exchange
from simulator.scenario.values import Counts
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, counted, describe
from simulator.verdicts.sent_values import parameters_in

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
WITHOUT_BODY = ("GET", "HEAD")
ADVICE = (
    "send it in the body, or in a header where the vendor reads one; and count this one as known to others"
)


def judge_secrets(allowed: Counts, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge how many requests show a key that their form could carry, against what is `allowed`."""
    shown = [exchange for exchange in exchanges if _in_query(exchange, evidence) and _has_form(exchange)]
    if not exchanges or (evidence.gap and not shown):
        return Finding(None, evidence.gap or "nothing was asked")
    text = f"{counted(len(shown), 'request')} with a secret in the address"
    for first in shown[:1]:
        text += f", first {_in_query(first, evidence)} in the query of {describe(first)}"
    return Finding(len(shown) in allowed, text, [exchange.id for exchange in shown], ADVICE)


def advise_on_secrets(evidence: Evidence) -> Iterator[str]:
    """Yield what could be done better where the vendor documents it otherwise: a GET that has a POST."""
    open_ones = [
        exchange
        for exchange in evidence.exchanges
        if exchange.request.method in WITHOUT_BODY and _in_query(exchange, evidence)
    ]
    if open_ones:
        names = dict.fromkeys(f"{exchange.vendor}.{exchange.operation}" for exchange in open_ones)
        secret = _in_query(open_ones[0], evidence)
        yield f"{secret} is written into logs with every address; POST has it in its body: {', '.join(names)}"


def _has_form(exchange: Exchange) -> bool:
    """Tell whether a request has a body that is a form, or could have had one."""
    request = exchange.request
    return request.method not in WITHOUT_BODY and (not request.body or request.media_type in FORMS)


def _in_query(exchange: Exchange, evidence: Evidence) -> str:
    """Return the secret parameter that a request has in its query though a body may carry it, or nothing."""
    contract = evidence.contracts.get(exchange.vendor)
    if contract is None or exchange.operation is None or not exchange.request.query:
        return ""
    names = _secrets_of_bodies(contract, exchange.operation)
    return next(
        (name for name, value in parameters_in(exchange.request.query) if value and name in names), ""
    )


def _secrets_of_bodies(contract: Contract, operation: str) -> set[str]:
    known = contract.by_id.get(operation)
    groups = [group for form in known.variants for group in form.bodies.values()] if known else []
    return {name for group in groups for name, schema in group.properties.items() if schema.get("x-secret")}
