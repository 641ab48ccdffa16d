"""Verdict on literals: a value that is the name of a missing one, such as `undefined`, was never meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from simulator.exchange import Exchange
from simulator.scenario.values import Counts
from simulator.verdicts.evidence import Evidence
from simulator.verdicts.findings import Finding, counted, describe
from simulator.verdicts.sent_values import SentValue, sent_values

WHOLE = frozenset({"undefined", "null", "NaN", "nan", "None", "[object Object]"})
"""What JavaScript and Python write for nothing: wrong wherever it is all there is."""

_WITHIN = re.compile(r"\[object [A-Z][A-Za-z]{1,40}\]|(?<![^\W_]|['\"-])(?:undefined|NaN)(?![^\W_]|['\"-])")
"""What no sentence for people has: `null` and `None` are words, so in a longer text they are left alone."""

_SEPARATORS = re.compile(r"[,;|^\r\n]+")
ADVICE = "where is the value lost? Leave a parameter out whose value the client does not have"


def judge_literals(allowed: Counts, exchanges: Sequence[Exchange], evidence: Evidence) -> Finding:
    """Judge the values of all requests for names of missing ones, of which some are `allowed`."""
    met = [(exchange, value, word) for exchange in exchanges for value, word in _literals(exchange)]
    if not exchanges or (evidence.gap and not met):
        return Finding(None, evidence.gap or "nothing was asked")
    places = dict.fromkeys((exchange.operation, value.name) for exchange, value, _ in met)
    text = f"{counted(len(met), 'value')} in {counted(len(places), 'place')}" if met else "none was sent"
    for exchange, value, word in met[:1]:
        text += f", first {word!r} as {value.name} in the {value.where} of {describe(exchange)}"
    return Finding(len(met) in allowed, text, [*dict.fromkeys(exchange.id for exchange, _, _ in met)], ADVICE)


def _literals(exchange: Exchange) -> Iterator[tuple[SentValue, str]]:
    """Yield the values that are literals, where the contract's judge has not told so already."""
    blamed = {violation.where for violation in exchange.violations if violation.blame == "client"}
    for value in sent_values(exchange):
        if (word := literal_in(value.text)) and value.name not in blamed:
            yield value, word


def literal_in(text: str) -> str | None:
    """Return the literal that a value is or has in it: alone, as one of a list, or as a word of its own."""
    plain = text.strip()
    if plain in WHOLE:
        return plain
    if match := _WITHIN.search(text):
        return match[0]
    if " " not in plain and _SEPARATORS.search(plain):
        return next((entry for entry in _SEPARATORS.split(plain) if entry in WHOLE), None)
    return None
