"""Does an answer keep its contract? Status, headers, content type, body, words of a refusal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator
from jsonschema_rs import ValidationError as SchemaRefused

from simulator.conformance import violations
from simulator.conformance.contract import Contract
from simulator.conformance.decoding import decode_answer
from simulator.conformance.keywords import asked_by, look_alike_in, pointer_of, schema_of, source_of
from simulator.conformance.operations import DocumentedAnswer, ErrorText, Variant
from simulator.exchange import Answer, Violation

Json = Any

MAX_FINDINGS = 20
MOST_HEADERS = 1_000
MAX_JUDGED = 4 * 1024 * 1024


def check_answer(contract: Contract, variant: Variant, method: str, answer: Answer) -> list[Violation]:
    """Return the breaches of an answer; the body of a HEAD, or one above 4 MB, is not looked at."""
    reply = variant.reply(answer.status)
    if reply is None:
        source = f"{contract.source}{variant.source}/responses"
        return [undocumented_status(answer, variant.replies, (source, variant.provenance))]
    breaches = check_reply(contract, reply, method, answer)
    if not breaches and variant.errors:
        breaches = _check_words(contract, variant, answer)
    return breaches


def undocumented_status(answer: Answer, known: Iterable[str], place: violations.Place) -> Violation:
    """Return the breach of an answer whose status is none of the known ones."""
    return violations.breach("undocumented-status", place, asked=", ".join(known), sent=answer.status)


def check_reply(contract: Contract, reply: DocumentedAnswer, method: str, answer: Answer) -> list[Violation]:
    """Return the breaches of an answer against one documented reply."""
    breaches = _check_headers(contract, reply, answer) if reply.headers else []
    kind = answer.media_type
    pointer = reply.media.get(kind)
    if pointer is None:
        if reply.media and (kind or answer.body):
            place = (contract.source + reply.source, reply.provenance)
            asked = " or ".join(reply.media)
            breaches.append(violations.breach("wrong-content-type", place, asked=asked, sent=kind or "none"))
        return breaches
    if method == "HEAD" or len(answer.body) > MAX_JUDGED:
        return breaches
    return breaches + _check_body(contract, reply, pointer, kind, answer.body)


def _check_headers(contract: Contract, reply: DocumentedAnswer, answer: Answer) -> list[Violation]:
    """Judge headers; most come again and again, and are sound."""
    key = (reply.source, answer.headers)
    if key in contract.sound_headers:
        return []
    breaches = list(_judge_headers(contract, reply, answer))
    if not breaches and len(contract.sound_headers) < MOST_HEADERS:
        contract.sound_headers.add(key)
    return breaches


def _judge_headers(contract: Contract, reply: DocumentedAnswer, answer: Answer) -> Iterator[Violation]:
    for name, pointer in reply.headers.items():
        value, place = answer.header(name), (contract.source + pointer, reply.provenance)
        if value is None:
            yield violations.breach("missing-header", place, name=name)
        elif not contract.schemas.at(pointer).is_valid(value):
            errors = contract.schemas.at(pointer).iter_errors(value)
            asked = "; ".join(asked_by(error, schema_of(contract.document, error)) for error in errors)
            yield violations.breach("bad-header", place, name=name, asked=asked, sent=violations.show(value))


def _check_body(
    contract: Contract, reply: DocumentedAnswer, pointer: str, kind: str, body: bytes
) -> list[Violation]:
    try:
        value = decode_answer(contract.document, contract.media_at(pointer), kind, body)
        refused = _find_refused(contract.schemas.at(pointer), value)
    except (ValueError, RecursionError) as error:
        asked = "UTF-8 JSON" if kind.endswith("json") else "UTF-8 text"
        place, reason = (contract.source + pointer, reply.provenance), str(error).splitlines()[0][:200]
        return [violations.breach("bad-answer", place, name="/", asked=asked, sent=reason)]
    return [_bad_answer(contract, reply, error) for error in refused]


def _bad_answer(contract: Contract, reply: DocumentedAnswer, error: SchemaRefused) -> Violation:
    return violations.breach(
        "bad-answer",
        (source_of(contract.source, error), reply.provenance),
        name=pointer_of(error) or "/",
        asked=asked_by(error, schema_of(contract.document, error)),
        sent=violations.show(error.instance),
        fix=look_alike_in(error),
        rule=error.kind.name,
    )


def _find_refused(schema: Draft202012Validator, value: Json) -> list[SchemaRefused]:
    """Return what the schema refuses; raises ValueError for nesting it cannot follow."""
    return [] if schema.is_valid(value) else list(islice(schema.iter_errors(value), MAX_FINDINGS))


def refusal_of(contract: Contract, variant: Variant | None, answer: Answer) -> str | None:
    """Return the words of a refusal, from the first place that the document names and that holds some.

    A refusal has a status from 400 on, unless the document says by `success` which value, and where, tells a
    success: then everything else refuses, whatever its status.
    """
    value = _read_refusal(contract, variant, answer)
    texts = (_at(value, pointer) for pointer in contract.refusal_texts)
    return next((text for text in texts if isinstance(text, str)), None)


def code_of(contract: Contract, variant: Variant | None, answer: Answer, what: str = "code") -> Json:
    """Return what a refusal has for programs, where the document says that it has something.

    Likewise its `sentence` for people, and the `place` that it is about.
    """
    at = contract.refusals.get(what)
    return _at(_read_refusal(contract, variant, answer), at) if at else None


def _read_refusal(contract: Contract, variant: Variant | None, answer: Answer) -> Json:
    if not contract.may_refuse(answer.status):
        return None
    success = contract.refusals.get("success")
    own = variant.reply(answer.status) if variant else None
    reply = own or _reply_at_large(contract, answer.status)
    kind = answer.media_type
    schema = reply.media.get(kind) if reply else None
    if schema is None or len(answer.body) > MAX_JUDGED:
        return None
    try:
        value = decode_answer(contract.document, contract.media_at(schema), kind, answer.body)
    except (ValueError, RecursionError):
        return None
    return None if success is not None and _at(value, success["at"]) in success["values"] else value


def _reply_at_large(contract: Contract, status: int) -> DocumentedAnswer | None:
    """Return what the document says of an answer where no operation was meant."""
    return contract.unselected.get(str(status)) or contract.unknown_path


def _at(value: Json, pointer: str) -> Json:
    for step in pointer.split("/")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def find_errors(contract: Contract, variant: Variant, status: int, text: str) -> list[ErrorText] | None:
    """Return the documented refusals that `text` consists of, or None where a part is unknown.

    A vendor may join several in one text; each part then stands for the opening and itself. The very words of
    one count before those of another that has gaps.
    """
    known = [error for error in variant.errors if error.status == status]
    matches = []
    for part in [text, *parts_of(contract, text)]:
        exact = (error for error in known if error.text == part)
        match = next(exact, None) or next((error for error in known if error.matches(part)), None)
        if match and part is text:
            return [match]
        if match:
            matches.append(match)
        elif part is not text:
            return None
    return matches or None


def parts_of(contract: Contract, text: str) -> list[str]:
    """Return the refusals that a vendor joined in one text, each with the opening, if it joins any."""
    opening, between = contract.refusals.get("opening"), contract.refusals.get("between")
    if not (opening and between and text.startswith(opening)):
        return []
    return [opening + part for part in text.removeprefix(opening).split(between)]


def _check_words(contract: Contract, variant: Variant, answer: Answer) -> list[Violation]:
    if not contract.may_refuse(answer.status):
        return []
    text = refusal_of(contract, variant, answer)
    if text is None:
        return []
    errors = find_errors(contract, variant, answer.status, text)
    if errors is None:
        source = f"{contract.source}{variant.source}/x-errors"
        return [violations.breach("unknown-error-text", (source, "inferred"), sent=violations.show(text))]
    return _check_code(contract, variant, answer, errors)


def _check_code(
    contract: Contract, variant: Variant, answer: Answer, known: list[ErrorText]
) -> list[Violation]:
    """Judge what a refusal has for programs, beside words that are in order already."""
    if "code" not in contract.refusals:
        return []
    code = code_of(contract, variant, answer)
    if any(error.has_code(code) for error in known) or any(error.is_open for error in variant.errors):
        return []
    source = f"{contract.source}{variant.source}/x-errors"
    asked, sent = " or ".join(str(error.code) for error in known), violations.show(str(code))
    return [violations.breach("wrong-error-code", (source, "inferred"), asked=asked, sent=sent)]
