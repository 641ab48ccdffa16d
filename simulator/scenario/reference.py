"""The reference of scenario words, made from the schema that checks them: it cannot say anything else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import yaml
from msgspec import Struct

from simulator.scenario.examples import BESIDE, CONTEXTS, EXAMPLES, NEEDED, PREAMBLE
from simulator.scenario.json_schema import KINDS, plain_schema
from simulator.scenario.phrase import listed
from simulator.scenario.words import PHRASES
from simulator.telephony.outcomes import Disposition

MOST_CHOICES = 12


class Word(Struct, frozen=True, kw_only=True):
    """One word: how its value is written, what holds without it, what it means, and a line to copy.

    `below` is the page about the map that it holds, if it holds one; `scenario` is a file around the line.
    """

    name: str
    form: str
    default: str
    meaning: str
    example: str
    scenario: str
    below: str = ""


class Page(Struct, frozen=True, kw_only=True):
    """All words of one map, which stands at `place` in a file; `context` shows how one comes there."""

    place: str
    meaning: str
    words: tuple[Word, ...]
    context: str

    def find(self, name: str) -> Word | None:
        """Return a word by its name, if the page has it."""
        return next((word for word in self.words if word.name == name), None)


@cache
def pages() -> tuple[Page, ...]:
    """Return the pages of all maps, each where it is first met from the top of a file."""
    shapes, places = plain_schema()["$defs"], _places()
    return tuple(
        Page(
            place=place,
            meaning=shapes[name]["description"],
            words=tuple(_words(name, shapes[name], places)),
            context=CONTEXTS[name] % "…",
        )
        for name, place in places.items()
    )


def _places() -> dict[str, str]:
    """Return each map of the schema with the words that lead to it, the top of a file first."""
    shapes, places, waiting = plain_schema()["$defs"], {"Scenario": "scenario"}, ["Scenario"]
    for name in waiting:  # which grows meanwhile
        for word, shape in shapes[name].get("properties", {}).items():
            for inner in _maps_in(shape):
                if inner not in places:
                    places[inner] = word if name == "Scenario" else f"{places[name]}.{word}"
                    waiting.append(inner)
    return places


def _maps_in(shape: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the maps that a value may be or hold; words of a closed list are none."""
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        if "properties" in plain_schema()["$defs"][name]:
            yield name
    for inner in (shape.get("items"), shape.get("additionalProperties"), *shape.get("anyOf", ())):
        if isinstance(inner, dict):
            yield from _maps_in(inner)


def _words(owner: str, shape: Mapping[str, Any], places: Mapping[str, str]) -> Iterator[Word]:
    needed = shape.get("required", ())
    for name, entry in shape["properties"].items():
        inner = next(_maps_in(entry), "")
        yield Word(
            name=name,
            form=_form(entry, places),
            default="needed" if name in needed else _default(entry, inner),
            meaning=entry.get("description") or f"{Disposition(name).meaning} How many, or what share.",
            example=(example := f"{name}: {_example(owner, name, entry)}"),
            scenario=_around(owner, name, example),
            below=places.get(inner, ""),
        )


def _around(owner: str, name: str, example: str) -> str:
    """Return a scenario in which a line stands where it belongs, with the words that it needs beside it."""
    shape = plain_schema()["$defs"][owner]
    beside = BESIDE.get(f"{owner}.{name}")
    if beside is None:
        others = [word for word in NEEDED.get(owner, shape.get("required", ())) if word != name]
        beside = ", ".join(f"{word}: {_example(owner, word, shape['properties'][word])}" for word in others)
    joined = ("\n" if owner == "Scenario" else ", ").join(filter(None, (beside, example)))
    body = CONTEXTS.get(f"{owner}.{name}", CONTEXTS[owner]) % joined
    present = {line.partition(":")[0] for line in body.splitlines()}
    whole = [f"{word}: {value}" for word, value in PREAMBLE.items() if word not in present]
    return "\n".join(([] if "sim" in present else ["sim: 1"]) + whole + [body, ""])


def _default(entry: Mapping[str, Any], inner: str) -> str:
    if "default" not in entry or (inner and isinstance(entry["default"], dict)):
        return ""
    value = entry["default"]
    return "" if value in ("", [], {}) else value if isinstance(value, str) else json.dumps(value)


def _example(owner: str, name: str, entry: Mapping[str, Any]) -> str:
    if (written := EXAMPLES.get(f"{owner}.{name}")) is not None:
        return written
    if "enum" in entry:
        return str(entry["enum"][-1])
    if "format" in entry:
        phrase = entry["examples"][0]
        return phrase if phrase.isdigit() and "integer" in entry.get("type", ()) else _quoted(phrase)
    if "$ref" in entry and "enum" in (choices := plain_schema()["$defs"][entry["$ref"].rpartition("/")[2]]):
        return str(choices["enum"][0])
    kinds = {"boolean": "true", "integer": "3", "number": "0.20"}
    if entry.get("type") in kinds:
        return kinds[entry["type"]]
    raise LookupError(f"{owner}.{name} has no example; write one in simulator/scenario/examples.py")


def _quoted(phrase: str) -> str:
    """Return a phrase as YAML has it, in quotes where it would be something else without."""
    return (
        phrase if yaml.safe_load(f"[{phrase}]") == [phrase] and phrase[0] not in "+*" else json.dumps(phrase)
    )


def _form(entry: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """Say in a few words how a value is written."""
    if "anyOf" in entry:
        return ", or ".join(_form(choice, places) for choice in entry["anyOf"])
    if "$ref" in entry:
        name = entry["$ref"].rpartition("/")[2]
        return "a map" if name in places else _choices(plain_schema()["$defs"][name]["enum"])
    if phrase := PHRASES.get(entry.get("format", "")):
        return f"{phrase.name}: {listed(phrase.forms)}"
    return _choices(entry["enum"]) if "enum" in entry else _kind(entry, places)


def _kind(entry: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """Say what a value is by its type and what it holds."""
    kind, inner = entry.get("type"), entry.get("items") or entry.get("additionalProperties")
    if kind in ("array", "object"):
        of = f" of {_form(inner, places)}" if isinstance(inner, dict) and inner else ""
        return f"a list{of}" if kind == "array" else f"a map by name{of}" if of else "a map"
    kinds = kind if isinstance(kind, list) else [str(kind)]
    names = {**KINDS, "boolean": "`true` or `false`"}
    return " or ".join(names.get(one, "anything") for one in kinds)


def _choices(words: list[str]) -> str:
    shown, more = ", ".join(f"`{word}`" for word in words[:MOST_CHOICES]), len(words) - MOST_CHOICES
    return f"{shown} and {more} more (`simulator words outcomes`)" if more > 0 else shown


def example_at(path: Iterable[str | int]) -> str:
    """Return the line to copy of the word that a path in a file leads to; empty where it leads to none."""
    by_place = {page.place: page for page in pages()}
    page, example, named = by_place["scenario"], "", False
    for step in path:
        if isinstance(step, int) or named:
            named = False
            continue
        if (word := page.find(step)) is None:
            return ""
        page, example = by_place.get(word.below, page), word.example
        named = word.form.startswith("a map by name")
    return example


def find_pages(topic: str) -> list[Page]:
    """Return the pages about a topic: one map by its place, or a part of it, or all that have such a word."""
    place = topic.strip(".").lower()
    exact = [page for page in pages() if page.place == place]
    ending = [page for page in pages() if page.place.endswith(f".{place}")]
    return exact or ending or [page for page in pages() if page.find(place)]
