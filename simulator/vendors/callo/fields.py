"""The fields of a form, read one by one as a Django form does; all mistakes are told together."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from itertools import product
from typing import TypeVar
from zoneinfo import ZoneInfo

from simulator.exchange import Loss
from simulator.formats.forms import Upload
from simulator.telephony.accounts import Account
from simulator.telephony.campaigns import Campaign
from simulator.telephony.errors import MalformedNumber, UnknownCampaign
from simulator.telephony.phone_numbers import E164, parse_number
from simulator.vendor import Refused, RequestContext
from simulator.vendors.callo.refusals import FormInvalid, Mistake, count_items, field_and_text, shared_text

MOST_VALUES = 200
"""Documented: at most 200 calls are looked up at once."""

LABEL = re.compile(r"\w+")
_INTEGER = re.compile(r"([+-]?[0-9]{1,4000})(?:\.0*)?", re.ASCII)  # Python reads 4300 digits at most
_TIMES = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "")
_DATES = {"en": ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"), "ru": ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y")}

S = TypeVar("S")
T = TypeVar("T")


def read_number(text: str) -> E164:
    """Return `text` as a number; raises Mistake."""
    try:
        return parse_number(text)
    except MalformedNumber as error:
        raise Mistake("valid_phone") from error


def read_integer(text: str) -> int:
    """Return `text` as a whole number, which may end in .0, as in Django; raises Mistake."""
    if not (number := _INTEGER.fullmatch(text)):
        raise Mistake("whole_number")
    return int(number[1])


def read_label(text: str) -> str:
    r"""Return `text` if it is a label, `\w+` (documented) in any alphabet, as in Django; raises Mistake."""
    if not LABEL.fullmatch(text):
        raise Mistake("valid_value")
    return text


class Fields:
    """The fields of one visit and the mistakes found in them so far.

    A reader that finds a mistake notes it and returns a stand-in of the right type; `settle` raises before
    anybody can use that.
    """

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._form = context.form
        self._values = context.form.values
        self._account: Account = context.account
        self._losses = context.losses
        self._mistakes: dict[str, list[str]] = {}
        self._advice: list[str] = []

    def refuse(self, name: str, words: str, **details: object) -> None:
        """Note a mistake of a field in words that others share, by their name in refusals.toml."""
        self._mistakes.setdefault(name, []).append(shared_text(words, self._account.language, **details))

    def refuse_as(self, fact: str, advice: str = "", **details: object) -> None:
        """Note a mistake by its name in refusals.toml, which tells the field too; with advice for testers."""
        self._advice += [advice] if advice else []
        field, text = field_and_text(Refused(fact, **details), self._account.language)
        self._mistakes.setdefault(field, []).append(text)

    def span(self, since: str, until: str) -> tuple[datetime | None, datetime | None]:
        """Return the two dates of a filter; one that ends before it begins finds nothing (inferred)."""
        begin, end = self.instant(since), self.instant(until)
        self._context.note_range(begin, end, until)
        return begin, end

    def lose(self, name: str, place: str) -> None:
        """Note what is dropped in silence, by its name in the contract."""
        self._losses.append(Loss(name, place))

    def settle(self) -> None:
        """Raise FormInvalid if any mistake was noted."""
        if self._mistakes:
            beyond = self._mistakes.pop("__all__", None)  # which Django prints last
            mistakes = self._mistakes if beyond is None else {**self._mistakes, "__all__": beyond}
            raise FormInvalid(mistakes, "; ".join(self._advice))

    def names(self) -> tuple[str, ...]:
        """Return the names of all parameters sent."""
        return self._form.names()

    def text(self, name: str) -> str:
        """Return a text without the space around it; empty when it was not sent."""
        return self._values.get(name, "").strip()

    def required(self, name: str) -> str:
        """Return a text that must be there."""
        if not (text := self.text(name)):
            self.refuse(name, "required")
        return text

    def number(self, name: str, required: bool = True) -> E164:
        """Return a telephone number; empty when it is optional and was not sent."""
        return self._read(name, read_number, E164(""), required)

    def integer(self, name: str, required: bool = True, allowed: range | None = None) -> int | None:
        """Return a whole number, of those `allowed`; None when it is optional and was not sent."""
        value = self._read(name, read_integer, None, required)
        if value is None or allowed is None or value in allowed:
            return value
        if value < allowed.start:
            self.refuse(name, "too_small", least=allowed.start)
        else:
            self.refuse(name, "too_large", most=allowed.stop - 1)
        return value

    def digits(self, name: str, length: range, words: str = "whole_number") -> str | None:
        """Return digits as they were sent, so leading zeros stay, or None."""
        text = self.text(name)
        if text and not (text.isascii() and text.isdigit() and len(text) in length):
            self.refuse(name, words)
        return text or None

    def label(self, name: str) -> str | None:
        """Return a label or None."""
        return self._read(name, read_label, None)

    def choice(self, name: str, known: Collection[str], required: bool = False) -> str:
        """Return one of `known`, or anything where none is known; empty when it was not sent."""
        text = self.required(name) if required else self.text(name)
        if text and known and text not in known:
            self.refuse(name, "no_choice", value=text)
        return text

    def flag(self, name: str) -> bool:
        """Return a flag sent as 0 or 1; not sent is 0."""
        return self.choice(name, ("0", "1")) == "1"

    def instant(self, name: str) -> datetime | None:
        """Return a date of a filter, in the account's zone; one without a time of day means its midnight."""
        return self._read(name, self._read_instant, None)

    def upload(self, name: str) -> Upload:
        """Return a file that must be there and not be empty."""
        if (file := self._form.file(name)) is None:
            self.refuse(name, "required")
        elif not file.body:
            self.refuse(name, "empty_file")
        return file or Upload(name, "", "", b"")

    def optional_upload(self, name: str) -> Upload | None:
        """Return a file that must not be empty, or None."""
        return self.upload(name) if self._form.file(name) else None

    def one_or_many(self, one: str, many: str, read: Callable[[str], T]) -> list[T]:
        """Return the values of either form, each once.

        Documented: both at once are not allowed, and 200 values are the most.
        """
        single, several = self.text(one), self.text(many)
        if single and several:
            self.refuse_as("both_forms", one=one, many=many)
        elif single:
            return [value] if (value := self._read(one, read, None)) is not None else []
        elif several:
            return self._read_items(many, several.split(","), read)
        else:
            self.refuse_as("neither_form", one=one, many=many)
        return []

    def campaign(self, kinds: Collection[str] = ()) -> Campaign:
        """Settle, and return the campaign of `campaign_id`, which is of one of `kinds` where some are named.

        Raises FormInvalid, or UnknownCampaign when nothing else is wrong.
        """
        ref = self.integer("campaign_id")
        campaign = self._account.campaigns.get(ref or 0)
        if campaign is not None and kinds and campaign.kind not in kinds:
            fitting = f"this campaign is of type {campaign.kind}, and the operation serves {', '.join(kinds)}"
            self.refuse_as("campaign_wrong_type", fitting)
        self.settle()
        if campaign is None:
            raise UnknownCampaign(ref)
        return campaign

    def _read(self, name: str, read: Callable[[str], T], instead: S, required: bool = False) -> T | S:
        """Return what `read` makes of a text, or `instead` where it is not there or no such value."""
        if not (text := self._values.get(name, "").strip()):
            if required:
                self.refuse(name, "required")
            return instead
        try:
            return read(text)
        except Mistake as error:
            self.refuse(name, error.words)
            return instead

    def _read_items(self, name: str, items: list[str], read: Callable[[str], T]) -> list[T]:
        if len(items) > MOST_VALUES:
            self.refuse(name, "too_many_items", n=len(items), items=count_items(len(items)))
            return []
        values: dict[T, None] = {}
        for place, item in enumerate(items, start=1):
            try:
                values[read(item.strip())] = None
            except Mistake as error:
                self.refuse(name, "bad_item", n=place, why=shared_text(error.words, self._account.language))
        return list(values)

    def _read_instant(self, text: str) -> datetime:
        """Return a date as Django reads one in the account's language: ISO 8601, or a usual spelling."""
        zone = ZoneInfo(self._account.zone)
        with suppress(ValueError):
            instant = datetime.fromisoformat(text)
            return instant if instant.tzinfo else instant.replace(tzinfo=zone)
        for date, time in product(_DATES.get(self._account.language, _DATES["en"]), _TIMES):
            with suppress(ValueError):
                return datetime.strptime(text, f"{date} {time}".strip()).replace(tzinfo=zone)
        raise Mistake("valid_date")
