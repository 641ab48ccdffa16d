"""What a request says: its query, its JSON body and its path, each field with its rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from msgspec import Struct

from simulator.formats.forms import Form
from simulator.formats.json_text import MalformedJson, read_json
from simulator.telephony.phone_numbers import E164
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callr.settings import CallrSettings

V = TypeVar("V")
SID = re.compile(r"[a-z0-9]{8}", re.ASCII)
NUMBER = re.compile(r"\+[1-9][0-9]{5,32}", re.ASCII)
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
LONGEST_INTEGER = 2**63 - 1

_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d{1,12})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_PLUS = "; encode the plus sign of a query as %2B"


def refuse(name: str, rule: str) -> NoReturn:
    """Turn a request down for one field, which "must" keep the rule."""
    raise Refused("value_refused", field=name, rule=rule)


def refuse_missing(name: str) -> NoReturn:
    """Turn a request down for a field that is not there."""
    raise Refused("value_missing", field=name)


def check_text(name: str, value: object, least: int = 0, most: int | None = None) -> str:
    """Return a text of the length allowed, in characters."""
    if not isinstance(value, str):
        refuse(name, "be a string")
    if len(value) < least:
        refuse(name, f"have at least {least} characters")
    if most is not None and len(value) > most:
        refuse(name, f"have at most {most} characters")
    return value


def check_pattern(name: str, value: object, pattern: re.Pattern[str]) -> str:
    """Return a text that matches the whole of `pattern`."""
    text = check_text(name, value)
    if not pattern.fullmatch(text):
        hint = _PLUS if text.startswith(" ") and pattern.fullmatch("+" + text[1:]) else ""
        refuse(name, f"match ^{pattern.pattern}${hint}")
    return text


def check_sid(name: str, value: object) -> str:
    """Return a SID: eight lower-case letters and digits (documented)."""
    return check_pattern(name, value, SID)


def find_by_sid(kept: Mapping[Any, V], sid: object, fact: str, name: str = "sid") -> V:
    """Return what is kept under the SID in a field; refuses one that there is not, as that fact."""
    if (value := kept.get(check_sid(name, sid))) is None:
        raise Refused(fact, sid=sid)
    return value


def check_number(name: str, value: object) -> E164:
    """Return a phone number with its plus sign."""
    return E164(check_pattern(name, value, NUMBER))


def check_choice(name: str, value: object, allowed: Collection[str]) -> str:
    """Return one of the words allowed."""
    if value not in allowed:
        refuse(name, f"be one of {', '.join(allowed)}")
    return str(value)


def check_integer(name: str, value: str, least: int, most: int = LONGEST_INTEGER) -> int:
    """Return a whole number within its bounds, from its digits."""
    if not _INTEGER.fullmatch(value):
        refuse(name, "be an integer")
    number = int(value)
    if number < least:
        refuse(name, f"be at least {least}")
    if number > most:
        refuse(name, f"be at most {most}")
    return number


def check_instant(name: str, value: str) -> datetime:
    """Return an RFC 3339 instant; fractions beyond microseconds are cut (nanoseconds are documented).

    A leap second, which RFC 3339 allows at the end of a day in UTC, is the first second of the next.
    """
    if match := _INSTANT.fullmatch(value):
        day, clock, fraction, zone = match.groups()
        zone = "+00:00" if zone in "Zz" else zone
        leaps = clock.endswith(":60")
        clock = clock[:-2] + "59" if leaps else clock
        try:
            at = datetime.fromisoformat(f"{day}T{clock}{_microseconds(fraction)}{zone}").astimezone(UTC)
            if not leaps:
                return at
            if (at.hour, at.minute) == (23, 59):
                return at + timedelta(seconds=1)
        except (ValueError, OverflowError):
            pass
    hint = _PLUS if " " in value and _INSTANT.fullmatch(value.replace(" ", "+")) else ""
    refuse(name, f"be a date-time of RFC 3339, such as 2024-04-24T17:42:28Z{hint}")


def _microseconds(fraction: str | None) -> str:
    return f".{(fraction or '.0')[1:7]:0<6}"


class Query(Struct, frozen=True):
    """The parameters of a query; of one that is said twice, the last counts."""

    form: Form

    def get(self, name: str) -> str | None:
        """Return a parameter as it came, or None."""
        values = [field.value for field in self.form.fields if field.name == name and field.place == "query"]
        return values[-1] if values else None

    def required(self, name: str) -> str:
        """Return a parameter that must be there."""
        value = self.get(name)
        return refuse_missing(name) if value is None else value

    def _optional(self, name: str, check: Callable[..., V], *rule: Any) -> V | None:
        value = self.get(name)
        return None if value is None else check(name, value, *rule)

    def text(self, name: str, least: int = 0, most: int | None = None) -> str | None:
        """Return a text of the length allowed, or None."""
        return self._optional(name, check_text, least, most)

    def pattern(self, name: str, pattern: re.Pattern[str]) -> str | None:
        """Return a text that matches `pattern`, or None."""
        return self._optional(name, check_pattern, pattern)

    def sid(self, name: str) -> str | None:
        """Return a SID, or None."""
        return self._optional(name, check_sid)

    def number(self, name: str) -> E164 | None:
        """Return a phone number, or None."""
        return self._optional(name, check_number)

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """Return one of the words allowed, or None."""
        return self._optional(name, check_choice, allowed)

    def integer(self, name: str, least: int, most: int = LONGEST_INTEGER) -> int | None:
        """Return a whole number within its bounds, or None."""
        return self._optional(name, check_integer, least, most)

    def flag(self, name: str) -> bool | None:
        """Return true or false, or None."""
        value = self.choice(name, ("true", "false"))
        return None if value is None else value == "true"

    def instant(self, name: str) -> datetime | None:
        """Return an instant, or None."""
        return self._optional(name, check_instant)

    def span(self, context: RequestContext, name: str) -> tuple[datetime | None, datetime | None]:
        """Return after and before when a row was, as it is `name`d; none was where they cross (inferred)."""
        after, before = self.instant(f"{name}After"), self.instant(f"{name}Before")
        context.note_range(after, before, f"{name}Before")
        return after, before

    def sids(self, name: str, most: int) -> list[str]:
        """Return every SID that is said under one name, in order; none when none is."""
        values = self.form.all(name)
        if len(values) > most:
            refuse(name, f"have at most {most} items")
        return [check_sid(name, value) for value in values]


class Body(Struct, frozen=True):
    """The members of a JSON object."""

    members: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        """Tell whether a member is there."""
        return name in self.members

    def required(self, name: str) -> Any:
        """Return a member that must be there."""
        return self.members[name] if name in self.members else refuse_missing(name)

    def text(self, name: str, least: int, most: int) -> str:
        """Return a text that must be there."""
        return check_text(name, self.required(name), least, most)

    def object(self, name: str) -> dict[str, Any]:
        """Return an object that must be there."""
        value = self.required(name)
        return value if isinstance(value, dict) else refuse(name, "be an object")

    def flag(self, name: str) -> bool:
        """Return true or false, which must be there."""
        value = self.required(name)
        return value if isinstance(value, bool) else refuse(name, "be a boolean")


def read_body(context: RequestContext, known: Collection[str], *, optional: bool = False) -> Body:
    """Read a JSON object whose members are `known`; raises Refused.

    With `optional` no body at all counts as an empty object. Other members are refused where the account's
    profile says so.
    """
    if optional and not context.request.body:
        return Body({})
    if context.request.media_type != "application/json":
        raise Refused("body_type", types="application/json")
    try:
        value = read_json(context.request.body)
    except MalformedJson as error:
        raise Refused("body_malformed", reason=error) from error
    if not isinstance(value, dict):
        refuse("body", "be an object")
    if CallrSettings.of(context.account).unknown_keys == "refuse":
        _refuse_unknown(value, known)
    return Body(value)


def _refuse_unknown(value: Mapping[str, Any], known: Collection[str]) -> None:
    for name in value:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}" if near else ""
            raise Refused("value_unknown", field=name[:80], hint=hint)
