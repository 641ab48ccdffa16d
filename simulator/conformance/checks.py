"""The judge: an exchange, or a callback, against a contract, parameters and bodies of its request first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from itertools import islice
from typing import Any

from msgspec.structs import replace

from simulator.conformance.answer_checks import check_answer, check_reply, undocumented_status
from simulator.conformance.causes import fold
from simulator.conformance.contract import Contract, candidates, match, nearly_match, verbs_at
from simulator.conformance.examples import example_of
from simulator.conformance.json_bodies import explain_json, find_unknown_keys
from simulator.conformance.malformed import advise_on_body, looks_like_a_form
from simulator.conformance.operations import Group, Variant
from simulator.conformance.parameters import MAX_FINDINGS, SentGroup
from simulator.conformance.reading import FORM
from simulator.conformance.refusals import check_key, check_losses, check_refusal, check_words, is_secret
from simulator.conformance.strays import explain_stray, missing_part
from simulator.conformance.violations import breach, plain, quote
from simulator.exchange import Exchange, Request, Violation
from simulator.formats.forms import BODILESS, Field, Form, MalformedForm, Upload, read_form
from simulator.formats.json_text import MalformedJson, OversizedJson, find_json, read_json

BAD_FORM = "bad-parameter"
"""The code of a value that is not written as the document says."""

MOST_POLLS = 1_000
LONGEST_POLL = 4_096
"""Bytes of an answer up to which a sound poll is remembered."""


def check(
    contract: Contract, exchange: Exchange, form: Form | None = None, variant: Variant | None = None
) -> list[Violation]:
    """Return every breach of the contract in a request and its answer, the client's first.

    `form` and `variant`, what the request was meant for, save finding them again. A request that the vendor
    refused is judged all the same, for the refusal shows that it was wrong; the refusal itself is a breach
    only if it is not documented. An answer that a scenario staged, by a fault or in words of its own, is not
    judged. A client that polls asks the same again and again, mostly with the same answer: one that was sound
    is not judged again.
    """
    poll = _poll_of(exchange)
    if poll is not None and poll in contract.sound_polls:
        return []
    breaches = _judge(contract, exchange, form, variant)
    if poll is not None and not breaches:
        if len(contract.sound_polls) >= MOST_POLLS:
            contract.sound_polls.clear()
        contract.sound_polls.add(poll)
    return breaches


def _poll_of(exchange: Exchange) -> tuple[object, ...] | None:
    """Return all that the judgement of a plain question and its short answer depends on; None for others."""
    request, answer = exchange.request, exchange.answer
    if request.method != "GET" or request.body or len(answer.body) > LONGEST_POLL:
        return None
    if exchange.rule is not None or exchange.refusal is not None or exchange.unissued_key or answer.losses:
        return None
    asked = (request.path, request.query, request.headers, exchange.edition, exchange.account is None)
    return *asked, answer.status, answer.headers, answer.body


def _judge(
    contract: Contract, exchange: Exchange, form: Form | None, variant: Variant | None
) -> list[Violation]:
    request, answer = exchange.request, exchange.answer
    breaches: list[Violation] = []
    is_read = True
    if form is None:
        try:
            kind = "" if request.method in BODILESS else _type_of(contract, request)
            form = read_form(request.query, kind, request.body)
        except MalformedForm as error:
            form, is_read = Form(), False
            if error.status == HTTPStatus.BAD_REQUEST:  # any other is how much we take
                breaches.append(
                    breach(
                        "malformed-body",
                        (contract.source, "inferred"),
                        sent=error.reason,
                        fix=advise_on_body(request),
                    )
                )
    variant = variant or meant_by(contract, exchange, exchange.edition, form.values)
    if variant is not None and request.method not in (variant.method, "HEAD"):
        request, form = _as_got(variant, request, form)
    if variant is None:
        stray = _check_stray(contract, exchange, form)
        hides = breaches and candidates(contract, request.method, request.path)  # what tells forms apart
        return breaches + [one for one in stray if not hides or one.blame == "simulator"]
    if variant.editions and exchange.edition and exchange.edition not in variant.editions:
        breaches.append(_outside_edition(contract, variant, exchange.edition))
    if is_read and not breaches:
        breaches = _spare(contract, variant, exchange, _check_meant(contract, variant, request, form))
        if exchange.account is not None:  # its key was handed out as it is, by whoever wrote the scenario
            breaches = [one for one in breaches if one.code != BAD_FORM or not is_secret(variant, one.where)]
    breaches += check_refusal(contract, variant, exchange, breaches)
    if exchange.unissued_key:
        breaches.append(check_key(contract))
    breaches += [*check_losses(contract, answer, breaches)]
    return breaches + _check_answer(contract, variant, exchange)


def meant_by(
    contract: Contract, exchange: Exchange, edition: str | None, fields: Mapping[str, str]
) -> Variant | None:
    """Return the form that a request was meant for, by another verb where accounts of its edition may."""
    request = exchange.request
    variant = match(contract, request.method, request.path, fields)
    if variant or edition is None or exchange.answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        return variant
    variant = match(contract, "GET", request.path, fields)
    is_spared = variant is not None and (edition, variant.operation, "method") in contract.spared
    return variant if is_spared else None


def _as_got(variant: Variant, request: Request, form: Form) -> tuple[Request, Form]:
    """Return a request by the verb of its form, with all its fields where they stand there."""
    fields = tuple(Field(name, value, "query") for name, value, _ in form.fields)
    return replace(request, method=variant.method, body=b""), Form(fields)


def _type_of(contract: Contract, request: Request) -> str:
    """Return the content type of a body; a vendor may know JSON by its look, whatever the header says."""
    seen = contract.json_by_shape and find_json(request.body) is not None
    return "application/json" if seen else request.content_type


def _outside_edition(contract: Contract, variant: Variant, edition: str) -> Violation:
    place, editions = (contract.source + variant.source, "documented"), " and ".join(variant.editions)
    operation = variant.operation
    return breach("outside-edition", place, operation=operation, edition=edition, editions=editions)


def _spare(
    contract: Contract, variant: Variant, exchange: Exchange, breaches: list[Violation]
) -> list[Violation]:
    """Leave out what an account may do that has been told so, and did."""
    if not breaches or exchange.edition is None or exchange.answer.status >= 400:
        return breaches
    place = (exchange.edition, variant.operation)
    return [breach for breach in breaches if (*place, breach.where) not in contract.spared]


def _check_answer(contract: Contract, variant: Variant, exchange: Exchange) -> list[Violation]:
    if exchange.staged or exchange.reworded:
        return []
    answer = exchange.answer
    breaches = check_answer(contract, variant, exchange.request.method, answer)
    if not breaches and variant.errors and contract.may_refuse(answer.status):
        breaches = check_words(contract, variant, answer)
    return breaches


# -- what a request was meant for -----------------------------------------------------------------------


def _check_meant(contract: Contract, variant: Variant, request: Request, form: Form) -> list[Violation]:
    """Judge a request by the form that was meant, and show an example of one that keeps the contract."""
    kind = _body_kind(contract, request)
    if kind and kind not in variant.readable:
        variant = nearly_match(contract, request.method, request.path, form.values, kind) or variant
    breaches = check_request(contract, variant, request, form)
    if breaches or "://" in request.query or b"://" in request.body:
        breaches = fold(contract, variant, request, breaches)
    if not breaches:
        return []
    if any(one.where in variant.places.properties for one in breaches):
        part = missing_part(contract, request, form.values)
        breaches = [part] if part else breaches
    example = example_of(contract, variant)
    return [replace(one, example=example) for one in breaches]


def check_request(contract: Contract, variant: Variant, request: Request, form: Form) -> list[Violation]:
    """Return the breaches of a request that was meant for `variant`; `form` holds its parameters.

    Path, headers (of which any that the document lacks may come), query and body are judged.
    """
    breaches: list[Violation] = []
    if variant.places.properties and (place := variant.pattern.match(request.path)):
        pairs = zip(variant.variables, place.groups(), strict=True)
        fields = tuple(Field(name, value, "query") for name, value in pairs)
        breaches += _check_group(contract, variant, variant.places, fields)
    if variant.headers.properties:
        sent = ((name, request.header(name)) for name in variant.headers.properties)
        fields = tuple(Field(name, value, "query") for name, value in sent if value is not None)
        breaches += _check_group(contract, variant, variant.headers, fields)
    return breaches + _check_content(contract, variant, request, form)


def _body_kind(contract: Contract, request: Request) -> str:
    """Return of what content type a body is; nothing where there is none."""
    return _type_of(contract, request).partition(";")[0].strip().lower() if request.body else ""


def _check_content(contract: Contract, variant: Variant, request: Request, form: Form) -> list[Violation]:
    """Judge query and body."""
    kind = _body_kind(contract, request)
    if request.body and kind not in variant.readable:  # all else that is missing follows from this
        asked, sent = " or ".join(variant.readable) or "no body", plain(kind or "none")
        place = (contract.source + variant.source, "inferred")
        names = [] if variant.readable else [*_names_in_body(request, form) & variant.query.properties.keys()]
        fix = f"send {quote(sorted(names), ' and ')} in the query: no body is read" if names else None
        if FORM in variant.readable and looks_like_a_form(request.body):
            fix = f"send it as {FORM}, which it is: as {sent} a form is not read"
        return [breach("wrong-body-type", place, asked=asked, sent=sent, fix=fix)]
    if variant.body_required and not request.body and (variant.json_bodies or not variant.bodies):
        place = (contract.source + variant.source, variant.body_provenance)
        absent = breach("missing-body", place, asked=" or ".join(variant.readable))
        return [absent, *_check_apart(contract, variant, form, kind)]
    if variant.merged:
        group = variant.bodies.get(kind) or next(iter(variant.bodies.values()))
        return _check_group(contract, variant, group, form.fields, form.files)
    breaches = _check_apart(contract, variant, form, kind)
    if kind in variant.json_bodies:
        breaches += _check_json(contract, variant, request, kind)
    return breaches


def _names_in_body(request: Request, form: Form) -> set[str]:
    """Return the names of what a body holds, a form or a JSON object."""
    names = {field.name for field in form.fields if field.place == "body"}
    with suppress(MalformedJson):
        value = read_json(request.body)
        names |= value.keys() if isinstance(value, dict) else set()
    return names


def _check_apart(contract: Contract, variant: Variant, form: Form, kind: str) -> list[Violation]:
    """Judge query and body each by its own group, where the vendor tells them apart."""
    query = tuple(field for field in form.fields if field.place == "query")
    breaches = _check_group(contract, variant, variant.query, query)
    if kind in variant.bodies or (variant.body_required and variant.bodies and not variant.json_bodies):
        group = variant.bodies.get(kind) or next(iter(variant.bodies.values()))
        body = tuple(field for field in form.fields if field.place == "body")
        breaches += _check_group(contract, variant, group, body, form.files)
    return breaches


TOO_LARGE = "send less: it is JSON, and more than this simulator takes"


def _check_json(contract: Contract, variant: Variant, request: Request, kind: str) -> list[Violation]:
    try:
        text = find_json(request.body) or request.body if contract.json_by_shape else request.body
        value = read_json(text, contract.most_values)
    except MalformedJson as error:
        is_ours = isinstance(error, OversizedJson)
        place = (contract.source + variant.source, variant.body_provenance)
        malformed = breach("malformed-body", place, sent=error, fix=advise_on_body(request))
        return [replace(malformed, fix=TOO_LARGE, provenance="inferred") if is_ours else malformed]
    pointer = variant.json_bodies[kind]
    return explain_json(contract, variant, pointer, value) + find_unknown_keys(contract, pointer, value)


def _check_group(
    contract: Contract,
    variant: Variant,
    group: Group,
    fields: tuple[Field, ...],
    files: tuple[Upload, ...] = (),
) -> list[Violation]:
    """Return nothing, quickly, for parameters that are as asked; else say what is wrong with each."""
    values = group.read(fields, files)
    once = len(values) == len(fields)
    if (
        once
        and not (files or group.files)
        and group.validator.is_valid(values)
        and all(_is_one(names, values) for names in group.one_of)
    ):
        return []
    sent = SentGroup(
        contract=contract, variant=variant, group=group, values=values, fields=fields, files=files
    )
    return list(islice(sent.explain(), MAX_FINDINGS))


def _is_one(names: Iterable[str], values: dict[str, object]) -> bool:
    return sum(name in values for name in names) == 1


# -- requests that no operation answers -----------------------------------------------------------------


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


def _is_preflight(request: Request) -> bool:
    """Return whether a browser asks what it may send, of which no document speaks."""
    return request.method == "OPTIONS" and request.header("Access-Control-Request-Method") is not None


def _check_unknown(contract: Contract, exchange: Exchange) -> list[Violation]:
    """Judge an answer where no operation was meant: by the path nobody knows, or one that several share."""
    reply, answer = contract.unknown_path, exchange.answer
    if contract.unselected and verbs_at(contract, exchange.request.path):
        reply = contract.unselected.get(str(answer.status), reply)
    if reply is None or exchange.staged or exchange.reworded:
        return []
    if answer.status != int(reply.status):
        place = (contract.source + reply.source, reply.provenance)
        return [undocumented_status(answer, [reply.status], place)]
    return check_reply(contract, reply, exchange.request.method, answer)


# -- callbacks ------------------------------------------------------------------------------------------

Json = Any


def check_delivery(
    contract: Contract, request: Request, filled: tuple[tuple[str, str], ...] = ()
) -> tuple[str | None, list[Violation]]:
    """Return which event of the document a callback tells, and every breach in it.

    What a template of the client was `filled` in with is judged by the vendor's names, in the place of what
    stands in the URL under names of the client's. The simulator is to blame for all of them. What the
    receiver answers is its own affair, and so are parameters that its URL had before. Without any event in
    the document nothing is judged.
    """
    if not contract.events:
        return None, []
    form = Form(tuple(Field(name, value, "query") for name, value in filled))
    if not filled:
        with suppress(MalformedForm):
            form = read_form(request.query, request.content_type, request.body)
    variant = _match_event(contract, request, form)
    if variant is None:
        place = (f"{contract.source}#/webhooks", "inferred")
        return None, [breach("unknown-event", place, sent=request.method)]
    breaches = check_request(contract, variant, request, form)
    own = [one for one in breaches if one.code != "unknown-parameter"]
    return variant.operation, [replace(one, blame="simulator") for one in own]


def _match_event(contract: Contract, request: Request, form: Form) -> Variant | None:
    """Return the event with this verb whose telling fields are all told so; the most specific wins."""
    texts = _texts_of(request, form)
    fitting = [
        variant
        for event in contract.events
        for variant in event.variants
        if variant.method == request.method
        and all(
            texts.get(name) == value if value is not None else name in texts
            for name, value in contract.telling[variant.source].items()
        )
    ]
    return max(fitting, key=lambda variant: len(contract.telling[variant.source]), default=None)


def _texts_of(request: Request, form: Form) -> dict[str, Json]:
    """Return the texts by name that a callback holds, in its parameters or at the top of its JSON."""
    value: Json = None
    if request.media_type == "application/json":
        with suppress(MalformedJson):
            value = read_json(request.body)
    return {**form.values, **(value if isinstance(value, dict) else {})}
