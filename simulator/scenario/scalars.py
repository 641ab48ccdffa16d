"""What an unquoted word of YAML means: the 1.2 core schema, and where 1.1 tools disagree."""

from __future__ import annotations

import math
import re

from yaml.resolver import Resolver

_CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_PHONE = re.compile(r"\+[0-9]{7,}")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_LONGEST = 18

Scalar = str | int | float | bool | None


class ScalarError(ValueError):
    """A word that reads as something nobody means; the text says what to write instead."""


def resolve(text: str) -> Scalar:
    """Return what the unquoted `text` means under YAML 1.2 core: null, true, false, a number, else itself.

    Raises ScalarError for an unquoted phone number (its plus sign would be lost), a leading zero, an
    infinity, and numbers too long to keep.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _PHONE.fullmatch(text):
        raise ScalarError(f'unquoted, a phone number loses its plus; write it in quotes: "{_short(text)}"')
    if _NO_NUMBER.fullmatch(text):
        raise ScalarError(f'{text} is no number to count with; as text, write it in quotes: "{text}"')
    if _LEADING_ZERO.fullmatch(text):
        raise ScalarError(f'a number has no leading zero; as text, write it in quotes: "{_short(text)}"')
    if _DECIMAL.fullmatch(text) or _BASED.fullmatch(text):
        return _whole(text)
    if _FLOAT.fullmatch(text):
        return _fraction(text)
    return text


def _whole(text: str) -> int:
    if len(text) > _LONGEST:
        raise ScalarError(f'too many digits to keep; as text, write it in quotes: "{_short(text)}"')
    return int(text, 0) if _BASED.fullmatch(text) else int(text)


def _fraction(text: str) -> float:
    value = float(text) if len(text) <= 2 * _LONGEST else math.inf
    if math.isinf(value):
        raise ScalarError(f'too large to keep; as text, write it in quotes: "{_short(text)}"')
    return value


def _short(text: str) -> str:
    return text if len(text) <= 2 * _LONGEST else text[: 2 * _LONGEST] + "…"


def reads_otherwise(text: str, value: Scalar) -> bool:
    """Tell whether a YAML 1.1 tool takes the unquoted `text` for another kind of value than `value`."""
    first = text[:1]
    for tag, pattern in Resolver.yaml_implicit_resolvers.get(first, []):
        if pattern.match(text):
            return bool(tag.rpartition(":")[2] != _KINDS[type(value)])
    return not isinstance(value, str)


_KINDS = {str: "str", int: "int", float: "float", bool: "bool", type(None): "null"}
