"""Why did a vendor not do what it was asked? Its refusals by the contract's names, and what it drops."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from simulator.conformance.answer_checks import MAX_JUDGED, decode_answer
from simulator.conformance.contract import Contract
from simulator.conformance.error_texts import ErrorText, name_in
from simulator.conformance.operations import DocumentedAnswer, Variant
from simulator.conformance.violations import breach, plain, show
from simulator.exchange import Answer, Cause, Exchange, Refusal, Violation

Json = Any

BLAMED: tuple[Cause, ...] = ("request", "credential")
"""The causes for which a client answers."""

ANY = "*"
"""The word that stands for every refusal."""

MORE_CODES = (*(f"refused-{cause}" for cause in BLAMED), "unissued-key", "silent-loss")
"""What violations are called that no schema breaks."""

USUAL = "send what the document asks"
UNHEARD = ("unknown-parameter", "silent-loss")
"""Violations that no vendor refuses: it does not even look."""

RENAMED: Mapping[int, str] = {413: "content_too_large", 414: "uri_too_long", 422: "unprocessable_content"}
"""Statuses that some versions of Python call otherwise."""


class RefusalWords(Struct, frozen=True):
    """What an answer says where it refuses: the `text`, None where it does not.

    Where the document says that it has them: a `code` for programs, a `sentence` for people, and the `place`
    that it is about.
    """

    text: str | None = None
    code: Json = None
    sentence: Json = None
    place: Json = None


def words_of(contract: Contract, variant: Variant | None, answer: Answer) -> RefusalWords:
    """Return the words of a refusal, the text from the first place the document names that holds some.

    A refusal has a status from 400 on, unless the document says by `success` which value, and where, tells a
    success: then everything else refuses, whatever its status.
    """
    if (value := _read_refusal(contract, variant, answer)) is None:
        return RefusalWords()
    texts = (_at(value, pointer) for pointer in contract.refusal_texts)
    named = {word: contract.refusals.get(word) for word in ("code", "sentence", "place")}
    beside = {word: _at(value, pointer) for word, pointer in named.items() if pointer}
    return RefusalWords(next((text for text in texts if isinstance(text, str)), None), **beside)


def _read_refusal(contract: Contract, variant: Variant | None, answer: Answer) -> Json:
    if not contract.may_refuse(answer.status):
        return None
    success = contract.refusals.get("success")
    own = variant.reply(answer.status) if variant else None
    reply = own or contract.unselected.get(str(answer.status)) or contract.unknown_path
    kind = answer.media_type
    body = reply.bodies.get(kind) if reply else None
    if body is None or len(answer.body) > MAX_JUDGED:
        return None
    try:
        value = decode_answer(contract.document, body, kind, answer.body)
    except (ValueError, RecursionError):
        return None
    return None if success is not None and _at(value, success["at"]) in success["values"] else value


def _at(value: Json, pointer: str) -> Json:
    for step in pointer.split("/")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def find_errors(contract: Contract, variant: Variant, status: int, text: str) -> list[ErrorText]:
    """Return the documented refusals that `text` consists of; none where a part is unknown."""
    known = [error for error in variant.errors if error.status == status]
    return [error for error, _ in _consists_of(contract, known, text)]


def _consists_of(contract: Contract, errors: Iterable[ErrorText], text: str) -> list[tuple[ErrorText, str]]:
    """Return the refusals of which a text is made, with the part of each; none where a part is unknown.

    A vendor may join several in one text; each part then stands for the opening and itself. What a client
    sent may stand in the text, and look like a joint.
    """
    for parts in (parts_of(contract, text) or [text], [text]):
        pairs = [(error, part) for part in parts if (error := _best(errors, part))]
        if len(pairs) == len(parts):
            return pairs
    return []


def _best(errors: Iterable[ErrorText], text: str) -> ErrorText | None:
    matching = (error for error in errors if error.matches(text))
    return max(matching, key=lambda error: error.weight, default=None)


def parts_of(contract: Contract, text: str) -> list[str]:
    """Return the refusals that a vendor joined in one text, each with the opening, if it joins any."""
    opening, between = contract.refusals.get("opening"), contract.refusals.get("between")
    if not (opening and between and text.startswith(opening)):
        return []
    return [opening + part for part in text.removeprefix(opening).split(between)]


def check_words(contract: Contract, variant: Variant, answer: Answer) -> list[Violation]:
    """Return the breaches in the words of a refusal, and in what it has for programs beside them."""
    words = words_of(contract, variant, answer)
    if words.text is None:
        return []
    place = (f"{contract.source}{variant.source}/x-errors", "inferred")
    errors = find_errors(contract, variant, answer.status, words.text)
    if not errors:
        return [breach("unknown-error-text", place, sent=show(words.text))]
    fitting = any(error.has_code(words.code) for error in errors)
    if "code" not in contract.refusals or fitting or any(error.is_open for error in variant.errors):
        return []
    asked, sent = " or ".join(str(error.code) for error in errors), show(str(words.code))
    return [breach("wrong-error-code", place, asked=asked, sent=sent)]


# -- which refusal it is --------------------------------------------------------------------------------


def find_refusal(
    contract: Contract, variant: Variant | None, answer: Answer, fact: str = ""
) -> Refusal | None:
    """Return why an answer refuses, by the contract's names, or None for one that does not.

    A `fact` is what the vendor's own application calls it, with the mark of its words where they are not the
    contract's: `call_unknown` or `call_unknown [scenario]`. Where the contract has no name, that of the HTTP
    status stands for it.
    """
    words = words_of(contract, variant, answer)
    if words.text is None and answer.status < 300:
        return None
    name, _, mark = fact.partition(" ")
    if (error := contract.errors.get(name)) is not None and not error.is_open:
        refusals = [replace(_refusal(error, words.text or ""), mark=mark.strip("[]") or error.provenance)]
    else:
        known = _matching(contract, variant, answer.status, words)
        refusals = known or [_by_status(contract, variant, answer, name)]
    place = name_in(words.place) or refusals[0].place
    return replace(refusals[0], place=place, others=tuple(refusals[1:]))


def _matching(contract: Contract, variant: Variant | None, status: int, words: RefusalWords) -> list[Refusal]:
    """Return the documented refusals that a text consists of; none where a part is unknown."""
    text, code = words.text, words.code
    if text is None:
        return []
    for known in (variant.errors if variant else (), tuple(contract.errors.values())):
        fitting = [
            error for error in known if error.status == status and (code is None or error.has_code(code))
        ]
        if pairs := _consists_of(contract, fitting, text):
            return [_refusal(error, part) for error, part in pairs]
    return []


def _refusal(error: ErrorText, text: str) -> Refusal:
    code = None if error.is_open else error.code
    return Refusal(
        name=error.name, cause=error.cause, mark=error.provenance, place=error.place_in(text), code=code
    )


def _by_status(contract: Contract, variant: Variant | None, answer: Answer, name: str) -> Refusal:
    """Name a refusal by its HTTP status, such as `method_not_allowed`."""
    reply = variant.reply(answer.status) if variant else contract.unknown_path
    phrase = "slash_missing" if answer.status == HTTPStatus.MOVED_PERMANENTLY else _phrase(answer.status)
    return Refusal(name=name or phrase, cause=_cause(answer.status), mark=_mark(reply, answer.media_type))


def _mark(reply: DocumentedAnswer | None, kind: str) -> str:
    """Return how sure an answer is; of several bodies under one status each has a mark of its own."""
    if reply is None:
        return "inferred"
    body = reply.bodies.get(kind) if len(reply.bodies) > 1 else None
    return str(body.media.get("x-provenance", reply.provenance)) if body else reply.provenance


def _phrase(status: int) -> str:
    if status in RENAMED:
        return RENAMED[status]
    try:
        return HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_").replace("'", "")
    except ValueError:
        return f"status_{status}"


def _cause(status: int) -> Cause:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "limit"
    return "server" if status >= 500 else "request"


def is_allowed(refusal: Refusal, vendor: str, operation: str | None, words: Collection[str]) -> bool:
    """Return whether one of `words` is a refusal's name, code or operation, with the vendor or not."""
    names = {name for name in (refusal.name, refusal.code, operation) if name}
    return ANY in words or any(word.removeprefix(f"{vendor}.") in names for word in words)


def check_refusal(
    contract: Contract, variant: Variant | None, exchange: Exchange, violations: Collection[Violation]
) -> Iterator[Violation]:
    """Yield what a vendor refused because of the request, or of who sent it, and no schema could say.

    What `violations` already explain is left out. Nobody answers for limits, faults, and what was expected.
    """
    refusal = exchange.refusal
    if refusal is None or refusal.expected or exchange.staged or exchange.rate_limit is not None:
        return
    answer = exchange.answer
    words = words_of(contract, variant, answer)
    text = words.text or f"status {answer.status}"
    text = f"{text}: {words.sentence}" if isinstance(words.sentence, str) else text
    for one in (refusal, *refusal.others):
        if one.cause in BLAMED and not (
            _is_explained(one, variant, violations) or _is_unread(one, exchange, violations)
        ):
            yield _refused(contract, one, text, variant)


def _refused(contract: Contract, refusal: Refusal, text: str, variant: Variant | None) -> Violation:
    error = contract.errors.get(refusal.name)
    when = error.when if error and error.when else f"the vendor answers {refusal.name.replace('_', ' ')}"
    return Violation(
        code=f"refused-{refusal.cause}",
        where=f"{refusal.name} at {refusal.place}" if refusal.place else refusal.name,
        asked=f"nothing that is refused because {when}",
        arrived=plain(f"{refusal.code}: {text}" if refusal.code else text),
        fix=refusal.advice
        or _form_of(refusal.place, variant)
        or (error.fix if error and error.fix else USUAL),
        source=contract.source + (error.source if error else "#/paths"),
        provenance=refusal.mark,
    )


def _form_of(name: str, variant: Variant | None) -> str:
    """Return how a parameter that was refused is written, where the document has words for that."""
    groups = (variant.query, *variant.bodies.values()) if variant and name else ()
    return next((str(form) for group in groups if (form := group.property(name).get("x-fix"))), "")


def _is_explained(refusal: Refusal, variant: Variant | None, violations: Iterable[Violation]) -> bool:
    """Return whether a violation says already why the vendor refused; one of a secret explains no more."""
    places = [one.where for one in violations if one.blame == "client" and one.code not in UNHEARD]
    secret = [where for where in places if is_secret(variant, where)]
    return bool(secret if refusal.cause == "credential" else len(places) > len(secret))


def _is_unread(refusal: Refusal, exchange: Exchange, violations: Iterable[Violation]) -> bool:
    """Tell whether a key was sent that nobody found, for it stood in a body of a type that is not read."""
    is_unread = any(one.code in ("wrong-body-type", "malformed-body") for one in violations)
    name = refusal.place.encode() or b"key"
    return is_unread and refusal.cause == "credential" and name in exchange.request.body


def is_secret(variant: Variant | None, where: str) -> bool:
    """Return whether a place of a request, or one of several with commas between, holds a secret."""
    if variant is None:
        return False
    groups = (variant.query, *variant.bodies.values(), variant.places, variant.headers)
    names = where.split(",")
    return any(group.property(name).get("x-secret") for group in groups for name in names)


def check_key(contract: Contract) -> Violation:
    """Return the breach of a key that opened an account only because this world lets in anyone."""
    return Violation(
        code="unissued-key",
        where="credential",
        asked="a key that was handed out: one of the scenario's accounts, or that of the ready file",
        arrived="another one, which the vendor would refuse",
        fix="take the key from the environment, the ready file or the fixture; is the client's setting read?",
        source=f"{contract.source}#/components/x-errors",
        provenance="inferred",
    )


def check_losses(
    contract: Contract, answer: Answer, violations: Collection[Violation]
) -> Iterator[Violation]:
    """Yield what of a request the vendor dropped, though it answered success, unless `violations` say why."""
    for loss in answer.losses:
        text = contract.losses[loss.name]
        if any(one.blame == "client" and one.where.startswith(f"{loss.place}/") for one in violations):
            continue
        yield Violation(
            code="silent-loss",
            where=loss.place or loss.name,
            asked=f"nothing that is dropped in silence: {text.when}",
            arrived=plain(loss.arrived or loss.place),
            fix=text.fix,
            source=contract.source + text.source,
            provenance=text.provenance,
            severity=text.severity,
        )
