"""The parameters of one visit, read one by one; the first that is wrong refuses the request."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from simulator.exchange import Loss
from simulator.formats.json_text import MalformedJson, find_json, read_json
from simulator.telephony.accounts import Account
from simulator.telephony.errors import MalformedNumber
from simulator.telephony.phone_numbers import E164
from simulator.vendor import Refused, RequestContext
from simulator.vendors.kaleyra.phones import read_number, read_numbers
from simulator.vendors.kaleyra.settings import KaleyraSettings
from simulator.vendors.kaleyra.times import read_day

ANY = 10**6
"""The most of a number that the documents set no limit to."""

_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)

T = TypeVar("T")


class Fields:
    """What a request said, from its query and its body alike; extra parameters are ignored (observed)."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self.account: Account = context.account

    def text(self, *names: str) -> str:
        """Return the first of these parameters that says anything, without the space around it."""
        texts = ((self._context.form.get(name) or "").strip() for name in names)
        return next((text for text in texts if text), "")

    def required(self, name: str) -> str:
        """Return a text that has to be there."""
        if not (text := self.text(name)):
            raise Refused("parameter_missing", name=name)
        return text

    def number(self, *names: str) -> E164 | None:
        """Return a telephone number, or None."""
        text = self.text(*names)
        return convert(names[0], read_number, text) if text else None

    def numbers(self, name: str, separator: str = ",") -> tuple[E164, ...]:
        """Return numbers that have to be there, in their order."""
        return convert(name, lambda text: read_numbers(text, separator), self.required(name))

    def one_number(self, name: str) -> E164:
        """Return a telephone number that has to be there."""
        return convert(name, read_number, self.required(name))

    def integer(self, name: str, most: int = ANY, default: int = 0, least: int = 0) -> int:
        """Return a whole number up to `most`; beyond it, what the account's settings make of that."""
        text = self.text(name)
        return within(self._context, name, text, most, least) if text else default

    def flag(self, name: str) -> bool:
        """Return a parameter that is 1 or 0; not sent is 0."""
        if (text := self.text(name)) not in ("", "0", "1"):
            raise Refused("parameter_invalid", name=name)
        return text == "1"

    def day(self, name: str) -> date | None:
        """Return a day in one of the two documented forms, or None."""
        text = self.text(name)
        return convert(name, read_day, text) if text else None

    def json(self, name: str) -> str:
        """Return a text that is JSON, or an empty one."""
        if text := self.text(name):
            convert(name, lambda sent: read_json(sent.encode()), text)
        return text

    def json_object(self, name: str) -> str:
        """Return a text that is a JSON object and has to be there."""
        text = self.required(name)
        if not isinstance(convert(name, lambda sent: read_json(sent.encode()), text), dict):
            raise Refused("parameter_invalid", name=name)
        return text

    def body(self) -> Any:
        """Return the JSON of the body, which is known by its look."""
        text = find_json(self._context.request.body)
        if text is None:
            raise Refused("body_malformed", reason="a JSON object is expected")
        try:
            return read_json(text)
        except MalformedJson as error:
            raise Refused("body_malformed", reason=error.reason) from error


def convert(name: str, read: Callable[[str], T], text: str) -> T:
    """Return what `read` makes of a parameter, or refuse the parameter."""
    try:
        return read(text)
    except (ValueError, MalformedNumber) as error:
        raise Refused("parameter_invalid", name=name) from error


def within(context: RequestContext, name: str, text: str, most: int, least: int = 0) -> int:
    """Read a whole number from `least` to `most`; raises Refused.

    Beyond `most` it is refused as too large, or cut where the account says so; below `least` it is invalid.
    """
    if not _WHOLE.fullmatch(text) or (value := int(text)) < least:
        raise Refused("parameter_invalid", name=name)
    if value > most:
        if not clamps(context.account):
            raise Refused("limit_exceeded", name=name, limit=most)
        context.losses.append(Loss("value_clamped", name, f"{value}, taken as {most}"))
    return min(value, most)


def clamps(account: Account) -> bool:
    """Tell whether what is beyond a limit is cut to it in silence."""
    return KaleyraSettings.of(account).over_limit == "clamp"
