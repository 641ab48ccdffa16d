"""Breaches of a contract in words: what was asked, what arrived, the smallest fix."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from simulator.exchange import Violation

Json = Any

MAX_SHOWN = 120

_KEY = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<![0-9])\+[0-9]{7,15}(?![0-9])")
_DIGITS = re.compile(r"[0-9]{7,15}")


def show(value: Json) -> str:
    """Return a value for a message: short, on one line, keys blotted out and phone numbers masked."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = _PHONE.sub(lambda found: mask_phone(found[0]), _KEY.sub("***", text))
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def plain(text: str) -> str:
    """Return a text from outside as `show` does, without quotes."""
    return show(text)[1:-1]


def show_parameter(value: Json, schema: dict[str, Json]) -> str:
    """Return the value of a parameter for a message; its schema says whether it is secret or a phone."""
    if schema.get("x-secret"):
        return "***"
    if schema.get("x-phone"):
        return show(_without_digits(value))
    return show(value)


def _without_digits(value: Json) -> Json:
    """Return a value with the middle of each number in it hidden, also where it is one itself."""
    if isinstance(value, dict):
        return {str(_without_digits(key)): _without_digits(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [*map(_without_digits, value)]
    masked = _DIGITS.sub(lambda found: mask_phone(found[0]), str(value))
    return value if masked == str(value) else masked


def mask_phone(number: str) -> str:
    """Return a phone number with its middle hidden: `+380***789`."""
    start = 4 if number.startswith("+") else 3
    return f"{number[:start]}***{number[-3:]}"


def unknown_operation(method: str, path: str, nearest: str | None, source: str) -> Violation:
    """Report a request to a path that the document does not have."""
    fix = f"did you mean {nearest}?" if nearest else "look the path up in the document"
    return Violation(
        "unknown-operation", "path", "a path of the document", plain(f"{method} {path}"), fix, source
    )


def wrong_method(method: str, path: str, verbs: Sequence[str], source: str, provenance: str) -> Violation:
    """Report a verb that the document does not have at this path."""
    asked = f"{' or '.join(verbs)} {path}"
    return Violation(
        "wrong-method", "method", asked, plain(f"{method} {path}"), f"send {verbs[0]}", source, provenance
    )


def wrong_path(arrived: str, path: str, source: str, provenance: str) -> Violation:
    """Report a path that differs from the document's by its closing slash."""
    return Violation("wrong-path", "path", path, plain(arrived), f"call {path}", source, provenance)


def unknown_parameter(name: str, nearest: str | None, source: str, provenance: str) -> Violation:
    """Report a parameter that the vendor does not know and silently ignores; its value is not shown."""
    fix = f"did you mean `{nearest}`?" if nearest else f"leave `{plain(name)}` out: it is silently ignored"
    asked = "only parameters of the document"
    return Violation(
        "unknown-parameter", plain(name), asked, "a name it does not have", fix, source, provenance
    )


def missing_parameter(name: str, source: str, provenance: str) -> Violation:
    """Report a required parameter that did not come."""
    return Violation(
        "missing-parameter", name, f"`{name}` is required", "nothing", f"send `{name}`", source, provenance
    )


def missing_choice(names: Sequence[str], source: str, provenance: str) -> Violation:
    """Report none of several parameters of which one is needed."""
    listed = " or ".join(f"`{name}`" for name in names)
    return Violation(
        "missing-choice",
        ",".join(names),
        f"{listed} is required",
        "none of them",
        f"send {listed}",
        source,
        provenance,
    )


def exclusive_parameters(names: Sequence[str], source: str, provenance: str) -> Violation:
    """Report parameters that may not come together."""
    listed = " or ".join(f"`{name}`" for name in names)
    arrived = " and ".join(f"`{name}`" for name in names)
    where, fix = ",".join(names), f"leave one of {arrived} out"
    return Violation("exclusive-parameters", where, f"either {listed}", arrived, fix, source, provenance)


def repeated_parameter(name: str, count: int, source: str, provenance: str) -> Violation:
    """Report one parameter several times, of which the vendor reads one."""
    fix = f"send `{name}` once, in the query or in the body"
    return Violation("repeated-parameter", name, f"`{name}` once", f"{count} times", fix, source, provenance)


def too_many_items(name: str, limit: int, count: int, source: str, provenance: str) -> Violation:
    """Report a list of values longer than the vendor takes."""
    asked, fix = f"at most {limit} values", f"split `{name}` into requests of {limit}"
    return Violation("too-many-items", name, asked, f"{count} values", fix, source, provenance)


def bad_parameter(name: str, asked: str, arrived: str, fix: str, source: str, provenance: str) -> Violation:
    """Report a parameter whose value its schema refuses."""
    return Violation("bad-parameter", name, asked, arrived, fix, source, provenance)


def wrong_part(name: str, wants_file: bool, source: str, provenance: str) -> Violation:
    """Report a file where text is asked for, or text where a file is."""
    asked, arrived = ("a file", "text") if wants_file else ("text", "a file")
    fix = (
        f"send `{name}` as a multipart part with a file name"
        if wants_file
        else f"send `{name}` without a file name"
    )
    return Violation("wrong-part", name, asked, arrived, fix, source, provenance)


def wrong_body_type(arrived: str, kinds: Iterable[str], source: str, provenance: str) -> Violation:
    """Report a body in a format that the vendor does not read."""
    asked = " or ".join(kinds) or "no body"
    fix = f"send {asked}; other bodies are not read"
    return Violation("wrong-body-type", "Content-Type", asked, plain(arrived), fix, source, provenance)


def missing_body(kinds: Iterable[str], source: str, provenance: str) -> Violation:
    """Report a request without the body that is required."""
    asked = " or ".join(kinds)
    return Violation("missing-body", "body", asked, "no body", f"send {asked}", source, provenance)


def malformed_body(reason: str, source: str, provenance: str) -> Violation:
    """Report a form or a JSON text that cannot be read at all."""
    fix = "let a library build the body"
    return Violation("malformed-body", "body", "a well-formed body", reason, fix, source, provenance)


def bad_body(
    pointer: str, asked: str, arrived: str, source: str, provenance: str, look_alike: str | None = None
) -> Violation:
    """Report a JSON body of a request that its schema refuses."""
    fix = look_alike or "change this value"
    return Violation("bad-body", pointer or "/", asked, arrived, fix, source, provenance)


def outside_edition(operation: str, edition: str, editions: Sequence[str], source: str) -> Violation:
    """Report an operation that the account's edition of the vendor's API does not have."""
    asked, arrived = (
        f"an operation of edition {edition}",
        f"{operation}, which only {' and '.join(editions)} have",
    )
    fix = f"call what edition {edition} has, or let the account use another edition"
    return Violation("outside-edition", "path", asked, arrived, fix, source)


def undocumented_status(status: int, known: Iterable[str], source: str, provenance: str) -> Violation:
    """Report a status that the document does not have for this operation."""
    fix = "answer one of these, or document the status with its mark"
    return Violation(
        "undocumented-status", "status", ", ".join(known), str(status), fix, source, provenance, "simulator"
    )


def wrong_content_type(arrived: str, kinds: Iterable[str], source: str, provenance: str) -> Violation:
    """Report an answer of another type than the document's."""
    asked = " or ".join(kinds)
    fix = f"answer Content-Type: {asked}"
    return Violation(
        "wrong-content-type", "Content-Type", asked, arrived or "none", fix, source, provenance, "simulator"
    )


def missing_header(name: str, source: str, provenance: str) -> Violation:
    """Report a documented header that the answer lacks."""
    asked, fix = f"the header {name}", f"send {name}"
    return Violation("missing-header", name, asked, "no such header", fix, source, provenance, "simulator")


def bad_header(name: str, asked: str, arrived: str, source: str, provenance: str) -> Violation:
    """Report a header whose value is not the documented one."""
    fix = f"correct {name}"
    return Violation("bad-header", name, asked, show(arrived), fix, source, provenance, "simulator")


def bad_answer(
    pointer: str, asked: str, arrived: str, source: str, provenance: str, look_alike: str | None = None
) -> Violation:
    """Report an answer whose body is off its schema at a JSON pointer."""
    fix = look_alike or "render this value as the document says"
    return Violation("bad-answer", pointer or "/", asked, arrived, fix, source, provenance, "simulator")


def unknown_error_text(text: str, source: str, provenance: str) -> Violation:
    """Report a refusal in words that the document does not have for this operation."""
    asked, fix = "a text listed under x-errors", "use the words of the document, or add these with their mark"
    return Violation(
        "unknown-error-text", "x-errors", asked, show(text), fix, source, provenance, "simulator"
    )


def explain(violation: Violation) -> str:
    """Return a violation in four plain lines for a terminal."""
    sure = {"documented": "the vendor's own word", "observed": "seen in live clients"}
    how = sure.get(violation.provenance, "our reading, not the vendor's word")
    return "\n".join(
        (
            f"{violation.code} at {violation.where} (broken by the {violation.blame})",
            f"  asked    {violation.asked} [{violation.provenance}: {how}]",
            f"  arrived  {violation.arrived}",
            f"  fix      {violation.fix}  ({violation.source})",
        )
    )


def wrong_error_code(arrived: str, known: Sequence[str], source: str, provenance: str) -> Violation:
    """Report a refusal whose code is not the one that the document has beside its words."""
    asked, fix = " or ".join(known), "answer the code of the document"
    return Violation(
        "wrong-error-code", "x-errors", asked, show(arrived), fix, source, provenance, "simulator"
    )


def unknown_event(method: str, source: str) -> Violation:
    """Report a callback that the document does not have."""
    asked, fix = "an event of the document", "send what the document has, or add this event with its mark"
    return Violation("unknown-event", "webhooks", asked, method, fix, source, "inferred", "simulator")
