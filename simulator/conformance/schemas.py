"""Compiled schemas of one contract: made when first asked, never fetching anything."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from jsonschema_rs import Draft202012, Draft202012Validator, RegexOptions, Registry
from jsonschema_rs import ValidationError as SchemaRefused

from simulator.conformance.document import walk
from simulator.errors import BrokenContract

BASE = "urn:contract"
MAX_PATTERN = 512
Json = Any


def address(pointer: str) -> str:
    """Return the address of what stands at a pointer `#/...`, as a `$ref` of a made schema needs it."""
    return f"{BASE}#{quote(pointer[1:], safe='/~')}"


def refuse_constant(word: str) -> Json:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{word} is not JSON")


def check_patterns(document: Json, name: str) -> None:
    """Raise BrokenContract for a pattern that is long, broken or cannot be matched in linear time.

    The linear engine knows neither look-around nor back-references, so both are refused here.
    """
    for pointer, node in walk(document):
        patterns = [node["pattern"]] if isinstance(node.get("pattern"), str) else []
        keyed = node.get("patternProperties")
        for pattern in [*patterns, *(keyed if isinstance(keyed, dict) else ())]:
            _check_pattern(pattern, f"{name}{pointer}")


def _check_pattern(pattern: str, where: str) -> None:
    if len(pattern) > MAX_PATTERN:
        raise BrokenContract(
            f"{where}: the pattern is longer than {MAX_PATTERN} characters", "say it shorter"
        )
    try:
        Draft202012Validator({"pattern": pattern}, pattern_options=RegexOptions(), offline=True)
    except ValueError:
        message = f"{where}: the pattern {pattern[:80]!r} is broken, or not linear"
        raise BrokenContract(message, "write it without look-around and back-references") from None


def _retrieve_nothing(uri: str) -> Json:
    raise BrokenContract(f"{uri} lies outside the document", "refer inside the document only")


class Schemas:
    """The schemas of one document by their pointers; compiled ones are kept in the instance."""

    def __init__(self, document: Json, name: str) -> None:
        self._name = name
        self._registry = Registry([(BASE, document)], draft=Draft202012, retriever=_retrieve_nothing)
        self._compiled: dict[str, Draft202012Validator] = {}

    def at(self, pointer: str) -> Draft202012Validator:
        """Return the validator of the schema at `pointer`; raises BrokenContract if it is no schema."""
        validator = self._compiled.get(pointer)
        if validator is None:
            validator = self._compiled[pointer] = self.compile({"$ref": address(pointer)})
        return validator

    def compile(self, schema: dict[str, Json]) -> Draft202012Validator:
        """Return a validator; references into the document are made by `address`."""
        try:
            return Draft202012Validator(
                schema,
                registry=self._registry,
                pattern_options=RegexOptions(),
                validate_formats=True,
                offline=True,
            )
        except (SchemaRefused, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise BrokenContract(
                f"{self._name}: a schema cannot be compiled: {reason}", "correct it"
            ) from None
