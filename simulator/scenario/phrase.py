"""What a phrase of a scenario is, a few forms with what builds a value of their parts; and common parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

A_LENGTH = r"(?=[0-9])(?:[0-9]{1,4}d)?(?:[0-9]{1,5}h)?(?:[0-9]{1,6}m)?(?:[0-9]{1,7}s)?(?:[0-9]{1,9}ms)?"
A_PERCENT = r"[0-9]{1,3}(?:\.[0-9]{1,3})?%"
A_COUNT = r"[0-9]{1,9}"
AN_AMOUNT = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"
AN_APOSTROPHE = r"'(?=[^ ;'\n])"  # one that a letter follows, so that it does not close the text
A_NUMBER = r"\+[1-9][0-9]{6,14}"
A_TIME = r"[0-9]{2}:[0-9]{2}"
A_WORD = r"[a-z][a-z0-9_]*"
AN_EVENT = r"[A-Za-z0-9_.:-]{1,64}"
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}

Rules = tuple[tuple[str, Callable[..., T]], ...]
"""Patterns of a whole phrase, each with what makes its value of their groups."""

LONGEST = 200
_CURLY = "“”„‟‘’"
_LIKELY = 0.75
_SHOWN = 60


class PhraseError(ValueError):
    """A phrase that says nothing; its text shows the forms that do."""


class Phrase(Struct, Generic[T], frozen=True):
    """One kind of phrase: its name with an article, forms that show how it is written, rules to read it.

    `hints` are patterns of what people write instead, each with what to say then; none is longer than `most`.
    """

    name: str
    forms: tuple[str, ...]
    rules: Rules[T]
    hints: tuple[tuple[str, str], ...] = ()
    most: int = LONGEST

    def read(self, given: object) -> T:
        """Return what `given` stands for; a whole number counts as its digits.

        Raises PhraseError when the whole of it is not one of the forms.
        """
        text = str(given) if type(given) is int else given
        if not isinstance(text, str):
            raise self._refusal(given)
        if len(text) > self.most:
            raise self._refusal(given, f"it is longer than {self.most} letters")
        for pattern, build in self.rules:
            if match := re.fullmatch(pattern, text, re.ASCII):
                try:
                    return build(*match.groups())
                except ValueError as error:
                    raise self._refusal(given, str(error)) from None
        if any(letter in text for letter in _CURLY):
            raise self._refusal(given, "its quotes are curly; type straight ones")
        missed = (hint for pattern, hint in self.hints if re.fullmatch(pattern, text, re.ASCII))
        if not (reason := next(missed, "")) and (near := get_close_matches(text, self._literal_forms(), 1)):
            raise self._refusal(given, meant=near[0])
        raise self._refusal(given, reason)

    def matches(self, text: str) -> bool:
        """Return whether a text is one of the forms."""
        try:
            self.read(text)
        except PhraseError:
            return False
        return True

    def _literal_forms(self) -> list[str]:
        """Return the forms that are words and nothing else, which somebody may have misspelt."""
        words = {word for pattern, _ in self.rules for word in re.findall(r"[a-z][a-z_ ]+[a-z]", pattern)}
        return [form for form in self.forms if form in words]

    def _likely_forms(self, given: str, exactly: bool) -> list[str]:
        """Return the forms that begin with the word that was given, or nearly; all where none does."""
        words = re.split("[ _-]+", given[: self.most].lower())
        beginnings = [form.partition(" ")[0] for form in self.forms]
        known = [word for word in beginnings if word.replace("_", "").isalpha()]
        for first in ("_".join(words[:2]), words[0]):
            if near := get_close_matches(first, known, 1, 1.0 if exactly else _LIKELY):
                pairs = zip(self.forms, beginnings, strict=True)
                return [form for form, beginning in pairs if beginning == near[0]]
        return list(self.forms)

    def _refusal(self, given: object, reason: str = "", meant: str = "") -> PhraseError:
        written = str(given).lower() if isinstance(given, bool) else repr(given)
        shown = written if len(written) <= _SHOWN else written[:_SHOWN] + "…"
        forms = listed(self._likely_forms(str(given), exactly=bool(reason)))
        guess = f"did you mean {meant!r}? " if meant else ""
        return PhraseError(f"{shown} is not {self.name}{reason and f', {reason}'}; {guess}write {forms}")


def listed(forms: Iterable[str]) -> str:
    """Return forms as people copy them into a file: in quotes what YAML would not take for text without."""
    return ", ".join(f'`"{form}"`' if re.match(r"\*|\+[0-9]{7}", form) else f"`{form}`" for form in forms)


# -- what phrases are made of -----------------------------------------------------------------------------


def read_length(text: str) -> timedelta:
    """Return the length of time that matches `A_LENGTH`."""
    parts = re.findall(r"([0-9]+)(ms|[dhms])", text)
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in parts})


def ranges(kind: Callable[[Any, Any], T], part: str, bound: Callable[[str], Any], verb: str = "") -> Rules[T]:
    """Return the rules that read two bounds, or one that stands for both, behind a verb."""

    def read(low: str, high: str | None = None) -> T:
        bounds = bound(low), bound(high or low)
        if bounds[1] < bounds[0]:
            raise ValueError("the smaller bound comes first")
        return kind(*bounds)

    return (f"{verb}({part})", read), (rf"{verb}({part})\.\.({part})", read)


def read_share(text: str) -> Decimal:
    """Return the share, 1 being all, that matches `A_PERCENT`; raises ValueError."""
    share = Decimal(text.removesuffix("%")) / 100
    if share > 1:
        raise ValueError("all is 100%")
    return share
