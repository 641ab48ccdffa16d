"""What a vendor's accounts may have set differently: typed, and by its types read and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, inspect

from simulator.errors import guess
from simulator.telephony.errors import MalformedNumber
from simulator.telephony.owners import Owner
from simulator.telephony.phone_numbers import E164

S = TypeVar("S", bound="Settings")
T = TypeVar("T")
Place = tuple[str | int, ...]
"""The way to a value from the settings' top: names, and positions from 0."""

WORD = "simulator-word"
"""The format of text that may also be written as a number."""

AMOUNT = r"^-?[0-9]+(?:\.[0-9]+)?$"
_MOST_DIGITS = 18


class WrongSetting(ValueError):
    """A scenario sets what a vendor does not have or cannot use; `at` leads to it from the settings' top.

    The message names the `place` and tells what is wrong with it; a `key` is a wrong name inside of it. The
    `others` are what else is wrong.
    """

    def __init__(self, vendor: str, place: Place, what: str, key: str | None = None) -> None:
        inner = "".join(f": entry {step + 1}" if isinstance(step, int) else f": {step}" for step in place[1:])
        super().__init__(f"{vendor}'s setting {place[0]!r}{inner} {what}" if place else f"{vendor} {what}")
        self.at = place if key is None else (*place, key)
        self.of_key = key is not None
        self.others: tuple[WrongSetting, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A map with known words inside of settings."""


class Settings(Entry, frozen=True, kw_only=True):
    """The settings of a vendor's accounts; each vendor's are a class below this one.

    A field has a type, a default and, by `documented`, `observed` or `inferred`, a meaning and how sure we
    are that it exists. Types are bool, int from 0 on, Decimal, Literal, str, tuple for lists, dict and Entry
    for maps.
    """

    @classmethod
    def of(cls: type[S], account: Owner) -> S:
        """Return what an account has set, read once for each profile; raises WrongSetting."""
        if account.settings is None or account.settings[0] is not account.profile:
            account.settings = account.profile, read_settings(cls, account.vendor, account.profile)
        settings: S = account.settings[1]
        return settings


def _described(provenance: str, meaning: str) -> Meta:
    return Meta(description=meaning, extra_json_schema={"x-provenance": provenance})


MARKS = ("documented", "observed", "inferred")
documented, observed, inferred = (partial(_described, provenance) for provenance in MARKS)
"""Make the mark of a field out of its meaning."""


def read_by(read: Callable[[str], str]) -> Meta:
    """Make the mark of text that `read` returns in its proper form, raising ValueError for what is none."""
    return Meta(extra={"read": read}, extra_json_schema={"format": WORD})


def word_like(what: str, pattern: str) -> Meta:
    """Make the mark of text that is written in one way only, for which `what` has an example."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(f"{text[:60]!r} is not {what}")
        return text

    return Meta(extra={"read": read}, extra_json_schema={"pattern": f"^(?:{pattern})$"})


NUMBER = r"\+[1-9][0-9]{6,14}"
Word = Annotated[str, read_by(str)]
PhoneNumber = Annotated[E164, word_like('a phone number, such as "+33199001234"', NUMBER)]
Address = Annotated[
    str, word_like("an address to call, such as http://hook.localhost:9000/", "https?://[!-~]+")
]
Amount = Annotated[Decimal, Meta(extra={"least": 0}, extra_json_schema={"minimum": 0})]
"""A number that is never below zero."""


def read_settings(kind: type[S], vendor: str, profile: Mapping[str, Any]) -> S:
    """Return a profile as typed settings; text means the same as the number or bool that it spells.

    Raises WrongSetting for the first name or value that a vendor does not have, which knows the others.
    """
    if not profile:
        return kind()  # as most accounts have it: the types of a vendor's settings take 2 ms to look through
    settings: S = _read(_type_of(kind), profile, vendor, ())
    return settings


def all_wrong(errors: Iterable[WrongSetting]) -> None:
    """Raise the first of some errors, which then knows the others and theirs; nothing where there is none."""
    every = [one for error in errors for one in (error, *error.others)]
    if every:
        every[0].others = tuple(every[1:])
        raise every[0]


def _all_of(readings: Iterable[Callable[[], T]]) -> list[T]:
    """Return what each reading returns; raises WrongSetting after the last."""
    values: list[T] = []
    errors: list[WrongSetting] = []
    for reading in readings:
        try:
            values.append(reading())
        except WrongSetting as error:
            errors.append(error)
    all_wrong(errors)
    return values


_type_of = cache(inspect.type_info)


def _read(kind: inspect.Type, value: Any, vendor: str, place: Place) -> Any:
    """Return a value as its type says; raises WrongSetting."""
    if isinstance(kind, inspect.Metadata):
        if kind.extra and isinstance(kind.type, inspect.DecimalType):
            return _read_amount(kind.type, value, vendor, place, kind.extra["least"])
        if kind.extra and isinstance(kind.type, inspect.StrType):
            return _read_word(kind.extra["read"], value, vendor, place)
        return _read(kind.type, value, vendor, place)
    if isinstance(kind, inspect.UnionType):
        inner = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
        return None if value is None else _read(inner, value, vendor, place)
    reader = _READERS.get(type(kind))
    return reader(kind, value, vendor, place) if reader else value


def _read_word(read: Callable[[str], str], value: Any, vendor: str, place: Place) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise WrongSetting(vendor, place, f"is text, not {value!r}")
    try:
        return read(str(value))
    except (ValueError, MalformedNumber) as error:
        raise WrongSetting(vendor, place, f"cannot be read: {error}") from None


def _read_text(_kind: inspect.StrType, value: Any, vendor: str, place: Place) -> str:
    if not isinstance(value, str):
        raise WrongSetting(vendor, place, f"is text, not {value!r}; write it in quotes")
    return value


def _read_bool(_kind: inspect.BoolType, value: Any, vendor: str, place: Place) -> bool:
    if (text := str(value).lower()) not in ("true", "false"):
        raise WrongSetting(vendor, place, f"is true or false, not {value!r}")
    return text == "true"


def _read_choice(kind: inspect.LiteralType, value: Any, vendor: str, place: Place) -> str:
    choices = {str(choice).lower(): str(choice) for choice in kind.values}
    if (choice := choices.get(str(value).lower())) is None:
        raise WrongSetting(vendor, place, f"is never {value!r}; {guess(str(value), choices.values())}")
    return choice


def _read_amount(
    _kind: inspect.DecimalType, value: Any, vendor: str, place: Place, least: int | None = None
) -> Decimal:
    with suppress(InvalidOperation):
        if not isinstance(value, bool) and (amount := Decimal(str(value))).is_finite():
            if least is None or amount >= least:
                return amount
            raise WrongSetting(vendor, place, f"is never less than {least}, as {value!r} is")
    raise WrongSetting(vendor, place, f"is a number, not {value!r}")


def _read_count(kind: inspect.IntType, value: Any, vendor: str, place: Place) -> int:
    low, high = kind.ge or 0, kind.le or 10**_MOST_DIGITS
    with suppress(WrongSetting):
        amount = _read_amount(inspect.DecimalType(), value, vendor, place)
        if amount.adjusted() < _MOST_DIGITS and amount == int(amount) >= low and int(amount) <= high:
            return int(amount)
    limits = "" if kind.le is None else f" from {low} to {high}"
    raise WrongSetting(vendor, place, f"is a whole number{limits}, not {value!r}")


def _read_list(kind: inspect.VarTupleType, value: Any, vendor: str, place: Place) -> tuple[Any, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise WrongSetting(vendor, place, f"is a list, not {value!r}")
    readings = (
        partial(_read, kind.item_type, entry, vendor, (*place, nth)) for nth, entry in enumerate(value)
    )
    return tuple(_all_of(readings))


def _read_map(kind: inspect.DictType, value: Any, vendor: str, place: Place) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise WrongSetting(vendor, place, f"is a map, not {value!r}")
    kinds = ((kind.key_type, value.keys()), (kind.value_type, value.values()))
    keys, entries = (
        [partial(_read, inner, part, vendor, (*place, key)) for key, part in zip(value, parts, strict=True)]
        for inner, parts in kinds
    )
    both = _all_of([*keys, *entries])
    return dict(zip(both[: len(keys)], both[len(keys) :], strict=True))


def _read_struct(kind: inspect.StructType, value: Any, vendor: str, place: Place) -> Any:
    fields = {field.encode_name: field for field in kind.fields}
    if not isinstance(value, Mapping):
        raise WrongSetting(vendor, place, f"is a map of {', '.join(fields)}, not {value!r}")
    known = [key for key in value if key in fields]
    strange = [str(key) for key in value if key not in fields]
    what = "has no" if place else "has no setting"
    errors = [
        WrongSetting(vendor, place, f"{what} {key[:60]!r}; {guess(key, fields)}", key) for key in strange
    ]
    missing = [name for name, field in fields.items() if field.required and name not in value]
    if missing and not strange:  # else one of those is the missing one, misspelt
        errors.append(WrongSetting(vendor, place, f"lacks {', '.join(missing)}"))
    values: list[Any] = []
    try:
        values = _all_of(partial(_read, fields[key].type, value[key], vendor, (*place, key)) for key in known)
    except WrongSetting as error:
        errors.append(error)
    all_wrong(errors)
    return kind.cls(**{fields[key].name: entry for key, entry in zip(known, values, strict=True)})


_READERS: Mapping[type[inspect.Type], Callable[..., Any]] = {
    inspect.StrType: _read_text,
    inspect.BoolType: _read_bool,
    inspect.LiteralType: _read_choice,
    inspect.DecimalType: _read_amount,
    inspect.IntType: _read_count,
    inspect.VarTupleType: _read_list,
    inspect.DictType: _read_map,
    inspect.StructType: _read_struct,
}


def settings_schema(vendors: Mapping[str, type[Settings]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the JSON Schema of each vendor's settings as a scenario writes them, and what those refer to."""
    schemas, parts = msgspec.json.schema_components(vendors.values(), ref_template="#/$defs/{name}")
    parts = _as_written(parts)
    for schema, kind in zip(schemas, vendors.values(), strict=True):
        if "profile" in kind.__struct_fields__:  # which alone may be written for the whole
            short = parts[kind.__name__]["properties"]["profile"]
            schema["anyOf"] = [short, {"$ref": schema.pop("$ref")}]
    return dict(zip(vendors, schemas, strict=True)), parts


def _as_written(schema: Any) -> Any:
    """Let numbers be written as text, words and choices as numbers, and leave out what may not be said."""
    if isinstance(schema, list | tuple):
        return [_as_written(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    written = {key: _as_written(part) for key, part in schema.items()}
    if (form := written.get("format")) in ("decimal", WORD):
        del written["format"]
        written["type"] = ["number", "string"]
        written |= {"pattern": AMOUNT} if form == "decimal" else {}
    if "enum" in written:
        written["enum"] += [int(choice) for choice in written["enum"] if choice.isdigit()]
    return written
