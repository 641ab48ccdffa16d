"""Breaches of a contract in words: what was asked, what arrived, the smallest fix."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from simulator.exchange import Violation

Json = Any

Place = tuple[str, str]
"""Where the document speaks of something, and how sure it is."""

MAX_KEPT = 400
"""How much of a value stands in a violation: what is masked must not be cut before, but is when shown."""


def show(value: Json) -> str:
    """Return a value for a message: short and on one line; whoever shows the message outside masks it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return cut(text)


def cut(text: str) -> str:
    """Return a text that is cut where it is too long for a violation."""
    return text if len(text) <= MAX_KEPT else f"{text[:MAX_KEPT]}..."


def plain(text: str) -> str:
    """Return a text from outside as `show` does, without quotes."""
    shown = show(text)
    return shown[1:] if shown.endswith("...") else shown[1:-1]


_CLIENTS = {
    "unknown-operation": ("path", "a path of the document", "{sent}", "look the path up in the document"),
    "wrong-method": ("method", "{asked}", "{sent}", "send {verb}"),
    "wrong-path": ("path", "{path}", "{sent}", "call {path}"),
    "outside-edition": (
        "path",
        "an operation of edition {edition}",
        "{operation}, which is of {editions} alone",
        "call what edition {edition} has, or let the account use another edition",
    ),
    "unknown-parameter": ("{name}", "only parameters of the document", "a name it does not have", "{fix}"),
    "missing-parameter": ("{name}", "`{name}` is required", "nothing", "send `{name}`"),
    "misplaced-parameter": ("{name}", "`{name}` in the {right}", "it came in the {wrong}", "{fix}"),
    "missing-choice": ("{names}", "{listed} is required", "none of them", "send {listed}"),
    "exclusive-parameters": ("{names}", "either {listed}", "{sent}", "leave one of {sent} out"),
    "repeated-parameter": (
        "{name}",
        "`{name}` once",
        "{count} times",
        "send `{name}` once, in the query or in the body",
    ),
    "unencoded-address": ("{name}", "one address, percent-encoded as a whole", "{sent}", "{fix}"),
    "too-many-items": (
        "{name}",
        "at most {limit} values",
        "{count} values",
        "split `{name}` into requests of {limit}",
    ),
    "bad-parameter": ("{name}", "{asked}", "{sent}", "{fix}"),
    "wrong-part": ("{name}", "{asked}", "{sent}", "send `{name}` {how}"),
    "wrong-body-type": ("Content-Type", "{asked}", "{sent}", "send {asked}; other bodies are not read"),
    "missing-body": ("body", "{asked}", "no body", "send {asked}"),
    "malformed-body": ("body", "a well-formed body", "{sent}", "let a library build the body"),
    "bad-body": ("{name}", "{asked}", "{sent}", "{fix}"),
}
_SIMULATORS = {
    "undocumented-status": (
        "status",
        "{asked}",
        "{sent}",
        "answer one of these, or document the status with its mark",
    ),
    "wrong-content-type": ("Content-Type", "{asked}", "{sent}", "answer Content-Type: {asked}"),
    "missing-header": ("{name}", "the header {name}", "no such header", "send {name}"),
    "bad-header": ("{name}", "{asked}", "{sent}", "correct {name}"),
    "bad-answer": ("{name}", "{asked}", "{sent}", "render this value as the document says"),
    "unknown-error-text": (
        "x-errors",
        "a text listed under x-errors",
        "{sent}",
        "use the words of the document, or add these with their mark",
    ),
    "wrong-error-code": ("x-errors", "{asked}", "{sent}", "answer the code of the document"),
    "unknown-event": (
        "webhooks",
        "an event of the document",
        "{sent}",
        "send what the document has, or add this event with its mark",
    ),
}


CODES = (*_CLIENTS, *_SIMULATORS)
"""What the kinds of breaches are called."""


def breach(code: str, place: Place, /, **words: object) -> Violation:
    """Return a breach of one kind, its sentences filled with `words`.

    A word called `where`, `asked`, `arrived` or `fix` takes the place of the kind's own sentence, unless it
    is None; `rule` is what tells it apart from another breach at the same place, `example` a request that
    keeps the contract.
    """
    row = _CLIENTS.get(code) or _SIMULATORS[code]
    filled = {name: str(word) for name, word in words.items() if word is not None}
    where, asked, arrived, fix = (
        filled.get(name) or sentence.format_map(filled)
        for name, sentence in zip(("where", "asked", "arrived", "fix"), row, strict=True)
    )
    source, provenance = place
    return Violation(
        code=code,
        where=where,
        asked=asked,
        arrived=arrived,
        fix=fix,
        source=source,
        provenance=provenance,
        blame="client" if code in _CLIENTS else "simulator",
        rule=filled.get("rule", ""),
        example=filled.get("example", ""),
    )


def quote(names: Iterable[str], joint: str = " or ") -> str:
    """Return names in backquotes, joined."""
    return joint.join(f"`{name}`" for name in names)


def how_sure(mark: str) -> str:
    """Return a mark with what it means."""
    sure = {"documented": "the vendor's own word", "observed": "seen in live clients"}
    return f"{mark}: {sure.get(mark, 'no vendor says so, our reading')}"


def explain(violation: Violation) -> str:
    """Return a violation in four plain lines for a terminal, and one more each for what belongs to it."""
    lines = [
        f"{violation.code} at {violation.where} (broken by the {violation.blame})",
        f"  asked    {violation.asked} [{how_sure(violation.provenance)}]",
        f"  arrived  {violation.arrived}",
        f"  fix      {violation.fix}  ({violation.source})",
    ]
    lines += [f"  example  {violation.example}"] if violation.example else []
    return "\n".join([*lines, *_consequences(violation.consequences)])


def explain_all(breaches: Iterable[Violation]) -> list[str]:
    """Return each mistake of a request once, with how often it was made there."""
    times: dict[tuple[str, str, str], list[Violation]] = {}
    for violation in breaches:
        times.setdefault(violation.key, []).append(violation)
    return [
        explain(same[0]) + (f"\n  {len(same)} times in this request" if len(same) > 1 else "")
        for same in times.values()
    ]


def _consequences(count: int) -> list[str]:
    if count == 1:
        return ["  and 1 finding that follows from it"]
    return [f"  and {count} findings that follow from it"] if count else []
