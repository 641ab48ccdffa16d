"""What is wrong with a scenario's words: every finding at once, each with its place and a remedy.

What is mechanical is mended: names that were misspelt, and text that lacks its quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator as QuickValidator

from simulator.errors import nearest
from simulator.scenario.document import MOST_REMARKS, Document, Path, Remark
from simulator.scenario.json_schema import KINDS, plain_schema
from simulator.scenario.phrase import Phrase, PhraseError
from simulator.scenario.reference import example_at
from simulator.scenario.words import PHRASES
from simulator.scenario.yaml_reading import LINE_BREAK
from simulator.telephony.outcomes import Disposition

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


_SHOWN = 60
_LIKELY = 0.61
"""How alike a word must be to be meant: `--fix` writes it, and `completed` is not `stop_listed`."""

_SWITCHES = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
_FINDING = re.compile(r"(?P<file>.+?):(?P<line>[0-9]+):(?P<column>[0-9]+): (?P<what>.*)")
_MEANT = re.compile(r"'(?P<wrong>[^']+)'[^']*; did you mean '(?P<right>[^']+)'\?")
_QUOTED = re.compile(r'in quotes[^"]*: "(?P<text>[^"…]+)"$')
MOST_ROUNDS = 8
"""So often what is wrong is left out, and with it what then lacks something."""

_KIND_OF = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def word_remarks(document: Document) -> list[Remark]:
    """Return a remark for every word of the file that the format does not know or cannot read."""
    if _is_sound(document.value):
        return []
    remarks: dict[tuple[Path, bool], Remark] = {}
    for remark in chain.from_iterable(map(_explain, _validator().iter_errors(document.value))):
        remarks.setdefault((remark.path, remark.of_key), remark)
        if len(remarks) > MOST_REMARKS:
            break
    return list(remarks.values())


def sound_part(document: Document, remarks: Collection[Remark]) -> tuple[Document, dict[Path, Path]] | None:
    """Return what is left without the words that are wrong, and what each path in it was before.

    A key that somebody misspelt is read as the one that was meant. None where hardly anything is left.
    """
    origins: dict[Path, Path] | None = None
    if len(remarks) > MOST_REMARKS:
        return None
    for _ in range(MOST_ROUNDS):
        if any(not remark.path for remark in remarks):
            return None
        renamed = {remark.path: remark.meant for remark in remarks if remark.meant}
        gone = {remark.path for remark in remarks if not remark.meant}
        document, before = document.without(gone, renamed)
        origins = before if origins is None else {new: origins[old] for new, old in before.items()}
        if not (remarks := word_remarks(document)):
            return document, origins
    return None


def _is_sound(value: object) -> bool:
    """Return whether nothing is wrong at all; what is not sure counts as wrong and is looked at closely."""
    try:
        return _quick_validator().is_valid(value)
    except ValueError:  # a phrase that says nothing, or a number beyond what the validator holds
        return False


@cache
def _quick_validator() -> QuickValidator:
    formats = {name: _reads(phrase.read) for name, phrase in PHRASES.items()}
    return QuickValidator(plain_schema(), formats=formats, validate_formats=True)


@cache
def _validator() -> Draft202012Validator:
    """Build the validator that tells what is wrong; importing it takes longer than reading a file."""
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - slow to import

    formats = FormatChecker(formats=())
    for name, phrase in PHRASES.items():
        formats.checks(name, raises=PhraseError)(_reads(phrase.read))
    return Draft202012Validator(plain_schema(), format_checker=formats)


def _reads(read: Callable[[object], object]) -> Callable[[object], bool]:
    def reads(given: object) -> bool:
        if isinstance(given, str | int):
            read(given)
        return True

    return reads


def _explain(error: Any) -> Iterator[Remark]:
    """Yield what to say about each wrong word."""
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        for word, meant in _misspelt(error.instance, known):
            what = f"unknown word {_quoted(word)!r}{_perhaps(word, known)}"
            yield Remark((*path, word), what, of_key=True, meant=meant)
    elif error.validator == "required" and not _missing(error):
        return  # it is there, and misspelt
    elif error.validator == "anyOf" and (closer := _within_likely_choice(error)):
        yield from chain.from_iterable(map(_explain, closer))
    elif "propertyNames" in error.absolute_schema_path:
        yield Remark((*path, error.instance), _say(error), of_key=True)
    else:
        yield Remark(path, _say(error))


def _misspelt(instance: Mapping[str, Any], known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the words of a map that are not known there, each with the one that was meant and is not said."""
    free = [word for word in known if word not in instance]
    strange = islice((word for word in instance if word not in known), MOST_REMARKS + 1)
    return ((word, nearest(word, free, _LIKELY)) for word in strange)


def _missing(error: Any) -> list[str]:
    """Return what a map lacks, without the words that are there and misspelt."""
    known = error.schema.get("properties", {})
    meant = [word for _, word in _misspelt(error.instance, known)] if known else []
    return [word for word in error.validator_value if word not in error.instance and word not in meant]


def _within_likely_choice(error: Any) -> list[Any]:
    """Return what is wrong inside the one alternative of the right kind; nothing where none is."""
    by_choice: dict[int, list[Any]] = {}
    for inner in error.context:
        by_choice.setdefault(inner.schema_path[0], []).append(inner)
    return next((errors for errors in by_choice.values() if not any(map(_is_of_other_kind, errors))), [])


def _is_of_other_kind(error: Any) -> bool:
    if error.path or "propertyNames" in error.schema_path:
        return False
    if error.validator == "enum":  # a word that is misspelt is of the right kind
        return not any(type(choice) is type(error.instance) for choice in error.validator_value)
    return str(error.validator) == "type"


def _say(error: Any) -> str:
    speak = _SPEAKERS.get(str(error.validator))
    return speak(error) if speak else str(error.message)


def _say_type(error: Any) -> str:
    asked = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    kinds = " or ".join(KINDS[kind] for kind in asked)
    given = error.instance
    phrase = PHRASES.get(error.schema.get("format", ""))
    if isinstance(given, int | float) and phrase and (refusal := _refusal(phrase, _quoted(given))):
        return refusal
    if "string" in asked and isinstance(given, int | float):
        in_quotes = f'; in quotes it is: "{_quoted(given)}"' if asked == ["string"] else ""
        return f"{_quoted(given)} is not {kinds}{in_quotes}"
    what = f"this is {_kind_of(given)}, not {kinds}"
    return f"{what}{_remedy(given, asked) or _as_in(error.absolute_path)}"


def _kind_of(value: object) -> str:
    return KINDS[_KIND_OF.get(type(value), "null")]


def _as_in(path: Iterable[str | int]) -> str:
    """Return a word as the reference shows it; nothing where the words lead to none."""
    example = example_at(path)
    return f"; as in `{example}`" if example else ""


def _refusal(phrase: Phrase[object], text: str) -> str:
    try:
        phrase.read(text)
    except PhraseError as error:
        return str(error)
    return ""


def _remedy(given: object, asked: Collection[str]) -> str:
    """Return how a value of another kind is written as one that is asked for; nothing where nobody knows."""
    if "array" in asked and isinstance(given, dict):
        return "; each entry of a list begins with a dash, or stands in brackets: [{...}]"
    if given is None:
        return "; write something below it, or leave the word out"
    if "array" in asked and isinstance(given, str | int | float):
        return f"; a list of one is [{json.dumps(given) if _quoted(given)[:1] == '+' else _quoted(given)}]"
    return _without_quotes(given, asked) if isinstance(given, str) else ""


def _without_quotes(given: str, asked: Collection[str]) -> str:
    if "boolean" in asked and given.lower() in _SWITCHES:
        return f"; write {_SWITCHES[given.lower()]}"
    fraction = r"(?:\.[0-9]+)?" if "number" in asked else ""
    if {"integer", "number"} & {*asked} and re.fullmatch(rf"-?[0-9]+{fraction}", given):
        return f"; leave the quotes out: {_quoted(given)}"
    if "number" in asked and re.match("[0-9]", given):
        return "; write digits and a point, such as 100.00, and nothing behind them"
    return ""


def _say_missing(error: Any) -> str:
    missing = _missing(error)
    return f"missing here: {', '.join(map(repr, missing))}{_as_in((*error.absolute_path, missing[0]))}"


def _say_choice(error: Any) -> str:
    if (text := str(error.instance)) in {str(word) for word in error.validator_value}:
        return f"this is text, not a number; leave the quotes out: {text}"
    if isinstance(error.instance, list | dict):
        return f"this is {_kind_of(error.instance)}, not a word{_as_in(error.absolute_path)}"
    hint = _perhaps(error.instance, map(str, error.validator_value))
    return f"{_quoted(error.instance)!r} is not a word that fits here{hint}"


def _say_alternatives(error: Any) -> str:
    kinds = " nor ".join(map(_kind_of_choice, error.validator_value))
    if isinstance(error.instance, list | dict):
        return f"this is {_kind_of(error.instance)}, neither {kinds}{_as_in(error.absolute_path)}"
    return f"{_quoted(error.instance)} is neither {kinds}"


def _kind_of_choice(choice: dict[str, Any]) -> str:
    """Return how people call an alternative: its words, its kind, or a map where it stands elsewhere."""
    if "enum" in choice:
        return " nor ".join(f"`{word}`" for word in choice["enum"])
    if choice.get("$ref", "").endswith(f"/{Disposition.__name__}"):
        return "an outcome"
    return KINDS[choice.get("type", "object")]


_SPEAKERS: dict[str, Callable[[Any], str]] = {
    "required": _say_missing,
    "type": _say_type,
    "enum": _say_choice,
    "anyOf": _say_alternatives,
    "format": lambda error: str(error.cause),
    "minItems": lambda _: "the list is empty; name at least one",
    "minProperties": lambda _: "the map is empty; name at least one",
    "minimum": lambda error: f"{_quoted(error.instance)} is less than {error.validator_value}",
    "maximum": lambda error: f"{_quoted(error.instance)} is more than {error.validator_value}",
    "pattern": lambda error: f"{_quoted(error.instance)!r} has letters that cannot stand here",
    "not": lambda error: f"{_quoted(error.instance)} cannot stand here",
    "maxLength": lambda error: f"longer than {error.validator_value} letters",
}


def _quoted(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    shown = re.sub(r"\s", " ", text)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def _perhaps(word: object, known: Iterable[str]) -> str:
    words = list(known)
    if meant := nearest(word, words, _LIKELY):
        return f"; did you mean {meant!r}?"
    return f"; known here: {', '.join(words)}"


# -- what is mechanical is mended --------------------------------------------------------------------------


def mend(text: str, findings: Iterable[str], name: str) -> str:
    """Return the text of the file `name` with what its findings know a mechanical remedy for."""
    mark = text[: text.startswith("\ufeff")]
    parts = re.split(f"({LINE_BREAK.pattern})", text.removeprefix(mark))  # lines, and what ends each
    for finding in reversed(list(findings)):  # from the end of a line to its start, so that columns hold
        match = _FINDING.match(finding.splitlines()[0])
        if match and match["file"] == name:
            nth, start = 2 * (int(match["line"]) - 1), int(match["column"]) - 1
            parts[nth] = parts[nth][:start] + _mended(parts[nth][start:], match["what"])
    return mark + "".join(parts)


def _mended(rest: str, what: str) -> str:
    """Return what a line holds from a finding's place on, mended if it can be."""
    if match := _MEANT.search(what):
        return re.sub(rf"(?<![\w-]){re.escape(match['wrong'])}(?![\w-])", match["right"], rest, count=1)
    if (match := _QUOTED.search(what)) and rest.startswith(match["text"]):
        return f'"{match["text"]}"{rest[len(match["text"]) :]}'
    return rest
