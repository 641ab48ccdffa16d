"""Why did a vendor not do what it was asked? Its refusals by the contract's names, and what it drops."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType

from simulator.conformance.answer_checks import code_of, parts_of, refusal_of
from simulator.conformance.contract import Contract
from simulator.conformance.operations import ErrorText, Variant, name_in
from simulator.conformance.violations import plain
from simulator.exchange import Answer, Cause, Exchange, Refusal, Violation

BLAMED: tuple[Cause, ...] = ("request", "credential")
"""The causes for which a client answers."""

ANY = "*"
"""The word that stands for every refusal."""

UNHEARD = ("unknown-parameter", "silent-loss")
"""Violations that no vendor refuses: it does not even look."""


RENAMED: Mapping[int, str] = MappingProxyType(
    {413: "content_too_large", 414: "uri_too_long", 422: "unprocessable_content"}
)
"""Statuses that some versions of Python call otherwise."""


def find_refusal(
    contract: Contract, variant: Variant | None, answer: Answer, fact: str = ""
) -> Refusal | None:
    """Return why an answer refuses, by the contract's names, or None for one that does not.

    A `fact` is what the vendor's own application calls it, with the mark of its words where they are not the
    contract's: `call_unknown` or `call_unknown [scenario]`. Where the contract has no name, that of the HTTP
    status stands for it.
    """
    text = refusal_of(contract, variant, answer)
    if text is None and answer.status < 300:
        return None
    name, _, mark = fact.partition(" ")
    if (error := contract.errors.get(name)) is not None and not error.is_open:
        found = [replace(_refusal(error, text or ""), mark=mark.strip("[]") or error.provenance)]
    else:
        found = _matching(contract, variant, answer, text) or [_by_status(contract, variant, answer, name)]
    place = name_in(code_of(contract, variant, answer, "place")) or found[0].place
    return replace(found[0], place=place, others=tuple(found[1:]))


def _matching(contract: Contract, variant: Variant | None, answer: Answer, text: str | None) -> list[Refusal]:
    """Return the documented refusals that a text consists of; none where a part is unknown."""
    if text is None:
        return []
    code = code_of(contract, variant, answer)
    for known in (variant.errors if variant else (), tuple(contract.errors.values())):
        fitting = [
            error
            for error in known
            if error.status == answer.status and (code is None or error.has_code(code))
        ]
        for parts in ([text], parts_of(contract, text)):
            found = [(_best(fitting, part), part) for part in parts]
            if found and all(error for error, _ in found):
                return [_refusal(error, part) for error, part in found if error]
    return []


def _best(errors: Iterable[ErrorText], text: str) -> ErrorText | None:
    return max((each for each in errors if each.matches(text)), key=lambda each: each.weight, default=None)


def _refusal(error: ErrorText, text: str) -> Refusal:
    code = None if error.is_open else error.code
    return Refusal(error.name, error.cause, error.provenance, error.place_in(text), code)


def _by_status(contract: Contract, variant: Variant | None, answer: Answer, name: str) -> Refusal:
    """Name a refusal by its HTTP status, such as `method_not_allowed`."""
    reply = variant.reply(answer.status) if variant else contract.unknown_path
    phrase = "slash_missing" if answer.status == HTTPStatus.MOVED_PERMANENTLY else _phrase(answer.status)
    return Refusal(name or phrase, _cause(answer.status), reply.provenance if reply else "inferred")


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
    """Tell whether one of `words` is a refusal's name, its code or its operation, with the vendor or not."""
    names = {name for name in (refusal.name, refusal.code, operation) if name}
    return ANY in words or any(word.removeprefix(f"{vendor}.") in names for word in words)


def check_refusal(
    contract: Contract, variant: Variant | None, exchange: Exchange, found: Collection[Violation]
) -> Iterator[Violation]:
    """Yield what a vendor refused because of the request, or of who sent it, and no schema could say.

    What is `found` already explains a refusal. Nobody answers for limits, faults, and what was expected.
    """
    refusal = exchange.refusal
    if refusal is None or refusal.expected or exchange.staged or exchange.rate_limit is not None:
        return
    answer = exchange.answer
    text = refusal_of(contract, variant, answer) or f"status {answer.status}"
    sentence = code_of(contract, variant, answer, "sentence")
    said = f"{text}: {sentence}" if isinstance(sentence, str) else text
    for each in (refusal, *refusal.others):
        if each.cause in BLAMED and not _is_explained(each, variant, found):
            yield _refused(contract, each, said)


def _refused(contract: Contract, refusal: Refusal, said: str) -> Violation:
    error = contract.errors.get(refusal.name)
    when = error.when if error and error.when else f"the vendor answers {refusal.name.replace('_', ' ')}"
    fix = refusal.advice or (error.fix if error and error.fix else "send what the document asks")
    source = contract.source + (error.source if error else "#/paths")
    where = f"{refusal.name} at {refusal.place}" if refusal.place else refusal.name
    told = f"{refusal.code}: {said}" if refusal.code else said
    asked = f"nothing that is refused because {when}"
    return Violation(f"refused-{refusal.cause}", where, asked, plain(told), fix, source, refusal.mark)


def _is_explained(refusal: Refusal, variant: Variant | None, found: Iterable[Violation]) -> bool:
    """Tell whether a violation tells already why the vendor refused; one of a secret explains no more."""
    told = [each for each in found if each.blame == "client" and each.code not in UNHEARD]
    secret = [each for each in told if _is_secret(variant, each.where)]
    return bool(secret if refusal.cause == "credential" else len(told) > len(secret))


def _is_secret(variant: Variant | None, where: str) -> bool:
    if variant is None:
        return False
    groups = (variant.query, *variant.bodies.values(), variant.places, variant.headers)
    names = where.split(",")
    return any(group.property(name).get("x-secret") for group in groups for name in names)


def check_key(contract: Contract, exchange: Exchange) -> Iterator[Violation]:
    """Yield a key that opened an account only because this world lets in anyone."""
    if exchange.unissued_key:
        yield Violation(
            "unissued-key",
            "credential",
            "a key that was handed out: one of the scenario's accounts, or that of the ready file",
            "another one, which the vendor would refuse",
            "take the key from the environment, the ready file or the fixture; is the client's setting read?",
            f"{contract.source}#/components/x-errors",
            "inferred",
        )


def check_losses(contract: Contract, answer: Answer, found: Collection[Violation]) -> Iterator[Violation]:
    """Yield what of a request the vendor dropped, though it told success, unless `found` tells why."""
    for loss in answer.losses:
        told = contract.losses[loss.name]
        if any(each.blame == "client" and each.where.startswith(f"{loss.place}/") for each in found):
            continue
        asked = f"nothing that is dropped in silence: {told.when}"
        yield Violation(
            "silent-loss",
            loss.place or loss.name,
            asked,
            plain(loss.arrived) or "it",
            told.fix,
            contract.source + told.source,
            told.provenance,
            severity=told.severity,
        )
