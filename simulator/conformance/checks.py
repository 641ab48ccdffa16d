"""The judge: one exchange against one contract."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from simulator.conformance import violations
from simulator.conformance.answer_checks import check_answer, check_reply, undocumented_status
from simulator.conformance.causes import fold
from simulator.conformance.contract import Contract
from simulator.conformance.examples import example_of
from simulator.conformance.matching import match, nearly_match, verbs_at
from simulator.conformance.operations import Variant
from simulator.conformance.refusals import check_key, check_losses, check_refusal
from simulator.conformance.request_checks import check_request, type_of
from simulator.conformance.strays import explain_stray, missing_part
from simulator.exchange import Exchange, Request, Violation
from simulator.formats.forms import BODILESS, Form, MalformedForm, read_form


def check(
    contract: Contract, exchange: Exchange, form: Form | None = None, variant: Variant | None = None
) -> list[Violation]:
    """Return every breach of the contract in a request and its answer, the client's first.

    `form` and `variant`, what the request was meant for, save finding them again. A request that the vendor
    refused is judged all the same, for the refusal shows that it was wrong; the refusal itself is a breach
    only if it is not documented. An answer that a scenario staged, by a fault or in words of its own, is not
    judged.
    """
    request = exchange.request
    breaches: list[Violation] = []
    if form is None:
        try:
            form = read_form(request.query, _form_type(contract, request), request.body)
        except MalformedForm as error:
            form = Form()
            place = (contract.source, "inferred")
            breaches.append(violations.breach("malformed-body", place, sent=error.reason))
    variant = variant or match(contract, request.method, request.path, form.values)
    if variant is None:
        return breaches + _check_stray(contract, exchange, form)
    if variant.editions and exchange.edition and exchange.edition not in variant.editions:
        place = (contract.source + variant.source, "documented")
        words = {"operation": variant.operation, "edition": exchange.edition}
        editions = " and ".join(variant.editions)
        breaches.append(violations.breach("outside-edition", place, editions=editions, **words))
    if not breaches:
        breaches = _spare(contract, variant, exchange, _check_meant(contract, variant, request, form))
    breaches += check_refusal(contract, variant, exchange, breaches)
    breaches += [*check_key(contract, exchange), *check_losses(contract, exchange.answer, breaches)]
    return breaches + _check_answer(contract, variant, exchange)


def _check_meant(contract: Contract, variant: Variant, request: Request, form: Form) -> list[Violation]:
    """Judge a request by the form that was meant, and show an example of one that keeps the contract."""
    kind = type_of(contract, request).partition(";")[0].strip().lower()
    if request.body and kind and kind not in variant.bodies and kind not in variant.json_bodies:
        variant = nearly_match(contract, request.method, request.path, form.values, kind) or variant
    breaches = fold(contract, variant, request, check_request(contract, variant, request, form))
    if any(one.where in variant.places.properties for one in breaches):
        part = missing_part(contract, request, form.values)
        breaches = [part] if part else breaches
    return [replace(one, example=example_of(contract, variant)) for one in breaches]


def _form_type(contract: Contract, request: Request) -> str:
    return "" if request.method in BODILESS else type_of(contract, request)


def _spare(
    contract: Contract, variant: Variant, exchange: Exchange, breaches: list[Violation]
) -> list[Violation]:
    """Leave out what an account may do that has been told so, and did."""
    if not contract.spared or exchange.edition is None or exchange.answer.status >= 400:
        return breaches
    place = (exchange.edition, variant.operation)
    return [breach for breach in breaches if (*place, breach.where) not in contract.spared]


def _check_answer(contract: Contract, variant: Variant, exchange: Exchange) -> list[Violation]:
    if exchange.staged:
        return []
    return check_answer(contract, variant, exchange.request.method, exchange.answer)


def _is_preflight(request: Request) -> bool:
    """Return whether a browser asks what it may send, of which no document speaks."""
    return request.method == "OPTIONS" and request.header("Access-Control-Request-Method") is not None


def _check_stray(contract: Contract, exchange: Exchange, form: Form) -> list[Violation]:
    """Judge a request that no operation answers: wrong slash, wrong verb, or a path nobody knows."""
    request = exchange.request
    if request.method in ("GET", "HEAD") and contract.is_download(request.path):
        return []
    if _is_preflight(request) and exchange.answer.status == HTTPStatus.NO_CONTENT:
        return []
    nearly = nearly_match(contract, request.method, request.path, form.values)
    if nearly:
        breaches = _check_meant(contract, nearly, request, form)
        return [*breaches, *_check_unknown(contract, exchange)]
    cause, meant = explain_stray(contract, request, form.values)
    if meant is None:
        return [cause, *_check_unknown(contract, exchange)]
    cause = cause if cause.example else replace(cause, example=example_of(contract, meant))
    if request.method == "OPTIONS":  # the server's own answer, of which no document speaks
        return [cause]
    return [cause, *_check_answer(contract, meant, exchange)]


def _check_unknown(contract: Contract, exchange: Exchange) -> list[Violation]:
    """Judge an answer where no operation was meant: by the path nobody knows, or one that several share."""
    reply, answer = contract.unknown_path, exchange.answer
    if contract.unselected and verbs_at(contract, exchange.request.path):
        reply = contract.unselected.get(str(answer.status), reply)
    if reply is None or exchange.staged:
        return []
    if answer.status != int(reply.status):
        place = (contract.source + reply.source, reply.provenance)
        return [undocumented_status(answer, [reply.status], place)]
    return check_reply(contract, reply, exchange.request.method, answer)
