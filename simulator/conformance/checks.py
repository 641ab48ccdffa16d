"""The judge: one exchange against one contract."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from simulator.conformance import violations
from simulator.conformance.answer_checks import check_answer, check_reply
from simulator.conformance.contract import Contract
from simulator.conformance.matching import match, verbs_at
from simulator.conformance.operations import Variant
from simulator.conformance.request_checks import check_request, type_of
from simulator.exchange import Exchange, Request, Violation
from simulator.formats.forms import BODILESS, Form, MalformedForm, read_form


def check(contract: Contract, exchange: Exchange, form: Form | None = None) -> list[Violation]:
    """Return every breach of the contract in a request and its answer, the client's first.

    `form` saves reading the parameters again. A request that the vendor refused is judged all the same, for
    the refusal shows that it was wrong; the refusal itself is a breach only if it is not documented. An
    answer that a scenario staged, by a fault or in words of its own, is not judged.
    """
    request = exchange.request
    found: list[Violation] = []
    if form is None:
        try:
            form = read_form(request.query, _form_type(contract, request), request.body)
        except MalformedForm as error:
            form = Form()
            found.append(violations.malformed_body(error.reason, contract.source, "documented"))
    variant = match(contract, request.method, request.path, form.values)
    if variant is None:
        return found + _check_stray(contract, exchange, form.values)
    if variant.editions and exchange.edition and exchange.edition not in variant.editions:
        source = contract.source + variant.source
        found.append(
            violations.outside_edition(variant.operation, exchange.edition, variant.editions, source)
        )
    if not found:
        found = _spare(contract, variant, exchange, check_request(contract, variant, request, form))
    return found + _check_answer(contract, variant, exchange)


def _form_type(contract: Contract, request: Request) -> str:
    return "" if request.method in BODILESS else type_of(contract, request)


def _spare(
    contract: Contract, variant: Variant, exchange: Exchange, found: list[Violation]
) -> list[Violation]:
    """Leave out what an account may do that has been told so, and did."""
    if not contract.spared or exchange.edition is None or exchange.answer.status >= 400:
        return found
    place = (exchange.edition, variant.operation)
    return [breach for breach in found if (*place, breach.where) not in contract.spared]


def operation_of(contract: Contract, request: Request, form: Form | None = None) -> str | None:
    """Return the id of the operation that a request is meant for, or None."""
    try:
        form = form or read_form(request.query, _form_type(contract, request), request.body)
    except MalformedForm:
        form = Form()
    variant = match(contract, request.method, request.path, form.values)
    return variant.operation if variant else None


def _check_answer(contract: Contract, variant: Variant, exchange: Exchange) -> list[Violation]:
    if exchange.staged:
        return []
    return check_answer(contract, variant, exchange.request.method, exchange.answer)


def _check_stray(contract: Contract, exchange: Exchange, fields: Mapping[str, str]) -> list[Violation]:
    """Judge a request that no operation answers: wrong slash, wrong verb, or a path nobody knows."""
    request = exchange.request
    if request.method in ("GET", "HEAD") and contract.is_download(request.path):
        return []
    turned = request.path.rstrip("/") if request.path.endswith("/") else request.path + "/"
    verbs = verbs_at(contract, request.path)
    meant = match(contract, request.method, turned, fields)
    if meant:
        breach = violations.wrong_path(request.path, turned, contract.source + meant.source, "inferred")
    elif verbs and (meant := match(contract, verbs[0], request.path, fields)):
        place = (contract.source + meant.source, meant.provenance)
        breach = violations.wrong_method(request.method, request.path, verbs, *place)
    else:
        return [_unknown(contract, request), *_check_unknown(contract, exchange)]
    if request.method == "OPTIONS":  # the server's own answer, of which no document speaks
        return [breach]
    return [breach, *_check_answer(contract, meant, exchange)]


def _check_unknown(contract: Contract, exchange: Exchange) -> list[Violation]:
    """Judge an answer where no operation was meant: by the path nobody knows, or one that several share."""
    reply, answer = contract.unknown_path, exchange.answer
    if contract.unselected and verbs_at(contract, exchange.request.path):
        reply = contract.unselected.get(str(answer.status), reply)
    if reply is None or exchange.staged:
        return []
    if answer.status != int(reply.status):
        place = (contract.source + reply.source, reply.provenance)
        return [violations.undocumented_status(answer.status, [reply.status], *place)]
    return check_reply(contract, reply, exchange.request.method, answer)


def _unknown(contract: Contract, request: Request) -> Violation:
    paths = {operation.path: operation.verbs[0] for operation in contract.operations}
    close = get_close_matches(request.path[:200], paths, n=1, cutoff=0.6)
    nearest = f"{paths[close[0]]} {close[0]}" if close else None
    return violations.unknown_operation(request.method, request.path, nearest, f"{contract.source}#/paths")
