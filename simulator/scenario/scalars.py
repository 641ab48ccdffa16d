"""What an unquoted word of YAML means: the 1.2 core schema, and where 1.1 tools disagree."""

from __future__ import annotations

import re

from yaml.resolver import Resolver

from simulator.formats.yaml_text import Scalar, resolve_scalar

_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_PHONE = re.compile(r"\+[0-9]{7,}")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_LONGEST = 36


class ScalarError(ValueError):
    """A word that reads as something nobody means; the text says what to write instead."""


def resolve(text: str) -> Scalar:
    """Return what the unquoted `text` means under YAML 1.2 core: null, true, false, a number, else itself.

    Raises ScalarError for an unquoted phone number (its plus sign would be lost), a leading zero, an
    infinity, and numbers too long to keep.
    """
    if _PHONE.fullmatch(text):
        raise ScalarError(f'unquoted, a phone number loses its plus; write it in quotes: "{_short(text)}"')
    if _NO_NUMBER.fullmatch(text):
        raise ScalarError(f'{text} is no number to count with; as text, write it in quotes: "{text}"')
    if _LEADING_ZERO.fullmatch(text):
        raise ScalarError(f'a number has no leading zero; as text, write it in quotes: "{_short(text)}"')
    try:
        value = resolve_scalar(text)
        if isinstance(value, float) and len(text) > _LONGEST:
            raise OverflowError("too large")
    except (ValueError, OverflowError) as error:
        raise ScalarError(f'{error} to keep; as text, write it in quotes: "{_short(text)}"') from None
    return value


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def reads_otherwise(text: str, value: Scalar) -> bool:
    """Return whether a YAML 1.1 tool takes the unquoted `text` for another kind of value than `value`."""
    first = text[:1]
    for tag, pattern in Resolver.yaml_implicit_resolvers.get(first, []):
        if pattern.match(text):
            return bool(tag.rpartition(":")[2] != _KINDS[type(value)])
    return not isinstance(value, str)


_KINDS = {str: "str", int: "int", float: "float", bool: "bool", type(None): "null"}
