"""The JSON Schema of scenario files for editors and other validators: in plain keywords, with all names.

Whatever the simulator itself refuses by the form of a word, or by a vendor's name for something, is refused
by this schema too. It keeps to what strict validators take: no formats and keywords of our own, one type
where one is said. What needs more than one word to be judged is left to `simulator scenarios lint`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any
from zoneinfo import available_timezones

from simulator.scenario.json_schema import schema_document
from simulator.scenario.microsyntax import CURRENCIES
from simulator.scenario.places import OTHER_COVERAGE, Known
from simulator.scenario.words import PHRASES

_ABOUT: Mapping[str, tuple[str, ...]] = {
    "string": ("pattern", "minLength", "maxLength", "examples"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "object": ("properties", "additionalProperties", "propertyNames"),
}
"""Which keywords are about which type."""

_CLOSED = {
    "simulator-zone": "Zone",
    "simulator-callee-zone": "CalleeZone",
    "simulator-currency": "Currency",
}
"""Phrases that are one of a list, by their format, with what the list is called."""


def editor_schema(settings: Mapping[str, Any], parts: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """Return the schema (2020-12) with vendors' settings and with the names of all vendors that are known."""
    document: dict[str, Any] = _plain(schema_document(settings, parts))
    shapes = document["$defs"]
    zones = sorted(available_timezones())
    lists = (zones, ["callee", *zones], sorted(CURRENCIES))
    for name, choices in zip(_CLOSED.values(), lists, strict=True):
        shapes[name] = {"type": "string", "enum": choices, "title": name}
    _name_vendors(shapes, list(known.vendors))
    _name_words(shapes, known)
    _name_places(shapes, known)
    return document | _let_parents_say(shapes["AccountWords"])


def _let_parents_say(account: dict[str, Any]) -> dict[str, Any]:
    """Let an account lack words, and return what asks for them where no parent may have said them."""
    complete = {"type": "object", "required": account.pop("required")}
    accounts = {"type": "object", "additionalProperties": complete}
    alone = {"type": "object", "not": {"type": "object", "required": ["extends"]}}
    return {"if": alone, "then": {"type": "object", "properties": {"accounts": accounts}}}


# -- plain keywords -------------------------------------------------------------------------------------


def _plain(shape: Any) -> Any:
    """Say by plain keywords what the simulator says by formats and marks of its own."""
    if isinstance(shape, list):
        return [_plain(entry) for entry in shape]
    if not isinstance(shape, dict):
        return shape
    plain = {key: _plain(entry) for key, entry in shape.items()}
    if provenance := plain.pop("x-provenance", None):
        plain["description"] = f"{plain['description']} ({provenance})"
    if isinstance(names := plain.get("propertyNames"), dict):  # which are text, whatever else they may be
        plain["propertyNames"] = {**names, "type": "string"}
        plain["propertyNames"].pop("anyOf", None)
    if isinstance(name := plain.get("format"), str):
        del plain["format"]
        plain = _named(name, plain)
    return _one_type(plain)


def _named(name: str, plain: dict[str, Any]) -> dict[str, Any]:
    if name in _CLOSED:
        kept = {key: plain[key] for key in ("description", "title", "default") if key in plain}
        return {"$ref": f"#/$defs/{_CLOSED[name]}"} | kept
    plain.setdefault("type", "string")
    return plain | {"pattern": pattern_of(name)}


def pattern_of(name: str) -> str:
    """Return the pattern, for any validator, of the phrases that a format of ours stands for."""
    return f"^(?:{'|'.join(pattern for pattern, _ in PHRASES[name].rules)})$"


def _one_type(plain: dict[str, Any]) -> dict[str, Any]:
    """Give each of several types an alternative of its own, with the keywords that are about it."""
    kinds = plain.get("type")
    if "pattern" in plain and kinds is None:
        return plain | {"type": "string"}
    if not isinstance(kinds, list):
        return plain
    choices = [
        {"type": kind, **{key: plain[key] for key in _ABOUT.get(kind, ()) if key in plain}} for kind in kinds
    ]
    taken = {"type", *chain.from_iterable(_ABOUT.values())}
    rest = {key: entry for key, entry in plain.items() if key not in taken}
    return rest | {"anyOf": choices}


# -- names ----------------------------------------------------------------------------------------------


def _name_vendors(shapes: Mapping[str, Any], vendors: list[str]) -> None:
    account, scenario = shapes["AccountWords"]["properties"], shapes["Scenario"]["properties"]
    account["vendors"]["items"] = {"type": "string", "enum": vendors}
    shapes["CampaignWords"]["properties"]["vendor"] |= {"enum": vendors}
    shapes["CampaignWords"]["properties"]["vendor"].pop("pattern", None)
    account["keys"]["propertyNames"] = {"type": "string", "enum": vendors}
    for entry in (account["profile"], scenario["profiles"]):
        entry.pop("propertyNames", None)
        entry["additionalProperties"] = False
    coverage = shapes["Expectation"]["properties"]["coverage"]
    coverage["propertyNames"] = {"type": "string", "enum": [*vendors, *OTHER_COVERAGE]}


def _name_words(shapes: Mapping[str, Any], known: Known) -> None:
    words = [known.operator(vendor).vocabulary for vendor in known.vendors]
    campaign = shapes["CampaignWords"]["properties"]
    lists: Iterable[tuple[dict[str, Any], Iterable[Iterable[str]]]] = (
        (campaign["type"], (word.campaigns for word in words)),
        (shapes["ChoiceWords"]["properties"]["action"], ((*word.actions, "") for word in words)),
        (shapes["ExpectedHook"]["properties"]["event"], (known.events,)),
    )
    for shape, names in lists:
        shape.pop("pattern", None)
        shape.pop("examples", None)
        shape["enum"] = sorted(set(chain.from_iterable(names)))
    postbacks = sorted({event for word in words for event in word.postbacks})
    campaign["postbacks"]["propertyNames"] = {"type": "string", "enum": postbacks}
    holes = "|".join(sorted({_literal(name) for word in words for name in word.placeholders}))
    for owner, name in (("PostbackWords", "url"), ("ChoiceWords", "webhook")):
        shapes[owner]["properties"][name]["pattern"] = rf"^https?://(?:[!-z|~]|\{{(?:{holes})\}})+$"


def _name_places(shapes: Mapping[str, Any], known: Known) -> None:
    interfaces = {vendor: known.interface(vendor) for vendor in known.vendors}
    operations = {vendor: one.operations.keys() for vendor, one in interfaces.items()}
    events = {vendor: known.operator(vendor).vocabulary.events for vendor in known.vendors}
    for owner, names in (
        ("LimitRule", operations),
        ("FaultRule", operations),
        ("ExpectedClient", operations),
        ("ExpectedRequest", operations),
        ("TimelineEvent", operations),
        ("HookRuleWords", events),
    ):
        shapes[owner]["properties"]["where"]["pattern"] = _places(names)
    asked = [asking for one in interfaces.values() for asking in one.operations.values()]
    facts = sorted(frozenset().union(*(asking.facts for asking in asked)))
    for shape in shapes["LimitRule"]["properties"]["by"]["anyOf"]:
        inner = shape.get("items", shape)
        inner.pop("pattern", None)
        inner["enum"] = facts
    shapes["ExpectedRequest"]["properties"]["with"]["propertyNames"] = {"type": "string", "enum": facts}
    refusals = sorted({name for asking in asked for name in asking.names_of_refusals})
    fault, happening = shapes["FaultRule"]["properties"]["do"], shapes["TimelineEvent"]["properties"]["do"]
    fault["pattern"] = _closed("simulator-fault", {"refuse": refusals})
    happened = {"outage": ["*", *known.vendors], "refuse": refusals}
    happening["pattern"] = _closed("simulator-timeline-act", happened)


def _places(names: Mapping[str, Iterable[str]]) -> str:
    inside = {vendor: "|".join(map(_literal, ("*", *inner))) for vendor, inner in names.items()}
    vendors = "|".join(rf"{vendor}\.(?:{inner})" for vendor, inner in inside.items())
    return rf"^(?:\*|{vendors})$"


def _literal(name: str) -> str:
    """Return what matches a name, escaped no more than strict engines allow."""
    return re.sub(r"([][.*+?^${}()|\\])", r"\\\1", name)


def _closed(phrase: str, names: Mapping[str, Iterable[str]]) -> str:
    """Return the pattern of a phrase in which each of these verbs is followed by one of its names."""
    verbs = tuple(f"{verb} " for verb in names)
    rules = (pattern for pattern, _ in PHRASES[phrase].rules if not pattern.startswith(verbs))
    closed = (f"{verb} (?:{'|'.join(map(_literal, known))})" for verb, known in names.items())
    return f"^(?:{'|'.join(closed)}|{'|'.join(rules)})$"
